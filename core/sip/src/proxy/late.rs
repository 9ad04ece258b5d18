//! Devices that come while it rings.

use cooee_machine::Now;

use super::branch::Cancel;
use super::context::{Called, Context, ContextId};
use super::gate::Location;
use super::machine::{Asked, Proxy, ProxyOutput};
use crate::flow::FlowId;
use crate::{Framing, Message, Uri};

impl Proxy {
    /// A device of `aor` has registered over this flow. Calls that ring for that user, and have not gone that way, ring there too (RFC 3261
    /// 16.5 lets targets come late): a phone whose network has changed left a connection behind that nobody knows to be dead.
    pub fn handle_registered(&mut self, flow: FlowId, aor: &str, now: Now) {
        let Some(aor) = Uri::parse(aor).ok().and_then(|uri| uri.address_of_record()) else { return };
        let called = Called::of(&aor);
        let range = (called, ContextId(0))..=(called, ContextId(u64::MAX));
        let rings = |context: &Context| context.rings_elsewhere_than(flow) && context.is_for(&aor);
        let ids: Vec<ContextId> =
            self.called.range(range).map(|(_, id)| *id).filter(|id| self.contexts.get(id).is_some_and(rings)).collect();
        for id in ids {
            if let Some(ticket) = self.ask(Asked::Late(id, flow)) {
                self.outputs.push_back(ProxyOutput::Locate { ticket, aor: aor.clone() });
            }
        }
        self.settle(now);
    }

    /// The bindings are here that the device has changed.
    pub(super) fn late_located(&mut self, id: ContextId, flow: FlowId, location: Option<&Location>, now: Now) {
        let Some(context) = self.contexts.get(&id).filter(|context| context.rings_elsewhere_than(flow)) else { return };
        let (Some(Location::Bindings(bindings)), true) = (location, context.branches.len() < self.config.max_branches) else { return };
        if let Some(target) = self.targets(id, bindings, now).iter().find(|target| target.flow.id == flow) {
            self.forward(id, target, now);
        }
    }
}

impl Context {
    /// An INVITE to one of ours: it rings, or may soon, and was not sent by this flow.
    fn rings_elsewhere_than(&self, flow: FlowId) -> bool {
        let is_open = !self.is_answered && !self.has_succeeded;
        let goes_on = |branch: &super::branch::Branch| !branch.is_final && branch.cancel == Cancel::No;
        is_open && self.branches.iter().any(goes_on) && self.branches.iter().all(|branch| branch.flow != flow)
    }

    fn is_for(&self, aor: &str) -> bool {
        let request = Message::parse(&self.request, Framing::Datagram).ok();
        let called = request.and_then(|request| request.request_uri()?.address_of_record());
        called.is_some_and(|called| called.eq_ignore_ascii_case(aor))
    }
}
