//! Requests that come in: whose are they, and may they?

use cooee_machine::Now;

use super::announce::{announcement, is_of_own_server};
use super::body::sdp_of;
use super::callee::Callee;
use super::leg::{Leg, Next};
use super::screen::{self, Refusal};
use super::{LegId, UserAgent, UserAgentOutput, summary};
use crate::build::respond;
use crate::flow::Flow;
use crate::header::HeaderName;
use crate::message::{Framing, Message, ParseError, refuse};
use crate::method::Method;
use crate::transaction::{RequestMatch, TransactionId};

impl UserAgent {
    /// Takes a message off the current flow. What is none is answered without state where the standard says so.
    pub(super) fn receive(&mut self, flow: &Flow, bytes: &[u8], now: Now) {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let framing = if flow.id.is_reliable() { Framing::Stream } else { Framing::Datagram };
        let too_large = bytes.len() > self.core.config.limits.message_bytes;
        let parsed = if too_large { Err(ParseError::HeadTooLarge) } else { Message::parse(bytes, framing) };
        match parsed {
            Ok(message) if message.is_request() => self.receive_request(flow, &message, now),
            Ok(message) => self.receive_response(&message, now),
            Err(error) => {
                if let Some(refusal) = refuse(bytes, &error, Some(flow.remote)) {
                    self.core.send(refusal.response);
                }
            }
        }
    }

    fn receive_request(&mut self, flow: &Flow, request: &Message<'_>, now: Now) {
        match self.core.transactions.receive_request(flow.id, request, now) {
            RequestMatch::Absorbed => {}
            RequestMatch::Ack => {
                if let Some(id) = self.leg_of(request) {
                    self.with_session(id, |session, core| session.handle_ack(core, id, request, now));
                }
            }
            RequestMatch::Full => {
                let tag = self.core.entropy.token(10);
                let response = screen::explain(respond(request, Some(flow.remote), 503, "", Some(&tag)), 503, request);
                self.core.send(response.into_bytes());
            }
            RequestMatch::New { id, cancels } if request.method() == Method::Cancel => self.handle_cancel(id, cancels, request, now),
            RequestMatch::New { id, .. } => match screen::screen(&self.core.identity, request) {
                Err(Refusal(status)) => self.refuse(id, request, status, now),
                Ok(()) if request.to().tag().is_some() => self.handle_within_dialog(id, request, now),
                Ok(()) => self.handle_new(id, request, now),
            },
        }
    }

    pub(super) fn refuse(&mut self, transaction: TransactionId, request: &Message<'_>, status: u16, now: Now) {
        let tag = self.core.entropy.token(10);
        self.answer_tagged(transaction, request, status, &tag, now);
    }

    fn answer_tagged(&mut self, transaction: TransactionId, request: &Message<'_>, status: u16, tag: &str, now: Now) {
        let Some(flow) = self.core.flow else { return };
        let response = self.core.identity.respond(request, &flow, status, Some(tag));
        let response = screen::explain(response, status, request).into_bytes();
        self.core.respond(transaction, status, response, now);
    }

    pub(super) fn leg_of(&self, request: &Message<'_>) -> Option<LegId> {
        self.legs.iter().find(|(_, leg)| leg.owns(request)).map(|(id, _)| *id)
    }

    /// RFC 3261 9.2.
    fn handle_cancel(&mut self, transaction: TransactionId, cancels: Option<TransactionId>, request: &Message<'_>, now: Now) {
        let Some(invite) = cancels else { return self.refuse(transaction, request, 481, now) };
        let ids: Vec<LegId> = self.legs.keys().copied().collect();
        let tag = self.legs.values().find_map(|leg| leg.tag_of(invite)).map_or_else(|| self.core.entropy.token(10), str::to_owned);
        self.answer_tagged(transaction, request, 200, &tag, now);
        for id in ids {
            self.with_leg(id, |leg, core| match leg {
                Leg::Callee(callee) if callee.transaction() == invite => callee.handle_giving_up(core, request, now),
                Leg::Session(session) => {
                    session.cancel_reoffer(core, invite, now);
                    Next::Same
                }
                Leg::Caller(_) | Leg::Callee(_) => Next::Same,
            });
        }
    }

    /// A request outside of any dialog.
    fn handle_new(&mut self, transaction: TransactionId, request: &Message<'_>, now: Now) {
        match request.method() {
            Method::Invite => self.handle_invite(transaction, request, now),
            Method::Options => self.handle_query(transaction, request, now),
            Method::Message => {
                let status = self.handle_text(request, request.from().uri().as_str(), now);
                self.refuse(transaction, request, status, now);
            }
            Method::Notify => {
                let status = self.handle_unasked(request);
                self.refuse(transaction, request, status, now);
            }
            // Nobody makes this phone call anybody but a person it speaks with.
            Method::Refer => self.refuse(transaction, request, 403, now),
            // What makes sense within a dialog only.
            _ => self.refuse(transaction, request, 481, now),
        }
    }

    fn handle_invite(&mut self, transaction: TransactionId, request: &Message<'_>, now: Now) {
        if self.legs.values().any(|leg| leg.is_merged(request)) {
            return self.refuse(transaction, request, 482, now);
        }
        if self.legs.len() >= self.core.config.limits.legs {
            return self.refuse(transaction, request, 486, now);
        }
        let replaces = match self.replaced_by(request) {
            Ok(replaces) => replaces,
            Err(status) => return self.refuse(transaction, request, status, now),
        };
        let id = self.new_leg();
        let sdp = sdp_of(request);
        let callee = Callee::start(&mut self.core, transaction, request, sdp.is_some(), now);
        self.legs.insert(id, Leg::Callee(Box::new(callee)));
        let announcement = announcement(&self.core, request, sdp, replaces);
        self.core.tell(id, announcement);
    }

    /// A NOTIFY that nothing of ours has asked for: what a mailbox holds is welcome from the own server (RFC 3842), everything else
    /// is not. The status of the answer to it.
    fn handle_unasked(&mut self, notify: &Message<'_>) -> u16 {
        match event_of(notify) {
            Some(event) if event.eq_ignore_ascii_case("message-summary") && !is_of_own_server(&self.core, notify) => 403,
            Some(event) if event.eq_ignore_ascii_case("message-summary") => match summary::read(notify) {
                Some(summary) => {
                    self.core.outputs.push_back(UserAgentOutput::MessagesWaiting(summary));
                    200
                }
                None => 400,
            },
            Some(event) if event.eq_ignore_ascii_case("refer") => 481,
            _ => 489,
        }
    }

    /// What any phone of this make can do.
    pub(super) fn tell_capabilities(&mut self, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let Some(flow) = self.core.flow else { return };
        let tag = self.core.entropy.token(10);
        let response = screen::capabilities(self.core.identity.respond(request, &flow, 200, Some(&tag)));
        self.core.respond(transaction, 200, response.into_bytes(), now);
    }
}

/// The event that a NOTIFY is about, without its parameters.
pub(super) fn event_of<'a>(notify: &Message<'a>) -> Option<&'a str> {
    notify.header_text(HeaderName::Event)?.split(';').next().map(str::trim)
}
