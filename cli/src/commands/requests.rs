//! `cooee requests`: who asks to be let through, and whose calls ring aloud.

use std::sync::Arc;

use cooee_engine::{Engine, PastRequest, Refused};
use cooee_phone::BlockRule;

use crate::args::{Common, Requests, RequestsVerb};
use crate::exit::{self, Failure};
use crate::line::{self, Line};
use crate::open;
use crate::report::Reporter;

/// Lists them, decides about one, or says whose calls ring.
pub async fn run(common: &Common, requests: &Requests, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    match (&requests.what, requests.ring) {
        (Some(RequestsVerb::Accept { whom }), _) => {
            let address = decide(common, whom, reporter, Engine::accept_request).await?;
            reporter.tell(&Line::Allowed { address, state: "added" });
        }
        (Some(RequestsVerb::Refuse { whom }), _) => {
            let address = decide(common, whom, reporter, Engine::refuse_request).await?;
            reporter.tell(&Line::Blocked { address, state: "added", texts: None });
        }
        (None, Some(who)) => {
            open::changed(common, reporter, |engine| Ok(engine.set_who_rings(who)?)).await?;
            reporter.tell(&Line::WhoRings { who: who.as_str() });
        }
        (None, None) => list(common, reporter).await?,
    }
    Ok(())
}

async fn decide(
    common: &Common,
    whom: &str,
    reporter: &Arc<Reporter>,
    act: impl FnOnce(&Engine, &str) -> Result<BlockRule, Refused>,
) -> anyhow::Result<String> {
    let rule = open::changed(common, reporter, |engine| {
        act(engine, whom).map_err(|refused| Failure::new(exit::of_refusal(refused), format!("Not done for {whom}: {refused}.")).into())
    });
    Ok(rule.await?.to_string())
}

async fn list(common: &Common, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let (requests, who) =
        open::stored(common, reporter, async |engine| Ok((engine.requests().await?, engine.snapshot().who_rings))).await?;
    reporter.tell(&Line::WhoRings { who: who.as_str() });
    for request in &requests {
        reporter.tell(&Line::Request(line(request)));
    }
    if requests.is_empty() {
        reporter.say("Nobody asks to be let through.");
    } else {
        reporter.say("To let somebody through: cooee requests accept ADDRESS. To hear no more of them: cooee requests refuse ADDRESS");
    }
    Ok(())
}

fn line(request: &PastRequest) -> line::Request {
    line::Request {
        number: request.call,
        at: request.at.as_secs(),
        peer: request.peer.reveal().clone(),
        name: request.peer_name.as_ref().map(|name| name.reveal().clone()),
        account: request.account.reveal().clone(),
        times: Some(request.times).filter(|times| *times > 1),
        introduction: line::Introduction::from(&request.request),
    }
}
