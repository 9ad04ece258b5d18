use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::body::sdp_of;
use super::core::Core;
use super::identity::{ALLOW, OPTION_TAGS};
use super::leg::Next;
use super::offered::Offered;
use super::reliable::{Unpracked, is_reliable_wanted};
use super::session::{Session, Unacknowledged};
use super::timer::{Lines, SessionTimer};
use super::{EndKind, Ended, EndedBy, HangUp, LegEvent, LegId};
use crate::dialog::{Dialog, DialogKey};
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::transaction::TransactionId;

/// How often a ringing phone says so again, lest proxies lose patience (RFC 3261 13.3.1.1).
const RING_AGAIN: Duration = Duration::from_secs(60);

/// No caller waits longer, and no call that nobody will ever cancel rings for ever.
const LONGEST_RING: Duration = Duration::from_secs(300);

/// An incoming leg before its final response: RFC 3261 13.3.
pub(super) struct Callee {
    transaction: TransactionId,
    /// The INVITE, from which responses are made.
    request: Vec<u8>,
    cseq: u32,
    pub(super) dialog: Dialog,
    has_offer: bool,
    /// The caller wants to be sure of every provisional response (RFC 3262).
    wants_reliable: bool,
    /// The number of the next one.
    rseq: u32,
    unpracked: Option<Unpracked>,
    /// How far our own offer has come, where the caller made none.
    early: EarlyOffer,
    /// Our owner's answer, which waits for the answer to that offer.
    taken: Option<Vec<u8>>,
    /// Another offer of the caller's, which waits for our owner's answer.
    offered: Option<Offered>,
    ring_again: Option<Instant>,
    /// The caller's own limit (13.3.1).
    expires: Option<Instant>,
    /// Ours.
    until: Instant,
}

/// Our offer in a reliable 180 (RFC 3262 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EarlyOffer {
    /// There is none.
    No,
    /// It was made.
    Made,
    /// It was answered: there may be others.
    Answered,
}

impl Callee {
    /// Takes an INVITE in and answers 100.
    pub(super) fn start(core: &mut Core, transaction: TransactionId, request: &Message<'_>, has_offer: bool, now: Now) -> Self {
        let tag = core.entropy.token(10);
        let session = crate::session_id::sender_of(request).map(|_| core.session_id());
        let callee = Self {
            transaction,
            request: request.as_bytes().to_vec(),
            cseq: request.cseq().number,
            dialog: Dialog::of_callee(request, &tag, session.as_deref()),
            has_offer,
            wants_reliable: is_reliable_wanted(request),
            // Leaves room below 2^31 - 1 (RFC 3262 3).
            rseq: 1 + u32::try_from(core.entropy.below(1 << 30)).unwrap_or_default(),
            unpracked: None,
            early: EarlyOffer::No,
            taken: None,
            offered: None,
            ring_again: None,
            expires: request.expires().map(|seconds| now.instant + Duration::from_secs(u64::from(seconds))),
            until: now.instant + LONGEST_RING,
        };
        if let Some(flow) = core.flow {
            let trying = core.identity.respond(request, &flow, 100, None).into_bytes();
            core.respond(transaction, 100, trying, now);
        }
        callee
    }

    /// Whether an INVITE is this one again, come by another way (8.2.2.2).
    pub(super) fn is_merged(&self, request: &Message<'_>) -> bool {
        self.dialog.is_from_same_caller(request) && self.cseq == request.cseq().number
    }

    pub(super) fn transaction(&self) -> TransactionId {
        self.transaction
    }

    /// Our tag, which the answer to a CANCEL has too (9.2).
    pub(super) fn tag(&self) -> &str {
        &self.dialog.key().local_tag
    }

    pub(super) fn owns(&self, request: &Message<'_>) -> bool {
        self.dialog.owns(request)
    }

    /// 180; reliably where the caller demands it. Where that one made no offer, the first has to bear ours, and waits for it (RFC 3262 5).
    pub(super) fn ring(&mut self, core: &mut Core, offer: Option<Vec<u8>>, now: Now) {
        self.ring_again = Some(now.instant + RING_AGAIN);
        if !self.wants_reliable {
            self.respond(core, 180, "", None, Lines::new(), now);
            return;
        }
        let offer = offer.filter(|_| !self.has_offer && self.early == EarlyOffer::No);
        let has_nothing_to_say = !self.has_offer && self.early == EarlyOffer::No && offer.is_none();
        if has_nothing_to_say || self.unpracked.is_some() {
            return;
        }
        let lines = vec![(HeaderName::Require, "100rel".to_owned()), (HeaderName::RSeq, self.rseq.to_string())];
        let offers = offer.is_some();
        let Some(response) = self.respond(core, 180, "", offer, lines, now) else { return };
        if offers {
            self.early = EarlyOffer::Made;
        }
        self.unpracked = Some(Unpracked::new(core, self.rseq, self.cseq, offers, response, now));
        self.rseq += 1;
    }

    /// A PRACK came (RFC 3262 3, 5): the answer to our offer, or once there is one, another offer. The status of the answer to it, unless
    /// that is our owner's. [`Callee::go_on`] follows.
    pub(super) fn handle_prack(
        &mut self,
        core: &mut Core,
        leg: LegId,
        transaction: TransactionId,
        prack: &Message<'_>,
        now: Now,
    ) -> Option<u16> {
        let Some(acknowledged) = self.unpracked.take_if(|waiting| waiting.is_acknowledged_by(prack)) else { return Some(481) };
        let sdp = sdp_of(prack);
        if acknowledged.offers {
            if let Some(sdp) = sdp {
                self.early = EarlyOffer::Answered;
                core.tell(leg, LegEvent::EarlyAnswered { sdp });
            }
            return Some(200);
        }
        let Some(sdp) = sdp else { return Some(200) };
        if self.early != EarlyOffer::Answered || self.offered.is_some() {
            return Some(488);
        }
        self.wait_for_owner(core, leg, Offered::new(transaction, prack, true), sdp, now);
        None
    }

    /// Says what had to wait for a PRACK.
    pub(super) fn go_on(&mut self, core: &mut Core, now: Now) -> Next {
        self.taken.take().map_or(Next::Same, |sdp| self.answer(core, sdp, now))
    }

    fn wait_for_owner(&mut self, core: &mut Core, leg: LegId, mut offered: Offered, sdp: Vec<u8>, now: Now) {
        offered.wait(now);
        self.offered = Some(offered);
        core.tell(leg, LegEvent::EarlyReoffer { dialog: self.dialog.key().clone(), sdp });
    }

    /// An UPDATE before the answer (RFC 3311 5.2). Where the offer of the INVITE is not answered yet, or ours is not, there can be no other.
    pub(super) fn handle_update(&mut self, core: &mut Core, leg: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let sdp = sdp_of(request);
        let update = Offered::new(transaction, request, sdp.is_some());
        if self.offered.is_some() {
            return update.refuse(core, &self.dialog, 500, now);
        }
        match sdp {
            None => {
                self.dialog.refresh_target(request);
                update.accept(core, &self.dialog, None, Lines::new(), now);
            }
            Some(_) if self.early == EarlyOffer::Made => update.refuse(core, &self.dialog, 491, now),
            Some(_) if self.early == EarlyOffer::No => update.refuse(core, &self.dialog, 500, now),
            Some(sdp) => {
                self.dialog.refresh_target(request);
                self.wait_for_owner(core, leg, update, sdp, now);
            }
        }
    }

    /// Answers what waits; with a status in place of a description, refuses it.
    pub(super) fn answer_offer(&mut self, core: &mut Core, dialog: &DialogKey, answer: Result<Vec<u8>, u16>, now: Now) {
        if let Some(offered) = self.offered.take_if(|_| self.dialog.key() == dialog) {
            offered.conclude(core, &self.dialog, answer, now);
        }
    }

    /// What was asked ends with the call.
    fn refuse_offer(&mut self, core: &mut Core, now: Now) {
        if let Some(offered) = self.offered.take() {
            offered.refuse(core, &self.dialog, 487, now);
        }
    }

    /// 200. Not before the answer to our offer, if one was made; and where there is one, it is not said again (RFC 3262 3, 5).
    pub(super) fn answer(&mut self, core: &mut Core, sdp: Vec<u8>, now: Now) -> Next {
        if self.unpracked.as_ref().is_some_and(|waiting| waiting.offers) {
            self.taken = Some(sdp);
            return Next::Same;
        }
        let Ok(request) = Message::parse(&self.request, Framing::Datagram) else { return Next::Same };
        let mut timer = SessionTimer::default();
        let lines = timer.accept(&request, now);
        let is_settled = self.early == EarlyOffer::Answered;
        let Some(response) = self.respond(core, 200, "", (!is_settled).then(|| sdp.clone()), lines, now) else { return Next::Same };
        let offers = !self.has_offer && !is_settled;
        let unacknowledged = Unacknowledged::new(core, self.transaction, self.cseq, response, true, offers, now);
        let mut session = Session::of_callee(self.dialog.clone(), unacknowledged, sdp, timer);
        session.learn(&request);
        (session.unpracked, session.offered) = (self.unpracked.take(), self.offered.take());
        Next::Session(Box::new(session))
    }

    /// A final response 3xx-6xx of ours.
    pub(super) fn reject(&mut self, core: &mut Core, status: u16, reason: &str, now: Now) -> Next {
        let status = if (300..700).contains(&status) { status } else { 603 };
        self.refuse_offer(core, now);
        self.respond(core, status, reason, None, Lines::new(), now);
        Next::Ended(Ended::silent(EndedBy::Us, EndKind::Rejected, Some(status)))
    }

    pub(super) fn hang_up(&mut self, core: &mut Core, reason: &HangUp, now: Now) -> Next {
        self.reject(core, reason.status.unwrap_or(603), "", now)
    }

    /// The caller gave up, by CANCEL or by a BYE to the early dialog (15).
    pub(super) fn handle_giving_up(&mut self, core: &mut Core, request: &Message<'_>, now: Now) -> Next {
        self.refuse_offer(core, now);
        self.respond(core, 487, "", None, Lines::new(), now);
        Next::Ended(Ended::by_peer(request, EndKind::Cancelled))
    }

    fn respond(&self, core: &mut Core, status: u16, reason: &str, sdp: Option<Vec<u8>>, lines: Lines, now: Now) -> Option<Vec<u8>> {
        let request = Message::parse(&self.request, Framing::Datagram).ok()?;
        let flow = core.last_flow?;
        let mut response = crate::build::respond(&request, Some(flow.remote), status, reason, Some(&self.dialog.key().local_tag));
        if status < 300 {
            for route in request.headers().filter(|header| header.name == HeaderName::RecordRoute) {
                response = response.header(HeaderName::RecordRoute, route.value);
            }
            response = response.contact(&core.identity.contact_within(&flow, &self.dialog));
            response = response.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, OPTION_TAGS);
        }
        let response = core.identity.finish(response, &self.dialog, lines, sdp);
        core.respond(self.transaction, status, response.clone(), now);
        Some(response)
    }

    pub(super) fn handle_timeout(&mut self, core: &mut Core, now: Now) -> Next {
        if self.expires.is_some_and(|at| at <= now.instant) {
            self.refuse_offer(core, now);
            self.respond(core, 487, "", None, Lines::new(), now);
            return Next::Ended(Ended::silent(EndedBy::Peer, EndKind::Cancelled, Some(487)));
        }
        if self.until <= now.instant {
            return self.reject(core, 480, "", now);
        }
        if let Some(waiting) = self.unpracked.as_mut()
            && !waiting.handle_timeout(core, self.transaction, now)
        {
            self.refuse_offer(core, now);
            self.respond(core, 504, "", None, Lines::new(), now);
            return Next::Ended(Ended::silent(EndedBy::Peer, EndKind::NoAck, Some(504)));
        }
        if let Some(offered) = self.offered.take_if(|offered| offered.is_overdue(now)) {
            offered.refuse(core, &self.dialog, 504, now);
        }
        if self.ring_again.is_some_and(|at| at <= now.instant) {
            self.ring(core, None, now);
        }
        Next::Same
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        let ring = self.ring_again.map(|at| Wake::at(at, "ringing again").with_slack(Duration::from_secs(20)));
        let end = self.expires.map_or(self.until, |expires| expires.min(self.until));
        let unpracked = self.unpracked.as_ref().and_then(Unpracked::next_wake);
        let unpracked = Wake::earlier(unpracked, self.offered.as_ref().and_then(Offered::wake));
        Wake::earlier(unpracked, Wake::earlier(ring, Some(Wake::at(end, "end of ringing"))))
    }
}
