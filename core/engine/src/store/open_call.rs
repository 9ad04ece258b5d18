use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cooee_call::{CallDirection, CallId, CallSnapshot, EndReason, Fact, Milestone, Story};
use cooee_database::rusqlite::{self, Row, Transaction, params};
use cooee_machine::Pii;

use super::log::{direction_name, direction_of};
use super::person::short;
use super::{PastCall, Store, StoreError, StoreLocation, duration, milliseconds};

/// What is to be told of a call if this process is ended before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenCall {
    pub(crate) account: Pii<String>,
    pub(crate) direction: CallDirection,
    pub(crate) peer: Pii<String>,
    pub(crate) peer_name: Option<Pii<String>>,
    /// Since the Unix epoch.
    pub(crate) begun: Duration,
    /// How long after that it was answered, if it was.
    pub(crate) answered: Option<Duration>,
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
        }
    }

    /// Its line in the log: nobody knows when it ended.
    fn cut_off(self) -> PastCall {
        let reason = EndReason::CutOff;
        let mut story = Story::default();
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
        self.overwriting(|transaction| {
            let row = params![
                process(),
                number(id),
                call.account.reveal(),
                direction_name(call.direction),
                short(call.peer.reveal()),
                call.peer_name.as_ref().map(|name| short(name.reveal())),
                milliseconds(call.begun),
                call.answered.map(milliseconds),
            ];
            transaction.execute("INSERT OR REPLACE INTO open_call VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row).map(drop)
        })
    }

    /// It is over.
    pub(crate) fn close_call(&mut self, id: CallId) -> Result<(), StoreError> {
        self.overwriting(|transaction| {
            transaction.execute("DELETE FROM open_call WHERE process = ? AND call = ?", params![process(), number(id)]).map(drop)
        })
    }

    /// Puts the calls of processes that are no more into the log, but for those that came to stand there before the process was ended. For
    /// whoever is alone with the store.
    pub(crate) fn log_cut_off(&mut self) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| {
            Ok(OpenCall {
                account: Pii(row.get("account")?),
                direction: direction_of(&row.get::<_, String>("direction")?),
                peer: Pii(row.get("peer")?),
                peer_name: row.get::<_, Option<String>>("peer_name")?.map(Pii),
                begun: duration(row.get("begun")?),
                answered: row.get::<_, Option<i64>>("answered")?.map(duration),
            })
        };
        let open: Vec<OpenCall> = self.0.with(|connection| {
            const UNLOGGED: &str = "SELECT * FROM open_call AS open WHERE NOT EXISTS
                 (SELECT 1 FROM call WHERE begun = open.begun AND account = open.account AND direction = open.direction) ORDER BY begun";
            let mut statement = connection.prepare(UNLOGGED)?;
            statement.query_map([], read)?.collect()
        })?;
        for call in open {
            self.log_call(&call.cut_off())?;
        }
        self.overwriting(|transaction| transaction.execute("DELETE FROM open_call", []).map(drop))
    }

    /// Nothing of a call stays in the file beside its line in the log, which the owner can forget.
    fn overwriting<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let set = |store: &mut Self, state: &str| {
            store.0.with(|connection| connection.query_row(&format!("PRAGMA secure_delete = {state}"), [], |row| row.get::<_, i64>(0)))
        };
        set(self, "ON")?;
        let done = self.0.write(work);
        set(self, "OFF")?;
        done
    }
}
