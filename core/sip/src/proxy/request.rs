use cooee_machine::Now;

use super::OtherDomain;
use super::answer::{refusal, reply_flow};
use super::check::check;
use super::context::{Called, Context, ContextId, Goal};
use super::end::End;
use super::fork::{Reach, Target};
use super::gate::{Caller, Gate, GateRefusal, Location};
use super::machine::{Asked, Proxy, ProxyOutput};
use super::route::{RouteInformation, Token};
use crate::flow::{Flow, FlowId};
use crate::registrar::{Binding, BindingKey, Lending};
use crate::transaction::{RequestMatch, TransactionId};
use crate::{Framing, HeaderName, Message, Method, Scheme, Uri, respond, response_to};

/// The `Reason` of a CANCEL to those who were too late (RFC 3326).
pub(super) const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

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
            RequestMatch::New { id, cancels } if request.method() == Method::Cancel => self.handle_cancel(id, flow, cancels, request, now),
            RequestMatch::New { id, .. } => self.handle_new(id, flow, request, gate, now),
        }
        self.settle(now);
    }

    /// RFC 3261 16.10 and 9.2.
    fn handle_cancel(&mut self, id: TransactionId, flow: Flow, cancels: Option<TransactionId>, cancel: &Message<'_>, now: Now) {
        let Some(invite) = cancels else { return self.refuse_at_once(id, flow, cancel, &GateRefusal::new(481, "")) };
        let context = self.servers.get(&invite).copied();
        if let Some(unproven) = context.filter(|id| self.contexts.get(id).is_some_and(|context| context.is_unproven)) {
            // No proof, no memory: not of the call and not of its end.
            self.refuse_at_once(id, flow, cancel, &GateRefusal::new(200, ""));
            return self.turn_away(unproven, &GateRefusal::new(487, ""));
        }
        let tag = self.seal.to_tag(cancel);
        self.transactions.respond(id, 200, response_to(cancel, 200, "", Some(tag.as_str())).into_bytes(), now);
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
        let way = RouteInformation::read(request, &self.config.names);
        let token = way.token(request, &self.seal);
        if let Token::Of(_, end) = token {
            if request.to().tag().is_some() {
                return self.handle_in_dialog(id, flow, request, end, now);
            }
            // The route of a dialog is no door for another: who begins one proves who he is, whatever he was let into before.
            return self.refuse_at_once(id, flow, request, &GateRefusal::new(403, "A dialog does not begin with another's route"));
        }
        if token == Token::Forged {
            return self.refuse_at_once(id, flow, request, &GateRefusal::new(403, "Unknown route"));
        }
        let is_direct = !way.leads_on && way.strict.is_none();
        let Some(goal) = self.goal(request).filter(|_| is_direct) else { return self.refuse_at_once(id, flow, request, &no_relaying()) };
        match gate(request) {
            Gate::Refuse(refusal) => self.refuse_at_once(id, flow, request, &refusal),
            // Only who has an account here is forwarded for.
            Gate::Admit(Caller::Domain(_) | Caller::Stranger) if goal != Goal::User => {
                self.refuse_at_once(id, flow, request, &no_relaying());
            }
            Gate::Admit(caller) => {
                let context = self.open(id, flow, request, goal);
                self.locate(context, &caller, now);
            }
            Gate::Ask => {
                let context = self.open(id, flow, request, goal);
                let octets = self.contexts.get_mut(&context).map(|context| {
                    context.is_unproven = true;
                    context.request.clone()
                });
                match octets.and_then(|octets| Some((self.ask(Asked::Admission(context))?, octets))) {
                    Some((ticket, request)) => self.outputs.push_back(ProxyOutput::Admit { ticket, request, flow }),
                    None => self.turn_away(context, &GateRefusal::new(503, "")),
                }
            }
        }
    }

    /// Whom a request that belongs to no dialog is for; `None` if that is nobody whom we forward to.
    fn goal(&self, request: &Message<'_>) -> Option<Goal> {
        let uri = request.request_uri()?;
        if self.config.names.is_us(&uri) {
            return Some(Goal::User);
        }
        OtherDomain::of(&uri).filter(|_| self.config.reaches_other_domains).map(Goal::Domain)
    }

    fn handle_in_dialog(&mut self, id: TransactionId, flow: Flow, request: &Message<'_>, end: End, now: Now) {
        match end {
            End::Device { user, key } => {
                let context = self.open(id, flow, request, Goal::Device(key));
                self.trying(context, now);
                self.locate_callee(context, self.config.names.address_of(&user), now);
            }
            End::Domain(domain) => {
                let context = self.open(id, flow, request, Goal::Domain(domain.clone()));
                if let Some(context) = self.contexts.get_mut(&context) {
                    context.caller = Some(End::Flow { epoch: self.config.epoch, flow: flow.id });
                }
                self.trying(context, now);
                self.reach(context, domain, None, now);
            }
            End::Flow { epoch, flow: name } => {
                let context = self.open(id, flow, request, Goal::User);
                self.trying(context, now);
                let found = self.flows.named(name).filter(|_| epoch == self.config.epoch);
                match found {
                    Some(flow) => {
                        let target = Target { uri: None, path: Vec::new(), flow, end: None };
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
        self.callers.insert((flow.id, id));
        self.contexts.insert(id, Context::new(server, request.as_bytes(), flow, is_invite, goal, self.retired.pop()));
        self.account(id);
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
        let (server, flow, octets) = (context.server, context.flow, context.request.clone());
        context.answered();
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
        if !self.queue(id, caller, now) {
            self.look_up(id, caller, now);
        }
    }

    pub(super) fn look_up(&mut self, id: ContextId, caller: &Caller, now: Now) {
        let Some(context) = self.contexts.get_mut(&id).filter(|context| !context.is_answered) else { return };
        let by_flow = End::Flow { epoch: self.config.epoch, flow: context.flow.id };
        let (method, aor) = match Message::parse(&context.request, Framing::Datagram) {
            Ok(message) => (begins_dialog(message.method()), message.request_uri().and_then(|uri| uri.address_of_record())),
            Err(_) => (false, None),
        };
        let goal = context.goal.clone();
        if let (true, Goal::User, Some(aor)) = (context.is_invite, &goal, &aor) {
            let called = Called::of(aor);
            context.called = Some(called);
            self.called.insert((called, id));
        }
        match caller {
            Caller::User(aor) if method => match self.ask(Asked::Caller(id, user_of(aor))) {
                Some(ticket) => self.outputs.push_back(ProxyOutput::Locate { ticket, aor: aor.clone() }),
                None => return self.answer(id, &GateRefusal::new(503, ""), now),
            },
            Caller::Domain(domain) => context.caller = Some(End::Domain(domain.clone())),
            Caller::User(_) | Caller::Stranger => context.caller = Some(by_flow),
        }
        match (goal, aor) {
            (Goal::Domain(domain), _) => self.reach(id, domain, None, now),
            (_, Some(aor)) => self.locate_callee(id, aor, now),
            (_, None) => self.answer(id, &GateRefusal::new(404, ""), now),
        }
    }

    /// Asks for a server of another domain.
    pub(super) fn reach(&mut self, id: ContextId, domain: OtherDomain, instead_of: Option<FlowId>, now: Now) {
        match self.ask(Asked::Callee(id)) {
            Some(ticket) => self.outputs.push_back(ProxyOutput::Reach { ticket, domain, instead_of }),
            None => self.answer(id, &GateRefusal::new(503, ""), now),
        }
    }

    fn locate_callee(&mut self, id: ContextId, aor: String, now: Now) {
        match self.ask(Asked::Callee(id)) {
            Some(ticket) => self.outputs.push_back(ProxyOutput::Locate { ticket, aor }),
            None => self.answer(id, &GateRefusal::new(503, ""), now),
        }
    }

    /// The caller's own bindings came; without them, its flow names it.
    pub(super) fn caller_located(&mut self, id: ContextId, user: &str, location: Option<&Location>, now: Now) {
        let Some(context) = self.contexts.get(&id) else { return };
        let flow = context.flow;
        let reach = Reach { flows: &self.flows, epoch: self.config.epoch, user, secure: false, now };
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
        let is_ready = context.caller.is_some() || matches!(context.goal, Goal::Device(_));
        let Some(location) = context.location.take_if(|_| is_ready) else { return };
        let is_forwarded = match (location, &context.goal) {
            (Location::Bindings(bindings), Goal::Device(key)) => {
                let key = *key;
                self.forward_to_device(id, &bindings, key, now)
            }
            (Location::Bindings(bindings), Goal::User) => self.forward_to_all(id, &bindings, now),
            (Location::Elsewhere(flow), Goal::Domain(domain)) => {
                let target = Target { uri: None, path: Vec::new(), flow, end: Some(End::Domain(domain.clone())) };
                context.went_to = Some(flow.id);
                self.forward(id, &target, now);
                true
            }
            (Location::Nowhere(refusal), _) => return self.answer(id, &refusal, now),
            _ => return self.answer(id, &GateRefusal::new(404, "No such user"), now),
        };
        match is_forwarded {
            true => self.conclude(id, now),
            false => {
                let refusal = self.contexts.get(&id).map_or_else(|| GateRefusal::new(480, ""), |context| nobody_is_there(&context.request));
                self.answer(id, &refusal, now);
            }
        }
    }

    fn forward_to_device(&mut self, id: ContextId, bindings: &[Binding], key: BindingKey, now: Now) -> bool {
        let secure = self.contexts.get(&id).is_some_and(|context| is_secure(&context.request));
        let reach = Reach { flows: &self.flows, epoch: self.config.epoch, user: "", secure, now };
        let target = reach.one(bindings, key);
        target.inspect(|target| self.forward(id, target, now)).is_some()
    }

    fn forward_to_all(&mut self, id: ContextId, bindings: &[Binding], now: Now) -> bool {
        let targets = self.targets(id, bindings, now);
        targets.iter().for_each(|target| self.forward(id, target, now));
        !targets.is_empty()
    }

    /// All devices of whom the request is for.
    pub(super) fn targets(&self, id: ContextId, bindings: &[Binding], now: Now) -> Vec<Target> {
        let Some(context) = self.contexts.get(&id) else { return Vec::new() };
        let Ok(request) = Message::parse(&context.request, Framing::Datagram) else { return Vec::new() };
        let user = request.request_uri().and_then(|uri| uri.decoded_user()).unwrap_or_default();
        let user = String::from_utf8_lossy(&user);
        let reach = Reach { flows: &self.flows, epoch: self.config.epoch, user: &user, secure: is_secure(&context.request), now };
        reach.all(bindings, self.config.max_branches)
    }

    pub(super) fn refuse_without_state(&mut self, flow: Flow, request: &Message<'_>, why: &GateRefusal) {
        let payload = refusal(request, &flow, why, self.seal.to_tag(request).as_str());
        self.outputs.push_back(ProxyOutput::Send { flow: reply_flow(request, &flow), payload });
    }

    /// Answers and keeps nothing: a copy of the request will be answered alike, an ACK will be dropped.
    fn refuse_at_once(&mut self, id: TransactionId, flow: Flow, request: &Message<'_>, why: &GateRefusal) {
        self.transactions.drop_transaction(id);
        self.refuse_without_state(flow, request, why);
    }
}

fn is_secure(request: &[u8]) -> bool {
    let uri = |message: Message<'_>| message.request_uri().is_some_and(|uri| uri.scheme() == Scheme::Sips);
    Message::parse(request, Framing::Datagram).is_ok_and(uri)
}

/// No device is connected: who asks for no more than that (OPTIONS) hears what a device says that does not tell.
fn nobody_is_there(request: &[u8]) -> GateRefusal {
    let is_query = Message::parse(request, Framing::Datagram).is_ok_and(|message| message.method() == Method::Options);
    GateRefusal::new(480, if is_query { "" } else { "No device is connected" })
}

fn no_relaying() -> GateRefusal {
    GateRefusal::new(403, "No relaying: only users of this domain can be called")
}

pub(super) fn begins_dialog(method: Method<'_>) -> bool {
    matches!(method, Method::Invite | Method::Subscribe | Method::Refer)
}

/// The user part of an address of record. Not that of `From`, which may name nobody (RFC 3323).
fn user_of(aor: &str) -> String {
    let user = Uri::parse(aor).ok().and_then(|uri| uri.decoded_user().map(|user| String::from_utf8_lossy(&user).into_owned()));
    user.unwrap_or_default()
}
