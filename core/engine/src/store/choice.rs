use cooee_database::rusqlite::{OptionalExtension, params};
use cooee_machine::Pii;
use cooee_phone::{AccountId, Choice};

use super::key::{ContactKey, Kind};
use super::{Store, StoreError};

impl Store {
    /// Keeps what was chosen for a person, by all of its canonical addresses, in place of what was chosen before; what `choice` does not
    /// name stays.
    pub(crate) fn keep_choice(&mut self, key: &ContactKey, person: &[Pii<String>], choice: &Choice) -> Result<(), StoreError> {
        self.0.write(|transaction| {
            for address in person {
                transaction.execute(
                    "INSERT INTO choice VALUES (?1, ?2, ?3)
                     ON CONFLICT (key) DO UPDATE SET account = coalesce(?2, account), address = coalesce(?3, address)",
                    params![
                        key.hash(Kind::Person, address.reveal()),
                        choice.account.map(|account| i64::try_from(account.0).unwrap_or(i64::MAX)),
                        choice.address.as_ref().map(|address| key.hash(Kind::Person, address.reveal())),
                    ],
                )?;
            }
            Ok(())
        })
    }

    /// What was chosen for a person. Only hashes are kept: the address is told if it is among `addresses`.
    pub(crate) fn choice(&mut self, key: &ContactKey, person: &[Pii<String>], addresses: &[Pii<String>]) -> Result<Choice, StoreError> {
        self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT account, address FROM choice WHERE key = ?")?;
            for one in person {
                let row = statement.query_row([key.hash(Kind::Person, one.reveal())], |row| Ok((row.get(0)?, row.get(1)?)));
                if let Some((account, hash)) = row.optional()? {
                    let (account, hash): (Option<i64>, Option<[u8; 32]>) = (account, hash);
                    let is_it = |address: &&Pii<String>| hash == Some(key.hash(Kind::Person, address.reveal()));
                    return Ok(Choice {
                        account: account.and_then(|id| u64::try_from(id).ok()).map(AccountId),
                        address: addresses.iter().find(is_it).cloned(),
                    });
                }
            }
            Ok(Choice::default())
        })
    }

    /// Nothing is chosen for this person any more. Whether something was.
    pub(crate) fn forget_choice(&mut self, key: &ContactKey, person: &[Pii<String>]) -> Result<bool, StoreError> {
        self.0.write(|transaction| {
            let mut forgotten = 0;
            for address in person {
                forgotten += transaction.execute("DELETE FROM choice WHERE key = ?", [key.hash(Kind::Person, address.reveal())])?;
            }
            Ok(forgotten > 0)
        })
    }
}
