use cooee_machine::{Action, CloseReason, Now, PeerIdentity, Pii, StreamId};
use cooee_sip::proxy::reply_flow;
use cooee_sip::{Flow, FlowId, Frame, Framing, FramingError, HeaderName, Message, Method, refuse, respond};

use super::{Server, ServerOutput};
use crate::event::{ServerEvent, TurnedAway};

/// What the server itself understands.
const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE, INFO, UPDATE, PRACK, REFER, NOTIFY, SUBSCRIBE";

impl Server {
    pub(super) fn handle_opened(&mut self, flow: Flow, peer: PeerIdentity, now: Now) {
        let FlowId::Stream(stream) = flow.id else { return };
        match self.admit(stream, flow, peer.domains, now) {
            Ok(()) => {
                self.proxy.flow_opened(flow);
                self.federation.is_up(flow);
                let (transport, remote) = (flow.transport, Pii(flow.remote));
                self.log(ServerEvent::Connected { stream, transport, remote });
            }
            Err(why) => {
                self.federation.is_closed(stream, &CloseReason::ByUs);
                self.log(ServerEvent::TurnedAway { stream, why });
                self.outputs.push_back(ServerOutput::Io(Action::Close(stream)));
            }
        }
    }

    /// Who has proven nothing gives way, so that nobody can keep others out by coming often.
    fn admit(&mut self, stream: StreamId, flow: Flow, domains: Vec<String>, now: Now) -> Result<(), TurnedAway> {
        if self.is_stopped {
            return Err(TurnedAway::TooMany);
        }
        let first = self.connections.open(stream, flow, domains.clone(), now);
        match (first, self.connections.first_to_go()) {
            (Err(TurnedAway::TooMany), Some(oldest)) => {
                self.turn_away(oldest, TurnedAway::GaveWay, now);
                self.connections.open(stream, flow, domains, now)
            }
            (first, _) => first,
        }
    }

    pub(super) fn handle_closed(&mut self, stream: StreamId, reason: CloseReason, now: Now) {
        self.federation.is_closed(stream, &reason);
        if self.connections.close(stream).is_some() {
            self.proxy.flow_closed(FlowId::Stream(stream), now);
            self.log(ServerEvent::Disconnected { stream, reason });
        }
    }

    /// We close it: nothing that still comes counts, and requests for it find another way.
    fn turn_away(&mut self, stream: StreamId, why: TurnedAway, now: Now) {
        self.federation.is_closed(stream, &CloseReason::ByUs);
        if self.connections.close(stream).is_some() {
            self.proxy.flow_closed(FlowId::Stream(stream), now);
            self.log(ServerEvent::TurnedAway { stream, why });
            self.outputs.push_back(ServerOutput::Io(Action::Close(stream)));
        }
    }

    pub(super) fn close_overdue(&mut self, now: Now) {
        while let Some((stream, why)) = self.connections.overdue(now) {
            self.turn_away(stream, why, now);
        }
    }

    pub(super) fn handle_bytes(&mut self, stream: StreamId, bytes: &[u8], now: Now) {
        let Some(connection) = self.connections.get_mut(stream) else { return };
        connection.framer.push(bytes);
        let (mut has_spoken, mut has_pinged) = (false, false);
        loop {
            let Some(connection) = self.connections.get_mut(stream) else { return };
            let (flow, is_kept) = (connection.flow, connection.is_kept_by_pings());
            match connection.framer.poll() {
                None => break,
                Some(Ok(Frame::Message(message))) => {
                    has_spoken = true;
                    if self.connections.asks_too_much(stream) {
                        return self.turn_away(stream, TurnedAway::Unproven, now);
                    }
                    self.handle_message(flow, &message, now);
                    self.settle(now);
                }
                Some(Ok(Frame::Ping)) => {
                    // One answer serves for all that come at once, or 16 kB of pings would be 4,096 writes.
                    if !has_pinged {
                        self.send(flow.id, Frame::PONG.to_vec());
                    }
                    has_pinged = true;
                    has_spoken |= is_kept;
                }
                Some(Ok(Frame::Pong)) => has_spoken |= is_kept,
                Some(Err(error)) => {
                    let refused = connection.framer.refused().to_vec();
                    return self.break_off(stream, flow, &refused, &error, now);
                }
            }
        }
        self.connections.heard(stream, has_spoken, has_pinged, now);
    }

    /// The stream cannot be cut any further: one answer, then the end.
    fn break_off(&mut self, stream: StreamId, flow: Flow, octets: &[u8], error: &FramingError, now: Now) {
        if let Some(refusal) = refuse(octets, &error.as_parse_error(), Some(flow.remote)) {
            self.send(flow.id, refusal.response);
        }
        self.turn_away(stream, TurnedAway::NotSip, now);
    }

    /// One whole message, from a datagram or cut from a stream.
    pub(super) fn handle_message(&mut self, flow: Flow, octets: &[u8], now: Now) {
        let framing = if flow.id.is_reliable() { Framing::Stream } else { Framing::Datagram };
        match Message::parse(octets, framing) {
            Err(error) => {
                if let Some(refusal) = refuse(octets, &error, Some(flow.remote)) {
                    self.send(flow.id, refusal.response);
                }
            }
            Ok(response) if !response.is_request() => self.proxy.handle_response(&response, now),
            Ok(request) => self.handle_request(flow, &request, now),
        }
    }

    fn handle_request(&mut self, flow: Flow, request: &Message<'_>, now: Now) {
        if request.method() == Method::Register {
            return self.handle_register(flow, request, now);
        }
        if self.is_for_us(request) {
            return self.answer_for_us(flow, request);
        }
        let Self { proxy, doorman, connections, .. } = self;
        proxy.handle_request(flow, request, |request| doorman.gate(request, flow.remote.ip(), connections.domains(flow.id), now), now);
    }

    /// No user, no route that leads on: the server itself is meant.
    fn is_for_us(&self, request: &Message<'_>) -> bool {
        let is_own = request.request_uri().is_some_and(|uri| uri.user().is_none() && self.doorman.names().is_us(&uri));
        is_own && request.routes().all(|route| route.uri().user().is_none() && self.doorman.names().is_us(&route.uri()))
    }

    /// Without state: a copy gets the same answer again.
    fn answer_for_us(&mut self, flow: Flow, request: &Message<'_>) {
        let status = match request.method() {
            Method::Ack => return,
            Method::Options => 200,
            Method::Cancel => 481,
            _ => 404,
        };
        let tag = self.doorman.tag(request);
        let response = respond(request, Some(flow.remote), status, "", Some(&tag)).header(HeaderName::Allow, ALLOW);
        let payload = response.header(HeaderName::Supported, "path, outbound").into_bytes();
        self.send(reply_flow(request, &flow), payload);
    }

    /// Sends a response that was made for a request from `flow`, where its top `Via` says.
    pub(super) fn reply(&mut self, flow: Flow, response: Vec<u8>) {
        let to = Message::parse(&response, Framing::Datagram).map_or(flow.id, |message| reply_flow(&message, &flow));
        self.send(to, response);
    }
}
