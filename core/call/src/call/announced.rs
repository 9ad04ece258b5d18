use cooee_machine::Now;

use super::{Call, CallSetup, IncomingOffer, Phase};
use crate::{CallDirection, CallState, Leg};

impl Call {
    /// Somebody calls, by the word of a push; the call itself is on its way. It rings already: a person needs the time more than we do.
    #[must_use]
    pub fn announced(setup: CallSetup, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Incoming, CallState::Announced, now);
        call.ring_here(now);
        call.wait(Phase::Announced, call.times.announced, now);
        call
    }

    /// The announced call is here: it goes on in place of its announcement, under the same name, and is taken at once if the person has
    /// taken it meanwhile. What it says of who calls is what counts.
    #[must_use]
    pub fn arrives(self, setup: CallSetup, leg: Leg, offer: IncomingOffer<'_>, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Incoming, CallState::Ringing, now);
        (call.timeline, call.story) = (self.timeline, self.story);
        (call.has_rung, call.permission) = (self.has_rung, self.permission);
        call.come_in(leg, offer, now);
        call.mute(self.is_muted, now);
        if self.state == CallState::Connecting && call.state == CallState::Ringing {
            call.take(now);
        }
        call
    }

    /// It rings on this phone, be it that only its announcement is here.
    #[must_use]
    pub fn rings_here(&self) -> bool {
        self.state.rings_here(self.direction)
    }

    /// Only its announcement is here.
    #[must_use]
    pub fn is_announced(&self) -> bool {
        self.direction == CallDirection::Incoming && self.leg.is_none() && !self.is_over()
    }
}
