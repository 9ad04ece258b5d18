//! `cooee verify`: whether somebody is in between.

use std::sync::Arc;

use cooee_call::KeyTrust;
use cooee_engine::{Engine, KnownKey};

use crate::args::{Common, Verify};
use crate::exit::{Exit, Failure};
use crate::line::{Key, Line};
use crate::open;
use crate::report::Reporter;

/// Shows what is to be compared, or keeps that it was.
pub async fn run(common: &Common, verify: &Verify, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let key = open::stored(common, reporter, async |engine| decided(engine, verify).await).await?;
    let Some((last, trust)) = key else { return Err(no_key(&verify.address).into()) };
    reporter.tell(&Line::Key(Key {
        peer: last.peer.reveal().clone(),
        account: last.account.reveal().clone(),
        words: last.keys.words().to_string(),
        code: last.keys.to_code(),
        seen: last.seen.as_secs(),
        state: state(trust),
    }));
    Ok(())
}

fn no_key(address: &str) -> Failure {
    let text = format!("No key of {address} is known yet. Call them first; the call must be encrypted end to end.");
    Failure::new(Exit::Local, text)
}

/// Only the key of the last call is compared.
async fn decided(engine: &Engine, verify: &Verify) -> anyhow::Result<Option<(KnownKey, KeyTrust)>> {
    let key = engine.key_to_compare(&verify.address).await?;
    let Some((last, _)) = &key else { return Ok(key) };
    let is_match = match &verify.code {
        Some(code) => Some(matches(last, code)?),
        None => verify.is_match.then_some(true),
    };
    match is_match {
        Some(false) => {
            return Err(Failure::new(
                Exit::NotReached,
                "The keys are not the same: somebody may be in between, or you called another device.",
            )
            .into());
        }
        Some(true) => engine.set_verified(last, true).await?,
        None if verify.forget => _ = engine.distrust(&verify.address).await?,
        None => return Ok(key),
    }
    Ok(engine.key_to_compare(&verify.address).await?)
}

fn matches(key: &KnownKey, code: &str) -> Result<bool, Failure> {
    key.keys.matches_code(code).ok_or_else(|| Failure::new(Exit::NotUnderstood, "That is no code of cooee verify: it begins with COOEE1:"))
}

fn state(trust: KeyTrust) -> &'static str {
    match trust {
        KeyTrust::Verified => "verified",
        KeyTrust::Changed => "changed",
        KeyTrust::Unknown => "unknown",
    }
}
