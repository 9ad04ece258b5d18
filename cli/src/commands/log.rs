//! `cooee log`: past calls, and why each ended.

use std::sync::Arc;

use cooee_call::Milestone;
use cooee_engine::{PastCall, PastLeg};

use crate::args::{Common, Log};
use crate::line::{self, Line};
use crate::open;
use crate::report::Reporter;
use crate::tell::{direction, explain, milliseconds};
use crate::words;

/// Prints the log, newest last.
pub async fn run(common: &Common, log: &Log, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let calls = open::stored(common, reporter, async |engine| {
        Ok(if log.missed { engine.missed_calls(log.last).await? } else { engine.past_calls(log.last).await? })
    });
    let calls = calls.await?;
    for call in &calls {
        reporter.tell(&line(call));
    }
    if calls.is_empty() {
        reporter.say(if log.missed { "No missed calls." } else { "No calls yet." });
    }
    Ok(())
}

fn line(call: &PastCall) -> Line {
    let active = call.step(Milestone::Active).zip(call.step(Milestone::Ended)).and_then(|(active, ended)| ended.checked_sub(active));
    Line::Past(line::Past {
        number: call.number,
        at: call.begun.as_secs(),
        direction: direction(call.direction),
        peer: call.peer.reveal().clone(),
        account: call.account.reveal().clone(),
        missed: call.missed,
        times: Some(call.times).filter(|times| *times > 1),
        reason: call.reason_id.clone(),
        text: call.reason.as_ref().map_or_else(|| call.reason_id.clone(), explain),
        active_ms: active.map(milliseconds),
        security: call.security.map(|security| words::security(security).to_owned()),
        codec: call.codec.clone(),
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
