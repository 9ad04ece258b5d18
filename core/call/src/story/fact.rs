use std::time::Duration;

use cooee_machine::{Pii, Transport};
use cooee_rtc::{MediaSecurity, OneWayCause};
use cooee_sdp::CandidateKind;

use super::AddressKind;
use crate::{EndReason, Side};

/// One thing that happened on the way to a call or in it. The words for it are the owner's; what belongs into them is here.
#[derive(Clone, Debug, PartialEq)]
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
        at: AddressKind,
    },
    /// And that came to nothing.
    NotConnected(EndReason),
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
    ServerFailed(EndReason),
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
        address: Pii<String>,
    },
    /// This address calls, as the server let it pass.
    Called {
        /// E.g. `sip:ben@example.org`.
        address: Pii<String>,
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
    LegFailed(EndReason),
    /// They could not take what was offered, and got another offer.
    OfferedOtherwise,
    /// They sent the call on to this address.
    Redirected {
        /// Where to.
        address: Pii<String>,
    },
    /// The next address of the same person was called.
    NextTried {
        /// Which.
        address: Pii<String>,
    },
    /// Who calls is nobody that the person knows.
    Introduced {
        /// The domain that stands for them, where that is proven.
        domain: Option<String>,
        /// One line of theirs.
        line: Option<Pii<String>>,
    },
    /// The call of ours came back to this phone.
    Returned,
    /// It rang here.
    RangHere {
        /// Without a sound: somebody not known.
        silently: bool,
    },
    /// Somebody took the call.
    Answered(Side),
    /// Packets have a way, or another one.
    PathFound {
        /// What kind of address ours is.
        local: AddressKind,
        /// How we know of it.
        local_kind: CandidateKind,
        /// What kind of address theirs is.
        remote: AddressKind,
        /// How they know of it.
        remote_kind: CandidateKind,
        /// There and back, if measured.
        rtt: Option<Duration>,
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
    OneWay(OneWayCause),
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
        rtt: Duration,
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
    Held(Side),
    /// And taken back.
    Resumed(Side),
    /// The end.
    Ended(EndReason),
    /// What its sound took of the network, from when it was secured to its end, reports and all headers (SRTP, RTP, UDP, IP) included.
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
}

/// One direction of a call's sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// What they say.
    Theirs,
    /// What we say.
    Ours,
}

/// Why a link is weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// Something wrong with the sound of a call on this device. It is told when it begins, and again when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SoundTrouble {
    /// The microphone gives nothing but zeros for 3 s, or less than -60 dBFS for 10 s, while it should be heard.
    MicrophoneSilent,
    /// The microphone is at full scale for 1 % of a second: what the other side hears is distorted.
    Clipping,
    /// No packet of the peer has come, for 5 s from the start or for 10 s since the last.
    NothingArrives,
}

impl SoundTrouble {
    /// A name for programs, which never changes.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::MicrophoneSilent => "microphone-silent",
            Self::Clipping => "clipping",
            Self::NothingArrives => "nothing-arrives",
        }
    }

    /// A sentence for people, with what to do.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::MicrophoneSilent => "They can't hear you: the microphone is silent. Is it switched on, and the right one chosen?",
            Self::Clipping => "You are too loud for the microphone, and sound distorted. Turn it down or move away from it.",
            Self::NothingArrives => "Nothing arrives from the other side: their microphone, or a firewall between you?",
        }
    }
}
