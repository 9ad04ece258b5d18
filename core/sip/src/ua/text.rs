//! Short texts: RFC 3428.

use cooee_machine::Now;

use super::{MessageEvent, MessageId, UserAgent, UserAgentOutput};

/// The longest text that is sent or taken, in octets.
pub const MAX_TEXT: usize = 8 << 10;

impl UserAgent {
    /// Sends a short text to `target` (`sip:ben@example.org`); [`MessageEvent::Delivered`] or [`MessageEvent::Failed`] follows.
    pub fn message(&mut self, _target: &str, _text: &str, _now: Now) -> MessageId {
        self.next_leg += 1;
        let id = MessageId(self.next_leg);
        self.core.outputs.push_back(UserAgentOutput::Message(MessageEvent::Failed { id, status: Some(501) }));
        id
    }
}
