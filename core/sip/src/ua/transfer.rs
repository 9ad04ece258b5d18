//! Transfer: RFC 3515, 5589.

use cooee_machine::Now;

use super::{LegEvent, LegId, ReferTo, TransferEvent, UserAgent};

impl UserAgent {
    /// Asks the peer of an answered leg to call somebody else. [`LegEvent::Transfer`] follows, until it has succeeded or failed.
    pub fn refer(&mut self, leg: LegId, _to: ReferTo, _now: Now) {
        self.core.tell(leg, LegEvent::Transfer(TransferEvent::Failed(501)));
    }

    /// Answers [`LegEvent::TransferAsked`] by 202; the peer is told of what comes by [`UserAgent::notify_transfer`].
    pub fn accept_transfer(&mut self, _leg: LegId, _now: Now) {}

    /// Answers [`LegEvent::TransferAsked`] by a final response 4xx-6xx, usually 603.
    pub fn reject_transfer(&mut self, _leg: LegId, _status: u16, _now: Now) {}

    /// Tells the peer how the call goes that it asked for: 100-199 while it is under way, then once its final status. An empty
    /// phrase becomes the standard's.
    pub fn notify_transfer(&mut self, _leg: LegId, _status: u16, _phrase: &str, _now: Now) {}
}
