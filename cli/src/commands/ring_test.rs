//! `cooee ring-test`: calls the own address, and tells whether it rang.

use std::sync::Arc;
use std::time::Duration;

use cooee_engine::EngineEvent;
use cooee_phone::RingProof;

use crate::args::{Common, RingTest, Sound};
use crate::exit::{self, Exit, Failure};
use crate::open::{self, Purpose};
use crate::report::Reporter;
use crate::stop;
use crate::tell::{Teller, ring_test_line};

/// Beyond what the server is asked to wait: the phone gives up before.
const PATIENCE: Duration = Duration::from_secs(60);

/// As a device of its own, so that a phone that runs here keeps its place and rings as well.
pub async fn run(common: &Common, test: &RingTest, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &Sound::default(), Purpose::Test, reporter).await?;
    let from = super::call::account(&engine, test.from.as_deref())?;
    super::reach::settle(&engine).await;
    let after = Duration::from_secs(u64::from(test.after));
    engine.test_ringing(from, after).map_err(|refused| Failure::new(exit::of_refusal(refused), format!("Not tested: {refused}.")))?;
    let mut teller = Teller::new(Arc::clone(reporter));
    let tested = async {
        while let Some(event) = engine.next_event().await {
            if let EngineEvent::RingTested(result) = event {
                return Some(result);
            }
            teller.tell(&event, &engine.snapshot());
        }
        None
    };
    let result = tokio::select! {
        tested = tokio::time::timeout(after + PATIENCE, tested) => tested.ok().flatten(),
        () = stop::asked() => None,
    };
    engine.shut_down().await;
    match result {
        Some(result) => {
            reporter.tell(&ring_test_line(&result));
            let has_rung = result.proof() != RingProof::Nothing;
            if has_rung { Ok(()) } else { Err(Failure::told(Exit::NotReached).into()) }
        }
        None => Err(Failure::new(Exit::Local, "The test was given up.").into()),
    }
}
