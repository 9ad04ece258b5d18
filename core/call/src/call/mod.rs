//! The state machine of one call.

mod again;
mod agree;
mod announced;
mod attach;
mod data;
mod dialog;
mod early;
mod elsewhere;
mod ending;
mod gather;
mod hold;
mod network;
mod output;
mod permission;
mod placing;
mod question;
mod reoffer;
mod rtcp;
mod screened;
mod setup;
mod signal;
mod snapshot;
mod story;
mod taking;
#[cfg(test)]
mod tests;
mod transfer;
mod waiting;

pub use elsewhere::{Detour, Elsewhere};
pub use output::CallOutput;
pub use question::TransferRequest;
pub use screened::Screened;
pub use setup::{CallSetup, Caller};
pub use taking::IncomingOffer;
pub use transfer::TransferTarget;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now};
use cooee_rtc::{CandidatePolicy, LocalTransport};
use cooee_sdp::{Crypto, Description, Origin, SecurityPolicy};

use crate::{
    AccountId, CallAction, CallDirection, CallId, CallState, CallTimes, DialogId, EndReason, Fact, Held, Leg, LegCommand, LinkWatch,
    MediaPreferences, MediaRequest, NetworkTrouble, OfferRow, Peer, PlacedLeg, Story, Timeline,
};
use dialog::Dialogs;
use gather::Gathering;
use hold::Hold;
use network::MissingAddress;
use permission::Permission;
use question::Question;
use transfer::Handover;
use waiting::Phase;

use crate::placed_leg::PlacedLegs;
use crate::redirect::Redirect;

/// One call, blind to protocol. Its owner carries out its outputs and hands in what its leg, its media and its person do.
///
/// After every call of a method drain [`Call::poll_output`], then ask [`Call::next_wake`].
#[derive(Debug)]
pub struct Call {
    id: CallId,
    account: AccountId,
    direction: CallDirection,
    peer: Peer,
    caller: Caller,
    preferences: MediaPreferences,
    /// Which of our addresses an offer of ours tells.
    shown: CandidatePolicy,
    times: CallTimes,
    state: CallState,
    timeline: Timeline,
    story: Story,
    /// What the story says of who holds the call.
    noted: Held,
    /// The peer has said that sound of ours arrives.
    has_arrived: bool,
    link: LinkWatch,
    leg: Option<Leg>,
    is_server_ready: bool,
    /// What to call it if the server does not get ready.
    server_trouble: NetworkTrouble,
    is_stun_known: bool,
    /// We withhold who we are.
    hides_us: bool,
    is_placed: bool,
    is_answered: bool,
    has_rung: bool,
    permission: Permission,
    is_muted: bool,
    /// The microphone is not sent: muted, or on hold.
    is_silent: bool,
    gathering: Gathering,
    /// Candidates for a second component are there or asked for.
    has_rtcp: bool,
    is_logged: bool,
    hold: Hold,
    local: Option<LocalTransport>,
    origin: Origin,
    /// What is offered to whoever is called.
    crypto: Vec<Crypto>,
    entropy: Entropy,
    /// What this attempt offers.
    offered: SecurityPolicy,
    /// What is offered once more to a peer that cannot take that.
    offered_next: Option<SecurityPolicy>,
    /// What holds on the way there.
    row: OfferRow,
    /// Our first offer: of the INVITE, or of the answer to one without. Every place that the call goes to answers this one, whatever
    /// another has agreed on since.
    offer: Option<Description>,
    /// The caller's offer.
    theirs: Option<Description>,
    /// The caller made none, and wants ours before the answer.
    wants_early_offer: bool,
    redirect: Redirect,
    legs: PlacedLegs,
    elsewhere: Elsewhere,
    /// By then something over there is to show that it lives.
    sign_due: Option<Instant>,
    /// How the last leg ended, while another way is asked for.
    failure: Option<EndReason>,
    handover: Handover,
    question: Question,
    dialogs: Dialogs,
    winner: Option<DialogId>,
    waiting: Option<(Phase, Instant)>,
    missing: Option<MissingAddress>,
    /// The peer ended the media; by then its good-bye by signalling should have come.
    good_bye: Option<Instant>,
    is_changed: bool,
    outputs: VecDeque<CallOutput>,
}

impl Call {
    fn new(setup: CallSetup, direction: CallDirection, state: CallState, now: Now) -> Self {
        let CallSetup { id, account, peer, caller, media, shown, row, is_stun_known, hides_us, times, mut entropy } = setup;
        Self {
            id,
            account,
            direction,
            redirect: Redirect::new(peer.address.clone()),
            story: story::begun(direction, &peer),
            legs: PlacedLegs::default(),
            elsewhere: Elsewhere::Nowhere,
            sign_due: None,
            failure: None,
            peer,
            caller,
            crypto: Crypto::fresh(&mut entropy),
            offered: row.offers.0,
            offered_next: row.offers.1,
            row,
            preferences: media,
            shown,
            times,
            state,
            timeline: Timeline::new(now),
            noted: Held::default(),
            has_arrived: false,
            link: LinkWatch::default(),
            leg: None,
            is_server_ready: false,
            server_trouble: NetworkTrouble::Timeout,
            is_stun_known,
            hides_us,
            is_placed: false,
            is_answered: false,
            has_rung: false,
            permission: Permission::default(),
            is_muted: false,
            is_silent: false,
            gathering: Gathering::No,
            has_rtcp: false,
            is_logged: false,
            hold: Hold::default(),
            local: None,
            origin: Origin::anonymous(entropy.u64()),
            entropy,
            offer: None,
            theirs: None,
            wants_early_offer: false,
            handover: Handover::default(),
            question: Question::default(),
            dialogs: Dialogs::default(),
            winner: None,
            waiting: None,
            missing: None,
            good_bye: None,
            is_changed: true,
            outputs: VecDeque::new(),
        }
    }

    /// Sends a digit once sound flows, be it before the answer; before that, nothing happens.
    pub fn digit(&mut self, digit: char, _now: Now) {
        let is_digit = matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D');
        if is_digit && self.allowed().contains(&CallAction::Digit) {
            self.request(MediaRequest::Digit { call: self.id, digit, length: Duration::from_millis(160) });
        }
    }

    /// Sends silence, or the microphone again.
    pub fn mute(&mut self, muted: bool, now: Now) {
        if self.is_muted != muted && !self.is_over() {
            self.note(Fact::Muted { muted }, now);
            self.is_muted = muted;
            self.is_changed = true;
            self.silence();
        }
    }

    /// Lets the microphone through only where the person wants it: neither muted nor on hold.
    fn silence(&mut self) {
        let muted = self.is_muted || self.hold.held().by_us;
        if std::mem::replace(&mut self.is_silent, muted) != muted {
            self.request(MediaRequest::Mute { call: self.id, muted });
        }
    }

    /// The next thing to do or tell; drain until `None`.
    pub fn poll_output(&mut self) -> Option<CallOutput> {
        if std::mem::take(&mut self.is_changed) {
            return Some(CallOutput::Changed);
        }
        self.outputs.pop_front()
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> CallId {
        self.id
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// What is said of who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Its leg, once there is one.
    #[must_use]
    pub fn leg(&self) -> Option<Leg> {
        self.leg
    }

    /// The addresses that an outgoing call went to, one after the other; the last is being called.
    #[must_use]
    pub fn legs(&self) -> &[PlacedLeg] {
        self.legs.all()
    }

    /// Who called whom.
    #[must_use]
    pub fn direction(&self) -> CallDirection {
        self.direction
    }

    /// Somebody, here or there, has taken it.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.is_answered
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> &CallState {
        &self.state
    }

    /// The person has muted the microphone.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.is_muted
    }

    /// We have put it on hold.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.hold.held().by_us
    }

    /// Ended, though its log line may still be to come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, CallState::Ended(_))
    }

    /// Ended and logged: nothing more will come of it.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_logged && self.outputs.is_empty() && !self.is_changed
    }

    /// What its owner knows of it has changed: it is told again.
    pub fn tell_again(&mut self) {
        self.is_changed |= !self.is_over();
    }

    fn request(&mut self, request: MediaRequest) {
        self.outputs.push_back(CallOutput::Media(request));
    }

    fn command(&mut self, command: LegCommand) {
        // Of a call that is only announced nobody over there hears anything yet.
        if !self.is_announced() {
            self.outputs.push_back(CallOutput::Leg(command));
        }
    }

    fn enter(&mut self, state: CallState) {
        if self.state != state {
            self.state = state;
            self.is_changed = true;
        }
    }
}
