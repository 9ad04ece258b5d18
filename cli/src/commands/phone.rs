//! `cooee phone`: stay reachable.

use std::sync::Arc;
use std::time::Duration;

use crate::args::{Common, Phone};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::home;
use crate::open::{self, Purpose};
use crate::report::Reporter;

/// Rings, answers and hangs up until told to leave.
pub async fn run(common: &Common, phone: &Phone, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let purpose = if phone.one_call { Purpose::OneCall } else { Purpose::Reachable };
    let engine = open::phone(common, &phone.sound, purpose, reporter).await?;
    if engine.snapshot().accounts.is_empty() {
        engine.shut_down().await;
        let nowhere = "You have no address to be called at yet. Add one: cooee account add anna@example.org";
        return Err(Failure::new(Exit::Local, nowhere).into());
    }
    let _running = home::run_phone(&home::folder(common.home.as_deref())?)?;
    super::probe::keep_fresh(&engine, common, reporter).await?;
    let mut console = Console::new(engine, Arc::clone(reporter));
    console.answer = phone.answer;
    console.time = phone.sound.seconds.map(Duration::from_secs);
    console.run().await.map(drop)
}
