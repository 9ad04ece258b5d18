//! `cooee block`, `unblock` and `blocked`: whose calls and texts are not taken. `allow`, `disallow` and `allowed`: whose always ring.

use std::sync::Arc;

use cooee_engine::{Engine, Refused};
use cooee_phone::BlockRule;

use crate::args::Common;
use crate::exit::{self, Failure};
use crate::line::Line;
use crate::open;
use crate::report::Reporter;

/// Takes no more calls of an address or a domain.
pub async fn block(common: &Common, whom: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let rule = change(common, whom, reporter, |engine| engine.block(whom)).await?;
    reporter.tell(&Line::Blocked { address: rule, state: "added", texts: None });
    Ok(())
}

/// Takes them again.
pub async fn unblock(common: &Common, whom: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let rule = change(common, whom, reporter, |engine| engine.unblock(whom)).await?;
    reporter.tell(&Line::Blocked { address: rule, state: "removed", texts: None });
    Ok(())
}

/// Lets calls of an address or a domain ring at any time.
pub async fn allow(common: &Common, whom: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let rule = change(common, whom, reporter, |engine| engine.allow(whom)).await?;
    reporter.tell(&Line::Allowed { address: rule, state: "added" });
    Ok(())
}

/// No longer.
pub async fn disallow(common: &Common, whom: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let rule = change(common, whom, reporter, |engine| engine.disallow(whom)).await?;
    reporter.tell(&Line::Allowed { address: rule, state: "removed" });
    Ok(())
}

async fn change(
    common: &Common,
    whom: &str,
    reporter: &Arc<Reporter>,
    act: impl FnOnce(&Engine) -> Result<BlockRule, Refused>,
) -> anyhow::Result<String> {
    let rule = open::changed(common, reporter, |engine| {
        act(engine).map_err(|refused| Failure::new(exit::of_refusal(refused), format!("Not done for {whom}: {refused}.")).into())
    });
    Ok(rule.await?.to_string())
}

/// Lists who is blocked.
pub async fn list(common: &Common, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let blocked = open::stored(common, reporter, async |engine| Ok(engine.blocked().await?)).await?;
    for (rule, texts) in &blocked {
        reporter.tell(&Line::Blocked { address: rule.to_string(), state: "present", texts: Some(*texts) });
    }
    if blocked.is_empty() {
        reporter.say("Nobody is blocked.");
    }
    Ok(())
}

/// Lists whose calls ring at any time.
pub async fn allowed(common: &Common, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let snapshot = open::stored(common, reporter, async |engine| Ok(engine.snapshot())).await?;
    for rule in &snapshot.allowed {
        reporter.tell(&Line::Allowed { address: rule.to_string(), state: "present" });
    }
    if snapshot.allowed.is_empty() {
        reporter.say("Nobody's calls ring while you are not to be disturbed.");
    }
    Ok(())
}
