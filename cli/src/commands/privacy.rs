//! `cooee privacy`: what is stored, and what was asked of whom.

use std::sync::Arc;

use cooee_engine::Engine;

use super::probe::SOURCE;
use crate::args::{Common, Privacy};
use crate::exit::{Exit, Failure};
use crate::line::{Asked, Line, Stored};
use crate::open;
use crate::report::Reporter;

/// Lists it, or wipes what is known of contacts.
pub async fn run(common: &Common, privacy: &Privacy, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let done = open::stored(common, reporter, async |engine| match privacy.what {
        None => list(engine, reporter).await,
        Some(crate::args::PrivacyVerb::Wipe) => wipe(engine, reporter).await,
    });
    done.await
}

async fn list(engine: &Engine, reporter: &Reporter) -> anyhow::Result<()> {
    let cooee_engine::Stored { accounts, calls, messages, blocked, domains, people, choices, marks, inquiries, asked } =
        engine.stored().await?;
    let contacts = engine.setting(SOURCE).await?;
    reporter.tell(&Line::Stored(Stored {
        accounts,
        calls,
        messages,
        blocked,
        domains,
        people,
        choices,
        marks,
        inquiries,
        asked,
        contacts,
    }));
    let journal = engine.asked().await?;
    reporter.say(if journal.is_empty() { "Nobody was asked anything in the last 30 days." } else { "In the last 30 days, by the hour:" });
    for line in journal {
        let cooee_engine::Asked { hour, whom, kind, times } = line;
        reporter.tell(&Line::Asked(Asked { at: hour.as_secs(), whom, kind, times }));
    }
    Ok(())
}

async fn wipe(engine: &Engine, reporter: &Reporter) -> anyhow::Result<()> {
    let wiped = engine.wipe_contacts().await;
    engine.set_setting(SOURCE, None).await?;
    if let Err(trouble) = wiped {
        return Err(Failure::new(Exit::Local, format!("Not all could be overwritten: {trouble}.")).into());
    }
    reporter.say(
        "What was known and chosen of contacts, and the list of who was asked, are gone. Accounts, call log and texts are still there.",
    );
    Ok(())
}
