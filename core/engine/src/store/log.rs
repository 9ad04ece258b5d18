use std::collections::HashMap;
use std::time::Duration;

use cooee_call::{CallDirection, EndReason, Fact, LogEntry, Milestone, Story};
use cooee_database::rusqlite::{self, Connection, OptionalExtension, Row, Transaction, params};
use cooee_machine::Pii;
use cooee_phone::{AccountId, LookedUp};
use cooee_rtc::MediaSecurity;

use super::person::{person, short, uri_of};
use super::retention::{Table, befriend, is_stranger};
use super::{Page, PastLeg, Store, StoreError, duration, leg, milliseconds};

/// A line of the call log.
#[derive(Clone, Debug, PartialEq)]
pub struct PastCall {
    /// Names it in the log; later ones have higher numbers. 0 as long as it is not kept.
    pub number: u64,
    /// The address of our account, which may be gone by now.
    pub account: Pii<String>,
    /// Who called whom.
    pub direction: CallDirection,
    /// The other end, e.g. `sip:ben@example.org`.
    pub peer: Pii<String>,
    /// The name it showed.
    pub peer_name: Option<Pii<String>>,
    /// When it began, since the Unix epoch.
    pub begun: Duration,
    /// Somebody called and nobody here, on no device of ours, took notice.
    pub missed: bool,
    /// So many calls in a row that were missed, of which this is the last; else 1.
    pub times: u32,
    /// Why it ended; `None` for a reason that only a later version knows.
    pub reason: Option<EndReason>,
    /// The reason's stable name.
    pub reason_id: String,
    /// How the sound was protected; `None` if none flowed.
    pub security: Option<MediaSecurity>,
    /// The SRTP profile.
    pub cipher: Option<String>,
    /// The codec.
    pub codec: Option<String>,
    /// The steps, by name ([`Milestone::as_str`]), and how long after the beginning; earliest first.
    pub steps: Vec<(String, Duration)>,
    /// Outgoing: the addresses it went to, one after the other. Empty if it was given up before, and for calls of old versions.
    pub legs: Vec<PastLeg>,
    /// What happened. Empty for calls of old versions.
    pub story: Story,
}

impl PastCall {
    /// `address` tells that of an account.
    pub(crate) fn new(account: AccountId, entry: &LogEntry, address: impl Fn(AccountId) -> Pii<String>) -> Self {
        let LogEntry { call, reason, missed, story } = entry;
        let steps = call.timeline.steps();
        Self {
            number: 0,
            account: address(account),
            direction: call.direction,
            peer: call.peer.address.clone(),
            peer_name: call.peer.display_name.clone(),
            begun: steps.first().map(|step| step.at).unwrap_or_default(),
            missed: *missed,
            times: 1,
            reason: Some(reason.clone()),
            reason_id: reason.id().to_owned(),
            security: call.security,
            cipher: call.cipher.map(str::to_owned),
            codec: call.codec.as_ref().map(|codec| codec.name.clone()),
            steps: steps.iter().map(|step| (step.milestone.as_str().to_owned(), step.after)).collect(),
            legs: call.legs.iter().map(|leg| PastLeg::new(leg, address(leg.account))).collect(),
            story: story.clone(),
        }
    }

    /// The line for a number that was looked up, and no call came of it.
    pub(crate) fn looked_up(account: Pii<String>, looked_up: &LookedUp, reason: EndReason) -> Self {
        let mut story = Story::default();
        story.note(Fact::Dialled { address: looked_up.address.clone() }, Duration::ZERO);
        story.note(Fact::NumberLookedUp { found: looked_up.found }, looked_up.took);
        story.note(Fact::Ended(reason.clone()), looked_up.took);
        let step = |milestone: Milestone, after| (milestone.as_str().to_owned(), after);
        Self {
            account,
            direction: CallDirection::Outgoing,
            peer: looked_up.address.clone(),
            begun: looked_up.begun,
            missed: false,
            times: 1,
            reason_id: reason.id().to_owned(),
            reason: Some(reason),
            steps: vec![step(Milestone::Begun, Duration::ZERO), step(Milestone::Ended, looked_up.took)],
            story,
            ..Self::unlogged(1, looked_up.begun)
        }
    }

    /// The line for calls that came faster than they could be logged; nobody's address is in it.
    pub(crate) fn unlogged(times: u32, now: Duration) -> Self {
        Self {
            number: 0,
            account: Pii::default(),
            direction: CallDirection::Incoming,
            peer: Pii::default(),
            peer_name: None,
            begun: now,
            missed: true,
            times,
            reason_id: EndReason::Overload.id().to_owned(),
            reason: Some(EndReason::Overload),
            security: None,
            cipher: None,
            codec: None,
            steps: Vec::new(),
            legs: Vec::new(),
            story: Story::default(),
        }
    }

    /// How long after the beginning a step was taken.
    #[must_use]
    pub fn step(&self, milestone: Milestone) -> Option<Duration> {
        self.steps.iter().find(|(name, _)| name == milestone.as_str()).map(|(_, after)| *after)
    }

    /// From answer to end; `None` if it was never answered.
    #[must_use]
    pub fn talked(&self) -> Option<Duration> {
        self.step(Milestone::Ended)?.checked_sub(self.step(Milestone::Answered)?)
    }
}

/// A further missed call within this time of the last one makes no line of its own.
const AGAIN: Duration = Duration::from_secs(3600);

impl Store {
    /// Adds a line; its number. Old ones are forgotten, those of strangers first; a call of a peer whose last one was missed just before
    /// takes that one's place.
    pub(crate) fn log_call(&mut self, call: &PastCall) -> Result<u64, StoreError> {
        self.0.write(|transaction| insert(transaction, call))
    }

    /// Lines of a page, the newest last; with `missed` only those of missed calls.
    pub(crate) fn past_calls(&mut self, page: impl Into<Page>, missed: bool) -> Result<Vec<PastCall>, StoreError> {
        let rows = self.page(Table::Call, &page.into(), if missed { "missed" } else { "true" }, read)?;
        self.0.with(|connection| rows.into_iter().rev().map(|(id, call)| complete(connection, id, call)).collect())
    }

    /// One line; `None` if it is not there (any more).
    pub(crate) fn past_call(&mut self, number: u64) -> Result<Option<PastCall>, StoreError> {
        self.0.with(|connection| {
            let row = connection.query_row("SELECT * FROM call WHERE id = ?", [i64::try_from(number).unwrap_or(-1)], read).optional()?;
            row.map(|(id, call)| complete(connection, id, call)).transpose()
        })
    }

    /// Whom we have called, and who took the call.
    pub(crate) fn acquaintances(&mut self) -> Result<Vec<Pii<String>>, StoreError> {
        const WHO: &str = "SELECT DISTINCT peer FROM call JOIN call_step ON call_step.call = call.id
                           WHERE direction = 'outgoing' AND milestone = ? ORDER BY peer";
        self.0.with(|connection| {
            let mut statement = connection.prepare(WHO)?;
            statement.query_map([Milestone::Answered.as_str()], |row| row.get(0).map(Pii))?.collect()
        })
    }

    /// With whom there was a call or a text that this side wanted: whom it called, wrote to or answered.
    pub(crate) fn familiar(&mut self) -> Result<Vec<Pii<String>>, StoreError> {
        const WHO: &str = "SELECT person FROM call WHERE NOT stranger UNION SELECT person FROM message WHERE NOT stranger";
        self.0.with(|connection| {
            let mut statement = connection.prepare(WHO)?;
            statement.query_map([], |row| row.get(0).map(uri_of))?.collect()
        })
    }
}

/// As [`Store::log_call`].
pub(super) fn insert(transaction: &Transaction<'_>, call: &PastCall) -> rusqlite::Result<u64> {
    let person = person(call.peer.reveal(), call.account.reveal());
    let is_wanted = call.direction == CallDirection::Outgoing || call.step(Milestone::Answered).is_some();
    if is_wanted {
        befriend(transaction, &person)?;
    }
    let is_stranger = !is_wanted && is_stranger(transaction, &person)?;
    let before = if call.missed { take_missed(transaction, call, &person)? } else { 0 };
    transaction.execute(
        "INSERT INTO call (account, direction, peer, peer_name, begun, reason, security, cipher, codec, missed, person, stranger, times,
                           story)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            call.account.reveal(),
            direction_name(call.direction),
            short(call.peer.reveal()),
            call.peer_name.as_ref().map(|name| short(name.reveal())),
            milliseconds(call.begun),
            call.reason_id,
            call.security.map(MediaSecurity::as_str),
            call.cipher,
            call.codec,
            call.missed,
            person,
            is_stranger,
            call.times.saturating_add(before),
            call.story.to_text(),
        ],
    )?;
    let id = transaction.last_insert_rowid();
    for (name, value) in call.reason.iter().flat_map(EndReason::arguments) {
        transaction.execute("INSERT INTO call_argument VALUES (?, ?, ?)", params![id, name, value])?;
    }
    for (milestone, after) in &call.steps {
        transaction.execute("INSERT INTO call_step VALUES (?, ?, ?)", params![id, milestone, milliseconds(*after)])?;
    }
    leg::write(transaction, id, &call.legs)?;
    Table::Call.prune(transaction, &person, is_stranger)?;
    Ok(u64::try_from(id).unwrap_or_default())
}

/// Takes the last line of a peer out if it is of calls that were missed a short time before, and says of how many.
fn take_missed(transaction: &Transaction<'_>, call: &PastCall, person: &str) -> rusqlite::Result<u32> {
    let last = "SELECT id, missed AND account = ? AND begun >= ?, times FROM call WHERE person = ? ORDER BY id DESC LIMIT 1";
    let since = milliseconds(call.begun.saturating_sub(AGAIN));
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, row.get::<_, u32>(2)?));
    let last = transaction.query_row(last, params![call.account.reveal(), since, person], read).optional()?;
    let Some((id, true, times)) = last else { return Ok(0) };
    transaction.execute("DELETE FROM call WHERE id = ?", [id])?;
    Ok(times)
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<(i64, PastCall)> {
    let security: Option<String> = row.get("security")?;
    let id = row.get::<_, i64>("id")?;
    let call = PastCall {
        number: u64::try_from(id).unwrap_or_default(),
        account: Pii(row.get("account")?),
        direction: direction_of(&row.get::<_, String>("direction")?),
        peer: Pii(row.get("peer")?),
        peer_name: row.get::<_, Option<String>>("peer_name")?.map(Pii),
        begun: duration(row.get("begun")?),
        missed: row.get("missed")?,
        times: row.get("times")?,
        reason: None,
        reason_id: row.get("reason")?,
        security: security.as_deref().and_then(security_of),
        cipher: row.get("cipher")?,
        codec: row.get("codec")?,
        steps: Vec::new(),
        legs: Vec::new(),
        story: Story::from_text(&row.get::<_, String>("story")?),
    };
    Ok((id, call))
}

fn complete(connection: &Connection, id: i64, mut call: PastCall) -> rusqlite::Result<PastCall> {
    let mut statement = connection.prepare("SELECT name, value FROM call_argument WHERE call = ?")?;
    let arguments: HashMap<String, String> = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    call.reason = EndReason::from_parts(&call.reason_id, |name| arguments.get(name).cloned());
    let mut statement = connection.prepare("SELECT milestone, after FROM call_step WHERE call = ? ORDER BY after")?;
    call.steps = statement.query_map([id], |row| Ok((row.get(0)?, duration(row.get(1)?))))?.collect::<Result<_, _>>()?;
    call.legs = leg::read(connection, id)?;
    Ok(call)
}

pub(super) fn direction_name(direction: CallDirection) -> &'static str {
    match direction {
        CallDirection::Outgoing => "outgoing",
        CallDirection::Incoming => "incoming",
    }
}

pub(super) fn direction_of(name: &str) -> CallDirection {
    if name == direction_name(CallDirection::Incoming) { CallDirection::Incoming } else { CallDirection::Outgoing }
}

fn security_of(name: &str) -> Option<MediaSecurity> {
    MediaSecurity::ALL.into_iter().find(|security| security.as_str() == name)
}
