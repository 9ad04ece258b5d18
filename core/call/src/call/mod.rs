//! The state machine of one call.

mod again;
mod agree;
mod attach;
mod dialog;
mod ending;
mod gather;
mod hold;
mod reoffer;
mod screened;
mod signal;
mod snapshot;
mod taking;
#[cfg(test)]
mod tests;
mod transfer;

pub use screened::Screened;
pub use transfer::TransferTarget;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Pii, Wake};
use cooee_rtc::LocalTransport;
use cooee_sdp::{Crypto, Description, Direction, Negotiated, Origin, SecurityPolicy};

use crate::{
    CallAction, CallDirection, CallId, CallState, CallTimes, DialogId, EndReason, Leg, LegCommand, LogEntry, MediaPreferences,
    MediaRequest, Milestone, NetworkTrouble, OfferRow, Peer, Timeline, TransferProgress,
};
use dialog::Dialogs;
use gather::Gathering;
use hold::Hold;
use transfer::Handover;

use crate::redirect::Redirect;

/// What a call is made of.
#[derive(Clone, Debug)]
pub struct CallSetup {
    /// Its name.
    pub id: CallId,
    /// Who is called, or calls.
    pub peer: Peer,
    /// What else is known of who calls.
    pub caller: Caller,
    /// What the account allows and prefers.
    pub media: MediaPreferences,
    /// What is offered, and what is taken: see [`crate::OfferTable`].
    pub row: OfferRow,
    /// The STUN servers in `media` are all there are; else [`Call::stun_known`] follows, and is not waited for long.
    pub is_stun_known: bool,
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
}

/// What a call wants done or known.
#[derive(Clone, Debug, PartialEq)]
pub enum CallOutput {
    /// It changed: take a [`Call::snapshot`].
    Changed,
    /// For the media side.
    Media(MediaRequest),
    /// For its leg.
    Leg(LegCommand),
    /// The peer pressed a digit.
    Digit(char),
    /// The called side pointed elsewhere, and that may be followed: [`Call::redirected`] places the call there, or
    /// [`Call::redirected_in_vain`] ends it.
    Redirected(Pii<String>),
    /// How far handing the call over has come.
    Transfer(TransferProgress),
    /// The peer asks us to call somebody else: [`Call::accept_transfer`] or [`Call::reject_transfer`].
    TransferAsked {
        /// Whom.
        target: Pii<String>,
        /// In the words of the protocol: the call that is to be taken over.
        replaces: Option<String>,
        /// In the words of the protocol: who asks.
        referred_by: Option<String>,
    },
    /// What the person asked for did not come about; the call goes on.
    Failed {
        /// What was asked.
        action: CallAction,
        /// The peer's status, if it was the peer.
        status: Option<u16>,
    },
    /// It is over, and this is its line in the log. The last output.
    Log(Box<LogEntry>),
}

/// What a call waits for, at most until a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Server,
    Answer,
    Media,
    Path,
    /// The peer ended the media; its good-bye by signalling should come now.
    GoodBye,
    Figures,
}

/// One call, blind to protocol. Its owner carries out its outputs and hands in what its leg, its media and its person do.
///
/// After every call of a method drain [`Call::poll_output`], then ask [`Call::next_wake`].
#[derive(Debug)]
pub struct Call {
    id: CallId,
    direction: CallDirection,
    peer: Peer,
    caller: Caller,
    preferences: MediaPreferences,
    times: CallTimes,
    state: CallState,
    timeline: Timeline,
    leg: Option<Leg>,
    is_server_ready: bool,
    /// What to call it if the server does not get ready.
    server_trouble: NetworkTrouble,
    is_stun_known: bool,
    is_placed: bool,
    is_answered: bool,
    has_rung: bool,
    is_muted: bool,
    /// The microphone is not sent: muted, or on hold.
    is_silent: bool,
    gathering: Gathering,
    is_logged: bool,
    hold: Hold,
    local: Option<LocalTransport>,
    origin: Origin,
    crypto: Vec<Crypto>,
    entropy: Entropy,
    /// What this attempt offers.
    offered: SecurityPolicy,
    /// What is offered once more to a peer that cannot take that.
    offered_next: Option<SecurityPolicy>,
    /// What is taken when the peer offers.
    accepted: SecurityPolicy,
    /// What we described last; an offer until it is answered.
    ours: Option<Description>,
    /// The caller's offer.
    theirs: Option<Description>,
    redirect: Redirect,
    handover: Handover,
    dialogs: Dialogs,
    winner: Option<DialogId>,
    /// What its media was told last.
    updated: Option<Negotiated>,
    waiting: Option<(Phase, Instant)>,
    is_changed: bool,
    outputs: VecDeque<CallOutput>,
}

impl Call {
    fn new(setup: CallSetup, direction: CallDirection, state: CallState, now: Now) -> Self {
        let CallSetup { id, peer, caller, media, row, is_stun_known, times, mut entropy } = setup;
        Self {
            id,
            direction,
            redirect: Redirect::new(peer.address.clone()),
            peer,
            caller,
            crypto: Crypto::fresh(&mut entropy),
            offered: row.offers.0,
            offered_next: row.offers.1,
            accepted: row.accepts,
            preferences: media,
            times,
            state,
            timeline: Timeline::new(now),
            leg: None,
            is_server_ready: false,
            server_trouble: NetworkTrouble::Timeout,
            is_stun_known,
            is_placed: false,
            is_answered: false,
            has_rung: false,
            is_muted: false,
            is_silent: false,
            gathering: Gathering::No,
            is_logged: false,
            hold: Hold::default(),
            local: None,
            origin: Origin::anonymous(entropy.u64()),
            entropy,
            ours: None,
            theirs: None,
            handover: Handover::default(),
            dialogs: Dialogs::default(),
            winner: None,
            updated: None,
            waiting: None,
            is_changed: true,
            outputs: VecDeque::new(),
        }
    }

    /// Begins an outgoing call: gathers as soon as may be, and is placed when the candidates are known and [`Call::server_ready`] was
    /// said.
    #[must_use]
    pub fn outgoing(setup: CallSetup, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Outgoing, CallState::Dialing, now);
        call.gather_when_known(now);
        call.wait(Phase::Server, call.times.server, now);
        call
    }

    /// The account's server can be reached: the call may be placed.
    pub fn server_ready(&mut self, now: Now) {
        self.is_server_ready = true;
        self.place(now);
    }

    /// The account's server cannot be reached any more: a call that is not placed yet waits for it again.
    pub fn server_lost(&mut self) {
        self.is_server_ready = false;
        self.server_trouble = NetworkTrouble::Timeout;
    }

    /// There is a way to the account's server, and nothing has come back on it yet: if it stays so, this is the call's end.
    pub fn server_silent(&mut self) {
        self.server_trouble = NetworkTrouble::Silent;
    }

    /// [`LegCommand::Place`] was carried out and became this leg.
    pub fn placed(&mut self, leg: Leg) {
        self.leg = Some(leg);
    }

    /// The account's server cannot be reached or refuses us, for this reason. Ends a call that is not placed yet; others have
    /// their leg to tell them.
    pub fn server_failed(&mut self, reason: EndReason, now: Now) {
        if self.direction == CallDirection::Outgoing && !self.is_placed {
            self.finish(reason, now);
        }
    }

    fn place(&mut self, now: Now) {
        if self.is_placed || self.is_over() || !self.is_server_ready || self.direction == CallDirection::Incoming {
            return;
        }
        let Some(offer) = self.make_offer(Direction::SendRecv) else { return };
        self.is_placed = true;
        self.timeline.reach(Milestone::Invited, now);
        self.outputs.push_back(CallOutput::Leg(LegCommand::Place { offer }));
        self.wait(Phase::Answer, self.times.answer_within_bounds(), now);
        self.is_changed = true;
    }

    /// Sends a digit once sound flows; before that, nothing happens.
    pub fn digit(&mut self, digit: char, _now: Now) {
        let is_digit = matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D');
        if is_digit && matches!(self.state, CallState::Active | CallState::Held(_)) {
            self.request(MediaRequest::Digit { call: self.id, digit, length: Duration::from_millis(160) });
        }
    }

    /// Sends silence, or the microphone again.
    pub fn mute(&mut self, muted: bool, _now: Now) {
        if self.is_muted != muted && !self.is_over() {
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

    /// Lets what was waited for be given up if its time has come. Early calls do no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        if self.gathering.due().is_some_and(|at| at <= now.instant) {
            self.gather();
        }
        if self.hold.take_due(now) {
            self.pursue_hold();
        }
        if let Some((phase, _)) = self.waiting.take_if(|(_, at)| *at <= now.instant) {
            self.give_up(phase, now);
        }
    }

    /// When to call [`Call::handle_timeout`] next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        let soon = |at: Option<Instant>, why| at.map(|at| Wake::at(at, why).with_slack(Duration::from_millis(20)));
        let gather = soon(self.gathering.due(), "call: STUN servers");
        let again = soon(self.hold.due().filter(|_| !self.is_over()), "call: offer again");
        Wake::earlier(Wake::earlier(gather, again), self.next_give_up())
    }

    fn next_give_up(&self) -> Option<Wake> {
        let (phase, at) = self.waiting?;
        let why = match phase {
            Phase::Server => "call: account's server",
            Phase::Answer => "call: answer",
            Phase::Media => "call: media",
            Phase::Path => "call: path lost",
            Phase::GoodBye => "call: good-bye",
            Phase::Figures => "call: last figures",
        };
        Some(Wake::at(at, why).with_slack(Duration::from_millis(250)))
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

    /// Its leg, once there is one.
    #[must_use]
    pub fn leg(&self) -> Option<Leg> {
        self.leg
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

    fn request(&mut self, request: MediaRequest) {
        self.outputs.push_back(CallOutput::Media(request));
    }

    fn command(&mut self, command: LegCommand) {
        self.outputs.push_back(CallOutput::Leg(command));
    }

    fn wait(&mut self, phase: Phase, time: Duration, now: Now) {
        self.waiting = Some((phase, now.instant + time));
    }

    fn enter(&mut self, state: CallState) {
        if self.state != state {
            self.state = state;
            self.is_changed = true;
        }
    }

    fn server_trouble(&self) -> EndReason {
        if self.is_server_ready {
            return EndReason::Media(crate::MediaTrouble::Timeout);
        }
        EndReason::Unreachable(self.server_trouble.clone())
    }
}
