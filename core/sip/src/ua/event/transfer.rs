/// Where to a peer is to be sent (RFC 3515, 5589).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferTo {
    /// Whom it shall call: `sip:ben@example.org`.
    pub target: String,
    /// For an attended transfer the call that it shall take over from us, as the other end of that call knows it (RFC 3891 4): what
    /// [`UserAgent::take_over`](super::UserAgent::take_over) of the user agent that has that call says.
    pub replaces: Option<String>,
}

/// What becomes of a transfer that we asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferEvent {
    /// The peer will try (2xx to the REFER).
    Accepted,
    /// How far its call has come: 100-199.
    Progress(u16),
    /// Its call was answered: this one may be hung up.
    Succeeded,
    /// It will not (then the final status of the REFER), or its call failed (then that of the call); 408 when nothing more was
    /// heard. This call goes on.
    Failed(u16),
}
