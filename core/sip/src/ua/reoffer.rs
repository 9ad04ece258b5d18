use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::body::sdp_of;
use super::core::{Core, Purpose};
use super::credentials::{Attempt, Verdict};
use super::identity::{ALLOW, OPTION_TAGS};
use super::leg::Next;
use super::session::{Session, Unacknowledged};
use super::{EndKind, Ended, EndedBy, LegEvent, LegId};
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::method::Method;
use crate::session_id::SessionId;
use crate::transaction::TransactionId;

/// How often we try again after glare.
const GLARES: u8 = 5;

/// A re-INVITE of ours: RFC 3261 14.1.
pub(super) struct Reoffer {
    sdp: Vec<u8>,
    transaction: Option<TransactionId>,
    attempt: Attempt,
    /// After glare: when to try again.
    again: Option<Instant>,
    glares: u8,
}

impl Reoffer {
    pub(super) fn wake(&self) -> Option<Wake> {
        self.again.map(|at| Wake::at(at, "re-INVITE after glare"))
    }
}

/// A re-INVITE of the peer's: RFC 3261 14.2.
pub(super) struct Offered {
    pub(super) transaction: TransactionId,
    request: Vec<u8>,
    cseq: u32,
    has_offer: bool,
}

impl Session {
    /// Sends a re-INVITE; one at a time.
    pub(super) fn start_reoffer(&mut self, core: &mut Core, leg: LegId, sdp: Vec<u8>, now: Now) {
        if self.reoffer.is_some() || self.offered.is_some() || self.unacknowledged.is_some() || self.bye.is_some() {
            core.tell(leg, LegEvent::ReofferFailed { status: 491 });
            return;
        }
        self.reoffer = Some(Reoffer { sdp, transaction: None, attempt: Attempt::default(), again: None, glares: 0 });
        self.send_reoffer(core, leg, now);
    }

    fn send_reoffer(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let Some(reoffer) = self.reoffer.as_mut() else { return };
        let sent = core.flow.and_then(|flow| {
            let branch = core.branch();
            let uri = self.dialog.request_uri();
            let request = self.dialog.request(Method::Invite, &flow, &branch);
            let request = request.contact(&core.identity.dialog_contact(&flow));
            let request = request.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, OPTION_TAGS);
            let request = core.identity.sign(request, HeaderName::UserAgent);
            let request = core.credentials.authorize(request, Method::Invite, &uri, &reoffer.sdp);
            core.request(request.body("application/sdp", reoffer.sdp.clone()).into_bytes(), Purpose::Reinvite(leg), now)
        });
        reoffer.transaction = sent;
        if sent.is_none() {
            self.fail_reoffer(core, leg, 503);
        }
    }

    fn fail_reoffer(&mut self, core: &mut Core, leg: LegId, status: u16) {
        self.reoffer = None;
        core.tell(leg, LegEvent::ReofferFailed { status });
    }

    pub(super) fn retry_reoffer(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let Some(reoffer) = self.reoffer.as_mut().filter(|reoffer| reoffer.again.is_some_and(|at| at <= now.instant)) else { return };
        reoffer.again = None;
        if self.bye.is_none() {
            self.send_reoffer(core, leg, now);
        }
    }

    /// Takes a response to our re-INVITE.
    pub(super) fn handle_reoffer_response(
        &mut self,
        core: &mut Core,
        leg: LegId,
        transaction: TransactionId,
        response: &Message<'_>,
        now: Now,
    ) -> Next {
        let (status, we_called) = (response.status().unwrap_or_default(), self.we_called());
        if (200..300).contains(&status) {
            self.dialog.refresh_target(response);
            core.acknowledge(transaction, &self.dialog, response);
        }
        let Some(reoffer) = self.reoffer.as_mut().filter(|reoffer| reoffer.transaction == Some(transaction)) else { return Next::Same };
        match status {
            ..200 => {}
            200..300 => {
                self.reoffer = None;
                core.tell(leg, LegEvent::Reanswered { sdp: sdp_of(response) });
            }
            401 | 407 if core.credentials.challenged(response, &mut reoffer.attempt) == Verdict::Retry => {
                self.send_reoffer(core, leg, now);
            }
            491 if reoffer.glares < GLARES => {
                reoffer.glares += 1;
                reoffer.transaction = None;
                reoffer.again = Some(now.instant + glare_wait(core, we_called));
            }
            408 | 481 => self.lose(core, leg, status, now),
            _ => self.fail_reoffer(core, leg, status),
        }
        Next::Same
    }

    /// Our re-INVITE got no final response. Without an answer to it the whole dialog counts as lost (12.2.1.2).
    pub(super) fn handle_reoffer_failure(&mut self, core: &mut Core, leg: LegId, status: u16, now: Now) -> Next {
        match status {
            408 => self.lose(core, leg, status, now),
            _ => self.fail_reoffer(core, leg, status),
        }
        Next::Same
    }

    fn lose(&mut self, core: &mut Core, leg: LegId, status: u16, now: Now) {
        self.fail_reoffer(core, leg, status);
        self.hang_up(core, leg, None, Ended::silent(EndedBy::Peer, EndKind::Timeout, Some(status)), now);
    }

    /// A re-INVITE came. Its CSeq has been checked.
    pub(super) fn handle_reinvite(&mut self, core: &mut Core, leg: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let sdp = sdp_of(request);
        let offered = Offered { transaction, request: request.as_bytes().to_vec(), cseq: request.cseq().number, has_offer: sdp.is_some() };
        if self.bye.is_some() {
            offered.refuse(core, &self.dialog, 481, now);
        } else if self.offered.is_some() {
            offered.refuse(core, &self.dialog, 500, now);
        } else if self.reoffer.as_ref().is_some_and(|reoffer| reoffer.transaction.is_some()) || self.unacknowledged.is_some() {
            offered.refuse(core, &self.dialog, 491, now);
        } else {
            self.dialog.refresh_target(request);
            offered.respond(core, &self.dialog, 100, None, now);
            self.offered = Some(offered);
            core.tell(leg, LegEvent::Reoffer { sdp });
        }
    }

    pub(super) fn accept_reoffer(&mut self, core: &mut Core, sdp: Vec<u8>, now: Now) {
        let Some(offered) = self.offered.take() else { return };
        if let Some(response) = offered.respond(core, &self.dialog, 200, Some(sdp), now) {
            self.unacknowledged =
                Some(Unacknowledged::new(core, offered.transaction, offered.cseq, response, false, !offered.has_offer, now));
        }
    }

    pub(super) fn reject_reoffer(&mut self, core: &mut Core, status: u16, now: Now) {
        let status = if (300..700).contains(&status) { status } else { 488 };
        if let Some(offered) = self.offered.take() {
            offered.refuse(core, &self.dialog, status, now);
        }
    }

    /// CANCEL of the peer's re-INVITE.
    pub(super) fn cancel_reoffer(&mut self, core: &mut Core, transaction: TransactionId, now: Now) {
        if let Some(offered) = self.offered.take_if(|offered| offered.transaction == transaction) {
            offered.refuse(core, &self.dialog, 487, now);
        }
    }
}

impl Offered {
    pub(super) fn refuse(&self, core: &mut Core, dialog: &Dialog, status: u16, now: Now) {
        self.respond(core, dialog, status, None, now);
    }

    fn respond(&self, core: &mut Core, dialog: &Dialog, status: u16, sdp: Option<Vec<u8>>, now: Now) -> Option<Vec<u8>> {
        let request = Message::parse(&self.request, Framing::Datagram).ok()?;
        let flow = core.last_flow?;
        let mut response = core.identity.respond(&request, &flow, status, None);
        if (200..300).contains(&status) {
            response = response.contact(&core.identity.dialog_contact(&flow));
            response = response.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, OPTION_TAGS);
        }
        if status == 500 {
            response = response.header(HeaderName::RetryAfter, core.entropy.below(11).to_string());
        }
        let response = response.header_if(HeaderName::SessionId, dialog.session().map(SessionId::to_string));
        let response = core.identity.sign(response, HeaderName::Server);
        let response = match sdp {
            Some(sdp) => response.body("application/sdp", sdp),
            None => response,
        };
        let response = response.into_bytes();
        core.respond(self.transaction, status, response.clone(), now);
        Some(response)
    }
}

/// 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the other side, in units of 10 ms (14.1).
fn glare_wait(core: &mut Core, we_called: bool) -> Duration {
    let units = if we_called { 210 + core.entropy.below(191) } else { core.entropy.below(201) };
    Duration::from_millis(10 * units)
}
