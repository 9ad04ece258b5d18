use cooee_sip::digest::Verifier;
use rusqlite::{OptionalExtension, named_params};

use super::Database;
use crate::account::{Account, UserName};
use crate::store::StoreError;

impl Database {
    /// `false` if there is such a user already.
    pub(crate) fn add_account(&mut self, account: &Account) -> Result<bool, StoreError> {
        self.put_account(account, "INSERT OR IGNORE")
    }

    /// Changes the password; `false` if there is no such user.
    pub(crate) fn change_account(&mut self, account: &Account) -> Result<bool, StoreError> {
        let is_known = self.verifier(&account.user)?.is_some();
        // An upsert and not a replacement: that would take the bindings along.
        Ok(is_known && self.put_account(account, "INSERT")?)
    }

    fn put_account(&mut self, account: &Account, verb: &str) -> Result<bool, StoreError> {
        let upsert = if verb == "INSERT" {
            "ON CONFLICT (user) DO UPDATE SET digest_md5 = excluded.digest_md5, digest_sha256 = excluded.digest_sha256,
             scram_salt = excluded.scram_salt, scram_iterations = excluded.scram_iterations,
             scram_sha1_stored = excluded.scram_sha1_stored, scram_sha1_server = excluded.scram_sha1_server,
             scram_sha256_stored = excluded.scram_sha256_stored, scram_sha256_server = excluded.scram_sha256_server"
        } else {
            ""
        };
        let statement = format!(
            "{verb} INTO account (user, digest_md5, digest_sha256, scram_salt, scram_iterations, scram_sha1_stored,
             scram_sha1_server, scram_sha256_stored, scram_sha256_server)
             VALUES (:user, :md5, :sha256, :salt, :iterations, :stored1, :server1, :stored256, :server256) {upsert}"
        );
        let scram = &account.scram;
        let changed = self.write(|transaction| {
            transaction.execute(
                &statement,
                named_params! {
                    ":user": account.user.as_str(),
                    ":md5": account.digest.md5(),
                    ":sha256": account.digest.sha256(),
                    ":salt": scram.salt,
                    ":iterations": scram.iterations,
                    ":stored1": scram.sha1.stored_key,
                    ":server1": scram.sha1.server_key,
                    ":stored256": scram.sha256.stored_key,
                    ":server256": scram.sha256.server_key,
                },
            )
        })?;
        Ok(changed > 0)
    }

    /// `false` if there is no such user. Bindings go along.
    pub(crate) fn remove_account(&mut self, user: &UserName) -> Result<bool, StoreError> {
        self.write(|transaction| transaction.execute("DELETE FROM account WHERE user = ?1", [user.as_str()])).map(|count| count > 0)
    }

    pub(crate) fn accounts(&self) -> Result<Vec<UserName>, StoreError> {
        let names: Vec<String> = self.ask(|connection| {
            let mut statement = connection.prepare("SELECT user FROM account ORDER BY user")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })?;
        // What was parsed before it was written parses again.
        Ok(names.iter().filter_map(|name| UserName::parse(name).ok()).collect())
    }

    pub(super) fn verifier(&self, user: &UserName) -> Result<Option<Verifier>, StoreError> {
        let stored = self.ask(|connection| {
            let mut statement = connection.prepare_cached("SELECT digest_md5, digest_sha256 FROM account WHERE user = ?1")?;
            statement.query_row([user.as_str()], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 32]>(1)?))).optional()
        })?;
        Ok(stored.map(|(md5, sha256)| Verifier::stored(&self.domain, md5, sha256)))
    }
}
