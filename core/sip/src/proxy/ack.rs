use cooee_machine::Now;

use super::context::Goal;
use super::end::End;
use super::fork::Reach;
use super::gate::Location;
use super::machine::{Asked, Proxy, ProxyOutput};
use super::route::{RouteInformation, Token};
use crate::flow::{Flow, FlowId};
use crate::registrar::Ticket;
use crate::{Forward, Framing, Message, forward_request};

/// An ACK to a 2xx that waits for its way.
pub(super) struct PendingAck {
    request: Vec<u8>,
    flow: Flow,
    goal: Goal,
}

impl PendingAck {
    fn octets(&self) -> usize {
        self.request.len()
    }
}

impl Proxy {
    /// An ACK to a 2xx goes along the dialog's route without state (RFC 3261 16.11). Any other is dropped: it acknowledges
    /// what was answered without state, or is nobody's.
    pub(super) fn handle_ack(&mut self, flow: Flow, ack: &Message<'_>) {
        match RouteInformation::read(ack, &self.config.names).token(ack, &self.seal) {
            // Its sender repeats it when the 2xx comes again.
            Token::Of(_, End::Device { .. } | End::Domain(_)) if self.is_full() => {}
            Token::Of(_, End::Device { user, key }) => {
                if let Some(ticket) = self.keep_ack(flow, ack, Goal::Device(key)) {
                    let aor = self.config.names.address_of(&user);
                    self.outputs.push_back(ProxyOutput::Locate { ticket, aor });
                }
            }
            Token::Of(_, End::Domain(domain)) => {
                if let Some(ticket) = self.keep_ack(flow, ack, Goal::Domain(domain.clone())) {
                    self.outputs.push_back(ProxyOutput::Reach { ticket, domain, instead_of: None });
                }
            }
            Token::Of(_, End::Flow { epoch, flow: name }) => {
                if let Some(to) = self.flows.named(name).filter(|_| epoch == self.config.epoch) {
                    self.forward_ack(ack.as_bytes(), flow, &to);
                }
            }
            Token::None | Token::Forged => {}
        }
    }

    /// Until its way is known. `None` if there are too many questions already.
    fn keep_ack(&mut self, flow: Flow, ack: &Message<'_>, goal: Goal) -> Option<Ticket> {
        let mut request = self.acks.take();
        request.extend_from_slice(ack.as_bytes());
        let octets = request.len();
        let ticket = self.ask(Asked::Ack(PendingAck { request, flow, goal }))?;
        self.ack_octets += octets;
        Some(ticket)
    }

    pub(super) fn ack_located(&mut self, ack: PendingAck, location: Option<Location>, now: Now) {
        self.ack_octets = self.ack_octets.saturating_sub(ack.octets());
        let to = match (location, &ack.goal) {
            (Some(Location::Bindings(bindings)), Goal::Device(key)) => {
                let reach = Reach { flows: &self.flows, epoch: self.config.epoch, user: "", secure: false, now };
                reach.one(&bindings, *key).map(|target| target.flow)
            }
            (Some(Location::Elsewhere(flow)), Goal::Domain(_)) => Some(flow),
            _ => None,
        };
        if let Some(to) = to {
            self.forward_ack(&ack.request, ack.flow, &to);
        }
        self.acks.give_back(ack.request);
    }

    fn forward_ack(&mut self, ack: &[u8], from: Flow, to: &Flow) {
        let branch = self.branch_token();
        let Ok(request) = Message::parse(ack, Framing::Datagram) else { return };
        let way = RouteInformation::read(&request, &self.config.names);
        let mut scratch = std::mem::take(&mut self.scratch);
        self.write_via(to, &self.seal.loop_mark(&request), &branch, &mut scratch.via);
        let edit = Forward { via: &scratch.via, source: Some(from.remote), pop_routes: way.own, ..Forward::default() };
        let mut payload = Vec::new();
        // Without hops left it is dropped: an ACK is never answered.
        if forward_request(&request, &edit, &mut payload).is_ok() {
            self.send(to.id, payload);
        }
        self.scratch = scratch;
    }

    fn send(&mut self, flow: FlowId, payload: Vec<u8>) {
        self.outputs.push_back(ProxyOutput::Send { flow, payload });
    }
}
