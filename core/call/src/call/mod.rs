//! The state machine of one call.

mod agree;
mod attach;
mod dialog;
mod ending;
mod reoffer;
mod signal;
mod taking;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Wake};
use cooee_rtc::LocalTransport;
use cooee_sdp::{Crypto, Description, Origin};

use crate::{
    CallDirection, CallId, CallSnapshot, CallState, CallTimes, DialogId, EndReason, Held, Leg, LegCommand, LogEntry, MediaPreferences,
    MediaRequest, Milestone, NetworkTrouble, Peer, Side, Timeline,
};
use dialog::Dialogs;

/// What a call is made of.
#[derive(Clone, Debug)]
pub struct CallSetup {
    /// Its name.
    pub id: CallId,
    /// Who is called, or calls.
    pub peer: Peer,
    /// What the account allows and prefers.
    pub media: MediaPreferences,
    /// How long it waits.
    pub times: CallTimes,
    /// For session ids and SDES keys.
    pub entropy: Entropy,
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
    preferences: MediaPreferences,
    times: CallTimes,
    state: CallState,
    timeline: Timeline,
    leg: Option<Leg>,
    is_server_ready: bool,
    is_placed: bool,
    is_answered: bool,
    has_rung: bool,
    is_muted: bool,
    is_gathering: bool,
    is_logged: bool,
    held_by: Option<Side>,
    local: Option<LocalTransport>,
    origin: Origin,
    crypto: Vec<Crypto>,
    /// What we described last; an offer until it is answered.
    ours: Option<Description>,
    /// The caller's offer.
    theirs: Option<Description>,
    dialogs: Dialogs,
    winner: Option<DialogId>,
    waiting: Option<(Phase, Instant)>,
    is_changed: bool,
    outputs: VecDeque<CallOutput>,
}

impl Call {
    fn new(setup: CallSetup, direction: CallDirection, state: CallState, now: Now) -> Self {
        let CallSetup { id, peer, media, times, mut entropy } = setup;
        Self {
            id,
            direction,
            peer,
            crypto: agree::sdes_keys(&media, &mut entropy),
            preferences: media,
            times,
            state,
            timeline: Timeline::new(now),
            leg: None,
            is_server_ready: false,
            is_placed: false,
            is_answered: false,
            has_rung: false,
            is_muted: false,
            is_gathering: false,
            is_logged: false,
            held_by: None,
            local: None,
            origin: Origin::anonymous(entropy.u64()),
            ours: None,
            theirs: None,
            dialogs: Dialogs::default(),
            winner: None,
            waiting: None,
            is_changed: true,
            outputs: VecDeque::new(),
        }
    }

    /// Begins an outgoing call: gathers at once, and is placed when the candidates are known and [`Call::server_ready`] was
    /// said.
    #[must_use]
    pub fn outgoing(setup: CallSetup, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Outgoing, CallState::Dialing, now);
        call.gather();
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

    fn gather(&mut self) {
        self.is_gathering = true;
        let (policy, stun_servers) = (self.preferences.candidates, self.preferences.stun_servers.clone());
        self.request(MediaRequest::Gather { call: self.id, policy, stun_servers });
    }

    fn place(&mut self, now: Now) {
        if self.is_placed || self.is_over() || !self.is_server_ready || self.direction == CallDirection::Incoming {
            return;
        }
        let Some(offer) = self.make_offer() else { return };
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
            self.request(MediaRequest::Mute { call: self.id, muted });
        }
    }

    /// Lets what was waited for be given up if its time has come. Early calls do no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        let Some((phase, at)) = self.waiting else { return };
        if at <= now.instant {
            self.waiting = None;
            self.give_up(phase, now);
        }
    }

    /// When to call [`Call::handle_timeout`] next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
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

    /// The call as it is.
    #[must_use]
    pub fn snapshot(&self) -> CallSnapshot {
        let dialog = self.winner.or_else(|| self.dialogs.latest()).and_then(|id| self.dialogs.find(id));
        CallSnapshot {
            id: self.id,
            direction: self.direction,
            peer: self.peer.clone(),
            state: self.state.clone(),
            allowed: Vec::new(),
            anonymous: false,
            asserted: None,
            redirected: Vec::new(),
            referred_by: None,
            replaces: None,
            held: Held::default(),
            transfer: None,
            security: dialog.and_then(|dialog| dialog.security).map(|(security, _)| security),
            cipher: dialog.and_then(|dialog| dialog.security).map(|(_, cipher)| cipher),
            codec: dialog.map(|dialog| dialog.negotiated.codec.clone()),
            path: dialog.and_then(|dialog| dialog.path),
            warning: dialog.and_then(|dialog| dialog.one_way),
            muted: self.is_muted,
            statistics: dialog.and_then(|dialog| dialog.statistics),
            timeline: self.timeline.clone(),
        }
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
        EndReason::Unreachable(NetworkTrouble::Timeout)
    }
}
