//! `cooee log`: past calls, and why each ended; what of them is kept.

use std::sync::Arc;

use cooee_call::Milestone;
use cooee_engine::{Engine, PastCall, PastLeg, StoreError};

use crate::args::{Common, HistoryVerb, Log, Which};
use crate::exit::{Exit, Failure};
use crate::line::{self, Line};
use crate::open;
use crate::report::Reporter;
use crate::tell::{direction, explain, milliseconds};
use crate::words;

/// Prints the log, newest last; or forgets of it, or takes note that it was looked at.
pub async fn run(common: &Common, log: &Log, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let done = open::stored(common, reporter, async |engine| match log.what {
        None => list(engine, log, reporter).await,
        Some(HistoryVerb::Forget { which }) => forgotten(engine.forget_calls(which.number()).await, which, "call", reporter),
        Some(HistoryVerb::Seen) => Ok(engine.set_calls_seen(u64::MAX).await?),
    });
    done.await
}

async fn list(engine: &Engine, log: &Log, reporter: &Reporter) -> anyhow::Result<()> {
    let page = log.page.of(engine);
    let calls = if log.missed { engine.missed_calls(page).await? } else { engine.past_calls(page).await? };
    let unseen = engine.unseen().await?;
    for call in &calls {
        reporter.tell(&line(call, unseen.has_call(call)));
    }
    if calls.is_empty() {
        reporter.say(if log.missed { "No missed calls." } else { "No calls yet." });
    }
    Ok(())
}

/// Tells how much is gone; `what` it was, one of it.
pub fn forgotten(forgotten: Result<usize, StoreError>, which: Which, what: &'static str, reporter: &Reporter) -> anyhow::Result<()> {
    let count = forgotten.map_err(|error| Failure::new(Exit::Local, format!("Not all could be overwritten: {error}.")))?;
    match which {
        Which::One(number) if count == 0 => Err(Failure::new(Exit::Local, format!("There is no {what} of the number {number}.")).into()),
        _ => {
            reporter.tell(&Line::Forgotten { what, count });
            Ok(())
        }
    }
}

fn line(call: &PastCall, new: bool) -> Line {
    let active = call.step(Milestone::Active).zip(call.step(Milestone::Ended)).and_then(|(active, ended)| ended.checked_sub(active));
    let (data_sent, data_received) = call.story.traffic().unzip();
    Line::Past(line::Past {
        number: call.number,
        at: call.begun.as_secs(),
        direction: direction(call.direction),
        peer: call.peer.reveal().clone(),
        account: call.account.reveal().clone(),
        missed: call.missed,
        new,
        times: Some(call.times).filter(|times| *times > 1),
        reason: call.reason_id.clone(),
        text: call.reason.as_ref().map_or_else(|| call.reason_id.clone(), explain),
        active_ms: active.map(milliseconds),
        security: call.security.map(|security| words::security(security).to_owned()),
        codec: call.codec.clone(),
        data_sent,
        data_received,
        legs: call.legs.iter().map(leg).collect(),
    })
}

fn leg(leg: &PastLeg) -> line::Leg {
    let text = match &leg.reason {
        _ if leg.is_answered() => "answered".to_owned(),
        Some(reason) => reason.explanation().what,
        None => leg.outcome.clone(),
    };
    let (address, account) = (leg.address.reveal().clone(), leg.account.reveal().clone());
    line::Leg { address, account, after_ms: milliseconds(leg.after), outcome: leg.outcome.clone(), text }
}
