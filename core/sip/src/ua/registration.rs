use std::time::Duration;

use cooee_machine::{Now, Wake};

use super::backoff::Backoff;
use super::binding::{Bound, granted};
use super::core::{Core, Purpose, words};
use super::credentials::{Asker, Attempt, Credentials, Scope, Verdict};
use super::{RefusalKind, RegistrationEvent, RegistrationFailure, UserAgentOutput};
use crate::build::RequestBuilder;
use crate::flow::{Flow, via_transport};
use crate::header::HeaderName;
use crate::message::{Message, StartLine};
use crate::method::Method;
use crate::transaction::TransactionId;

/// A server's wish for a longer life of bindings is granted up to a day (423).
const LONGEST: u32 = 86_400;

/// The account's registration: RFC 3261 10.2 with RFC 5626 4.2.
pub(super) struct Registration {
    wanted: bool,
    state: State,
    call_id: String,
    cseq: u32,
    expires: u32,
    credentials: Credentials,
    backoff: Backoff,
    /// The Contact that the server has of us, as far as we know.
    bound: Option<Bound>,
    /// The last registration only told where we are now.
    has_moved: bool,
}

enum State {
    /// Nothing to do: not wanted, no flow, or not before someone asks again.
    Idle,
    InFlight(InFlight),
    Registered {
        refresh: Wake,
    },
    Waiting {
        retry: Wake,
    },
    /// Wrong password and its like: trying again would only lock the account.
    Stopped,
}

struct InFlight {
    transaction: TransactionId,
    flow: Flow,
    attempt: Attempt,
    /// 0 removes the binding.
    expires: u32,
    /// How often the server found it too brief.
    too_brief: u8,
}

/// What a success means for the keep-alive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Success {
    pub(super) outbound: bool,
    pub(super) flow_timer: Option<u32>,
}

impl Registration {
    pub(super) fn new(core: &mut Core) -> Self {
        Self {
            wanted: false,
            state: State::Idle,
            call_id: core.entropy.token(24),
            cseq: 0,
            expires: u32::try_from(core.config.expires.as_secs()).unwrap_or(u32::MAX).max(1),
            credentials: Credentials::new(&core.config, Asker::OwnServer, core.entropy.fork()),
            backoff: Backoff::new(core.entropy.fork()),
            bound: None,
            has_moved: false,
        }
    }

    pub(super) fn is_in_flight(&self) -> bool {
        matches!(self.state, State::InFlight(_))
    }

    /// Be registered from now on.
    pub(super) fn register(&mut self, core: &mut Core, now: Now) {
        self.wanted = true;
        if !self.is_in_flight() {
            self.backoff.reset();
            self.start(core, now);
        }
    }

    /// The registration that has just succeeded may have told the server an address that is not where it has it from. Then
    /// another follows, but only one: there are NATs that change their mind with every packet.
    pub(super) fn moved(&mut self, is_elsewhere: bool, core: &mut Core, now: Now) {
        self.has_moved = is_elsewhere && !self.has_moved;
        if self.has_moved {
            self.register(core, now);
        }
    }

    /// Says once more that we are here, where the server has heard it on this flow.
    pub(super) fn say_again(&mut self, core: &mut Core, now: Now) {
        if self.wanted && matches!(self.state, State::Registered { .. }) {
            self.start(core, now);
        }
    }

    /// Be not registered from now on.
    pub(super) fn unregister(&mut self, core: &mut Core, now: Now) {
        self.wanted = false;
        // One REGISTER at a time (10.2): its end decides what follows.
        if self.is_in_flight() {
            return;
        }
        if self.bound.is_some() && core.flow.is_some() {
            self.send(core, Attempt::default(), 0, now);
        } else {
            self.give_up(core);
        }
    }

    fn give_up(&mut self, core: &mut Core) {
        self.state = State::Idle;
        self.bound = None;
        core.service_route.clear();
        tell(core, RegistrationEvent::Unregistered);
    }

    pub(super) fn flow_opened(&mut self, core: &mut Core, now: Now) {
        let may = match &self.state {
            State::Idle | State::InFlight(_) | State::Registered { .. } => true,
            // A server that said when to come again means it on every flow.
            State::Waiting { retry } => retry.is_due(now) || !self.backoff.is_asked_for(),
            State::Stopped => false,
        };
        if self.wanted && may {
            self.start(core, now);
        }
    }

    pub(super) fn flow_closed(&mut self, core: &mut Core) {
        match self.state {
            State::InFlight(_) => self.handle_failure(core, RegistrationFailure::FlowClosed, None),
            State::Registered { .. } => self.state = State::Idle,
            State::Idle | State::Waiting { .. } | State::Stopped => {}
        }
    }

    fn start(&mut self, core: &mut Core, now: Now) {
        self.send(core, Attempt::default(), self.expires, now);
    }

    fn send(&mut self, core: &mut Core, mut attempt: Attempt, expires: u32, now: Now) {
        let Some(flow) = core.flow else {
            self.state = State::Idle;
            return;
        };
        self.cseq += 1;
        let request = self.request(core, &flow, &mut attempt, expires);
        match core.request(request, Purpose::Register, now) {
            Some(transaction) => self.state = State::InFlight(InFlight { transaction, flow, attempt, expires, too_brief: 0 }),
            None => self.wait(core, RegistrationFailure::ServerError(503), None, now),
        }
    }

    fn request(&mut self, core: &mut Core, flow: &Flow, attempt: &mut Attempt, expires: u32) -> Vec<u8> {
        let (branch, tag) = (core.branch(), core.entropy.token(10));
        let uri = core.identity.registrar();
        let aor = core.identity.name_addr().to_owned();
        let mut request = RequestBuilder::new(Method::Register, &uri)
            .via(via_transport(flow.transport), &flow.sent_by(), &branch)
            .max_forwards(70)
            .from(&aor, &tag)
            .to(&aor, None)
            .call_id(&self.call_id)
            .cseq(self.cseq, Method::Register)
            .contact(&core.identity.registration_contact(flow));
        let removal = self.bound.as_ref().and_then(|bound| bound.removal(&core.identity, flow));
        request = request.header_if(HeaderName::Contact, removal);
        let request = request
            .header(HeaderName::Expires, expires.to_string())
            .header(HeaderName::Supported, "path, outbound")
            .header(HeaderName::Allow, super::identity::ALLOW);
        let request = core.identity.sign(request, HeaderName::UserAgent);
        self.credentials.authorize(request, attempt, Scope::OwnServer, Method::Register, &uri, b"").into_bytes()
    }

    /// Takes a response to the REGISTER in flight.
    pub(super) fn handle_response(
        &mut self,
        core: &mut Core,
        transaction: TransactionId,
        response: &Message<'_>,
        now: Now,
    ) -> Option<Success> {
        let status = response.status().filter(|status| *status >= 200)?;
        let State::InFlight(in_flight) = &mut self.state else { return None };
        if in_flight.transaction != transaction {
            return None;
        }
        match status {
            200..300 => return self.handle_success(core, response, now),
            401 | 407 => self.handle_challenge(core, status, response, now),
            423 => self.handle_too_brief(core, response, now),
            _ if !self.wanted => self.give_up(core),
            403 | 404 | 410 | 604 => self.handle_refusal(core, status, response, now),
            300..=400 | 402 | 405 | 406 | 413..=421 | 439 | 484 | 485 | 488 | 493 | 603 | 606 => {
                self.handle_refusal(core, status, response, now);
            }
            _ => self.wait(core, RegistrationFailure::ServerError(status), response.seconds(HeaderName::RetryAfter), now),
        }
        None
    }

    fn handle_success(&mut self, core: &mut Core, response: &Message<'_>, now: Now) -> Option<Success> {
        let State::InFlight(in_flight) = &self.state else { return None };
        let (flow, asked) = (in_flight.flow, in_flight.expires);
        self.backoff.reset();
        if asked == 0 {
            self.bound = None;
            self.give_up(core);
            if self.wanted {
                self.start(core, now);
            }
            return None;
        }
        let expires = granted(&core.identity, &flow, response, asked);
        if expires == 0 {
            self.bound = None;
            self.wait(core, RegistrationFailure::NoBinding, None, now);
            return None;
        }
        let bound = Bound::new(&core.identity, &flow, response);
        let outbound = bound.is_outbound();
        core.is_found_by_flow(outbound);
        self.bound = Some(bound);
        if !self.wanted {
            self.send(core, Attempt::default(), 0, now);
            return None;
        }
        self.state = State::Registered { refresh: self.backoff.refresh(expires, now) };
        core.service_route = response.name_addrs(HeaderName::ServiceRoute).take(8).map(|route| text(route.as_bytes())).collect();
        tell(
            core,
            RegistrationEvent::Registered {
                expires: Duration::from_secs(u64::from(expires)),
                contacts: response.contacts().count(),
                service_route: core.service_route.clone(),
                outbound,
                features: crate::feature::features(response),
                date: response.header(HeaderName::Date).and_then(crate::parse_date),
            },
        );
        core.credentials.registered(&self.credentials);
        Some(Success { outbound, flow_timer: response.seconds(HeaderName::FlowTimer) })
    }

    fn handle_challenge(&mut self, core: &mut Core, status: u16, response: &Message<'_>, now: Now) {
        let State::InFlight(in_flight) = &mut self.state else { return };
        let verdict = self.credentials.challenged(response, &mut in_flight.attempt);
        core.credentials.learn(&self.credentials);
        match verdict {
            Verdict::Retry if self.wanted || self.bound.is_some() => {
                let attempt = std::mem::take(&mut in_flight.attempt);
                let expires = if self.wanted { self.expires } else { 0 };
                self.send(core, attempt, expires, now);
            }
            _ if !self.wanted => self.give_up(core),
            _ => self.stop(core, status, response, RefusalKind::WrongPassword),
        }
    }

    fn handle_too_brief(&mut self, core: &mut Core, response: &Message<'_>, now: Now) {
        let State::InFlight(in_flight) = &mut self.state else { return };
        let wish = response.seconds(HeaderName::MinExpires).unwrap_or_default();
        if !self.wanted {
            return self.give_up(core);
        }
        if wish <= in_flight.expires || wish > LONGEST || in_flight.too_brief > 0 {
            return self.handle_refusal(core, 423, response, now);
        }
        self.expires = wish;
        let attempt = std::mem::take(&mut in_flight.attempt);
        self.send(core, attempt, wish, now);
        if let State::InFlight(in_flight) = &mut self.state {
            in_flight.too_brief = 1;
        }
    }

    /// A no that is about the account. One that was good before may be again: then we ask again, ever more seldom.
    fn handle_refusal(&mut self, core: &mut Core, status: u16, response: &Message<'_>, now: Now) {
        let kind = match status {
            404 | 410 | 604 => RefusalKind::UnknownUser,
            403 => RefusalKind::Forbidden,
            _ => RefusalKind::Other,
        };
        if self.bound.is_none() {
            return self.stop(core, status, response, kind);
        }
        let retry_in = self.retry(response.seconds(HeaderName::RetryAfter), now);
        tell(core, RegistrationEvent::Refused { status, reason: phrase(response), kind, retry_in: Some(retry_in) });
    }

    fn stop(&mut self, core: &mut Core, status: u16, response: &Message<'_>, kind: RefusalKind) {
        self.state = State::Stopped;
        tell(core, RegistrationEvent::Refused { status, reason: phrase(response), kind, retry_in: None });
    }

    fn wait(&mut self, core: &mut Core, cause: RegistrationFailure, retry_after: Option<u32>, now: Now) {
        let retry_in = self.retry(retry_after, now);
        tell(core, RegistrationEvent::Failed { cause, retry_in: Some(retry_in) });
    }

    fn retry(&mut self, retry_after: Option<u32>, now: Now) -> Duration {
        let wait = self.backoff.next(retry_after);
        self.state = State::Waiting { retry: Wake::at(now.instant + wait, "registration retry").with_slack(wait / 20) };
        wait
    }

    /// No answer within 64*T1: with the flow as dead as that, another is needed (RFC 5626 4.2.1).
    pub(super) fn handle_timeout_of(&mut self, core: &mut Core, transaction: TransactionId) {
        let State::InFlight(in_flight) = &self.state else { return };
        if in_flight.transaction == transaction {
            let flow = in_flight.flow.id;
            self.handle_failure(core, RegistrationFailure::Timeout, Some(flow));
        }
    }

    fn handle_failure(&mut self, core: &mut Core, cause: RegistrationFailure, dead: Option<crate::flow::FlowId>) {
        self.state = State::Idle;
        if !self.wanted {
            return self.give_up(core);
        }
        tell(core, RegistrationEvent::Failed { cause, retry_in: None });
        if let Some(flow) = dead {
            core.outputs.push_back(UserAgentOutput::FlowFailed(flow));
        }
    }

    pub(super) fn handle_timeout(&mut self, core: &mut Core, now: Now) {
        let due = match &self.state {
            State::Registered { refresh } => refresh.is_due(now),
            State::Waiting { retry } => retry.is_due(now),
            State::Idle | State::InFlight(_) | State::Stopped => false,
        };
        if due {
            self.start(core, now);
        }
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        match &self.state {
            State::Registered { refresh } => Some(*refresh),
            State::Waiting { retry } => Some(*retry),
            State::Idle | State::InFlight(_) | State::Stopped => None,
        }
    }
}

fn tell(core: &mut Core, event: RegistrationEvent) {
    core.outputs.push_back(UserAgentOutput::Registration(event));
}

fn phrase(response: &Message<'_>) -> String {
    match response.start_line() {
        StartLine::Response { reason, .. } => words(reason).unwrap_or_default(),
        StartLine::Request { .. } => String::new(),
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
