//! Carries out what keys and commands ask for.

use std::time::Duration;

use cooee_call::CallId;
use cooee_engine::{Engine, Refused, Snapshot, Standing};
use cooee_phone::{AccountId, BlockRule, MessageId};

use super::action::Action;
use crate::numbers::Numbers;

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Stays the same between versions.
    pub(super) reason: &'static str,
    /// Why and what to do, for people.
    pub(super) text: String,
}

impl Refusal {
    fn new(reason: &'static str, text: &str) -> Self {
        Self { reason, text: text.to_owned() }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self { reason: refused.id(), text: format!("Not done: {refused}.") }
    }
}

const NOTHING_ASKED: &str = "Nobody asks you to call somebody else.";

/// What an action became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It is under way, in this call.
    Call(CallId),
    /// This text is being sent.
    Message(MessageId),
    /// This rule holds from now on, or no longer.
    Rule(BlockRule),
    /// That was said about somebody.
    Standing(Standing),
    /// There is nothing more to it.
    Plain,
}

/// Does it.
pub(super) async fn perform(engine: &Engine, numbers: &Numbers, action: &Action) -> Result<Done, Refusal> {
    let snapshot = engine.snapshot();
    let spoken = |wanted: &Option<u64>| which(*wanted, numbers.current(&snapshot), Refusal::new("no-call", "There is no call now."));
    let ringing = |wanted: &Option<u64>| which(*wanted, numbers.ringing(&snapshot), Refusal::new("nothing-rings", "No call rings here."));
    let held = |wanted: &Option<u64>| which(*wanted, numbers.held(&snapshot), Refusal::new("nothing-held", "You hold no call."));
    let asking = |wanted: &Option<u64>| which(*wanted, numbers.asking(&snapshot), Refusal::new("nothing-asked", NOTHING_ASKED));
    let call = match action {
        Action::Dial { address, from, subject: Some(subject), anonymous: false } => {
            engine.dial_about(address, account(&snapshot, from.as_deref())?, subject)?
        }
        Action::Dial { address, from, anonymous: false, .. } => engine.dial(address, account(&snapshot, from.as_deref())?)?,
        Action::Dial { address, from, anonymous: true, .. } => engine.dial_anonymously(address, account(&snapshot, from.as_deref())?)?,
        Action::Answer { call } => engine.answer(ringing(call)?)?,
        Action::AnswerEnding { call } => engine.answer_ending(ringing(call)?)?,
        Action::Decline { call, busy: false } => engine.decline(ringing(call)?)?,
        Action::Decline { call, busy: true } => engine.decline_busy(ringing(call)?)?,
        Action::HangUp { call } => engine.hang_up(spoken(call)?)?,
        Action::Hold { call } => engine.hold(spoken(call)?)?,
        Action::Resume { call } => engine.resume(held(call)?)?,
        Action::Transfer { call, address } => engine.transfer(spoken(call)?, address)?,
        Action::TransferTo { call, other } => engine.transfer_to(spoken(call)?, held(other)?)?,
        Action::FollowTransfer { call } => engine.follow_transfer(asking(call)?)?,
        Action::RefuseTransfer { call } => engine.refuse_transfer(asking(call)?)?,
        Action::Mute { call, muted } => engine.mute(spoken(call)?, *muted)?,
        Action::Digits { call, digits } => press(engine, spoken(call)?, digits)?,
        Action::RingTest { from, after } => {
            engine.test_ringing(account(&snapshot, from.as_deref())?, Duration::from_secs(u64::from(*after)))?;
            return Ok(Done::Plain);
        }
        Action::Message { address, text, from } => {
            return Ok(Done::Message(engine.send_message(address, account(&snapshot, from.as_deref())?, text).await?));
        }
        other => return settle(engine, other),
    };
    Ok(Done::Call(call))
}

/// What is about no call.
fn settle(engine: &Engine, action: &Action) -> Result<Done, Refusal> {
    Ok(match action {
        Action::Block { address } => Done::Rule(engine.block(address)?),
        Action::Unblock { address } => Done::Rule(engine.unblock(address)?),
        Action::Allow { address } => Done::Rule(engine.allow(address)?),
        Action::Disallow { address } => Done::Rule(engine.disallow(address)?),
        Action::Standing { address } => Done::Standing(engine.standing(address)?),
        other => {
            switch(engine, other)?;
            Done::Plain
        }
    })
}

fn switch(engine: &Engine, action: &Action) -> Result<(), Refusal> {
    match action {
        Action::DoNotDisturb { on } => engine.set_do_not_disturb(*on)?,
        Action::WhoRings { who } => engine.set_who_rings(*who)?,
        Action::LowData { on } => engine.set_low_data(*on)?,
        Action::SystemCall { state } => engine.set_system_call(*state)?,
        Action::RouteChanged {} => engine.route_changed()?,
        _ => {}
    }
    Ok(())
}

fn which(wanted: Option<u64>, usual: Option<CallId>, nothing: Refusal) -> Result<CallId, Refusal> {
    wanted.map(CallId).or(usual).ok_or(nothing)
}

/// The account of this address, or none for the engine's own choice.
fn account(snapshot: &Snapshot, address: Option<&str>) -> Result<Option<AccountId>, Refusal> {
    let Some(address) = address else { return Ok(None) };
    let found = snapshot.accounts.iter().find(|view| view.address.reveal().eq_ignore_ascii_case(address));
    let unknown = || Refusal::new("no-such-account", "That is none of your addresses. See them: cooee account list");
    found.map(|view| Some(view.id)).ok_or_else(unknown)
}

/// None is sent if one of them cannot be.
fn press(engine: &Engine, call: CallId, digits: &str) -> Result<CallId, Refusal> {
    if digits.is_empty() || !digits.chars().all(|digit| matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D')) {
        return Err(Refused::NotADigit.into());
    }
    for digit in digits.chars() {
        engine.digit(call, digit)?;
    }
    Ok(call)
}
