//! `cooee call`: one call, then done.

use std::sync::Arc;
use std::time::Duration;

use cooee_engine::Engine;
use cooee_phone::AccountId;

use crate::args::{Call, Common};
use crate::console::Console;
use crate::exit::{self, Exit, Failure};
use crate::open::{self, Purpose};
use crate::report::Reporter;

/// Calls, tells what happens, and answers with the exit code that fits how it ended.
pub async fn run(common: &Common, call: &Call, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &call.sound, Purpose::Call, reporter).await?;
    let from = account(&engine, call.from.as_deref())?;
    let dialled = match &call.subject {
        Some(subject) => engine.dial_about(&call.address, from, subject),
        None if call.anonymous => engine.dial_anonymously(&call.address, from),
        None => engine.dial(&call.address, from),
    };
    let id = dialled.map_err(|refused| Failure::new(exit::of_refusal(refused), format!("Not called: {refused}.")))?;
    let mut console = Console::new(engine, Arc::clone(reporter));
    console.own = Some(id);
    console.time = call.sound.seconds.map(Duration::from_secs);
    match console.run().await?.as_ref().and_then(exit::of_call) {
        None => Ok(()),
        Some(exit) => Err(Failure::told(exit).into()),
    }
}

/// The account whose address was named, or none for the engine's own choice.
pub fn account(engine: &Engine, address: Option<&str>) -> anyhow::Result<Option<AccountId>> {
    let snapshot = engine.snapshot();
    if snapshot.accounts.is_empty() {
        return Err(Failure::new(Exit::Local, "You have no address to call from yet. Add one: cooee account add anna@example.org").into());
    }
    let Some(address) = address else { return Ok(None) };
    let found = snapshot.accounts.iter().find(|view| view.address.reveal().eq_ignore_ascii_case(address));
    let found =
        found.ok_or_else(|| Failure::new(Exit::Local, format!("{address} is none of your addresses. See them: cooee account list")))?;
    Ok(Some(found.id))
}
