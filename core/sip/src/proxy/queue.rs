//! A call of a user to its own address that is to ring later, so that a sleeping phone can be tested.

use std::time::{Duration, Instant};

use cooee_machine::Now;

use super::context::{ContextId, Goal};
use super::gate::{Caller, GateRefusal};
use super::machine::Proxy;
use crate::feature::{LONGEST_WAIT, RING_LATER_HEADER};
use crate::{Framing, Message, Uri, respond};

/// So many wait at a time; a further one is refused.
const MOST: usize = 1000;

/// In place of a branch: the deadline of what waits.
pub(super) const QUEUED: usize = usize::MAX;

/// What waits, and until when.
pub(super) struct Queued {
    pub(super) until: Instant,
    caller: Caller,
}

impl Proxy {
    /// Lets a request wait if its sender, who has proven to be the one who is called, wants that. Whether it waits or is answered.
    pub(super) fn queue(&mut self, id: ContextId, caller: &Caller, now: Now) -> bool {
        let Some(context) = self.contexts.get(&id).filter(|context| context.is_invite && !context.is_answered) else { return false };
        let Caller::User(aor) = caller else { return false };
        let Ok(request) = Message::parse(&context.request, Framing::Datagram) else { return false };
        let Some(wait) = request.seconds(RING_LATER_HEADER).filter(|_| context.goal == Goal::User && calls_itself(&request, aor)) else {
            return false;
        };
        if self.queued >= MOST {
            self.answer(id, &GateRefusal::new(503, "Too many wait already"), now);
            return true;
        }
        let tag = self.seal.to_tag(&request);
        let queued = respond(&request, Some(context.flow.remote), 182, "", Some(tag.as_str())).into_bytes();
        if let Some(server) = context.server {
            self.transactions.respond(server, 182, queued, now);
        }
        let until = now.instant + Duration::from_secs(u64::from(wait)).min(LONGEST_WAIT);
        self.deadlines.insert((until, id, QUEUED));
        self.queued += 1;
        if let Some(context) = self.contexts.get_mut(&id) {
            context.queued = Some(Queued { until, caller: caller.clone() });
        }
        true
    }

    /// It has waited long enough.
    pub(super) fn dequeue(&mut self, id: ContextId, now: Now) {
        if let Some(queued) = self.take_queued(id) {
            self.look_up(id, &queued.caller, now);
        }
    }

    /// It waits no longer, whether it goes on or is given up.
    pub(super) fn take_queued(&mut self, id: ContextId) -> Option<Queued> {
        let queued = self.contexts.get_mut(&id)?.queued.take()?;
        self.deadlines.remove(&(queued.until, id, QUEUED));
        self.queued -= 1;
        Some(queued)
    }
}

/// Whether who is called is who calls, proven by password.
fn calls_itself(request: &Message<'_>, aor: &str) -> bool {
    let user = |uri: Uri<'_>| uri.decoded_user().map(|user| user.to_ascii_lowercase());
    let called = request.request_uri().and_then(user);
    called.is_some() && called == Uri::parse(aor).ok().and_then(user)
}
