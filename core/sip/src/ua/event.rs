use std::time::Duration;

use cooee_machine::Pii;

use crate::dialog::DialogKey;
use crate::flow::FlowId;

/// Names one call leg of one user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegId(pub u64);

/// What a user agent asks of the world and tells its owner.
pub enum UserAgentOutput {
    /// Put these octets on the flow: one datagram, or a piece of the stream.
    Send {
        /// Which flow.
        flow: FlowId,
        /// One message or keep-alive.
        payload: Vec<u8>,
    },
    /// News of the registration.
    Registration(RegistrationEvent),
    /// News of a leg.
    Leg {
        /// Which.
        leg: LegId,
        /// What.
        event: LegEvent,
    },
    /// The flow is dead (keep-alive or REGISTER unanswered, or the NAT's address changed): close it and open another.
    FlowFailed(FlowId),
}

/// What became of an attempt to register.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistrationEvent {
    /// The binding is in place. Comes again with every refresh.
    Registered {
        /// How long the server keeps it.
        expires: Duration,
        /// How many devices the address of record has now, this one included; 0 when the server does not say.
        contacts: usize,
        /// RFC 3608: the way our requests take.
        service_route: Vec<String>,
        /// RFC 5626 is in force from end to end: the server proves the flow alive.
        outbound: bool,
    },
    /// The server said no.
    Refused {
        /// The final status.
        status: u16,
        /// The server's words, cut to a sane length.
        reason: String,
        /// What it means for the account.
        kind: RefusalKind,
        /// When we try again by ourselves; `None`: not before [`UserAgent::register`](super::UserAgent::register) is called again.
        retry_in: Option<Duration>,
    },
    /// No usable answer: time-out, a server error, no flow.
    Failed {
        /// Why.
        cause: RegistrationFailure,
        /// When we try again by ourselves; `None`: as soon as there is a new flow.
        retry_in: Option<Duration>,
    },
    /// The binding is gone, as asked, or was given up unanswered.
    Unregistered,
}

/// Why a server refuses to register us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// Fresh credentials were not accepted, or the server asks for a kind of proof we do not have.
    WrongPassword,
    /// 404, 410, 604: no such user here.
    UnknownUser,
    /// 403.
    Forbidden,
    /// Any other final answer of class 3xx, 4xx or 6xx.
    Other,
}

/// Why registering came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistrationFailure {
    /// No answer within 64*T1.
    Timeout,
    /// The flow closed under it.
    FlowClosed,
    /// The server is there but not able (5xx, 408, 480, …).
    ServerError(u16),
    /// A 200 that does not name our binding as living.
    NoBinding,
}

/// What happens to a leg. [`LegEvent::Ended`] comes exactly once, last.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LegEvent {
    /// Somebody calls. Answer with `ring`, `answer` or `reject`; 100 is on its way already.
    Incoming {
        /// The caller's URI, as the server let it pass.
        from: Pii<String>,
        /// The caller's display name, unquoted.
        display: Option<Pii<String>>,
        /// The URI that was called.
        to: Pii<String>,
        /// The offer; `None` when the caller wants ours (then `answer` carries it).
        sdp: Option<Vec<u8>>,
        /// RFC 7989: the id that all legs and protocols of one call share, 32 hexadecimal digits.
        session_id: Option<String>,
    },
    /// Outgoing: the next hop has the INVITE (100).
    Trying,
    /// Outgoing: a provisional response of one of the places the call went to.
    Progress {
        /// Which; its tag is empty when the response founds no dialog.
        dialog: DialogKey,
        /// 101-199.
        status: u16,
        /// An early answer.
        sdp: Option<Vec<u8>>,
    },
    /// Outgoing: the first 2xx; ACK is on its way. A 2xx of another fork is acknowledged, then hung up, by the user agent.
    Answered {
        /// Which of the dialogs won.
        dialog: DialogKey,
        /// The answer; `None` when only an earlier [`LegEvent::Progress`] of the same dialog had one.
        sdp: Option<Vec<u8>>,
    },
    /// Outgoing: another fork answered too; it was acknowledged and hung up.
    ForkDropped {
        /// Which.
        dialog: DialogKey,
    },
    /// Incoming: our 2xx was acknowledged.
    Confirmed {
        /// The answer, where our 2xx carried the offer.
        sdp: Option<Vec<u8>>,
    },
    /// The peer re-INVITEs. Answer with `accept_reoffer` or `reject_reoffer`.
    Reoffer {
        /// The offer; `None` when the peer wants ours.
        sdp: Option<Vec<u8>>,
    },
    /// The peer acknowledged our answer to its re-INVITE.
    ReofferConfirmed {
        /// The answer, where our 2xx carried the offer.
        sdp: Option<Vec<u8>>,
    },
    /// Our re-INVITE was accepted.
    Reanswered {
        /// The answer.
        sdp: Option<Vec<u8>>,
    },
    /// Our re-INVITE was refused; the call goes on as before.
    ReofferFailed {
        /// The final status; 408 for none.
        status: u16,
    },
    /// The leg is over. After `hang_up` it comes once the far end knows, or 64*T1 later: do not make a person wait for it.
    Ended(Ended),
}

/// How a leg ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whose act it was.
    pub by: EndedBy,
    /// What it amounts to.
    pub kind: EndKind,
    /// The final status of an INVITE that was not answered.
    pub status: Option<u16>,
    /// The peer's or server's words (reason phrase, or the text of a Reason header), cut to a sane length.
    pub reason: Option<String>,
    /// RFC 3326: protocol and cause of a Reason header on BYE, CANCEL or a response.
    pub cause: Option<(String, u16)>,
    /// Where a 3xx points to.
    pub contacts: Vec<Pii<String>>,
}

/// Whose act the end of a leg was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The other person's phone, or what stands for it.
    Peer,
    /// This one.
    Us,
    /// The account's server, or the way to it.
    Server,
}

/// What the end of a leg amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndKind {
    /// BYE after an answer.
    HungUp,
    /// The caller gave up before an answer.
    Cancelled,
    /// Incoming: another device of ours answered (Reason: SIP;cause=200).
    AnsweredElsewhere,
    /// A final response 4xx-6xx, ours or theirs: see `status`.
    Rejected,
    /// 3xx: see `contacts`.
    Redirected,
    /// Fresh credentials were not accepted.
    WrongPassword,
    /// No answer within 64*T1 (408), or the peer stopped answering in the call.
    Timeout,
    /// The flow failed or there was none (503).
    Transport,
    /// Incoming: our answer was never acknowledged.
    NoAck,
    /// The address to call is no SIP URI.
    BadTarget,
    /// More than we are willing to hold.
    Overload,
}

/// Why we hang up, for the Reason header (RFC 3326).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HangUp {
    /// A SIP status; also the final response where an incoming leg has not been answered (603 without).
    pub status: Option<u16>,
    /// Human words.
    pub text: Option<String>,
}

/// Particulars of an outgoing leg.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InviteOptions {
    /// RFC 7989: 32 lower-case hexadecimal digits shared by all legs of one call; drawn when `None`.
    pub session_id: Option<String>,
}
