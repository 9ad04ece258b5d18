use cooee_machine::Pii;

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
    /// Where a 3xx points to, in the peer's order of preference: `sip:`, `sips:` and `tel:` only, at most 8.
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
    /// Credentials were asked for by somebody who may be whoever is called, and were not given.
    PasswordWithheld,
    /// No answer within 64*T1 (408), or the peer stopped answering in the call.
    Timeout,
    /// The flow failed or there was none (503).
    Transport,
    /// Incoming: our answer was never acknowledged.
    NoAck,
    /// The call was not kept alive by session refreshes (RFC 4028).
    SessionExpired,
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
