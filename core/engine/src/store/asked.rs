use std::time::Duration;

use cooee_database::rusqlite::params;

use super::{Store, StoreError};

/// Who was asked what kind of thing, and how often, within one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The beginning of the hour, since the Unix epoch.
    pub hour: Duration,
    /// E.g. `192.0.2.1:53`, `dns.example over TLS`, `the account's server`.
    pub whom: String,
    /// E.g. `SRV _sips._tcp`.
    pub kind: String,
    /// How often.
    pub times: u64,
}

const HOUR: u64 = 3600;
/// The journal goes back 30 days.
const HOURS_KEPT: u64 = 30 * 24;

impl Store {
    /// Adds to the journal; what is too old leaves it.
    pub(crate) fn note_asked(&mut self, unix: Duration, asked: &[(String, String, u64)]) -> Result<(), StoreError> {
        let hour = unix.as_secs() / HOUR;
        self.0.write(|transaction| {
            for (whom, kind, times) in asked {
                transaction.execute(
                    "INSERT INTO asked VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hour, whom, kind) DO UPDATE SET times = times + ?4",
                    params![signed(hour), whom, kind, signed(*times)],
                )?;
            }
            transaction.execute("DELETE FROM asked WHERE hour < ?", [signed(hour.saturating_sub(HOURS_KEPT))])?;
            Ok(())
        })
    }

    /// The last 30 days, the newest last.
    pub(crate) fn asked(&mut self, unix: Duration) -> Result<Vec<Asked>, StoreError> {
        let since = (unix.as_secs() / HOUR).saturating_sub(HOURS_KEPT);
        self.0.with(|connection| {
            let mut statement =
                connection.prepare("SELECT hour, whom, kind, times FROM asked WHERE hour >= ? ORDER BY hour, whom, kind")?;
            let rows = statement.query_map([signed(since)], |row| {
                let (hour, times): (i64, i64) = (row.get(0)?, row.get(3)?);
                let hour = Duration::from_secs(u64::try_from(hour).unwrap_or_default().saturating_mul(HOUR));
                Ok(Asked { hour, whom: row.get(1)?, kind: row.get(2)?, times: u64::try_from(times).unwrap_or_default() })
            })?;
            rows.collect()
        })
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
