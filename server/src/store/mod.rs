//! Storage: what the server asks for as values, a map for tests and simulations, SQLite for life.

mod error;
mod memory;
mod sqlite;
mod thread;
mod users;

pub use error::{StoreError, StoreFailure};
pub use memory::MemoryStore;
pub(crate) use sqlite::Domain;
pub(crate) use thread::{Backend, StoreThread};
pub use users::{Users, UsersError};

use cooee_sip::digest::Verifier;
use cooee_sip::registrar::{Binding, BindingKey};

use crate::account::UserName;

/// Ties a [`StoreRequest`] to its [`StoreReply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreTicket(pub u64);

/// What the server asks of its storage. Each request has exactly one reply, and requests for one user are done in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreRequest {
    /// Comes back with the reply.
    pub ticket: StoreTicket,
    /// What to do.
    pub operation: StoreOperation,
}

/// What storage can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreOperation {
    /// The digest verifier of a user: [`StoreAnswer::Verifier`].
    Verifier(UserName),
    /// All bindings of a user: [`StoreAnswer::Bindings`].
    Bindings(UserName),
    /// Writes and deletes bindings, all of it or nothing: [`StoreAnswer::Done`].
    Rebind {
        /// Whose.
        user: UserName,
        /// To write, replacing those of the same key.
        put: Vec<Binding>,
        /// To delete.
        remove: Vec<BindingKey>,
    },
}

impl StoreOperation {
    /// Whether it changes anything.
    #[must_use]
    pub fn is_write(&self) -> bool {
        matches!(self, Self::Rebind { .. })
    }
}

/// What storage says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreReply {
    /// Of the request.
    pub ticket: StoreTicket,
    /// The answer, or why there is none.
    pub outcome: Result<StoreAnswer, StoreFailure>,
}

/// The answer to a [`StoreOperation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAnswer {
    /// `None`: there is no such user.
    Verifier(Option<Verifier>),
    /// `None`: there is no such user. Expired bindings may be among them.
    Bindings(Option<Vec<Binding>>),
    /// It is kept now.
    Done,
}
