use std::time::Duration;

use cooee_call::Fact;
use cooee_machine::{Action, PeerIdentity, Transport};
use cooee_sip::locate::Hop;
use cooee_sip::{Flow, FlowId, Frame};

use crate::AccountTrouble;

/// What a connection wants done or known.
#[derive(Debug)]
pub(super) enum ConnectionOutput {
    Action(Action),
    /// There is a way to the server, and who it has proven to be.
    Opened(Flow, Box<PeerIdentity>),
    /// The way is gone; another is looked for at once, or soon.
    Lost,
    /// No way was found.
    Failed {
        trouble: AccountTrouble,
        retry_in: Option<Duration>,
    },
    /// One thing off the stream, or one datagram as a message.
    Frame(FlowId, Frame),
    /// For the story.
    Noted(Fact),
}

impl ConnectionOutput {
    pub(super) fn looking_up(domain: &str) -> Self {
        Self::Noted(Fact::LookingUp { domain: domain.to_owned() })
    }

    pub(super) fn found(hops: usize) -> Self {
        Self::Noted(Fact::ServersFound { places: u32::try_from(hops).unwrap_or(u32::MAX) })
    }

    pub(super) fn connecting(hop: &Hop, name: &str) -> Self {
        let server = hop.tls_name.as_deref().unwrap_or(name).to_owned();
        Self::Noted(Fact::Connecting { server, transport: hop.transport, at: hop.address.ip().into() })
    }

    pub(super) fn not_connected(trouble: &AccountTrouble) -> Self {
        Self::Noted(Fact::NotConnected(trouble.end_reason()))
    }

    pub(super) fn connected(transport: Transport) -> Self {
        Self::Noted(Fact::Connected { transport })
    }
}
