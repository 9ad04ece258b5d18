use std::time::Instant;

use cooee_machine::{Now, Wake};

use super::core::{Core, Purpose, StrayBye};
use super::credentials::{Attempt, Verdict};
use super::leg::Next;
use super::reliable::MOST;
use super::session::Session;
use super::{Ended, LegId};
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
use crate::transaction::TransactionId;

/// A call on its way to its end by our hand.
pub(super) struct Bye {
    reason: Option<String>,
    /// What will be told when it is done.
    ended: Ended,
    transaction: Option<TransactionId>,
    attempt: Attempt,
    /// When we stop waiting: for a flow to send it on, for an ACK that must come first, for its answer.
    until: Instant,
}

impl Bye {
    pub(super) fn into_ended(self) -> Ended {
        self.ended
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until <= now
    }

    pub(super) fn wake(&self) -> Wake {
        Wake::at(self.until, "end of a hang-up")
    }
}

impl Session {
    /// Hangs up. A callee must have its ACK before it may send BYE, or have waited long enough (RFC 3261 15).
    pub(super) fn hang_up(&mut self, core: &mut Core, leg: LegId, reason: Option<String>, ended: Ended, now: Now) {
        if self.bye.is_some() {
            return;
        }
        self.refuse_what_waits(core, now);
        // Twice: first for an ACK or a flow, then for the answer.
        let until = now.instant + core.config.timers.patience() * 2;
        self.bye = Some(Bye { reason, ended, transaction: None, attempt: Attempt::default(), until });
        self.send_bye(core, leg, now);
    }

    /// Sends the BYE, if there is one to be sent and nothing stands in its way.
    pub(super) fn send_bye(&mut self, core: &mut Core, leg: LegId, now: Now) {
        if self.unacknowledged.as_ref().is_some_and(super::session::Unacknowledged::is_first) {
            return;
        }
        let Some(bye) = self.bye.as_mut().filter(|bye| bye.transaction.is_none()) else { return };
        let Some(request) = bye_request(core, &mut self.dialog, &mut bye.attempt, bye.reason.as_deref()) else { return };
        bye.transaction = core.request(request, Purpose::Bye(leg), now);
    }

    /// The BYE was answered.
    pub(super) fn handle_bye_response(&mut self, core: &mut Core, leg: LegId, response: &Message<'_>, now: Now) -> Next {
        let Some(bye) = self.bye.as_mut() else { return Next::Same };
        match response.status().unwrap_or_default() {
            ..200 => return Next::Same,
            401 | 407 if core.credentials.challenged(response, &mut bye.attempt) == Verdict::Retry => {
                bye.transaction = None;
                self.send_bye(core, leg, now);
                return Next::Same;
            }
            _ => {}
        }
        self.bye.take().map_or(Next::Same, |bye| Next::Ended(bye.into_ended()))
    }

    /// The BYE was not answered, or its flow broke: then it goes out again on the next one.
    pub(super) fn handle_bye_failure(&mut self, core: &mut Core, leg: LegId, status: u16, now: Now) -> Next {
        if status == 503 {
            if let Some(bye) = self.bye.as_mut() {
                bye.transaction = None;
            }
            self.send_bye(core, leg, now);
            return Next::Same;
        }
        self.bye.take().map_or(Next::Same, |bye| Next::Ended(bye.into_ended()))
    }
}

/// A BYE, with what credentials there are. `None` without a flow.
fn bye_request(core: &mut Core, dialog: &mut Dialog, attempt: &mut Attempt, reason: Option<&str>) -> Option<Vec<u8>> {
    let flow = core.flow?;
    let branch = core.branch();
    let uri = dialog.request_uri();
    let request = dialog.request(Method::Bye, &flow, &branch).header_if(HeaderName::Reason, reason);
    let request = core.identity.sign(request, HeaderName::UserAgent);
    let scope = core.scope_within(dialog);
    Some(core.credentials.authorize(request, attempt, scope, Method::Bye, &uri, b"").into_bytes())
}

impl StrayBye {
    /// The dialog may have had PRACKs that nobody remembers.
    pub(super) fn new(dialog: Dialog) -> Box<Self> {
        Box::new(Self { dialog: dialog.skip(MOST), attempt: Attempt::default() })
    }

    /// Hangs up a dialog that no leg has.
    pub(super) fn send(mut self: Box<Self>, core: &mut Core, now: Now) {
        if let Some(request) = bye_request(core, &mut self.dialog, &mut self.attempt, None) {
            core.request(request, Purpose::StrayBye(self), now);
        }
    }

    /// Takes the answer; gives itself back while there is more to come.
    pub(super) fn handle_response(mut self: Box<Self>, core: &mut Core, response: &Message<'_>, now: Now) -> Option<Box<Self>> {
        match response.status().unwrap_or_default() {
            ..200 => return Some(self),
            401 | 407 if core.credentials.challenged(response, &mut self.attempt) == Verdict::Retry => self.send(core, now),
            _ => {}
        }
        None
    }
}
