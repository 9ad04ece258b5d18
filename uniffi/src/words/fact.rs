use std::time::Duration;

use cooee_call as core;

use super::{CandidateKind, EndReason, LinkWeakness, NetworkPlace, Stream};
use crate::{MediaSecurity, OneWayCause, Side, SoundTrouble, Transport};

/// One thing that happened on the way to a call or in it.
#[derive(Clone, PartialEq, uniffi::Enum)]
#[non_exhaustive]
pub enum Fact {
    /// The resolver is asked where the account's server is.
    LookingUp {
        /// The account's domain, or what it was told to use.
        domain: String,
    },
    /// It answered.
    ServersFound {
        /// How many places there are to try.
        places: u32,
    },
    /// One of them is tried.
    Connecting {
        /// Its name; its address where it has none.
        server: String,
        /// How.
        transport: Transport,
        /// What kind of address it has.
        at: NetworkPlace,
    },
    /// And that came to nothing.
    NotConnected {
        /// Why.
        reason: EndReason,
    },
    /// There is a connection. With TLS the server has proven who it is.
    Connected {
        /// How.
        transport: Transport,
    },
    /// The server knows that this phone is here.
    LoggedIn {
        /// How many devices of this address are, as far as it says; else 0.
        devices: u32,
    },
    /// The server could not be used.
    ServerFailed {
        /// Why.
        reason: EndReason,
    },
    /// The connection is gone.
    ServerLost,
    /// The connection was there when the call began.
    ServerReady {
        /// The server's name; its address where it has none.
        server: String,
        /// How.
        transport: Transport,
        /// For how long it had been.
        since: Duration,
    },
    /// It was asked where a telephone number leads to.
    NumberLookedUp {
        /// So many addresses.
        found: u32,
    },
    /// The person called this address.
    Dialled {
        /// E.g. `sip:ben@example.org`.
        address: String,
    },
    /// This address calls, as the server let it pass.
    Called {
        /// E.g. `sip:ben@example.org`.
        address: String,
    },
    /// Addresses of ours where sound may be sent to.
    Gathered {
        /// This phone's own.
        own: u32,
        /// As servers see it.
        seen: u32,
        /// Of a relay.
        relayed: u32,
    },
    /// The call was sent to the server.
    Invited,
    /// The server has it, and looks for who is called.
    ServerTook,
    /// Something is done over there, and nothing rings yet.
    Progress {
        /// SIP status, 101-199.
        status: u16,
    },
    /// It rings there.
    RangThere,
    /// Something is heard before the answer: an announcement, or their ringing tone.
    EarlySound,
    /// This address came to nothing, and it went on.
    LegFailed {
        /// Why.
        reason: EndReason,
    },
    /// They could not take what was offered, and got another offer.
    OfferedOtherwise,
    /// They sent the call on to this address.
    Redirected {
        /// Where to.
        address: String,
    },
    /// The next address of the same person was called.
    NextTried {
        /// Which.
        address: String,
    },
    /// Who calls is nobody that the person knows.
    Introduced {
        /// The domain that stands for them, where that is proven.
        domain: Option<String>,
        /// One line of theirs.
        line: Option<String>,
    },
    /// The call of ours came back to this phone.
    Returned,
    /// It rang here.
    RangHere {
        /// Without a sound: somebody not known.
        silently: bool,
    },
    /// Somebody took the call.
    Answered {
        /// Who.
        by: Side,
    },
    /// Packets have a way, or another one.
    PathFound {
        /// What kind of address ours is.
        local: NetworkPlace,
        /// How we know of it.
        local_kind: CandidateKind,
        /// What kind of address theirs is.
        remote: NetworkPlace,
        /// How they know of it.
        remote_kind: CandidateKind,
        /// There and back, if measured.
        round_trip: Option<Duration>,
    },
    /// Nothing answers on it any more.
    PathLost,
    /// The device is no longer on the network that our packets go over.
    NetworkLost,
    /// The keys are agreed.
    Secured {
        /// How far the protection reaches.
        security: MediaSecurity,
        /// The SRTP profile, or `none`.
        cipher: String,
    },
    /// Their key is one that the two people have compared.
    KeyVerified,
    /// It is not, though they have compared one.
    KeyChanged,
    /// The first sound of theirs came.
    SoundCame,
    /// They said for the first time that ours arrives.
    SoundArrived,
    /// Sound flows one way at most.
    OneWay {
        /// Why.
        cause: OneWayCause,
    },
    /// Sound flows both ways, or does again.
    BothWays,
    /// The link is too weak for good sound.
    Weak {
        /// Which stream suffers.
        stream: Stream,
        /// What from.
        weakness: LinkWeakness,
        /// Lost packets in a thousand.
        loss: u32,
        /// How unevenly they come.
        jitter: Duration,
        /// There and back.
        round_trip: Duration,
    },
    /// It is good again.
    Strong {
        /// Which stream.
        stream: Stream,
    },
    /// Something is wrong with the sound here, or is right again.
    Sound {
        /// What.
        trouble: SoundTrouble,
        /// It began; otherwise it is over.
        begins: bool,
    },
    /// The person muted the microphone, or let it be heard again.
    Muted {
        /// It is not sent.
        muted: bool,
    },
    /// The call was put on hold.
    Held {
        /// By whom.
        by: Side,
    },
    /// And taken back.
    Resumed {
        /// By whom.
        by: Side,
    },
    /// The end.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// What its sound took of the network, with all headers.
    Traffic {
        /// Octets a second that were sent, on average.
        sent: u32,
        /// The same for what was received.
        received: u32,
    },
    /// So many facts were not kept here.
    Omitted {
        /// How many.
        facts: u32,
    },
    /// What only a later version has a word for.
    Other {
        /// Its stable name.
        name: String,
    },
}

impl From<&core::Fact> for Fact {
    fn from(fact: &core::Fact) -> Self {
        use core::Fact as Core;
        match fact.clone() {
            Core::LookingUp { domain } => Self::LookingUp { domain },
            Core::ServersFound { places } => Self::ServersFound { places },
            Core::Connecting { server, transport, at } => Self::Connecting { server, transport: transport.into(), at: at.into() },
            Core::NotConnected(reason) => Self::NotConnected { reason: (&reason).into() },
            Core::Connected { transport } => Self::Connected { transport: transport.into() },
            Core::LoggedIn { devices } => Self::LoggedIn { devices },
            Core::ServerFailed(reason) => Self::ServerFailed { reason: (&reason).into() },
            Core::ServerLost => Self::ServerLost,
            Core::ServerReady { server, transport, since } => Self::ServerReady { server, transport: transport.into(), since },
            Core::NumberLookedUp { found } => Self::NumberLookedUp { found },
            Core::Dialled { address } => Self::Dialled { address: address.0 },
            Core::Called { address } => Self::Called { address: address.0 },
            Core::Gathered { own, seen, relayed } => Self::Gathered { own, seen, relayed },
            Core::Invited => Self::Invited,
            Core::ServerTook => Self::ServerTook,
            Core::Progress { status } => Self::Progress { status },
            Core::RangThere => Self::RangThere,
            Core::EarlySound => Self::EarlySound,
            Core::LegFailed(reason) => Self::LegFailed { reason: (&reason).into() },
            Core::OfferedOtherwise => Self::OfferedOtherwise,
            Core::Redirected { address } => Self::Redirected { address: address.0 },
            Core::NextTried { address } => Self::NextTried { address: address.0 },
            other => Self::of_the_call(other),
        }
    }
}

impl Fact {
    /// What happens once a call has reached the other phone.
    fn of_the_call(fact: core::Fact) -> Self {
        use core::Fact as Core;
        match fact {
            Core::Introduced { domain, line } => Self::Introduced { domain, line: line.map(|line| line.0) },
            Core::Returned => Self::Returned,
            Core::RangHere { silently } => Self::RangHere { silently },
            Core::Answered(side) => Self::Answered { by: side.into() },
            Core::PathFound { local, local_kind, remote, remote_kind, rtt } => Self::PathFound {
                local: local.into(),
                local_kind: local_kind.into(),
                remote: remote.into(),
                remote_kind: remote_kind.into(),
                round_trip: rtt,
            },
            Core::PathLost => Self::PathLost,
            Core::NetworkLost => Self::NetworkLost,
            Core::Secured { security, cipher } => Self::Secured { security: security.into(), cipher },
            Core::KeyVerified => Self::KeyVerified,
            Core::KeyChanged => Self::KeyChanged,
            Core::SoundCame => Self::SoundCame,
            Core::SoundArrived => Self::SoundArrived,
            Core::OneWay(cause) => Self::OneWay { cause: cause.into() },
            Core::BothWays => Self::BothWays,
            Core::Weak { stream, weakness, loss, jitter, rtt } => {
                Self::Weak { stream: stream.into(), weakness: weakness.into(), loss, jitter, round_trip: rtt }
            }
            Core::Strong { stream } => Self::Strong { stream: stream.into() },
            Core::Sound { trouble, begins } => match SoundTrouble::of(trouble) {
                Some(trouble) => Self::Sound { trouble, begins },
                None => Self::Other { name: trouble.id().to_owned() },
            },
            Core::Muted { muted } => Self::Muted { muted },
            Core::Held(side) => Self::Held { by: side.into() },
            Core::Resumed(side) => Self::Resumed { by: side.into() },
            Core::Ended(reason) => Self::Ended { reason: (&reason).into() },
            Core::Traffic { sent, received } => Self::Traffic { sent, received },
            Core::Omitted { facts } => Self::Omitted { facts },
            other => Self::Other { name: other.id().to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_of_the_core_has_a_word_here_and_no_two_that_differ_there_are_the_same_here() {
        let facts = core::Fact::examples("its words");
        let words: Vec<Fact> = facts.iter().map(Fact::from).collect();
        for (place, (fact, word)) in facts.iter().zip(&words).enumerate() {
            assert!(!matches!(word, Fact::Other { .. }), "{fact:?} has no word: add it to Fact");
            assert!(words.iter().position(|other| other == word) == Some(place), "{fact:?} loses what tells it apart");
        }
    }
}
