//! Keys, and the questions they ask.

use std::ops::ControlFlow;

use cooee_call::{CallId, CallSnapshot};
use crossterm::event::KeyEvent;

use super::Console;
use super::action::Action;
use super::key::{HELP, Key};
use super::meters::Meters;
use super::perform::{Done, perform};
use super::prompt::{Prompt, Typed};
use crate::line::{self, Line};
use crate::report::width;

/// What is asked for on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Whom to call, and whether without showing who calls.
    Call { anonymous: bool },
    /// Whom to hand this call over to.
    Transfer(CallId),
    /// Whom to write to.
    Recipient,
    /// What to write to this address.
    Text(String),
    /// Whether to block this address.
    Block(String),
}

impl Purpose {
    fn question(&self) -> String {
        match self {
            Self::Call { anonymous: true } => "call anonymously (ADDRESS, or ADDRESS from YOUR ADDRESS; Esc: nobody):".to_owned(),
            Self::Call { anonymous: false } => "call (ADDRESS, or ADDRESS from YOUR ADDRESS; Esc: nobody):".to_owned(),
            Self::Transfer(_) => "hand over to (ADDRESS; Esc: nobody):".to_owned(),
            Self::Recipient => "write to (ADDRESS; Esc: nobody):".to_owned(),
            Self::Text(address) => format!("text to {address} (Esc: none):"),
            Self::Block(address) => format!("block {address}? (yes; Esc: no):"),
        }
    }
}

impl Console {
    pub(super) async fn press(&mut self, event: KeyEvent) -> ControlFlow<()> {
        if self.prompt.is_some() {
            self.type_on(event).await;
            return ControlFlow::Continue(());
        }
        match Key::of(event) {
            Some(Key::Quit) => return self.leave(),
            Some(Key::Help) => self.teller.note(HELP),
            Some(Key::Status) => self.status(None),
            Some(Key::Reach) => self.reach(),
            Some(Key::Meters) => self.switch_meters(),
            Some(Key::Call) => self.ask(Purpose::Call { anonymous: false }),
            Some(Key::CallAnonymously) => self.ask(Purpose::Call { anonymous: true }),
            Some(Key::Message) => self.ask(self.current().map_or(Purpose::Recipient, |call| Purpose::Text(peer(&call)))),
            Some(Key::Transfer) => match self.current() {
                Some(call) => self.ask(Purpose::Transfer(call.id)),
                None => self.teller.note("There is no call now."),
            },
            Some(Key::Block) => match self.ringing().or(self.current()) {
                Some(call) if call.anonymous => self.teller.note("They withhold who they are: there is no address to block."),
                Some(call) => self.ask(Purpose::Block(peer(&call))),
                None => self.teller.note("There is no call now. Block an address: cooee block ADDRESS"),
            },
            Some(key) => match self.meaning(key) {
                Some(action) => self.act(&action).await,
                None => self.teller.note("There is no other call."),
            },
            None => {}
        }
        ControlFlow::Continue(())
    }

    /// What a key asks for as things are.
    fn meaning(&self, key: Key) -> Option<Action> {
        let (snapshot, numbers) = (self.engine.snapshot(), self.teller.numbers());
        Some(match key {
            Key::Answer => Action::Answer { call: None },
            Key::AnswerEnding => Action::AnswerEnding { call: None },
            Key::Hold if self.current().is_some_and(|call| call.held.by_us) => Action::Resume { call: None },
            Key::Hold => Action::Hold { call: None },
            Key::Swap => Action::Resume { call: Some(numbers.next(&snapshot)?.0) },
            Key::Follow => Action::FollowTransfer { call: None },
            Key::Stay => Action::RefuseTransfer { call: None },
            Key::Join => Action::TransferTo { call: None, other: None },
            Key::Mute => Action::Mute { call: None, muted: !self.current().is_some_and(|call| call.muted) },
            Key::Digit(digit) => Action::Digits { call: None, digits: digit.to_string() },
            Key::RingTest => Action::RingTest { from: None, after: 0 },
            Key::LowData => Action::LowData { on: !snapshot.low_data },
            Key::DoNotDisturb => Action::DoNotDisturb { on: !snapshot.do_not_disturb },
            _ if numbers.ringing(&snapshot).is_some() => Action::Decline { call: None, busy: false },
            _ => Action::HangUp { call: None },
        })
    }

    fn ringing(&self) -> Option<CallSnapshot> {
        self.find(self.teller.numbers().ringing(&self.engine.snapshot()))
    }

    pub(super) fn current(&self) -> Option<CallSnapshot> {
        self.find(self.teller.numbers().current(&self.engine.snapshot()))
    }

    fn find(&self, call: Option<CallId>) -> Option<CallSnapshot> {
        self.engine.snapshot().calls.iter().find(|view| Some(view.call.id) == call).map(|view| view.call.clone())
    }

    async fn act(&mut self, action: &Action) {
        match perform(&self.engine, self.teller.numbers(), action).await {
            Err(refusal) => self.teller.note(&refusal.text),
            Ok(done) => self.tell_done(action, &done),
        }
    }

    /// What is done at once, and no event of the engine tells.
    pub(super) fn tell_done(&self, action: &Action, done: &Done) {
        let address = if let Done::Rule(rule) = done { rule.to_string() } else { String::new() };
        self.reporter.tell(&match action {
            Action::DoNotDisturb { on } => Line::Disturbance { do_not_disturb: *on },
            Action::WhoRings { who } => Line::WhoRings { who: who.as_str() },
            Action::LowData { on } => Line::Data { low_data: *on },
            Action::Block { .. } => Line::Blocked { address, state: "added", texts: None },
            Action::Unblock { .. } => Line::Blocked { address, state: "removed", texts: None },
            Action::Allow { .. } => Line::Allowed { address, state: "added" },
            Action::Disallow { .. } => Line::Allowed { address, state: "removed" },
            Action::Standing { address } => match done {
                Done::Standing(standing) => Line::Standing(line::Standing::new(address, standing)),
                _ => return,
            },
            _ => return,
        });
    }

    fn ask(&mut self, purpose: Purpose) {
        let question = purpose.question();
        let prompt = Prompt::new(purpose, question);
        self.reporter.set_live(Some(prompt.line()));
        self.prompt = Some(prompt);
    }

    async fn type_on(&mut self, event: KeyEvent) {
        let Some(prompt) = &mut self.prompt else { return };
        let typed = prompt.press(event);
        if typed == Typed::More {
            return self.reporter.set_live(Some(prompt.line()));
        }
        self.reporter.set_live(None);
        let Some(prompt) = self.prompt.take().filter(|prompt| typed == Typed::Done && !prompt.answer().is_empty()) else { return };
        let answer = prompt.answer().to_owned();
        match prompt.purpose {
            Purpose::Call { anonymous } => self.act(&dial(&answer, anonymous)).await,
            Purpose::Transfer(call) => self.act(&Action::Transfer { call: Some(call.0), address: answer }).await,
            Purpose::Recipient => self.ask(Purpose::Text(answer)),
            Purpose::Text(address) => self.act(&Action::Message { address, text: answer, from: None }).await,
            Purpose::Block(address) if answer.to_lowercase().starts_with('y') => self.act(&Action::Block { address }).await,
            Purpose::Block(_) => {}
        }
    }

    fn switch_meters(&mut self) {
        self.meters = match self.meters {
            Some(_) => None,
            None => Some(Meters::new(self.engine.levels())),
        };
        if self.meters.is_none() && self.prompt.is_none() {
            self.reporter.set_live(None);
        }
    }

    /// Below all lines, unless a question stands there.
    pub(super) fn show_meters(&mut self) {
        if self.prompt.is_some() {
            return;
        }
        let call = self.current();
        let number = call.as_ref().and_then(|call| self.teller.numbers().of(call.id));
        if let Some(meters) = &mut self.meters {
            let line = call.and_then(|call| meters.line(&call, number.unwrap_or(0), width().saturating_sub(1)));
            self.reporter.set_live(line);
        }
    }
}

/// `ben@example.org from anna@example.net`.
fn dial(answer: &str, anonymous: bool) -> Action {
    match answer.split_once(" from ") {
        Some((address, from)) => {
            Action::Dial { address: address.trim().to_owned(), from: Some(from.trim().to_owned()), anonymous, subject: None }
        }
        None => Action::Dial { address: answer.to_owned(), from: None, anonymous, subject: None },
    }
}

fn peer(call: &CallSnapshot) -> String {
    call.peer.address.reveal().clone()
}
