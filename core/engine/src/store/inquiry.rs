use std::collections::{BTreeMap, BTreeSet};

use cooee_database::rusqlite::{OptionalExtension, params};
use cooee_machine::Pii;
use cooee_phone::{Inquiry, Reply};

use super::key::{ContactKey, Kind};
use super::reach::FORGOTTEN_AFTER;
use super::{Store, StoreError, duration, milliseconds};

/// Hashes of people whom the owner has called or marked.
pub(crate) struct Chosen {
    /// Who took a call.
    pub(crate) answered: BTreeSet<[u8; 32]>,
    /// Who is to be asked, or is not.
    pub(crate) marks: BTreeMap<[u8; 32], bool>,
    /// Who was called, as [`super::person`] writes them.
    pub(crate) called: BTreeSet<String>,
}

impl Store {
    /// Keeps whether a person may be asked, by all of its canonical addresses.
    pub(crate) fn keep_mark(&mut self, key: &ContactKey, person: &[Pii<String>], wanted: bool) -> Result<(), StoreError> {
        self.0.write(|transaction| {
            for address in person {
                let row = params![key.hash(Kind::Person, address.reveal()), wanted];
                transaction.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", row)?;
            }
            Ok(())
        })
    }

    /// Whom the owner has called or marked.
    pub(crate) fn chosen(&mut self) -> Result<Chosen, StoreError> {
        self.0.with(|connection| {
            let answered =
                connection.prepare("SELECT key FROM reach_person")?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut marks = connection.prepare("SELECT key, wanted FROM mark")?;
            let marks = marks.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            let mut called = connection.prepare("SELECT DISTINCT person FROM call WHERE direction = 'outgoing'")?;
            let called = called.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(Chosen { answered, marks, called })
        })
    }

    /// Keeps that a person was asked, and what was said, if anything was; else what was said before stays.
    pub(crate) fn keep_inquiry(&mut self, key: &ContactKey, address: &Pii<String>, inquiry: Inquiry) -> Result<(), StoreError> {
        let (reply, replied) = inquiry.said.and_then(|(reply, when)| Some((word(reply)?, milliseconds(when)))).unzip();
        self.0.write(|transaction| {
            transaction.execute(
                "INSERT INTO inquiry VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key)
                 DO UPDATE SET asked = max(asked, ?2), reply = coalesce(?3, reply), replied = coalesce(?4, replied)",
                params![key.hash(Kind::Person, address.reveal()), milliseconds(inquiry.asked), reply, replied],
            )?;
            let old = milliseconds(inquiry.asked.saturating_sub(FORGOTTEN_AFTER));
            transaction.execute("DELETE FROM inquiry WHERE asked < ?", [old])?;
            Ok(())
        })
    }

    /// What asking each of these people has come to, in their order.
    pub(crate) fn inquiries(&mut self, key: &ContactKey, addresses: &[Pii<String>]) -> Result<Vec<Option<Inquiry>>, StoreError> {
        self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT asked, reply, replied FROM inquiry WHERE key = ?")?;
            let mut one = |address: &Pii<String>| {
                let row = statement.query_row([key.hash(Kind::Person, address.reveal())], |row| {
                    let (reply, replied): (Option<String>, Option<i64>) = (row.get(1)?, row.get(2)?);
                    let said = reply.as_deref().and_then(reply_of).zip(replied.map(duration));
                    Ok(Inquiry { asked: duration(row.get(0)?), said })
                });
                row.optional()
            };
            addresses.iter().map(&mut one).collect()
        })
    }
}

/// `None`: what is not known is not kept.
fn word(reply: Reply) -> Option<&'static str> {
    match reply {
        Reply::There => Some("there"),
        Reply::NoSuchUser => Some("no-such-user"),
        Reply::NotTaken => Some("not-taken"),
        Reply::Unknown => None,
    }
}

fn reply_of(text: &str) -> Option<Reply> {
    [Reply::There, Reply::NoSuchUser, Reply::NotTaken].into_iter().find(|reply| word(*reply) == Some(text))
}
