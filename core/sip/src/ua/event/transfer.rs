use super::LegId;

/// Where to a peer is to be sent (RFC 3515, 5589).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferTo {
    /// Whom it shall call: `sip:ben@example.org`.
    pub target: String,
    /// The leg whose peer it shall take over from us, for an attended transfer (RFC 3891); its remote target is then called
    /// where `target` is empty.
    pub replaces: Option<LegId>,
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
