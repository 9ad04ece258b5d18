use cooee_call as core;

/// What kind of place in the network an address is. A story needs no more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum NetworkPlace {
    /// IPv4, seen from everywhere.
    PublicV4,
    /// IPv4 of a home or an office.
    PrivateV4,
    /// IPv4 that a carrier shares among many.
    SharedV4,
    /// IPv6, seen from everywhere.
    PublicV6,
    /// IPv6 of a home or an office.
    PrivateV6,
    /// Of one link only, IPv4 or IPv6.
    LinkLocal,
    /// This very machine.
    Loopback,
    /// None.
    Unspecified,
}

/// How somebody knows of an address of theirs (RFC 8445 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CandidateKind {
    /// It is on the device.
    Host,
    /// A server has seen it.
    ServerReflexive,
    /// The other phone has seen it.
    PeerReflexive,
    /// It is of a relay.
    Relayed,
}

/// One direction of a call's sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Stream {
    /// What they say.
    Theirs,
    /// What we say.
    Ours,
}

/// Why a link is weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LinkWeakness {
    /// Packets are lost.
    Loss,
    /// They come unevenly.
    Jitter,
    /// Both.
    LossAndJitter,
    /// They take long.
    Delay,
}

impl From<core::AddressKind> for NetworkPlace {
    fn from(kind: core::AddressKind) -> Self {
        match kind {
            core::AddressKind::PublicV4 => Self::PublicV4,
            core::AddressKind::PrivateV4 => Self::PrivateV4,
            core::AddressKind::SharedV4 => Self::SharedV4,
            core::AddressKind::PublicV6 => Self::PublicV6,
            core::AddressKind::PrivateV6 => Self::PrivateV6,
            core::AddressKind::LinkLocal => Self::LinkLocal,
            core::AddressKind::Loopback => Self::Loopback,
            core::AddressKind::Unspecified => Self::Unspecified,
        }
    }
}

impl From<core::CandidateKind> for CandidateKind {
    fn from(kind: core::CandidateKind) -> Self {
        match kind {
            core::CandidateKind::Host => Self::Host,
            core::CandidateKind::ServerReflexive => Self::ServerReflexive,
            core::CandidateKind::PeerReflexive => Self::PeerReflexive,
            core::CandidateKind::Relayed => Self::Relayed,
        }
    }
}

impl From<core::Stream> for Stream {
    fn from(stream: core::Stream) -> Self {
        match stream {
            core::Stream::Theirs => Self::Theirs,
            core::Stream::Ours => Self::Ours,
        }
    }
}

impl From<core::LinkWeakness> for LinkWeakness {
    fn from(weakness: core::LinkWeakness) -> Self {
        match weakness {
            core::LinkWeakness::Loss => Self::Loss,
            core::LinkWeakness::Jitter => Self::Jitter,
            core::LinkWeakness::LossAndJitter => Self::LossAndJitter,
            core::LinkWeakness::Delay => Self::Delay,
        }
    }
}
