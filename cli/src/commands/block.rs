//! `cooee block`, `unblock` and `blocked`: whose calls and texts are not taken.

use std::sync::Arc;

use cooee_engine::{Engine, EngineEvent, Refused};

use crate::args::{Common, Sound};
use crate::exit::{Exit, Failure};
use crate::line::Line;
use crate::open::{self, Purpose};
use crate::report::Reporter;

/// Takes no more calls of an address or a domain.
pub async fn block(common: &Common, whom: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    change(common, whom, "added", reporter, |engine| engine.block(whom).map(|rule| rule.to_string())).await
}

/// Takes them again.
pub async fn unblock(common: &Common, whom: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    change(common, whom, "removed", reporter, |engine| engine.unblock(whom).map(|rule| rule.to_string())).await
}

async fn change(
    common: &Common,
    whom: &str,
    state: &'static str,
    reporter: &Arc<Reporter>,
    act: impl FnOnce(&Engine) -> Result<String, Refused>,
) -> anyhow::Result<()> {
    let engine = open::phone(common, &Sound::default(), Purpose::Stored, reporter).await?;
    let done = act(&engine);
    engine.shut_down().await;
    let rule = done.map_err(|refused| Failure::new(Exit::Local, format!("Not done for {whom}: {refused}.")))?;
    while let Some(event) = engine.next_event().await {
        if let EngineEvent::Trouble(trouble) = event {
            return Err(Failure::new(Exit::Local, format!("Not kept: {trouble}.")).into());
        }
    }
    reporter.tell(&Line::Blocked { address: rule, state });
    Ok(())
}

/// Lists who is blocked.
pub async fn list(common: &Common, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &Sound::default(), Purpose::Stored, reporter).await?;
    let snapshot = engine.snapshot();
    engine.shut_down().await;
    for rule in &snapshot.blocked {
        reporter.tell(&Line::Blocked { address: rule.to_string(), state: "present" });
    }
    if snapshot.blocked.is_empty() {
        reporter.say("Nobody is blocked.");
    }
    Ok(())
}
