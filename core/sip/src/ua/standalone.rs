//! A request of ours outside of any dialog, which founds none: MESSAGE (RFC 3428), OPTIONS (RFC 3261 11).

use cooee_machine::Now;

use super::core::{Core, Purpose};
use super::credentials::{Attempt, Verdict};
use super::identity::{ACCEPT, OPTION_TAGS};
use super::{MessageEvent, MessageId, QueryEvent, QueryId, UserAgentOutput};
use crate::build::RequestBuilder;
use crate::flow::via_transport;
use crate::header::{HeaderName, name_addr};
use crate::message::Message;
use crate::method::Method;
use crate::uri::Uri;

/// Such a request on its way.
pub(super) struct Standalone {
    name: Name,
    target: String,
    /// Of a MESSAGE.
    text: String,
    call_id: String,
    tag: String,
    cseq: u32,
    attempt: Attempt,
}

/// What it is to its owner.
#[derive(Clone, Copy)]
pub(super) enum Name {
    /// A short text.
    Text(MessageId),
    /// The question whether somebody is there.
    Query(QueryId),
}

impl Name {
    fn method(self) -> Method<'static> {
        match self {
            Self::Text(_) => Method::Message,
            Self::Query(_) => Method::Options,
        }
    }

    /// Tells how it came out; `None`: there is no such address.
    pub(super) fn conclude(self, core: &mut Core, status: Option<u16>) {
        let is_success = status.is_some_and(|status| (200..300).contains(&status));
        core.outputs.push_back(match self {
            Self::Text(id) if is_success => UserAgentOutput::Message(MessageEvent::Delivered(id)),
            Self::Text(id) => UserAgentOutput::Message(MessageEvent::Failed { id, status }),
            Self::Query(id) => UserAgentOutput::Query(QueryEvent::Answered { id, status }),
        });
    }
}

impl Standalone {
    /// Sends it, or tells that it cannot be sent.
    pub(super) fn begin(name: Name, target: &str, text: &str, core: &mut Core, now: Now) {
        if !Uri::parse(target).is_ok_and(|uri| uri.is_sip() && !uri.has_headers()) {
            return name.conclude(core, None);
        }
        let (call_id, tag) = (core.entropy.token(24), core.entropy.token(10));
        let (target, text) = (target.to_owned(), text.to_owned());
        Box::new(Self { name, target, text, call_id, tag, cseq: 0, attempt: Attempt::default() }).send(core, now);
    }

    fn send(mut self: Box<Self>, core: &mut Core, now: Now) {
        self.cseq += 1;
        let name = self.name;
        let Some(flow) = core.flow else { return name.conclude(core, Some(503)) };
        let branch = core.branch();
        let request = RequestBuilder::new(name.method(), &self.target)
            .via(via_transport(flow.transport), &flow.sent_by(), &branch)
            .max_forwards(70)
            .from(core.identity.name_addr(), &self.tag)
            .to(&name_addr(None, &self.target), None)
            .call_id(&self.call_id)
            .cseq(self.cseq, name.method())
            .header(HeaderName::Supported, OPTION_TAGS);
        let request = core.identity.sign(core.routed(request), HeaderName::UserAgent);
        let scope = core.scope(&self.target);
        let request = core.credentials.authorize(request, &mut self.attempt, scope, name.method(), &self.target, self.text.as_bytes());
        let request = match name {
            Name::Text(_) => request.body("text/plain;charset=UTF-8", self.text.as_bytes()),
            Name::Query(_) => request.header(HeaderName::Accept, ACCEPT),
        };
        if core.request(request.into_bytes(), Purpose::Standalone(self), now).is_none() {
            name.conclude(core, Some(503));
        }
    }

    /// Takes the answer; gives itself back while there is more to come.
    pub(super) fn handle_response(mut self: Box<Self>, core: &mut Core, response: &Message<'_>, now: Now) -> Option<Box<Self>> {
        match response.status().unwrap_or_default() {
            ..200 => return Some(self),
            401 | 407 if core.credentials.challenged(response, &mut self.attempt) == Verdict::Retry => self.send(core, now),
            status => self.name.conclude(core, Some(status)),
        }
        None
    }

    /// There was no answer.
    pub(super) fn handle_failure(&self, core: &mut Core, status: u16) {
        self.name.conclude(core, Some(status));
    }
}
