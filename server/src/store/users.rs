use std::path::Path;

use cooee_database::DatabaseError;
use cooee_machine::Secret;

use super::{Domain, StoreError};
use crate::account::{Account, AccountError, UserName};

/// What an operator does to the accounts of a domain, beside a running server or without one.
pub struct Users {
    database: Domain,
    domain: String,
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsersError {
    /// There is one of this name.
    #[error("there is a user “{0}” already. Remove it first, or change its password")]
    Exists(UserName),
    /// There is none of this name.
    #[error("there is no user “{0}”")]
    Unknown(UserName),
    /// Of the password.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Of the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for a salt.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(#[from] std::io::Error),
}

impl Users {
    /// Opens the accounts of `domain` in a data directory, making it where it is missing.
    ///
    /// # Errors
    /// [`UsersError::Store`], [`UsersError::Randomness`].
    pub fn open(directory: &Path, domain: &str) -> Result<Self, UsersError> {
        let domain = domain.trim_end_matches('.').to_ascii_lowercase();
        let mut secret = [0; 32];
        cooee_net::seed()?.fill(&mut secret);
        Ok(Self { database: Domain::open(directory, &domain, secret)?, domain })
    }

    /// Adds a user. It may log in at once.
    ///
    /// # Errors
    /// [`UsersError::Exists`], and what [`UsersError`] says of password and database.
    pub fn add(&mut self, user: &UserName, password: &Secret) -> Result<(), UsersError> {
        let account = Account::new(user.clone(), &self.domain, password, &mut cooee_net::seed()?)?;
        if self.database.add_account(&account)? { Ok(()) } else { Err(UsersError::Exists(user.clone())) }
    }

    /// Changes a password. Devices that are registered stay so until they have to prove themselves again.
    ///
    /// # Errors
    /// [`UsersError::Unknown`], and what [`UsersError`] says of password and database.
    pub fn set_password(&mut self, user: &UserName, password: &Secret) -> Result<(), UsersError> {
        let account = Account::new(user.clone(), &self.domain, password, &mut cooee_net::seed()?)?;
        if self.database.change_account(&account)? { Ok(()) } else { Err(UsersError::Unknown(user.clone())) }
    }

    /// Removes a user, who cannot be called from then on.
    ///
    /// # Errors
    /// [`UsersError::Unknown`], [`UsersError::Store`].
    pub fn remove(&mut self, user: &UserName) -> Result<(), UsersError> {
        if self.database.remove_account(user)? { Ok(()) } else { Err(UsersError::Unknown(user.clone())) }
    }

    /// All users in order.
    ///
    /// # Errors
    /// [`UsersError::Store`].
    pub fn list(&mut self) -> Result<Vec<UserName>, UsersError> {
        Ok(self.database.accounts()?)
    }
}

impl From<DatabaseError> for UsersError {
    fn from(error: DatabaseError) -> Self {
        Self::Store(error.into())
    }
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Users(of {})", self.domain)
    }
}
