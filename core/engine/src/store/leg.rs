use std::collections::HashMap;
use std::time::Duration;

use cooee_call::{EndReason, LegOutcome, PlacedLeg};
use cooee_database::rusqlite::{self, Connection, Transaction, params};
use cooee_machine::Pii;

use super::person::short;
use super::{duration, milliseconds};

/// An address that a past call went to.
#[derive(Clone, Debug, PartialEq)]
pub struct PastLeg {
    /// Which, e.g. `sip:ben@example.org`.
    pub address: Pii<String>,
    /// The address of our account, which may be gone by now.
    pub account: Pii<String>,
    /// How long after the call began it was its turn.
    pub after: Duration,
    /// Why nothing came of it; `None` if it was answered, or for a reason that only a later version knows.
    pub reason: Option<EndReason>,
    /// The stable name of that, or `answered`.
    pub outcome: String,
}

/// The outcome of a leg of which a call came.
const ANSWERED: &str = "answered";

impl PastLeg {
    /// `account`: the address of the leg's account.
    pub(crate) fn new(leg: &PlacedLeg, account: Pii<String>) -> Self {
        let reason = if let LegOutcome::Failed(reason) = &leg.outcome { Some(reason.clone()) } else { None };
        let outcome = reason.as_ref().map_or(ANSWERED, EndReason::id).to_owned();
        Self { address: leg.address.clone(), account, after: leg.after, reason, outcome }
    }

    /// Somebody took the call there.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.outcome == ANSWERED
    }
}

pub(super) fn write(transaction: &Transaction<'_>, call: i64, legs: &[PastLeg]) -> rusqlite::Result<()> {
    for (place, leg) in (0_i64..).zip(legs) {
        transaction.execute(
            "INSERT INTO call_leg VALUES (?, ?, ?, ?, ?, ?)",
            params![call, place, short(leg.address.reveal()), leg.account.reveal(), milliseconds(leg.after), leg.outcome],
        )?;
        for (name, value) in leg.reason.iter().flat_map(EndReason::arguments) {
            transaction.execute("INSERT INTO call_leg_argument VALUES (?, ?, ?, ?)", params![call, place, name, value])?;
        }
    }
    Ok(())
}

pub(super) fn read(connection: &Connection, call: i64) -> rusqlite::Result<Vec<PastLeg>> {
    let mut legs = connection.prepare("SELECT place, address, account, after, outcome FROM call_leg WHERE call = ? ORDER BY place")?;
    let mut arguments = connection.prepare("SELECT name, value FROM call_leg_argument WHERE call = ? AND place = ?")?;
    let legs = legs.query_map([call], |row| {
        let place: i64 = row.get(0)?;
        let leg = PastLeg {
            address: Pii(row.get(1)?),
            account: Pii(row.get(2)?),
            after: duration(row.get(3)?),
            reason: None,
            outcome: row.get(4)?,
        };
        let arguments = arguments.query_map([call, place], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let arguments: HashMap<String, String> = arguments.collect::<Result<_, _>>()?;
        Ok(PastLeg { reason: EndReason::from_parts(&leg.outcome, |name| arguments.get(name).cloned()), ..leg })
    })?;
    legs.collect()
}
