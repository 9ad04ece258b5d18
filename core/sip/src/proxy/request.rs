use cooee_machine::Now;

use super::answer::{refusal, reply_flow};
use super::branch::Branch;
use super::check::check;
use super::context::{Context, ContextId, Goal};
use super::end::End;
use super::fork::{Reach, Target};
use super::gate::{Caller, Gate, GateRefusal, Location};
use super::machine::{Asked, Proxy, ProxyOutput};
use super::route::Way;
use crate::flow::Flow;
use crate::registrar::Lending;
use crate::transaction::{RequestMatch, TransactionId};
use crate::{Forward, Framing, HeaderName, Message, Method, Scheme, forward_request, respond, response_to};

/// The `Reason` of a CANCEL to those who were too late (RFC 3326).
pub(super) const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

/// What goes no further: the first only behind a strict router. The proof is ours alone, and nobody who calls may say who it is
/// in the words that are believed of servers (RFC 3325 5).
const KEPT: [HeaderName<'static>; 4] =
    [HeaderName::Route, HeaderName::ProxyAuthorization, HeaderName::PAssertedIdentity, HeaderName::PPreferredIdentity];

impl Proxy {
    /// Takes a request that is not for the server itself: for a user of the domain, inside a dialog, or for strangers. `gate`
    /// is asked about one that belongs to no dialog.
    pub fn handle_request(&mut self, flow: Flow, request: &Message<'_>, gate: impl FnOnce(&Message<'_>) -> Gate, now: Now) {
        match self.transactions.receive_request(reply_flow(request, &flow), request, now) {
            RequestMatch::Absorbed => {}
            RequestMatch::Ack => self.handle_ack(flow, request),
            RequestMatch::Full => {
                let busy = GateRefusal::new(503, "").with(HeaderName::RetryAfter, "10");
                self.refuse_without_state(flow, request, &busy);
            }
            RequestMatch::New { id, cancels } if request.method() == Method::Cancel => self.handle_cancel(id, cancels, request, now),
            RequestMatch::New { id, .. } => self.handle_new(id, flow, request, gate, now),
        }
        self.settle(now);
    }

    /// RFC 3261 16.10 and 9.2.
    fn handle_cancel(&mut self, id: TransactionId, cancels: Option<TransactionId>, cancel: &Message<'_>, now: Now) {
        let tag = self.seal.to_tag(cancel);
        let context = cancels.and_then(|invite| self.servers.get(&invite).copied());
        let status = if cancels.is_some() { 200 } else { 481 };
        self.transactions.respond(id, status, response_to(cancel, status, "", Some(&tag)).into_bytes(), now);
        let Some(context) = context else { return };
        let reason = cancel.header_text(HeaderName::Reason).map(str::to_owned);
        self.cancel_all(context, None, reason.as_deref(), now);
        let is_forwarded = self.contexts.get(&context).is_some_and(|context| !context.branches.is_empty());
        if !is_forwarded {
            self.answer(context, &GateRefusal::new(487, ""), now);
        }
    }

    fn handle_new(&mut self, id: TransactionId, flow: Flow, request: &Message<'_>, gate: impl FnOnce(&Message<'_>) -> Gate, now: Now) {
        if let Err(refusal) = check(request, &self.seal) {
            return self.refuse_at_once(id, flow, request, &refusal);
        }
        let way = Way::read(request, &self.config.names, &self.seal);
        if let Some((_, end)) = way.end {
            if request.to().tag().is_some() {
                return self.handle_in_dialog(id, flow, request, end, now);
            }
            // The route of a dialog is no door for another: who begins one proves who he is, whatever he was let into before.
            return self.refuse_at_once(id, flow, request, &GateRefusal::new(403, "A dialog does not begin with another's route"));
        }
        let is_local = request.request_uri().is_some_and(|uri| self.config.names.is_us(&uri));
        let verdict = if way.is_forged {
            Gate::Refuse(GateRefusal::new(403, "Unknown route"))
        } else if !way.rest.is_empty() || !is_local || way.target.is_some() {
            Gate::Refuse(GateRefusal::new(403, "No relaying: only users of this domain can be called"))
        } else {
            gate(request)
        };
        match verdict {
            Gate::Refuse(refusal) => self.refuse_at_once(id, flow, request, &refusal),
            Gate::Admit(caller) => {
                let context = self.open(id, flow, request, Goal::User);
                self.locate(context, &caller, now);
            }
            Gate::Ask => {
                let context = self.open(id, flow, request, Goal::User);
                match self.ask(Asked::Admission(context)) {
                    Some(ticket) => self.outputs.push_back(ProxyOutput::Admit { ticket, request: request.as_bytes().to_vec(), flow }),
                    None => self.answer(context, &GateRefusal::new(503, ""), now),
                }
            }
        }
    }

    fn handle_in_dialog(&mut self, id: TransactionId, flow: Flow, request: &Message<'_>, end: End, now: Now) {
        match end {
            End::Device { user, key } => {
                let context = self.open(id, flow, request, Goal::Device(key));
                self.trying(context, now);
                self.locate_callee(context, format!("sip:{user}@{}", self.config.names.domain), now);
            }
            End::Flow { epoch, flow: name } => {
                let context = self.open(id, flow, request, Goal::User);
                self.trying(context, now);
                let found = self.flows.named(name).filter(|_| epoch == self.config.epoch);
                match found {
                    Some(flow) => {
                        let target = Target { uri: None, path: Vec::new(), flow, end: End::Flow { epoch, flow: name } };
                        self.forward(context, &target, now);
                        self.conclude(context, now);
                    }
                    None => self.answer(context, &GateRefusal::new(480, "The other end has lost its connection"), now),
                }
            }
        }
    }

    /// A response context.
    fn open(&mut self, server: TransactionId, flow: Flow, request: &Message<'_>, goal: Goal) -> ContextId {
        let id = self.context_id();
        let is_invite = request.method() == Method::Invite;
        self.servers.insert(server, id);
        self.contexts.insert(id, Context::new(server, request.as_bytes().to_vec(), flow, is_invite, goal));
        id
    }

    /// Who may call hears at once that somebody cares (RFC 3261 16.2).
    fn trying(&mut self, id: ContextId, now: Now) {
        let Some(context) = self.contexts.get(&id).filter(|context| context.is_invite && !context.is_answered) else { return };
        if let (Some(server), Ok(request)) = (context.server, Message::parse(&context.request, Framing::Datagram)) {
            let trying = respond(&request, Some(context.flow.remote), 100, "", None).into_bytes();
            self.transactions.respond(server, 100, trying, now);
        }
    }

    /// Who may not is told so and forgotten at once: no proof, no memory. Without a 100 before, a caller over UDP repeats its
    /// request until it hears the answer.
    pub(super) fn turn_away(&mut self, id: ContextId, why: &GateRefusal) {
        let Some(context) = self.contexts.get_mut(&id).filter(|context| !context.is_answered) else { return };
        context.is_answered = true;
        let (server, flow, octets) = (context.server, context.flow, std::mem::take(&mut context.request));
        if let Ok(request) = Message::parse(&octets, Framing::Datagram) {
            self.refuse_without_state(flow, &request, why);
        }
        if let Some(server) = server {
            self.transactions.drop_transaction(server);
        }
    }

    /// Asks where the callee is, and which device the caller uses, where a dialog may come of it.
    pub(super) fn locate(&mut self, id: ContextId, caller: &Caller, now: Now) {
        self.trying(id, now);
        let Some(context) = self.contexts.get_mut(&id).filter(|context| !context.is_answered) else { return };
        let by_flow = End::Flow { epoch: self.config.epoch, flow: context.flow.id };
        let (method, aor) = match Message::parse(&context.request, Framing::Datagram) {
            Ok(message) => (begins_dialog(message.method()), message.request_uri().and_then(|uri| uri.address_of_record())),
            Err(_) => (false, None),
        };
        match caller.aor.clone().filter(|_| method) {
            Some(aor) => match self.ask(Asked::Caller(id)) {
                Some(ticket) => self.outputs.push_back(ProxyOutput::Locate { ticket, aor }),
                None => return self.answer(id, &GateRefusal::new(503, ""), now),
            },
            None => context.caller = Some(by_flow),
        }
        match aor {
            Some(aor) => self.locate_callee(id, aor, now),
            None => self.answer(id, &GateRefusal::new(404, ""), now),
        }
    }

    fn locate_callee(&mut self, id: ContextId, aor: String, now: Now) {
        match self.ask(Asked::Callee(id)) {
            Some(ticket) => self.outputs.push_back(ProxyOutput::Locate { ticket, aor }),
            None => self.answer(id, &GateRefusal::new(503, ""), now),
        }
    }

    /// The caller's own bindings came; without them, its flow names it.
    pub(super) fn caller_located(&mut self, id: ContextId, location: Option<&Location>, now: Now) {
        let Some(context) = self.contexts.get(&id) else { return };
        let flow = context.flow;
        let user = from_user(&context.request).unwrap_or_default();
        let reach = Reach { flows: &self.flows, epoch: self.config.epoch, user: &user, secure: false, now };
        let device = match location {
            Some(Location::Bindings(bindings)) => reach.source(bindings, &flow),
            _ => None,
        };
        let end = device.unwrap_or(End::Flow { epoch: self.config.epoch, flow: flow.id });
        if let Some(context) = self.contexts.get_mut(&id) {
            context.caller = Some(end);
        }
        self.go(id, now);
    }

    pub(super) fn callee_located(&mut self, id: ContextId, location: Result<Location, Lending>, now: Now) {
        let refused = |lending| match lending {
            Lending::Failed => GateRefusal::new(500, "Storage failed"),
            Lending::Busy => GateRefusal::new(503, "").with(HeaderName::RetryAfter, "10"),
        };
        match location {
            Err(lending) => self.answer(id, &refused(lending), now),
            Ok(location) => {
                if let Some(context) = self.contexts.get_mut(&id) {
                    context.location = Some(location);
                }
                self.go(id, now);
            }
        }
    }

    /// Forwards, once all is known.
    fn go(&mut self, id: ContextId, now: Now) {
        let Some(context) = self.contexts.get_mut(&id).filter(|context| !context.is_answered) else { return };
        let is_ready = context.caller.is_some() || context.goal != Goal::User;
        let Some(location) = context.location.take_if(|_| is_ready) else { return };
        match self.targets(id, location, now) {
            Err(refusal) => self.answer(id, &refusal, now),
            Ok(targets) => {
                for target in targets {
                    self.forward(id, &target, now);
                }
                self.conclude(id, now);
            }
        }
    }

    fn targets(&self, id: ContextId, location: Location, now: Now) -> Result<Vec<Target>, GateRefusal> {
        let Location::Bindings(bindings) = location else { return Err(GateRefusal::new(404, "No such user")) };
        let Some(context) = self.contexts.get(&id) else { return Ok(Vec::new()) };
        let Ok(request) = Message::parse(&context.request, Framing::Datagram) else { return Err(GateRefusal::new(400, "")) };
        let uri = request.request_uri();
        let secure = uri.is_some_and(|uri| uri.scheme() == Scheme::Sips);
        let user = uri.and_then(|uri| uri.decoded_user()).map(|user| String::from_utf8_lossy(&user).into_owned()).unwrap_or_default();
        let reach = Reach { flows: &self.flows, epoch: self.config.epoch, user: &user, secure, now };
        let targets = match context.goal {
            Goal::User => reach.all(&bindings, self.config.max_branches),
            Goal::Device(key) => reach.one(&bindings, key).into_iter().collect(),
        };
        if targets.is_empty() {
            return Err(GateRefusal::new(480, "No device is connected"));
        }
        Ok(targets)
    }

    /// RFC 3261 16.6: one copy of the request to one device.
    pub(super) fn forward(&mut self, id: ContextId, target: &Target, now: Now) {
        let token = self.branch_token();
        let Some(context) = self.contexts.get(&id) else { return };
        let Ok(request) = Message::parse(&context.request, Framing::Datagram) else { return };
        let way = Way::read(&request, &self.config.names, &self.seal);
        let record = self.record_routes(context, target, &request);
        let record: Vec<&str> = record.iter().map(String::as_str).collect();
        let mark = self.seal.loop_mark(&request);
        let via = self.via(&target.flow, &mark, &token);
        let strict: Vec<String> = way.rest.iter().map(|uri| format!("<{uri}>")).collect();
        let is_strict = way.target.is_some();
        let routes: Vec<&str> = target.path.iter().chain(strict.iter().filter(|_| is_strict)).map(String::as_str).collect();
        let remove = if is_strict { &KEPT[..] } else { KEPT.get(1..).unwrap_or_default() };
        let edit = Forward {
            via: &via,
            source: Some(context.flow.remote),
            request_uri: target.uri.as_deref().or(way.target.as_ref().map(|uri| uri.as_str())),
            pop_routes: if is_strict { 0 } else { way.own },
            routes: &routes,
            record_routes: &record,
            remove,
            append: &[],
        };
        let mut payload = Vec::new();
        let sent = match forward_request(&request, &edit, &mut payload) {
            Ok(()) => self.transactions.request(target.flow.id, payload, now).ok(),
            Err(_) => None,
        };
        self.branched(id, sent, now);
    }

    fn branched(&mut self, id: ContextId, client: Option<TransactionId>, now: Now) {
        let timer_c = now.instant + self.config.timer_c;
        let Some(context) = self.contexts.get_mut(&id) else { return };
        let Some(client) = client else { return context.best.consider_own(503) };
        let deadline = context.is_invite.then_some(timer_c);
        let place = context.branches.len();
        context.branches.push(Branch::new(client, deadline));
        self.clients.insert(client, (id, place));
        self.deadlines.extend(deadline.map(|at| (at, id, place)));
    }

    /// Only a request that may begin a dialog gets a `Record-Route`, and two where the two sides use different doors of ours
    /// (RFC 5658), the callee's on top.
    fn record_routes(&self, context: &Context, target: &Target, request: &Message<'_>) -> Vec<String> {
        let caller = match (&context.caller, &context.goal) {
            (Some(caller), Goal::User) if begins_dialog(request.method()) && request.to().tag().is_none() => caller,
            _ => return Vec::new(),
        };
        let token = self.seal.token(caller, &target.end, request);
        let secure = request.request_uri().is_some_and(|uri| uri.scheme() == Scheme::Sips);
        let mut values = vec![self.record_route(&target.flow, &token, secure)];
        let inner = self.record_route(&context.flow, &token, secure);
        if !values.contains(&inner) {
            values.push(inner);
        }
        values
    }

    fn record_route(&self, flow: &Flow, token: &str, secure: bool) -> String {
        let scheme = if secure { "sips" } else { "sip" };
        format!("<{scheme}:{token}@{};transport={};lr>", self.config.names.sent_by(flow), word(flow).to_ascii_lowercase())
    }

    pub(super) fn branch_token(&mut self) -> String {
        self.entropy.token(12)
    }

    pub(super) fn via(&self, flow: &Flow, mark: &str, token: &str) -> String {
        format!("SIP/2.0/{} {};branch={}{token}{mark}", word(flow), self.config.names.sent_by(flow), crate::MAGIC_COOKIE)
    }

    pub(super) fn refuse_without_state(&mut self, flow: Flow, request: &Message<'_>, why: &GateRefusal) {
        let payload = refusal(request, &flow, why, &self.seal.to_tag(request));
        self.outputs.push_back(ProxyOutput::Send { flow: reply_flow(request, &flow), payload });
    }

    /// Answers and keeps nothing: a copy of the request will be answered alike, an ACK will be dropped.
    fn refuse_at_once(&mut self, id: TransactionId, flow: Flow, request: &Message<'_>, why: &GateRefusal) {
        self.transactions.drop_transaction(id);
        self.refuse_without_state(flow, request, why);
    }
}

fn word(flow: &Flow) -> &'static str {
    match flow.transport {
        cooee_machine::Transport::Udp => "UDP",
        cooee_machine::Transport::Tcp => "TCP",
        cooee_machine::Transport::Tls => "TLS",
    }
}

fn begins_dialog(method: Method<'_>) -> bool {
    matches!(method, Method::Invite | Method::Subscribe | Method::Refer)
}

fn from_user(request: &[u8]) -> Option<String> {
    let message = Message::parse(request, Framing::Datagram).ok()?;
    let user = message.from().uri().decoded_user()?;
    Some(String::from_utf8_lossy(&user).into_owned())
}
