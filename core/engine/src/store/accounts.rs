use std::time::Duration;

use cooee_database::rusqlite::{self, OptionalExtension, Row, params};
use cooee_machine::{Pii, Transport};
use cooee_phone::AccountId;

use super::{Store, StoreError, duration, milliseconds};
use crate::NewAccount;

/// An account as it is kept; its password is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Names it; never given to another.
    pub id: AccountId,
    /// `anna@example.org`.
    pub address: Pii<String>,
    /// Shown to the people called.
    pub display_name: Option<Pii<String>>,
    /// The name in credentials where it is not the address's user part.
    pub auth_user: Option<Pii<String>>,
    /// Where to connect to, in place of the address's domain.
    pub proxy: Option<String>,
    /// The only transport to use; `None`: TLS.
    pub transport: Option<Transport>,
    /// When it was added, since the Unix epoch.
    pub added: Duration,
}

impl StoredAccount {
    pub(crate) fn new(id: AccountId, account: &NewAccount, added: Duration) -> Self {
        Self {
            id,
            address: account.address.clone(),
            display_name: account.display_name.clone(),
            auth_user: account.auth_user.clone(),
            proxy: account.proxy.clone(),
            transport: account.transport,
            added,
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let transport: Option<String> = row.get("transport")?;
        Ok(Self {
            id: AccountId(u64::try_from(row.get::<_, i64>("id")?).unwrap_or(0)),
            address: Pii(row.get("address")?),
            display_name: row.get::<_, Option<String>>("display_name")?.map(Pii),
            auth_user: row.get::<_, Option<String>>("auth_user")?.map(Pii),
            proxy: row.get("proxy")?,
            transport: transport.as_deref().and_then(transport_of),
            added: duration(row.get("added")?),
        })
    }
}

impl Store {
    /// All accounts, in the order in which they were added.
    pub(crate) fn accounts(&mut self) -> Result<Vec<StoredAccount>, StoreError> {
        self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT * FROM account ORDER BY id")?;
            statement.query_map([], StoredAccount::read)?.collect()
        })
    }

    /// The highest number an account has ever had.
    pub(crate) fn last_account(&mut self) -> Result<u64, StoreError> {
        let last: Option<i64> = self.0.with(|connection| {
            connection.query_row("SELECT seq FROM sqlite_sequence WHERE name = 'account'", [], |row| row.get(0)).optional()
        })?;
        Ok(last.and_then(|last| u64::try_from(last).ok()).unwrap_or(0))
    }

    /// Adds an account under the number it brings along.
    pub(crate) fn add_account(&mut self, account: &StoredAccount) -> Result<(), StoreError> {
        self.0.with(|connection| {
            connection.execute(
                "INSERT INTO account (id, address, display_name, auth_user, proxy, transport, added) VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    i64::try_from(account.id.0).unwrap_or(i64::MAX),
                    account.address.reveal(),
                    account.display_name.as_ref().map(Pii::reveal),
                    account.auth_user.as_ref().map(Pii::reveal),
                    account.proxy,
                    account.transport.map(name_of),
                    milliseconds(account.added),
                ],
            )
        })?;
        Ok(())
    }

    /// Removes an account; its calls stay in the log.
    pub(crate) fn remove_account(&mut self, id: AccountId) -> Result<(), StoreError> {
        self.0.with(|connection| connection.execute("DELETE FROM account WHERE id = ?", [i64::try_from(id.0).unwrap_or(i64::MAX)]))?;
        Ok(())
    }
}

fn name_of(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
    }
}

fn transport_of(name: &str) -> Option<Transport> {
    [Transport::Udp, Transport::Tcp, Transport::Tls].into_iter().find(|transport| name_of(*transport) == name)
}
