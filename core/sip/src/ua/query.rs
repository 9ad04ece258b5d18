//! Whether somebody is there: OPTIONS outside of any dialog (RFC 3261 11).

use cooee_machine::{Now, Pii};

use super::announce::{asserted, is_anonymous};
use super::standalone::{Name, Standalone};
use super::{QueryEvent, QueryId, UserAgent, UserAgentOutput, screen};
use crate::message::Message;
use crate::transaction::TransactionId;

/// So many may wait for an answer of our owner's; then the first gets the one for strangers.
const WAITING: usize = 16;

/// Somebody asks, and our owner is asked what to say.
pub(super) struct Asked {
    id: QueryId,
    transaction: TransactionId,
    /// The phone is there: what any of this make can do, and nothing of this one.
    yes: Vec<u8>,
    /// The same words as for a phone that is not there.
    no: Vec<u8>,
}

impl UserAgent {
    /// Asks whether somebody is there; [`QueryEvent::Answered`] follows.
    pub fn query(&mut self, target: &str, now: Now) -> QueryId {
        let id = self.new_query();
        Standalone::begin(Name::Query(id), target, "", &mut self.core, now);
        self.drain(now);
        id
    }

    /// Answers [`QueryEvent::Asked`]: by 200 and what any phone of this make can do, or as if there were no phone (480).
    pub fn answer_query(&mut self, id: QueryId, is_here: bool, now: Now) {
        if let Some(place) = self.core.asked.iter().position(|asked| asked.id == id)
            && let Some(asked) = self.core.asked.remove(place)
        {
            self.reply(asked, is_here, now);
        }
        self.drain(now);
    }

    /// What our own server asks for itself, as many do to keep a connection, it may know; everybody else is our owner's business.
    pub(super) fn handle_query(&mut self, transaction: TransactionId, request: &Message<'_>, now: Now) {
        if request.vias().nth(1).is_none() {
            return self.tell_capabilities(transaction, request, now);
        }
        let Some(flow) = self.core.flow else { return };
        let (id, tag) = (self.new_query(), self.core.entropy.token(10));
        let response = |status| self.core.identity.respond(request, &flow, status, Some(&tag));
        let (yes, no) = (screen::capabilities(response(200)).into_bytes(), response(480).into_bytes());
        let event = QueryEvent::Asked {
            id,
            from: Pii(request.from().uri().as_str().to_owned()),
            asserted: asserted(&self.core, request),
            anonymous: is_anonymous(request),
        };
        self.core.outputs.push_back(UserAgentOutput::Query(event));
        if self.core.asked.len() >= WAITING
            && let Some(first) = self.core.asked.pop_front()
        {
            self.reply(first, false, now);
        }
        self.core.asked.push_back(Asked { id, transaction, yes, no });
    }

    fn reply(&mut self, asked: Asked, is_here: bool, now: Now) {
        let (status, response) = if is_here { (200, asked.yes) } else { (480, asked.no) };
        self.core.respond(asked.transaction, status, response, now);
    }

    fn new_query(&mut self) -> QueryId {
        self.next_query += 1;
        QueryId(self.next_query)
    }
}
