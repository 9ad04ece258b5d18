use std::time::Duration;

use cooee_machine::Pii;

use super::{Ended, TransferEvent};
use crate::dialog::DialogKey;

/// Names one call leg of one user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegId(pub u64);

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
        /// What names the call between us and our server.
        call_id: String,
        /// The leg of ours that this call is to take the place of (RFC 3891): answer this one, then hang up that one.
        replaces: Option<LegId>,
        /// Who the caller is by the word of our own server (RFC 3325); only heard over TLS, where nobody else can say it, and
        /// not where the caller asked for privacy.
        asserted: Option<Pii<String>>,
        /// Who sent the caller here, by the caller's own word (RFC 3892).
        referred_by: Option<Pii<String>>,
        /// The caller does not want to be known (RFC 3323).
        anonymous: bool,
        /// What the caller says it is about (RFC 3261 20.36).
        subject: Option<Pii<String>>,
        /// The caller made no offer, and wants to be sure of every provisional response: `ring` with ours, once there is one (RFC 3262 5).
        wants_early_offer: bool,
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
    /// Incoming: the answer to the offer that `ring` was given. It may be followed by [`LegEvent::EarlyReoffer`].
    EarlyAnswered {
        /// The answer.
        sdp: Vec<u8>,
    },
    /// Incoming: our 2xx was acknowledged.
    Confirmed {
        /// The answer, where our 2xx carried the offer.
        sdp: Option<Vec<u8>>,
    },
    /// The peer re-INVITEs, or offers by UPDATE (RFC 3311; promptly: after 5 s that is answered 504). Answer with `accept_reoffer` or `reject_reoffer`.
    Reoffer {
        /// The offer; `None` when the peer wants ours.
        sdp: Option<Vec<u8>>,
    },
    /// The peer acknowledged our answer to its re-INVITE; the answer to an UPDATE needs no acknowledgement.
    ReofferConfirmed {
        /// The answer, where our 2xx carried the offer.
        sdp: Option<Vec<u8>>,
    },
    /// Before the call is answered, the caller or one of the places it went to offers another description by UPDATE (RFC 3311) or PRACK
    /// (RFC 3262 5).
    /// Answer with `accept_reoffer` or `reject_reoffer`, naming the dialog; several may wait at a time.
    EarlyReoffer {
        /// Which.
        dialog: DialogKey,
        /// The offer.
        sdp: Vec<u8>,
    },
    /// Our offer to one of the places the call went to was accepted, be it that the call has been answered meanwhile.
    EarlyReanswered {
        /// Which.
        dialog: DialogKey,
        /// The answer.
        sdp: Option<Vec<u8>>,
    },
    /// Such an offer was refused, or cannot be made before the call is answered.
    EarlyReofferFailed {
        /// Which.
        dialog: DialogKey,
        /// The final status, or one that says why there was none.
        status: u16,
    },
    /// Our re-INVITE was accepted.
    Reanswered {
        /// The answer.
        sdp: Option<Vec<u8>>,
    },
    /// The peer answered a refresh of the session (RFC 4028), which repeats our description as it stands. Mostly its answer is
    /// what it said before.
    Refreshed {
        /// The answer.
        sdp: Option<Vec<u8>>,
    },
    /// Our re-INVITE was refused; the call goes on as before.
    ReofferFailed {
        /// The final status; 408 for none.
        status: u16,
    },
    /// News of a transfer that `refer` asked for.
    Transfer(TransferEvent),
    /// The peer asks us to call somebody else (REFER). Answer with `accept_transfer` or `reject_transfer`; then place that call
    /// and tell how it goes by `notify_transfer`.
    TransferAsked {
        /// Whom: a `sip:`, `sips:` or `tel:` URI without headers.
        target: Pii<String>,
        /// For [`InviteOptions::replaces`]: the call that is to be taken over.
        replaces: Option<String>,
        /// For [`InviteOptions::referred_by`]: who asks.
        referred_by: Option<String>,
    },
    /// The peer sent a key of the dial pad by INFO.
    Digit(char),
    /// The leg is over. After `hang_up` it comes once the far end knows, or 64*T1 later: do not make a person wait for it.
    Ended(Ended),
}

/// Particulars of an outgoing leg.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InviteOptions {
    /// RFC 7989: 32 lower-case hexadecimal digits shared by all legs of one call; drawn when `None`.
    pub session_id: Option<String>,
    /// RFC 3891: the value of a `Replaces` header, as [`LegEvent::TransferAsked`] gives it.
    pub replaces: Option<String>,
    /// RFC 3892: the value of a `Referred-By` header, as [`LegEvent::TransferAsked`] gives it.
    pub referred_by: Option<String>,
    /// Do not let the peer know who calls (RFC 3323, `Privacy: id`).
    pub anonymous: bool,
    /// One line that says what it is about (RFC 3261 20.36).
    pub subject: Option<Pii<String>>,
    /// A call to oneself is to ring after this time, in whole seconds ([`crate::feature::RING_LATER`]).
    pub ring_later: Option<Duration>,
}
