//! One account's user agent: it registers, keeps its flow alive, makes and takes calls (RFC 3261, 5626).

mod config;

mod event;

pub use config::{KeepAliveTimes, UserAgentConfig, UserAgentLimits};
pub use event::{
    EndKind, Ended, EndedBy, HangUp, InviteOptions, LegEvent, LegId, RefusalKind, RegistrationEvent, RegistrationFailure,
    UserAgentOutput,
};

pub use crate::dialog::DialogKey;

use std::collections::VecDeque;

use cooee_machine::{Entropy, Now, Wake};

use crate::flow::{Flow, FlowId};

/// One account's user agent. Everything it sends goes over the account's current flow, to the account's own server.
///
/// After every call, drain [`UserAgent::poll_output`], then ask [`UserAgent::next_wake`].
#[derive(Debug)]
pub struct UserAgent {
    config: UserAgentConfig,
    entropy: Entropy,
    flow: Option<Flow>,
    outputs: VecDeque<UserAgentOutput>,
    next_leg: u64,
}

impl UserAgent {
    /// A user agent without a flow, which wants nothing yet.
    #[must_use]
    pub fn new(config: UserAgentConfig, entropy: Entropy) -> Self {
        Self { config, entropy, flow: None, outputs: VecDeque::new(), next_leg: 0 }
    }

    /// There is a way to the server now. Registers if that is wanted; calls in progress move to it.
    pub fn flow_opened(&mut self, flow: Flow, _now: Now) {
        self.flow = Some(flow);
    }

    /// The current flow is gone: requests under way fail, dialogs wait for the next flow.
    pub fn flow_closed(&mut self, _now: Now) {
        self.flow = None;
    }

    /// Takes one whole message off a stream, or one datagram: a message, a STUN response or a bare CRLF.
    pub fn handle_message(&mut self, _flow: FlowId, _bytes: &[u8], _now: Now) {}

    /// A single CRLF came between two messages of the stream: the server's pong.
    pub fn handle_keep_alive(&mut self, _now: Now) {}

    /// A double CRLF came between two messages of the stream: the server's ping, answered by a pong.
    pub fn handle_ping(&mut self, _now: Now) {}

    /// Lets every timer fire that is due. Early calls do no harm.
    pub fn handle_timeout(&mut self, _now: Now) {}

    /// From now on, be registered: on this flow and on every later one.
    pub fn register(&mut self, _now: Now) {}

    /// From now on, be not registered; [`RegistrationEvent::Unregistered`] follows.
    pub fn unregister(&mut self, _now: Now) {}

    /// Calls `target` (`sip:ben@example.org`) with an offer. What becomes of it comes as [`LegEvent`]s, failures included.
    pub fn invite(&mut self, _target: &str, _sdp: Vec<u8>, _options: InviteOptions, _now: Now) -> LegId {
        self.next_leg += 1;
        LegId(self.next_leg)
    }

    /// Incoming leg: 180.
    pub fn ring(&mut self, _leg: LegId, _now: Now) {}

    /// Incoming leg: 200 with the answer (or with the offer, where the INVITE had none).
    pub fn answer(&mut self, _leg: LegId, _sdp: Vec<u8>, _now: Now) {}

    /// Incoming leg: a final response 3xx-6xx.
    pub fn reject(&mut self, _leg: LegId, _status: u16, _reason: &str, _now: Now) {}

    /// Ends the leg by whatever fits its state: CANCEL, BYE or a final response.
    pub fn hang_up(&mut self, _leg: LegId, _reason: HangUp, _now: Now) {}

    /// Sends a re-INVITE with a new offer.
    pub fn reoffer(&mut self, _leg: LegId, _sdp: Vec<u8>, _now: Now) {}

    /// Answers [`LegEvent::Reoffer`] by 200.
    pub fn accept_reoffer(&mut self, _leg: LegId, _sdp: Vec<u8>, _now: Now) {}

    /// Answers [`LegEvent::Reoffer`] by a final response, usually 488.
    pub fn reject_reoffer(&mut self, _leg: LegId, _status: u16, _now: Now) {}

    /// The next thing to do; drain until `None`.
    pub fn poll_output(&mut self) -> Option<UserAgentOutput> {
        self.outputs.pop_front()
    }

    /// When to call [`UserAgent::handle_timeout`] next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        None
    }

    /// Whether nothing is under way: no leg, no request without its answer.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.outputs.is_empty()
    }
}
