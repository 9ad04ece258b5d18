use std::time::Duration;

use cooee_machine::Now;

use super::core::Core;
use super::reoffer::{Reoffer, glare_wait};
use super::request::DialogRequest;
use super::session::Session;
use super::{EndKind, Ended, EndedBy, LegId};
use crate::header::sip_reason;
use crate::message::Message;
use crate::method::Method;

/// How soon a refresh is tried again that could not even be sent.
const SOON: Duration = Duration::from_secs(5);

impl Session {
    /// Refreshes the session when it is time, or ends it when nobody has (RFC 4028 10).
    pub(super) fn refresh_if_due(&mut self, core: &mut Core, leg: LegId, now: Now) {
        if self.timer.is_over(now) {
            let ended = Ended::silent(EndedBy::Peer, EndKind::SessionExpired, Some(408));
            self.hang_up(core, leg, Some(sip_reason(408, "Session expired")), ended, now);
        } else if self.timer.take_due(now) {
            self.refresh(core, leg, now);
        }
    }

    fn refresh(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let is_busy = self.offered.is_some() || self.unacknowledged.is_some() || self.reoffer.as_ref().is_some_and(Reoffer::is_in_flight);
        if is_busy || core.flow.is_none() {
            // What is under way may be a refresh itself.
            self.timer.again_in(SOON, now);
        } else if self.allows_update {
            let update = DialogRequest::new(leg, &self.dialog, Method::Update).headers(self.timer.request());
            if update.send(core, &mut self.dialog, now).is_none() {
                self.timer.again_in(SOON, now);
            }
        } else if self.reoffer.is_none() {
            self.refresh_by_reinvite(core, leg, now);
        } else {
            self.timer.again_in(SOON, now);
        }
    }

    /// Our UPDATE got this final status; without a response, that of a time-out or a broken flow.
    pub(super) fn handle_update_outcome(&mut self, core: &mut Core, leg: LegId, status: u16, response: Option<&Message<'_>>, now: Now) {
        if self.bye.is_some() {
            return;
        }
        match response {
            Some(response) if (200..300).contains(&status) => {
                self.dialog.refresh_target(response);
                self.learn(response);
                self.timer.answered(response, now);
            }
            // It does not take UPDATE after all.
            Some(_) if matches!(status, 405 | 501) => {
                self.allows_update = false;
                self.refresh(core, leg, now);
            }
            _ => self.handle_refused_refresh(core, leg, status, response, now),
        }
    }

    /// A refresh was refused: the call goes on until its session expires, except where the peer knows of no call.
    pub(super) fn handle_refused_refresh(&mut self, core: &mut Core, leg: LegId, status: u16, response: Option<&Message<'_>>, now: Now) {
        match status {
            408 | 481 => self.lose(core, leg, status, now),
            422 if response.is_some_and(|response| self.timer.refused(response)) => self.refresh(core, leg, now),
            491 => {
                let wait = glare_wait(core, self.we_called());
                self.timer.again_in(wait, now);
            }
            503 if response.is_none() => self.timer.again_in(SOON, now),
            _ => self.timer.again_later(now),
        }
    }
}
