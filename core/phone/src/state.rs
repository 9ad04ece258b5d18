use std::time::Duration;

use cooee_machine::Transport;

use crate::AccountTrouble;

/// Where an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Looking the domain up, connecting, or registering.
    Connecting,
    /// Connected, and not to be registered: calls can be made.
    Connected,
    /// Connected and registered: calls can be made and taken.
    Registered {
        /// What the signalling runs over.
        transport: Transport,
        /// How many devices this address has now, this one included; 0 if the server does not say.
        devices: usize,
    },
    /// It does not work.
    Failed {
        /// Why.
        trouble: AccountTrouble,
        /// When it is tried again by itself; `None`: only when the account or the network changes.
        retry_in: Option<Duration>,
    },
}

impl AccountState {
    /// Calls can be made and taken.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        matches!(self, Self::Registered { .. })
    }

    /// For logs and scripts.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Registered { .. } => "registered",
            Self::Failed { .. } => "failed",
        }
    }
}
