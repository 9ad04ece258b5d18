//! The copies of a request that go on, and what the proxy writes into them.

use cooee_machine::{Now, Transport};

use super::branch::Branch;
use super::context::{Context, ContextId, Goal};
use super::fork::Target;
use super::hex::Hex;
use super::machine::Proxy;
use super::request::begins_dialog;
use super::route::RouteInformation;
use super::scratch::Scratch;
use crate::flow::{Flow, FlowId, via_transport};
use crate::transaction::TransactionId;
use crate::{Forward, Framing, HeaderName, Message, Scheme, forward_request};

/// What goes no further: the first only behind a strict router. The proof is ours alone, and nobody who calls may say who it is
/// in the words that are believed of servers (RFC 3325 5).
const KEPT: [HeaderName<'static>; 4] =
    [HeaderName::Route, HeaderName::ProxyAuthorization, HeaderName::PAssertedIdentity, HeaderName::PPreferredIdentity];

impl Proxy {
    /// RFC 3261 16.6: one copy of the request to one device.
    pub(super) fn forward(&mut self, id: ContextId, target: &Target, now: Now) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let sent = self.copy_for(id, target, &mut scratch).and_then(|copy| self.transactions.request(target.flow.id, copy, now).ok());
        self.scratch = scratch;
        self.branched(id, target.flow.id, sent, now);
    }

    /// `None` if there is no room for another copy, or the request may go no further.
    fn copy_for(&mut self, id: ContextId, target: &Target, scratch: &mut Scratch) -> Option<Vec<u8>> {
        if self.is_full() {
            return None;
        }
        let branch = self.branch_token();
        let context = self.contexts.get(&id)?;
        let request = Message::parse(&context.request, Framing::Datagram).ok()?;
        let way = RouteInformation::read(&request, &self.config.names);
        self.write_via(&target.flow, &self.seal.loop_mark(&request), &branch, &mut scratch.via);
        let count = self.write_record_routes(context, target, &request, scratch);
        let [first, second] = &scratch.record_routes;
        let records = [first.as_str(), second.as_str()];
        let rest: Vec<String> = way.strict.iter().flat_map(|_| way.rest(&request)).map(|uri| format!("<{uri}>")).collect();
        let routes: Vec<&str> = target.path.iter().chain(&rest).map(String::as_str).collect();
        let edit = Forward {
            via: &scratch.via,
            source: Some(context.flow.remote),
            request_uri: target.uri.as_deref().or(way.strict.as_ref().map(|strict| strict.target.as_str())),
            pop_routes: if way.strict.is_some() { 0 } else { way.own },
            routes: &routes,
            record_routes: records.get(..count).unwrap_or_default(),
            remove: KEPT.get(usize::from(way.strict.is_none())..).unwrap_or_default(),
            append: &[],
        };
        let mut copy = Vec::new();
        forward_request(&request, &edit, &mut copy).ok().map(|()| copy)
    }

    fn branched(&mut self, id: ContextId, flow: FlowId, client: Option<TransactionId>, now: Now) {
        let timer_c = now.instant + self.config.timer_c;
        let Some(context) = self.contexts.get_mut(&id) else { return };
        let Some(client) = client else { return context.best.consider_own(503) };
        let deadline = context.is_invite.then_some(timer_c);
        let place = context.branches.len();
        context.branches.push(Branch::new(flow, client, deadline));
        self.clients.insert(client, (id, place));
        self.deadlines.extend(deadline.map(|at| (at, id, place)));
    }

    /// Only a request that may begin a dialog gets a `Record-Route`, and two where the two sides use different doors of ours
    /// (RFC 5658), the callee's on top. Tells how many.
    fn write_record_routes(&self, context: &Context, target: &Target, request: &Message<'_>, scratch: &mut Scratch) -> usize {
        let (caller, callee) = match (&context.caller, &context.goal, &target.end) {
            (Some(caller), Goal::User | Goal::Domain(_), Some(callee))
                if begins_dialog(request.method()) && request.to().tag().is_none() =>
            {
                (caller, callee)
            }
            _ => return 0,
        };
        let Scratch { record_routes: [outer, inner], token, octets, .. } = scratch;
        token.clear();
        self.seal.write_token(caller, callee, request, octets, token);
        let secure = request.request_uri().is_some_and(|uri| uri.scheme() == Scheme::Sips);
        self.write_record_route(&target.flow, token, secure, outer);
        self.write_record_route(&context.flow, token, secure, inner);
        if outer == inner { 1 } else { 2 }
    }

    fn write_record_route(&self, flow: &Flow, token: &str, secure: bool, out: &mut String) {
        out.clear();
        out.push_str(if secure { "<sips:" } else { "<sip:" });
        out.push_str(token);
        out.push('@');
        self.config.names.write_sent_by(flow, out);
        out.push_str(match flow.transport {
            Transport::Udp => ";transport=udp;lr>",
            Transport::Tcp => ";transport=tcp;lr>",
            Transport::Tls => ";transport=tls;lr>",
        });
    }

    /// What tells one branch from every other.
    pub(super) fn branch_token(&mut self) -> Hex<16> {
        let mut octets = [0; 8];
        self.entropy.fill(&mut octets);
        Hex::of(&octets)
    }

    pub(super) fn write_via(&self, flow: &Flow, mark: &Hex<16>, branch: &Hex<16>, out: &mut String) {
        out.clear();
        ["SIP/2.0/", via_transport(flow.transport), " "].iter().for_each(|part| out.push_str(part));
        self.config.names.write_sent_by(flow, out);
        [";branch=", crate::MAGIC_COOKIE, branch.as_str(), mark.as_str()].iter().for_each(|part| out.push_str(part));
    }
}
