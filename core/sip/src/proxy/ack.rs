use cooee_machine::Now;

use super::end::End;
use super::fork::Reach;
use super::gate::Location;
use super::machine::{Asked, Proxy, ProxyOutput};
use super::route::Way;
use crate::flow::{Flow, FlowId};
use crate::registrar::BindingKey;
use crate::{Forward, Framing, Message, forward_request};

/// An ACK to a 2xx that waits for its way.
pub(super) struct PendingAck {
    request: Vec<u8>,
    flow: Flow,
    user: String,
    key: BindingKey,
}

impl Proxy {
    /// An ACK to a 2xx goes along the dialog's route without state (RFC 3261 16.11). Any other is dropped: it acknowledges
    /// what was answered without state, or is nobody's.
    pub(super) fn handle_ack(&mut self, flow: Flow, ack: &Message<'_>) {
        let way = Way::read(ack, &self.config.names, &self.seal);
        match way.end {
            Some((_, End::Device { user, key })) => {
                let aor = format!("sip:{user}@{}", self.config.names.domain);
                let pending = PendingAck { request: ack.as_bytes().to_vec(), flow, user, key };
                if let Some(ticket) = self.ask(Asked::Ack(Box::new(pending))) {
                    self.outputs.push_back(ProxyOutput::Locate { ticket, aor });
                }
            }
            Some((_, End::Flow { epoch, flow: name })) => {
                if let Some(to) = self.flows.named(name).filter(|_| epoch == self.config.epoch) {
                    self.forward_ack(ack.as_bytes(), flow, &to);
                }
            }
            None => {}
        }
    }

    pub(super) fn ack_located(&mut self, ack: &PendingAck, location: Option<Location>, now: Now) {
        let Some(Location::Bindings(bindings)) = location else { return };
        let reach = Reach { flows: &self.flows, epoch: self.config.epoch, user: &ack.user, secure: false, now };
        if let Some(target) = reach.one(&bindings, ack.key) {
            self.forward_ack(&ack.request, ack.flow, &target.flow);
        }
    }

    fn forward_ack(&mut self, ack: &[u8], from: Flow, to: &Flow) {
        let token = self.branch_token();
        let Ok(request) = Message::parse(ack, Framing::Datagram) else { return };
        let way = Way::read(&request, &self.config.names, &self.seal);
        let via = self.via(to, &self.seal.loop_mark(&request), &token);
        let edit = Forward { via: &via, source: Some(from.remote), pop_routes: way.own, ..Forward::default() };
        let mut payload = Vec::new();
        // Without hops left it is dropped: an ACK is never answered.
        if forward_request(&request, &edit, &mut payload).is_ok() {
            self.send(to.id, payload);
        }
    }

    fn send(&mut self, flow: FlowId, payload: Vec<u8>) {
        self.outputs.push_back(ProxyOutput::Send { flow, payload });
    }
}
