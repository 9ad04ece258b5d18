use cooee_database::DatabaseError;
use cooee_database::rusqlite::{OptionalExtension, named_params};
use cooee_sip::digest::Verifier;

use super::Domain;
use crate::account::{Account, UserName};

impl Domain {
    /// `false` if there is such a user already.
    pub(crate) fn add_account(&mut self, account: &Account) -> Result<bool, DatabaseError> {
        self.put(
            account,
            "INSERT OR IGNORE INTO account (user, digest_md5, digest_sha256, scram_salt, scram_iterations, scram_sha1_stored,
             scram_sha1_server, scram_sha256_stored, scram_sha256_server)
             VALUES (:user, :md5, :sha256, :salt, :iterations, :stored1, :server1, :stored256, :server256)",
        )
    }

    /// Changes the password; `false` if there is no such user.
    pub(crate) fn change_account(&mut self, account: &Account) -> Result<bool, DatabaseError> {
        self.put(
            account,
            "UPDATE account SET digest_md5 = :md5, digest_sha256 = :sha256, scram_salt = :salt, scram_iterations = :iterations,
             scram_sha1_stored = :stored1, scram_sha1_server = :server1, scram_sha256_stored = :stored256,
             scram_sha256_server = :server256 WHERE user = :user",
        )
    }

    fn put(&mut self, account: &Account, statement: &str) -> Result<bool, DatabaseError> {
        let scram = &account.scram;
        let parameters = named_params! {
            ":user": account.user.as_str(),
            ":md5": account.digest.md5(),
            ":sha256": account.digest.sha256(),
            ":salt": scram.salt,
            ":iterations": scram.iterations,
            ":stored1": scram.sha1.stored_key,
            ":server1": scram.sha1.server_key,
            ":stored256": scram.sha256.stored_key,
            ":server256": scram.sha256.server_key,
        };
        Ok(self.database.write(|transaction| transaction.execute(statement, parameters))? > 0)
    }

    /// `false` if there is no such user. Bindings go along.
    pub(crate) fn remove_account(&mut self, user: &UserName) -> Result<bool, DatabaseError> {
        self.database
            .write(|transaction| transaction.execute("DELETE FROM account WHERE user = ?1", [user.as_str()]))
            .map(|count| count > 0)
    }

    pub(crate) fn accounts(&mut self) -> Result<Vec<UserName>, DatabaseError> {
        let names: Vec<String> = self.database.with(|connection| {
            let mut statement = connection.prepare("SELECT user FROM account ORDER BY user")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })?;
        // What was parsed before it was written parses again.
        Ok(names.iter().filter_map(|name| UserName::parse(name).ok()).collect())
    }

    pub(super) fn verifier(&mut self, user: &UserName) -> Result<Option<Verifier>, DatabaseError> {
        let stored = self.database.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT digest_md5, digest_sha256 FROM account WHERE user = ?1")?;
            statement.query_row([user.as_str()], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 32]>(1)?))).optional()
        })?;
        Ok(stored.map(|(md5, sha256)| Verifier::stored(&self.name, md5, sha256)))
    }
}
