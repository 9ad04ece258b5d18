//! `cooee probe`: which contacts can be called; and what asks in the background while the phone runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_engine::{Engine, EngineEvent};
use cooee_net::DnsServers;
use cooee_phone::probe::Burst;
use indicatif::{ProgressBar, ProgressStyle};

use super::contacts::show;
use crate::args::{Common, Contacts};
use crate::book::Book;
use crate::exit::{Exit, Failure};
use crate::line::{Line, Probe};
use crate::open;
use crate::report::Reporter;
use crate::stop;
use crate::words;

/// The setting with the file that contacts are read from.
pub const SOURCE: &str = "contacts";

/// Asks about every domain of the book that is not fresh, then shows the book.
pub async fn run(common: &Common, contacts: &Contacts, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    open::stored(common, reporter, async |engine| probe(engine, common, contacts, reporter).await).await
}

async fn probe(engine: &Engine, common: &Common, contacts: &Contacts, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let path = source(engine, contacts).await?;
    let book = Book::read(&path, engine.snapshot().numbering.region)?;
    remember(engine, &path).await?;
    let whom = words::resolver(common);
    let begun = Instant::now();
    engine.set_book(book.domains()).and_then(|()| engine.probe()).map_err(|refused| Failure::new(Exit::Local, format!("{refused}.")))?;
    let burst = follow(engine, reporter).await?;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    show(engine, &book, reporter).await?;
    let Burst { domains, asked, questions, most_in_flight, is_captive: captive, is_partial: partial, .. } = burst;
    reporter.tell(&Line::Probe(Probe { domains, asked, questions, most_in_flight, whom, took_ms, partial, captive }));
    let failed = captive || (partial && asked == 0);
    if failed { Err(Failure::told(Exit::Server).into()) } else { Ok(()) }
}

/// Until the burst is over; Ctrl-C ends it early.
async fn follow(engine: &Engine, reporter: &Reporter) -> anyhow::Result<Burst> {
    let bar = if reporter.is_json() { ProgressBar::hidden() } else { ProgressBar::no_length() };
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos} of {len} domains").unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut stop = std::pin::pin!(stop::asked());
    let mut is_stopped = false;
    loop {
        let event = tokio::select! {
            event = engine.next_event() => event,
            () = &mut stop, if !is_stopped => {
                is_stopped = true;
                // Over already, if it is refused.
                let _ = engine.stop_probing();
                continue;
            }
        };
        match event {
            Some(EngineEvent::Probing { done, total }) => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
            }
            Some(EngineEvent::Probed(burst)) => {
                bar.finish_and_clear();
                return Ok(burst);
            }
            Some(EngineEvent::Trouble(trouble)) => reporter.tell(&Line::Note { text: format!("Not kept: {trouble}.") }),
            Some(_) => {}
            None => return Err(Failure::new(Exit::Local, "The phone stopped.").into()),
        }
    }
}

/// The file that was named, or the one of last time.
pub async fn source(engine: &Engine, contacts: &Contacts) -> anyhow::Result<PathBuf> {
    match &contacts.file {
        Some(path) => Ok(path.clone()),
        None => engine.setting(SOURCE).await?.map(PathBuf::from).ok_or_else(|| {
            Failure::new(Exit::Local, "Name a file with your contacts: vCards or one address a line, e.g. cooee probe contacts.vcf").into()
        }),
    }
}

async fn remember(engine: &Engine, path: &Path) -> anyhow::Result<()> {
    // Standard input is gone with this process.
    if path == Path::new("-") {
        return Ok(());
    }
    let path = std::path::absolute(path)?;
    engine.set_setting(SOURCE, path.to_str()).await?;
    Ok(())
}

/// How often the file of contacts is looked at while the phone runs.
const LOOK: Duration = Duration::from_secs(60);
/// After so many looks, who may be asked is told anew: somebody may have been called or marked since.
const AGAIN: u32 = 60;

/// Lets the phone ask about the contacts of last time in the background: their domains, if it has a resolver that nobody reads along
/// with, and whether those are there whom the owner has called or marked; and again when they change.
pub async fn keep_fresh(engine: &Engine, common: &Common, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let Some(path) = engine.setting(SOURCE).await?.map(PathBuf::from) else { return Ok(()) };
    let region = engine.snapshot().numbering.region;
    let is_private = common.dns.as_ref().is_some_and(DnsServers::are_private);
    let (book, reporter) = (engine.book(), Arc::clone(reporter));
    tokio::spawn(async move {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
        let mut known = None;
        for look in 0_u32.. {
            let now = changed(&path);
            let is_new = now != known;
            if now.is_some() && (is_new || look % AGAIN == 0) {
                match Book::read(&path, region) {
                    Ok(contacts) => {
                        // It is refused when the phone is ending.
                        if is_private && is_new && book.set(contacts.domains()).is_err() {
                            return;
                        }
                        book.set_people(contacts.entries.into_iter().map(|entry| entry.address).collect());
                    }
                    Err(error) => reporter.say(format!("{error:#}.")),
                }
            }
            known = now;
            tokio::time::sleep(LOOK).await;
        }
    });
    Ok(())
}
