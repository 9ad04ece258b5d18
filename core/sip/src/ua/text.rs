//! Short texts: RFC 3428.

use cooee_machine::{Now, Pii};

use super::announce::{asserted, is_anonymous};
use super::standalone::{Name, Standalone};
use super::{MessageEvent, MessageId, UserAgent, UserAgentOutput};
use crate::header::HeaderName;
use crate::message::Message;
use crate::uri::Uri;

/// The longest text that is sent or taken, in octets.
pub const MAX_TEXT: usize = 8 << 10;

/// How many texts are remembered, so that one that comes by two ways is told once (RFC 3261 8.2.2.2).
const REMEMBERED: usize = 32;

/// Names longer than this are not worth remembering.
const LONGEST_NAME: usize = 1024;

impl UserAgent {
    /// Sends a short text to `target` (`sip:ben@example.org`); [`MessageEvent::Delivered`] or [`MessageEvent::Failed`] follows.
    pub fn message(&mut self, target: &str, text: &str, now: Now) -> MessageId {
        self.next_message += 1;
        let id = MessageId(self.next_message);
        if text.len() > MAX_TEXT {
            Name::Text(id).conclude(&mut self.core, Some(413));
        } else {
            Standalone::begin(Name::Text(id), target, text, &mut self.core, now);
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
