use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::body::sdp_of;
use super::caller::early_outcome;
use super::core::{Core, Purpose};
use super::credentials::{Attempt, Verdict};
use super::identity::{ALLOW, OPTION_TAGS};
use super::leg::Next;
use super::offered::Offered;
use super::reliable::{Received, is_reliable};
use super::session::{Session, Unacknowledged};
use super::{EndKind, Ended, EndedBy, LegEvent, LegId};
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
use crate::transaction::TransactionId;

/// How often we try again after glare.
const GLARES: u8 = 5;

/// A re-INVITE of ours: RFC 3261 14.1.
pub(super) struct Reoffer {
    sdp: Vec<u8>,
    /// It only keeps the session alive: nobody has asked for it.
    is_refresh: bool,
    transaction: Option<TransactionId>,
    /// Its reliable provisional responses (RFC 3262).
    received: Received,
    /// The answer that one of these bears, after which further descriptions are none (RFC 3262 5).
    answer: Option<Vec<u8>>,
    attempt: Attempt,
    /// After glare: when to try again.
    again: Option<Instant>,
    glares: u8,
    /// The peer has taken notice of it: when it is cancelled, or once it is, given up.
    until: Option<Instant>,
    is_cancelled: bool,
}

impl Reoffer {
    fn new(sdp: Vec<u8>, is_refresh: bool) -> Self {
        let received = Received::default();
        let (answer, attempt) = (None, Attempt::default());
        Self { sdp, is_refresh, transaction: None, received, answer, attempt, again: None, glares: 0, until: None, is_cancelled: false }
    }

    /// Whether it is on its way, and not waiting after glare.
    pub(super) fn is_in_flight(&self) -> bool {
        self.transaction.is_some()
    }

    pub(super) fn wake(&self) -> Option<Wake> {
        let again = self.again.map(|at| Wake::at(at, "re-INVITE after glare"));
        Wake::earlier(again, self.until.map(|at| Wake::at(at, "end of a re-INVITE")))
    }
}

impl Session {
    /// Sends a re-INVITE; one at a time. One that waits after glare is given up for the new one.
    pub(super) fn start_reoffer(&mut self, core: &mut Core, leg: LegId, sdp: Vec<u8>, now: Now) {
        let other = self.reoffer.as_ref().is_some_and(|other| other.is_in_flight() && !other.is_refresh);
        if other || self.offers || self.queued.is_some() || self.offered.is_some() || self.bye.is_some() {
            core.tell(leg, LegEvent::ReofferFailed { status: 491 });
            return;
        }
        self.queued = Some(sdp);
        self.start_queued(core, leg, now);
    }

    /// Sends the offer that waits, unless something else must come first.
    pub(super) fn start_queued(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let is_busy = self.unacknowledged.is_some() || self.reoffer.as_ref().is_some_and(Reoffer::is_in_flight) || self.bye.is_some();
        if is_busy {
            return;
        }
        if let Some(sdp) = self.queued.take() {
            self.reoffer = Some(Reoffer::new(sdp, false));
            self.send_reoffer(core, leg, now);
        }
    }

    /// Sends our description as it stands, to a peer that takes no UPDATE.
    pub(super) fn refresh_by_reinvite(&mut self, core: &mut Core, leg: LegId, now: Now) {
        self.reoffer = Some(Reoffer::new(self.local_sdp.clone(), true));
        self.send_reoffer(core, leg, now);
    }

    /// What became of an UPDATE with an offer that we sent before the answer.
    pub(super) fn handle_early_outcome(
        &mut self,
        core: &mut Core,
        leg: LegId,
        remote_tag: &str,
        status: u16,
        response: Option<&Message<'_>>,
        now: Now,
    ) {
        if self.dialog.key().remote_tag != remote_tag || !std::mem::take(&mut self.offers) || self.bye.is_some() {
            return;
        }
        core.tell(leg, early_outcome(&mut self.dialog, status, response));
        self.start_queued(core, leg, now);
    }

    fn send_reoffer(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let Some(reoffer) = self.reoffer.as_mut() else { return };
        let sent = core.flow.and_then(|flow| {
            let branch = core.branch();
            let uri = self.dialog.request_uri();
            let contact = core.identity.contact_within(&flow, &self.dialog);
            let mut request = self.dialog.request(Method::Invite, &flow, &branch).contact(&contact);
            request = request.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, OPTION_TAGS);
            for (name, value) in self.timer.request() {
                request = request.header(name, value);
            }
            let request = core.identity.sign(request, HeaderName::UserAgent);
            let scope = core.scope_within(&self.dialog);
            let request = core.credentials.authorize(request, &mut reoffer.attempt, scope, Method::Invite, &uri, &reoffer.sdp);
            core.request(request.body("application/sdp", reoffer.sdp.clone()).into_bytes(), Purpose::Reinvite(leg), now)
        });
        (reoffer.transaction, reoffer.received, reoffer.answer) = (sent, Received::default(), None);
        (reoffer.until, reoffer.is_cancelled) = (None, false);
        if sent.is_none() {
            self.fail_reoffer(core, leg, 503, None, now);
        }
    }

    /// The re-INVITE was refused, or never left.
    fn fail_reoffer(&mut self, core: &mut Core, leg: LegId, status: u16, response: Option<&Message<'_>>, now: Now) {
        let Some(reoffer) = self.reoffer.take() else { return };
        match status {
            _ if reoffer.is_refresh => self.handle_refused_refresh(core, leg, status, response, now),
            408 | 481 => {
                core.tell(leg, LegEvent::ReofferFailed { status });
                self.lose(core, leg, status, now);
            }
            _ => core.tell(leg, LegEvent::ReofferFailed { status }),
        }
        self.start_queued(core, leg, now);
    }

    /// Whoever does not answer a request within a dialog, or knows of none, counts as gone (12.2.1.2).
    pub(super) fn lose(&mut self, core: &mut Core, leg: LegId, status: u16, now: Now) {
        self.hang_up(core, leg, None, Ended::silent(EndedBy::Peer, EndKind::Timeout, Some(status)), now);
    }

    pub(super) fn retry_reoffer(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let Some(reoffer) = self.reoffer.as_mut().filter(|reoffer| reoffer.again.is_some_and(|at| at <= now.instant)) else { return };
        reoffer.again = None;
        self.send_reoffer(core, leg, now);
    }

    /// A peer that takes notice of a re-INVITE and then never answers it would stand in the way of all others (14): it is cancelled, and
    /// the call goes on as it was.
    pub(super) fn give_up_reoffer(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let Some(reoffer) = self.reoffer.as_mut().filter(|reoffer| reoffer.until.is_some_and(|at| at <= now.instant)) else { return };
        let Some(transaction) = reoffer.transaction else { return };
        if !std::mem::replace(&mut reoffer.is_cancelled, true) {
            reoffer.until = Some(now.instant + core.config.timers.patience());
            if let Some(cancel) = core.transactions.cancel(transaction, None, now) {
                core.purposes.insert(cancel, Purpose::Cancel);
            }
            return;
        }
        core.transactions.drop_transaction(transaction);
        self.fail_reoffer(core, leg, 487, None, now);
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
            self.learn(response);
            self.timer.answered(response, now);
            core.acknowledge(transaction, &self.dialog, response);
        }
        let Some(reoffer) = self.reoffer.as_mut().filter(|reoffer| reoffer.transaction == Some(transaction)) else { return Next::Same };
        if status < 200 {
            reoffer.until.get_or_insert(now.instant + core.config.timers.patience());
        }
        match status {
            ..101 => {}
            101..200 if is_reliable(response) => {
                if reoffer.received.acknowledge(core, leg, &mut self.dialog, response, now) && reoffer.answer.is_none() {
                    reoffer.answer = sdp_of(response);
                }
            }
            101..200 => {}
            200..300 => self.finish_reoffer(core, leg, response, now),
            401 | 407 if core.credentials.challenged(response, &mut reoffer.attempt) == Verdict::Retry => {
                self.send_reoffer(core, leg, now);
            }
            422 if !reoffer.is_refresh && self.timer.refused(response) => self.send_reoffer(core, leg, now),
            491 if reoffer.glares < GLARES => {
                reoffer.glares += 1;
                (reoffer.transaction, reoffer.until) = (None, None);
                reoffer.again = Some(now.instant + glare_wait(core, we_called));
            }
            _ => self.fail_reoffer(core, leg, status, Some(response), now),
        }
        Next::Same
    }

    fn finish_reoffer(&mut self, core: &mut Core, leg: LegId, response: &Message<'_>, now: Now) {
        let Some(reoffer) = self.reoffer.take() else { return };
        let sdp = reoffer.answer.or_else(|| sdp_of(response));
        if reoffer.is_refresh {
            core.tell(leg, LegEvent::Refreshed { sdp });
        } else {
            self.local_sdp = reoffer.sdp;
            core.tell(leg, LegEvent::Reanswered { sdp });
        }
        self.start_queued(core, leg, now);
    }

    /// Our re-INVITE got no final response.
    pub(super) fn handle_reoffer_failure(&mut self, core: &mut Core, leg: LegId, transaction: TransactionId, status: u16, now: Now) {
        if self.reoffer.as_ref().is_some_and(|reoffer| reoffer.transaction == Some(transaction)) {
            self.fail_reoffer(core, leg, status, None, now);
        }
    }

    /// A re-INVITE came. Its CSeq has been checked.
    pub(super) fn handle_reinvite(&mut self, core: &mut Core, leg: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let sdp = sdp_of(request);
        let offered = Offered::new(transaction, request, sdp.is_some());
        if self.bye.is_some() {
            offered.refuse(core, &self.dialog, 481, now);
        } else if self.offered.is_some() {
            offered.refuse(core, &self.dialog, 500, now);
        } else if self.offers || self.reoffer.as_ref().is_some_and(Reoffer::is_in_flight) || self.unacknowledged.is_some() {
            offered.refuse(core, &self.dialog, 491, now);
        } else {
            self.learn(request);
            self.dialog.refresh_target(request);
            offered.try_it(core, &self.dialog, now);
            self.offered = Some(offered);
            core.tell(leg, LegEvent::Reoffer { sdp });
        }
    }

    /// An UPDATE came (RFC 3311 5.2). Its CSeq has been checked.
    pub(super) fn handle_update(&mut self, core: &mut Core, leg: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let sdp = sdp_of(request);
        let mut update = Offered::new(transaction, request, sdp.is_some());
        let unanswered = self.offers
            || self.reoffer.as_ref().is_some_and(Reoffer::is_in_flight)
            || self.unacknowledged.as_ref().is_some_and(Unacknowledged::offers);
        if self.bye.is_some() {
            update.refuse(core, &self.dialog, 481, now);
        } else if self.offered.as_ref().is_some_and(|other| other.is_prompt || sdp.is_some()) {
            update.refuse(core, &self.dialog, 500, now);
        } else if sdp.is_some() && unanswered {
            update.refuse(core, &self.dialog, 491, now);
        } else {
            self.learn(request);
            self.dialog.refresh_target(request);
            if sdp.is_some() {
                update.wait(now);
                self.offered = Some(update);
                core.tell(leg, LegEvent::Reoffer { sdp });
            } else {
                let lines = self.timer.accept(request, now);
                update.accept(core, &self.dialog, None, lines, now);
            }
        }
    }

    pub(super) fn accept_reoffer(&mut self, core: &mut Core, leg: LegId, sdp: Vec<u8>, now: Now) {
        let Some(offered) = self.offered.take() else { return };
        // An offer of ours that waits for its next try after glare is older than this answer: our owner makes a fresh one, if it is needed still.
        if self.reoffer.take_if(|reoffer| reoffer.again.is_some() && !reoffer.is_refresh).is_some() {
            core.tell(leg, LegEvent::ReofferFailed { status: 491 });
        }
        let lines = offered.request().map(|request| self.timer.accept(&request, now)).unwrap_or_default();
        self.local_sdp.clone_from(&sdp);
        let Some(response) = offered.accept(core, &self.dialog, Some(sdp), lines, now) else { return };
        if offered.is_prompt {
            core.tell(leg, LegEvent::ReofferConfirmed { sdp: None });
        } else {
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

    /// Our owner has let an UPDATE wait for too long (RFC 3311 5.2).
    pub(super) fn refuse_overdue(&mut self, core: &mut Core, now: Now) {
        if self.offered.as_ref().is_some_and(|offered| offered.is_overdue(now)) {
            self.reject_reoffer(core, 504, now);
        }
    }

    /// CANCEL of the peer's re-INVITE.
    pub(super) fn cancel_reoffer(&mut self, core: &mut Core, transaction: TransactionId, now: Now) {
        if let Some(offered) = self.offered.take_if(|offered| offered.transaction == transaction) {
            offered.refuse(core, &self.dialog, 487, now);
        }
    }
}

/// 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the other side, in units of 10 ms (14.1).
pub(super) fn glare_wait(core: &mut Core, we_called: bool) -> Duration {
    let units = if we_called { 210 + core.entropy.below(191) } else { core.entropy.below(201) };
    Duration::from_millis(10 * units)
}
