use std::time::Duration;

use cooee_call::MediaProtection;
use cooee_database::rusqlite::{self, Connection, OptionalExtension, Row, params};
use cooee_machine::{ClientKey, Pii, ServerTrust, Transport};
use cooee_phone::AccountId;

use super::{Store, StoreError, duration, milliseconds};
use crate::{AccountOptions, NewAccount};

/// An account as it is kept; its password is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Names it; never given to another.
    pub id: AccountId,
    /// `anna@example.org`.
    pub address: Pii<String>,
    /// Whatever is not as usual.
    pub options: AccountOptions,
    /// When it was added, since the Unix epoch.
    pub added: Duration,
}

impl StoredAccount {
    pub(crate) fn new(id: AccountId, account: &NewAccount, added: Duration) -> Self {
        Self { id, address: account.address.clone(), options: account.options.clone(), added }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (pin, authority): (Option<[u8; 32]>, Option<[u8; 32]>) = (row.get("pin")?, row.get("authority")?);
        let named = pin.map(ServerTrust::Pin).or(authority.map(ServerTrust::Authority));
        let options = AccountOptions {
            auth_user: row.get::<_, Option<String>>("auth_user")?.map(Pii),
            display_name: row.get::<_, Option<String>>("display_name")?.map(Pii),
            proxy: row.get("proxy")?,
            transport: row.get::<_, Option<String>>("transport")?.as_deref().and_then(transport_of),
            trust: named.unwrap_or_default(),
            key: row.get::<_, Option<String>>("client_key")?.map(|name| ClientKey { name, chain: Vec::new() }),
            // The schema knows no other word.
            protection: row.get::<_, String>("protection")?.parse().unwrap_or(MediaProtection::Encrypted),
            stun_server: row.get("stun_server")?,
            expires: row.get::<_, Option<u32>>("expires")?.map(|seconds| Duration::from_secs(seconds.into())),
            register: row.get("register")?,
            numbers: row.get("numbers")?,
            tls_throughout: row.get("tls_throughout")?,
            follow_transfers: row.get("follow_transfers")?,
        };
        let id = AccountId(u64::try_from(row.get::<_, i64>("id")?).unwrap_or(0));
        Ok(Self { id, address: Pii(row.get("address")?), options, added: duration(row.get("added")?) })
    }

    fn with_certificates(mut self, connection: &Connection) -> rusqlite::Result<Self> {
        let listed = |query| -> rusqlite::Result<Vec<Vec<u8>>> {
            connection.prepare_cached(query)?.query_map([number(self.id)], |row| row.get(0))?.collect()
        };
        let authorities = listed("SELECT certificate FROM account_authority WHERE account = ? ORDER BY place")?;
        let chain = listed("SELECT certificate FROM account_certificate WHERE account = ? ORDER BY place")?;
        if !authorities.is_empty() {
            self.options.trust = ServerTrust::Authorities(authorities);
        }
        if let Some(key) = &mut self.options.key {
            key.chain = chain;
        }
        Ok(self)
    }
}

impl Store {
    /// All accounts, in the order in which they were added.
    pub(crate) fn accounts(&mut self) -> Result<Vec<StoredAccount>, StoreError> {
        self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT * FROM account ORDER BY id")?;
            let accounts: Vec<StoredAccount> = statement.query_map([], StoredAccount::read)?.collect::<Result<_, _>>()?;
            accounts.into_iter().map(|account| account.with_certificates(connection)).collect()
        })
    }

    /// Takes the next number for an account with this address, for ever; `None` if there is one with it. Its password is kept by the
    /// number before the account is, so that no other process may come by the same.
    pub(crate) fn next_account(&mut self, address: &str) -> Result<Option<AccountId>, StoreError> {
        self.0.write(|transaction| {
            let known = "SELECT EXISTS (SELECT 1 FROM account WHERE address = ?)";
            if transaction.query_row(known, [address], |row| row.get::<_, bool>(0))? {
                return Ok(None);
            }
            let next = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'account' RETURNING seq";
            let next: Option<i64> = transaction.query_row(next, [], |row| row.get(0)).optional()?;
            if next.is_none() {
                transaction.execute("INSERT INTO sqlite_sequence VALUES ('account', 1)", [])?;
            }
            Ok(Some(AccountId(u64::try_from(next.unwrap_or(1)).unwrap_or(0))))
        })
    }

    /// Adds an account under the number it brings along.
    pub(crate) fn add_account(&mut self, account: &StoredAccount) -> Result<(), StoreError> {
        let (options, id) = (&account.options, number(account.id));
        let pin = if let ServerTrust::Pin(pin) = &options.trust { Some(pin.as_slice()) } else { None };
        let authority = if let ServerTrust::Authority(authority) = &options.trust { Some(authority.as_slice()) } else { None };
        let authorities = if let ServerTrust::Authorities(authorities) = &options.trust { authorities.as_slice() } else { &[] };
        self.0.write(|transaction| {
            transaction.execute(
                "INSERT INTO account (id, address, display_name, auth_user, proxy, transport, added,
                                      protection, stun_server, pin, expires, register, numbers, tls_throughout, follow_transfers,
                                      authority, client_key)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    id,
                    account.address.reveal(),
                    options.display_name.as_ref().map(Pii::reveal),
                    options.auth_user.as_ref().map(Pii::reveal),
                    options.proxy,
                    options.transport.map(Transport::as_str),
                    milliseconds(account.added),
                    options.protection.as_str(),
                    options.stun_server,
                    pin,
                    options.expires.map(|expires| u32::try_from(expires.as_secs()).unwrap_or(u32::MAX)),
                    options.register,
                    options.numbers,
                    options.tls_throughout,
                    options.follow_transfers,
                    authority,
                    options.key.as_ref().map(|key| &key.name),
                ],
            )?;
            for (place, certificate) in (0_i64..).zip(authorities) {
                transaction.execute("INSERT INTO account_authority VALUES (?, ?, ?)", params![id, place, certificate])?;
            }
            for (place, certificate) in (0_i64..).zip(options.key.iter().flat_map(|key| &key.chain)) {
                transaction.execute("INSERT INTO account_certificate VALUES (?, ?, ?)", params![id, place, certificate])?;
            }
            Ok(())
        })
    }

    /// From now on a server of this account's is whom this authority vouches for, by its SHA-256, and nobody else. The account; `None` if
    /// there is none of this number.
    pub(crate) fn trust_authority(&mut self, id: AccountId, sha256: &[u8; 32]) -> Result<Option<StoredAccount>, StoreError> {
        self.0.write(|transaction| {
            transaction.execute("DELETE FROM account_authority WHERE account = ?", [number(id)])?;
            let change = "UPDATE account SET authority = ?, pin = NULL WHERE id = ? RETURNING *";
            let changed = transaction.query_row(change, params![sha256.as_slice(), number(id)], StoredAccount::read).optional()?;
            changed.map(|account| account.with_certificates(transaction)).transpose()
        })
    }

    /// Removes an account; its calls stay in the log. The name of the key that it proved itself by, and no other does.
    pub(crate) fn remove_account(&mut self, id: AccountId) -> Result<Option<String>, StoreError> {
        const ALONE: &str = "SELECT client_key FROM account AS own WHERE id = ? AND client_key IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM account WHERE client_key = own.client_key AND id <> own.id)";
        self.0.write(|transaction| {
            let key = transaction.query_row(ALONE, [number(id)], |row| row.get(0)).optional()?;
            transaction.execute("DELETE FROM account WHERE id = ?", [number(id)])?;
            Ok(key)
        })
    }
}

pub(super) fn number(id: AccountId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

fn transport_of(name: &str) -> Option<Transport> {
    Transport::ALL.into_iter().find(|transport| transport.as_str() == name)
}
