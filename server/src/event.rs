use std::net::SocketAddr;

use cooee_machine::{CloseReason, Pii, StreamId, Transport};

use crate::store::StoreFailure;

/// What a server tells its operator. People and addresses are [`Pii`]: they show only where they are revealed on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerEvent {
    /// A UDP socket is open.
    Listening {
        /// Where.
        local: SocketAddr,
    },
    /// A UDP socket could not be opened.
    NotListening {
        /// The system's words.
        reason: String,
    },
    /// A connection came up.
    Connected {
        /// Its name.
        stream: StreamId,
        /// How.
        transport: Transport,
        /// From where.
        remote: Pii<SocketAddr>,
    },
    /// A connection is gone.
    Disconnected {
        /// Its name.
        stream: StreamId,
        /// Why.
        reason: CloseReason,
    },
    /// A connection was closed at once, or because it did not behave.
    TurnedAway {
        /// Its name.
        stream: StreamId,
        /// Why.
        why: TurnedAway,
    },
    /// A device registered, refreshed, or took its leave.
    Registered {
        /// Whose.
        user: Pii<String>,
        /// Devices the user has now.
        devices: usize,
    },
    /// A login was not accepted.
    LoginFailed {
        /// The name that was tried.
        user: Pii<String>,
        /// From where.
        remote: Pii<SocketAddr>,
    },
    /// A login was not looked at: too many have failed.
    LoginDelayed {
        /// The name that was tried.
        user: Pii<String>,
        /// From where.
        remote: Pii<SocketAddr>,
        /// Until when such logins are not looked at.
        wait: std::time::Duration,
    },
    /// Storage did not do what it was asked to.
    StorageFailed(StoreFailure),
}

/// Why a connection is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnedAway {
    /// There are too many.
    TooMany,
    /// There are too many, and it has not proven whose it is for longest.
    GaveWay,
    /// There are too many from this address.
    TooManyFromOne,
    /// Many messages, and none that proves whose it is.
    Unproven,
    /// No message in the time allowed.
    NoMessage,
    /// Nothing came for too long.
    Idle,
    /// What came cannot be cut into messages.
    NotSip,
}
