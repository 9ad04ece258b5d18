//! Short texts: RFC 3428.

use cooee_machine::{Now, Pii};

use super::announce::{asserted, is_anonymous};
use super::core::{Core, Purpose};
use super::credentials::{Attempt, Verdict};
use super::identity::OPTION_TAGS;
use super::{MessageEvent, MessageId, UserAgent, UserAgentOutput};
use crate::build::RequestBuilder;
use crate::flow::via_transport;
use crate::header::{HeaderName, name_addr};
use crate::message::Message;
use crate::method::Method;
use crate::uri::Uri;

/// The longest text that is sent or taken, in octets.
pub const MAX_TEXT: usize = 8 << 10;

/// How many texts are remembered, so that one that comes by two ways is told once (RFC 3261 8.2.2.2).
const REMEMBERED: usize = 32;

/// Names longer than this are not worth remembering.
const LONGEST_NAME: usize = 1024;

/// A text of ours on its way.
pub(super) struct Text {
    id: MessageId,
    target: String,
    text: String,
    call_id: String,
    tag: String,
    cseq: u32,
    attempt: Attempt,
}

impl UserAgent {
    /// Sends a short text to `target` (`sip:ben@example.org`); [`MessageEvent::Delivered`] or [`MessageEvent::Failed`] follows.
    pub fn message(&mut self, target: &str, text: &str, now: Now) -> MessageId {
        self.next_message += 1;
        let id = MessageId(self.next_message);
        let core = &mut self.core;
        if !Uri::parse(target).is_ok_and(|uri| uri.is_sip() && !uri.has_headers()) {
            core.fail_text(id, None);
        } else if text.len() > MAX_TEXT {
            core.fail_text(id, Some(413));
        } else {
            let (call_id, tag) = (core.entropy.token(24), core.entropy.token(10));
            let (target, text) = (target.to_owned(), text.to_owned());
            Box::new(Text { id, target, text, call_id, tag, cseq: 0, attempt: Attempt::default() }).send(core, now);
        }
        self.drain(now);
        id
    }

    /// A MESSAGE came from `from`: in a call its peer, whatever `From` says, for no server looks at that again within a dialog; outside
    /// of any whom `From` names. The status of the answer to it.
    pub(super) fn handle_text(&mut self, request: &Message<'_>, from: &str, now: Now) -> u16 {
        let Some(text) = text_of(request) else { return 415 };
        if text.len() > MAX_TEXT {
            return 413;
        }
        let name = format!("{} {} {}", request.call_id(), request.cseq().number, request.from().tag().unwrap_or_default());
        let core = &mut self.core;
        if core.texts.contains(&name) {
            return 482;
        }
        let asserted = asserted(core, request);
        let of_record = || Uri::parse(from).ok().and_then(|uri| uri.address_of_record()).unwrap_or_else(|| from.to_owned());
        let sender = asserted.clone().unwrap_or_else(|| Pii(of_record()));
        if sender.reveal().len() > LONGEST_NAME || !core.text_pace.take(sender, now) {
            return 480;
        }
        if core.texts.len() >= REMEMBERED {
            core.texts.pop_front();
        }
        if name.len() <= LONGEST_NAME {
            core.texts.push_back(name);
        }
        let event = MessageEvent::Received {
            from: Pii(from.to_owned()),
            display: request.from().display().map(Pii),
            asserted,
            anonymous: is_anonymous(request),
            text: Pii(text.to_owned()),
        };
        core.outputs.push_back(UserAgentOutput::Message(event));
        200
    }
}

/// The text, if it is plain UTF-8 (of which ASCII is a part).
fn text_of<'a>(request: &Message<'a>) -> Option<&'a str> {
    let kind = request.content_type()?;
    let charset = kind.params().value("charset");
    let readable = charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("us-ascii"));
    let encoded = request.header(HeaderName::ContentEncoding).is_some_and(|coding| !coding.eq_ignore_ascii_case(b"identity"));
    if !kind.is("text", "plain") || !readable || encoded {
        return None;
    }
    std::str::from_utf8(request.body()).ok()
}

impl Core {
    fn fail_text(&mut self, id: MessageId, status: Option<u16>) {
        self.outputs.push_back(UserAgentOutput::Message(MessageEvent::Failed { id, status }));
    }
}

impl Text {
    /// Sends it, or tells that it cannot be sent.
    fn send(mut self: Box<Self>, core: &mut Core, now: Now) {
        let id = self.id;
        self.cseq += 1;
        let Some(flow) = core.flow else { return core.fail_text(id, Some(503)) };
        let branch = core.branch();
        let request = RequestBuilder::new(Method::Message, &self.target)
            .via(via_transport(flow.transport), &flow.sent_by(), &branch)
            .max_forwards(70)
            .from(core.identity.name_addr(), &self.tag)
            .to(&name_addr(None, &self.target), None)
            .call_id(&self.call_id)
            .cseq(self.cseq, Method::Message)
            .header(HeaderName::Supported, OPTION_TAGS);
        let request = core.identity.sign(core.routed(request), HeaderName::UserAgent);
        self.attempt.way = core.way(&self.target);
        let request = core.credentials.authorize(request, self.attempt.way, Method::Message, &self.target, self.text.as_bytes());
        let request = request.body("text/plain;charset=UTF-8", self.text.as_bytes()).into_bytes();
        if core.request(request, Purpose::Text(self), now).is_none() {
            core.fail_text(id, Some(503));
        }
    }

    /// Takes the answer; gives itself back while there is more to come.
    pub(super) fn handle_response(mut self: Box<Self>, core: &mut Core, response: &Message<'_>, now: Now) -> Option<Box<Self>> {
        match response.status().unwrap_or_default() {
            ..200 => return Some(self),
            200..300 => core.outputs.push_back(UserAgentOutput::Message(MessageEvent::Delivered(self.id))),
            401 | 407 if core.credentials.challenged(response, &mut self.attempt) == Verdict::Retry => self.send(core, now),
            status => core.fail_text(self.id, Some(status)),
        }
        None
    }

    /// There was no answer.
    pub(super) fn handle_failure(&self, core: &mut Core, status: u16) {
        core.fail_text(self.id, Some(status));
    }
}
