use cooee_machine::{Entropy, Pii};
use cooee_rtc::CandidatePolicy;

#[cfg(doc)]
use crate::Call;
use crate::{AccountId, CallId, CallTimes, MediaPreferences, OfferRow, Peer, Request};

/// What a call is made of.
#[derive(Clone, Debug)]
pub struct CallSetup {
    /// Its name.
    pub id: CallId,
    /// The account it runs over.
    pub account: AccountId,
    /// Who is called, or calls.
    pub peer: Peer,
    /// What else is known of who calls.
    pub caller: Caller,
    /// What the account allows and prefers.
    pub media: MediaPreferences,
    /// Which of our addresses the other side may learn by our offer, within what `media` allows.
    pub shown: CandidatePolicy,
    /// What is offered, and what is taken: see [`crate::OfferTable`].
    pub row: OfferRow,
    /// The STUN servers in `media` are all there are; else [`Call::stun_known`] follows, and is not waited for long.
    pub is_stun_known: bool,
    /// We withhold who we are: the media proves itself with a key that nobody has seen.
    pub hides_us: bool,
    /// How long it waits.
    pub times: CallTimes,
    /// For session ids and SDES keys.
    pub entropy: Entropy,
}

/// What is known of a caller beside the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// It does not want to be known (RFC 3323).
    pub anonymous: bool,
    /// Who it is by word of our own server (RFC 3325).
    pub asserted: Option<Pii<String>>,
    /// Who sent it here, by its own word; of an outgoing call, who sent us there (RFC 3892).
    pub referred_by: Option<Pii<String>>,
    /// The call of ours whose place it is to take (RFC 3891).
    pub replaces: Option<CallId>,
    /// It does not ring aloud: nobody that the person knows.
    pub request: Option<Request>,
    /// It is our own, come back, to see whether it rings.
    pub is_test: bool,
}
