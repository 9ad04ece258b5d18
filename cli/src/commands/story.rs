//! `cooee story`: why it did not ring, why there was no sound, why an account does not log in. `cooee report`: the same for others to read.

use std::sync::Arc;

use cooee_call::Story;
use cooee_engine::{Engine, PastCall, StoredAccount};

use crate::args::{Common, StoryOf};
use crate::exit::{Exit, Failure};
use crate::line::{self, Line};
use crate::open;
use crate::report::Reporter;
use crate::tell::{direction, steps, verdict};

/// Tells what happened.
pub async fn run(common: &Common, of: &StoryOf, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let told = open::stored(common, reporter, async |engine| find(engine, &of.what).await).await?;
    reporter.tell(&Line::Story(match &told {
        Found::Call(call) => of_call(call),
        Found::Account { account, at, story } => of_account(account, *at, story),
    }));
    Ok(())
}

/// The same without whatever says who it was about.
pub async fn report(common: &Common, of: &StoryOf, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let told = open::stored(common, reporter, async |engine| find(engine, &of.what).await).await?;
    let (story, way) = match &told {
        Found::Call(call) => (&call.story, Some(direction(call.direction))),
        Found::Account { story, .. } => (story, None),
    };
    reporter.tell(&Line::Story(redacted(story, way)));
    Ok(())
}

enum Found {
    Call(Box<PastCall>),
    Account { account: Box<StoredAccount>, at: u64, story: Story },
}

/// The call of that number, the last one, the last missed one, or the log-in of an own address.
async fn find(engine: &Engine, what: &str) -> anyhow::Result<Found> {
    let number = what.trim_start_matches('#').parse::<u64>();
    let call = match (what, number) {
        ("last", _) => engine.past_calls(1).await?.pop(),
        ("missed", _) => engine.missed_calls(1).await?.pop(),
        (_, Ok(number)) => engine.past_call(number).await?,
        _ => return log_in(engine, what).await,
    };
    let call = call.ok_or_else(|| Failure::new(Exit::Local, format!("There is no such call: {what}. See them: cooee log")))?;
    Ok(Found::Call(Box::new(call)))
}

async fn log_in(engine: &Engine, address: &str) -> anyhow::Result<Found> {
    let accounts = engine.stored_accounts().await?;
    let found = accounts.into_iter().find(|account| account.address.reveal().eq_ignore_ascii_case(address));
    let account = found.ok_or_else(|| {
        let text = format!("“{address}” is neither a number of a call (cooee log) nor one of your addresses (cooee account list).");
        Failure::new(Exit::Local, text)
    })?;
    let (at, story) = engine.account_story(account.id).await?;
    Ok(Found::Account { account: Box::new(account), at: at.as_secs(), story })
}

fn of_call(call: &PastCall) -> line::Story {
    let peer = call.peer.reveal();
    line::Story {
        number: Some(call.number),
        at: call.begun.as_secs(),
        direction: Some(direction(call.direction)),
        peer: Some(peer.clone()),
        account: Some(call.account.reveal().clone()),
        program: None,
        steps: steps(&call.story),
        verdict: verdict(&call.story, Some(peer)),
    }
}

fn of_account(account: &StoredAccount, at: u64, story: &Story) -> line::Story {
    line::Story {
        number: None,
        at,
        direction: None,
        peer: None,
        account: Some(account.address.reveal().clone()),
        program: None,
        steps: steps(story),
        verdict: verdict(story, None),
    }
}

/// Not even the time is in it: others may know when somebody called.
fn redacted(story: &Story, direction: Option<&'static str>) -> line::Story {
    let story = story.redacted();
    let program = format!("Cooee {}, {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let (number, at, peer, account) = (None, 0, None, None);
    line::Story { number, at, direction, peer, account, program: Some(program), steps: steps(&story), verdict: verdict(&story, None) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cooee_call::{EndReason, Fact, NetworkTrouble};
    use cooee_machine::Pii;

    use super::*;

    #[test]
    fn a_report_says_what_happened_and_not_to_whom() {
        let mut story = Story::default();
        let words = || "ben@example.org at 192.0.2.9".to_owned();
        for fact in [
            Fact::Dialled { address: Pii("sip:ben@example.org".into()) },
            Fact::LookingUp { domain: "example.org".into() },
            Fact::LegFailed(EndReason::ServerError { status: 503, text: words() }),
            Fact::Redirected { address: Pii("sip:+49301234567@example.org".into()) },
            Fact::Ended(EndReason::Unreachable(NetworkTrouble::Network { text: words() })),
        ] {
            story.note(fact, Duration::from_millis(120));
        }
        let told = redacted(&story, Some("outgoing"));
        for text in [Line::Story(told.clone()).sentence(), serde_json::to_string(&told).unwrap()] {
            for secret in ["ben", "example", "192.0", "4930"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
            assert!(text.contains("503") && text.contains("Asked where your server is."), "{text}");
        }
    }
}
