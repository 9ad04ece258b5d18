use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cooee_call::{CallDirection, CallId, CallSnapshot, EndReason, Fact, Milestone, Request, Side, Story};
use cooee_database::rusqlite::{Row, params};
use cooee_machine::Pii;

use super::log::{direction_name, direction_of, insert};
use super::person::short;
use super::{PastCall, Store, StoreError, StoreLocation, duration, milliseconds};

/// What is to be told of a call if this process is ended before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenCall {
    pub(crate) account: Pii<String>,
    pub(crate) direction: CallDirection,
    pub(crate) peer: Pii<String>,
    pub(crate) peer_name: Option<Pii<String>>,
    /// Since the Unix epoch.
    pub(crate) begun: Duration,
    /// How long after that it was answered, if it was.
    pub(crate) answered: Option<Duration>,
    /// How it rang here, and who it was said to be.
    pub(crate) story: Story,
}

impl OpenCall {
    pub(crate) fn new(account: Pii<String>, call: &CallSnapshot) -> Self {
        Self {
            account,
            direction: call.direction,
            peer: call.peer.address.clone(),
            peer_name: call.peer.display_name.clone(),
            begun: call.timeline.steps().first().map(|step| step.at).unwrap_or_default(),
            answered: call.timeline.step(Milestone::Answered).map(|step| step.after),
            story: rang(call),
        }
    }

    /// Its line in the log: nobody knows when it ended.
    fn cut_off(self) -> PastCall {
        let reason = if self.answered.is_some() { EndReason::CutOff } else { EndReason::CutOffUnanswered };
        let mut story = self.story;
        story.note(Fact::Ended(reason.clone()), self.answered.unwrap_or_default());
        let step = |milestone: Milestone, after| (milestone.as_str().to_owned(), after);
        PastCall {
            account: self.account,
            direction: self.direction,
            peer: self.peer,
            peer_name: self.peer_name,
            missed: self.direction == CallDirection::Incoming && self.answered.is_none(),
            reason_id: reason.id().to_owned(),
            reason: Some(reason),
            steps: [step(Milestone::Begun, Duration::ZERO)]
                .into_iter()
                .chain(self.answered.map(|after| step(Milestone::Answered, after)))
                .collect(),
            story,
            ..PastCall::unlogged(1, self.begun)
        }
    }
}

/// Who it was said to be, how it rang here, and whether it was answered.
fn rang(call: &CallSnapshot) -> Story {
    let mut story = Story::default();
    if let Some(Request { domain, line }) = call.request.clone() {
        story.note(Fact::Introduced { domain, line }, Duration::ZERO);
    }
    if call.direction == CallDirection::Incoming {
        story.note(Fact::RangHere { silently: call.request.is_some() }, Duration::ZERO);
    }
    if let Some(answered) = call.timeline.step(Milestone::Answered) {
        let by = if call.direction == CallDirection::Incoming { Side::Us } else { Side::Peer };
        story.note(Fact::Answered(by), answered.after);
    }
    story
}

/// Held by each process that has the store open, so that those who come know whether they are alone.
pub(crate) struct Presence(Option<File>);

impl Presence {
    /// Tells others of this process; whether it is the only one. Where the file system knows no locks, nobody takes itself for that: a line
    /// that is missing in the log is better than a false one.
    pub(crate) fn enter(location: &StoreLocation) -> io::Result<(Self, bool)> {
        let StoreLocation::File(path) = location else { return Ok((Self(None), true)) };
        let file = File::options().create(true).truncate(false).write(true).open(beside(path))?;
        let is_alone = file.try_lock().is_ok();
        Ok((Self(Some(file)), is_alone))
    }

    /// Lets others in.
    pub(crate) fn share(&self) {
        if let Some(Err(error)) = self.0.as_ref().map(File::lock_shared) {
            tracing::debug!(%error, "others do not know that this phone is here");
        }
    }
}

fn beside(store: &Path) -> PathBuf {
    store.with_extension("lock")
}

/// What stands before the numbers of calls, which are this process's own.
fn process() -> i64 {
    i64::from(std::process::id())
}

fn number(call: CallId) -> i64 {
    i64::try_from(call.0).unwrap_or(i64::MAX)
}

impl Store {
    /// Keeps what is known of a call as long as it goes on.
    pub(crate) fn put_open_call(&mut self, id: CallId, call: &OpenCall) -> Result<(), StoreError> {
        self.overwriting(|store| {
            let row = params![
                process(),
                number(id),
                call.account.reveal(),
                direction_name(call.direction),
                short(call.peer.reveal()),
                call.peer_name.as_ref().map(|name| short(name.reveal())),
                milliseconds(call.begun),
                call.answered.map(milliseconds),
                call.story.to_text(),
            ];
            store
                .0
                .with(|connection| connection.execute("INSERT OR REPLACE INTO open_call VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row).map(drop))
        })
    }

    /// It is over, and stands in the log from now on: as [`Store::log_call`]. Nothing of it stays in the file beside its line, which the owner
    /// can forget.
    pub(crate) fn log_open_call(&mut self, id: CallId, line: &PastCall) -> Result<u64, StoreError> {
        self.overwriting(|store| {
            store.0.write(|transaction| {
                transaction.execute("DELETE FROM open_call WHERE process = ? AND call = ?", params![process(), number(id)])?;
                insert(transaction, line)
            })
        })
    }

    /// Puts the calls of processes that are no more into the log. For whoever is alone with the store.
    pub(crate) fn log_cut_off(&mut self) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| {
            Ok(OpenCall {
                account: Pii(row.get("account")?),
                direction: direction_of(&row.get::<_, String>("direction")?),
                peer: Pii(row.get("peer")?),
                peer_name: row.get::<_, Option<String>>("peer_name")?.map(Pii),
                begun: duration(row.get("begun")?),
                answered: row.get::<_, Option<i64>>("answered")?.map(duration),
                story: Story::from_text(&row.get::<_, String>("story")?),
            })
        };
        self.overwriting(|store| {
            store.0.write(|transaction| {
                let mut statement = transaction.prepare("SELECT * FROM open_call ORDER BY begun")?;
                let open: Vec<OpenCall> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
                for call in open {
                    insert(transaction, &call.cut_off())?;
                }
                transaction.execute("DELETE FROM open_call", []).map(drop)
            })
        })
    }
}
