use std::time::Duration;

use cooee_call::MediaKeys;
use cooee_database::rusqlite::{self, Row, params};
use cooee_machine::Pii;
use cooee_phone::VerifiedKey;

use super::person::{person, short};
use super::{Store, StoreError, duration, milliseconds};

/// The key that a phone of somebody's proved itself with in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// Our address in that call.
    pub account: Pii<String>,
    /// Who was at the other end.
    pub peer: Pii<String>,
    /// The keys of both ends.
    pub keys: MediaKeys,
    /// When it was used last, since the Unix epoch.
    pub seen: Duration,
    /// When the two people compared it.
    pub verified: Option<Duration>,
}

/// So many keys of one person that nobody has compared: a device each.
const OF_ONE: i64 = 4;
/// So many in all.
const OF_ALL: i64 = 2_000;

impl Store {
    /// Keeps that a key was used, after a call that was encrypted end to end. Those that were compared are kept for good.
    pub(crate) fn keep_key(&mut self, account: &str, peer: &str, keys: &MediaKeys, now: Duration) -> Result<(), StoreError> {
        let of = person(peer, account);
        self.0.write(|transaction| {
            transaction.execute(
                "INSERT INTO media_key (person, account, peer, theirs, ours, seen) VALUES (?, ?, ?, ?, ?, ?)
                 ON CONFLICT (person, theirs) DO UPDATE SET account = excluded.account, ours = excluded.ours, seen = excluded.seen",
                params![of, account, short(peer), keys.theirs, keys.ours, milliseconds(now)],
            )?;
            let old = "DELETE FROM media_key WHERE verified IS NULL AND (person, theirs) IN
                           (SELECT person, theirs FROM media_key WHERE verified IS NULL AND (?1 IS NULL OR person = ?1)
                            ORDER BY seen DESC LIMIT -1 OFFSET ?2)";
            transaction.execute(old, params![Some(&of), OF_ONE])?;
            transaction.execute(old, params![None::<String>, OF_ALL])?;
            Ok(())
        })
    }

    /// The keys of a person, the one used last first.
    pub(crate) fn keys_of(&mut self, peer: &str, account: &str) -> Result<Vec<KnownKey>, StoreError> {
        self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT * FROM media_key WHERE person = ? ORDER BY seen DESC")?;
            statement.query_map([person(peer, account)], read)?.collect()
        })
    }

    /// The two people have compared this key, or do not count on it any more. Whether it is known.
    pub(crate) fn set_verified(&mut self, key: &KnownKey, verified: Option<Duration>) -> Result<bool, StoreError> {
        let update = "UPDATE media_key SET verified = ? WHERE person = ? AND theirs = ?";
        let of = person(key.peer.reveal(), key.account.reveal());
        self.0.with(|connection| connection.execute(update, params![verified.map(milliseconds), of, key.keys.theirs])).map(|rows| rows > 0)
    }

    /// All keys that were compared.
    pub(crate) fn verified(&mut self) -> Result<Vec<VerifiedKey>, StoreError> {
        self.0.with(|connection| {
            let mut statement =
                connection.prepare("SELECT peer, theirs FROM media_key WHERE verified IS NOT NULL ORDER BY peer, theirs")?;
            statement.query_map([], |row| Ok(VerifiedKey { peer: Pii(row.get(0)?), key: row.get(1)? }))?.collect()
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<KnownKey> {
    Ok(KnownKey {
        account: Pii(row.get("account")?),
        peer: Pii(row.get("peer")?),
        keys: MediaKeys { ours: row.get("ours")?, theirs: row.get("theirs")? },
        seen: duration(row.get("seen")?),
        verified: row.get::<_, Option<i64>>("verified")?.map(duration),
    })
}
