use std::time::Duration;

use cooee_machine::DnsSecurity;
use cooee_phone::probe::{self, Reach};

/// What is known of one address of a person, without asking anybody: a hint, never a promise.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct AddressReach {
    /// The one word for it.
    pub state: ReachState,
    /// By what it would be called, the best first; none if none is known.
    pub services: Vec<Service>,
    /// Whether the domain's word was validated; none if it said none.
    pub secure: Option<bool>,
    /// When the domain was asked, since the Unix epoch.
    pub checked: Option<Duration>,
}

/// The one word for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ReachState {
    /// This very user was there.
    Answered {
        /// When, since the Unix epoch.
        when: Duration,
    },
    /// The server of the domain says that there is nobody of this name.
    NoSuchUser,
    /// The domain takes calls.
    PublishesCalls,
    /// The domain says that it takes none.
    Refuses,
    /// The domain says nothing about calls.
    NotPublished,
    /// It is not known.
    Unknown,
}

/// A service by which strangers reach the people of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Service {
    /// SIP over TLS.
    Sips,
    /// XMPP between servers, TLS from the start.
    XmppsServer,
    /// XMPP between servers.
    XmppServer,
    /// SIP over TCP.
    SipTcp,
    /// SIP over UDP.
    SipUdp,
}

impl From<&Reach> for AddressReach {
    fn from(reach: &Reach) -> Self {
        Self {
            state: reach.state().into(),
            services: reach.services().iter().map(|service| Service::from(*service)).collect(),
            secure: reach.security().map(|security| security == DnsSecurity::Secure),
            checked: reach.domain.as_ref().map(|finding| finding.checked),
        }
    }
}

impl From<probe::ReachState> for ReachState {
    fn from(state: probe::ReachState) -> Self {
        match state {
            probe::ReachState::Answered(when) => Self::Answered { when },
            probe::ReachState::NoSuchUser => Self::NoSuchUser,
            probe::ReachState::PublishesCalls => Self::PublishesCalls,
            probe::ReachState::Refuses => Self::Refuses,
            probe::ReachState::NotPublished => Self::NotPublished,
            probe::ReachState::Unknown(_) => Self::Unknown,
        }
    }
}

impl From<probe::Service> for Service {
    fn from(service: probe::Service) -> Self {
        match service {
            probe::Service::Sips => Self::Sips,
            probe::Service::XmppsServer => Self::XmppsServer,
            probe::Service::XmppServer => Self::XmppServer,
            probe::Service::SipTcp => Self::SipTcp,
            probe::Service::SipUdp => Self::SipUdp,
        }
    }
}
