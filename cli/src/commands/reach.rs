//! `cooee reach`: whether a call would ring here, and what keeps it from that.

use std::sync::Arc;
use std::time::Duration;

use cooee_engine::Engine;
use cooee_phone::RingSituation;

use crate::args::Common;
use crate::exit::{Exit, Failure};
use crate::home;
use crate::open::{self, Purpose};
use crate::report::Reporter;
use crate::tell::ring_lines;

/// How long accounts may take to say how they are.
const PATIENCE: Duration = Duration::from_secs(15);

/// Looks, beside the phone that runs or not, without taking its place.
pub async fn run(common: &Common, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let folder = home::folder(common.home.as_deref())?;
    let is_running = home::is_phone_running(&folder)?;
    let engine = open::phone(common, &crate::args::Sound::default(), Purpose::Look, reporter).await?;
    settle(&engine).await;
    let situation = RingSituation { is_running: Some(is_running), looks_from_beside: is_running, ..engine.ring_situation() };
    engine.shut_down().await;
    let lines = situation.lines(cooee_net::now().unix);
    ring_lines(&lines).iter().for_each(|line| reporter.tell(line));
    if cooee_phone::would_ring(&lines) { Ok(()) } else { Err(Failure::told(Exit::NotReached).into()) }
}

/// Until each account is in or out; whoever takes longer is told as still connecting.
pub(super) async fn settle(engine: &Engine) {
    let _ = tokio::time::timeout(PATIENCE, super::message::settled(engine)).await;
}
