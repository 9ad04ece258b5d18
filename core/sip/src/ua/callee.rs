use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::core::Core;
use super::identity::{ALLOW, OPTION_TAGS};
use super::leg::Next;
use super::offered::Offered;
use super::reliable::Unpracked;
use super::session::{Session, Unacknowledged};
use super::timer::{Lines, SessionTimer};
use super::{EndKind, Ended, EndedBy, HangUp};
use crate::dialog::Dialog;
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
    ring_again: Option<Instant>,
    /// The caller's own limit (13.3.1).
    expires: Option<Instant>,
    /// Ours.
    until: Instant,
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
            wants_reliable: request.has_token(HeaderName::Require, "100rel"),
            // Leaves room below 2^31 - 1 (RFC 3262 3).
            rseq: 1 + u32::try_from(core.entropy.below(1 << 30)).unwrap_or_default(),
            unpracked: None,
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

    /// 180; reliably where the caller demands it. Without an offer that would have to bear ours, which nobody has yet, so
    /// such a caller hears nothing before the answer (RFC 3262 3, 5).
    pub(super) fn ring(&mut self, core: &mut Core, now: Now) {
        self.ring_again = Some(now.instant + RING_AGAIN);
        if !self.wants_reliable {
            self.respond(core, 180, "", None, Lines::new(), now);
        } else if self.unpracked.is_none() && self.has_offer {
            let lines = vec![(HeaderName::Require, "100rel".to_owned()), (HeaderName::RSeq, self.rseq.to_string())];
            let Some(response) = self.respond(core, 180, "", None, lines, now) else { return };
            self.unpracked = Some(Unpracked::new(core, self.rseq, self.cseq, 180, response, now));
            self.rseq += 1;
        }
    }

    /// A PRACK came: whether it acknowledges the response that waits for one.
    pub(super) fn is_pracked(&mut self, prack: &Message<'_>) -> bool {
        self.unpracked.take_if(|waiting| waiting.is_acknowledged_by(prack)).is_some()
    }

    /// An UPDATE before the answer (RFC 3311 5.2): the offer of the INVITE is not answered yet, so that there can be no other.
    pub(super) fn handle_update(&mut self, core: &mut Core, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let has_offer = super::body::sdp_of(request).is_some();
        let update = Offered::new(transaction, request, has_offer);
        if has_offer {
            update.refuse(core, &self.dialog, 500, now);
        } else {
            self.dialog.refresh_target(request);
            update.accept(core, &self.dialog, None, Lines::new(), now);
        }
    }

    /// 200.
    pub(super) fn answer(&mut self, core: &mut Core, sdp: Vec<u8>, now: Now) -> Next {
        let Ok(request) = Message::parse(&self.request, Framing::Datagram) else { return Next::Same };
        let mut timer = SessionTimer::default();
        let lines = timer.accept(&request, now);
        let Some(response) = self.respond(core, 200, "", Some(sdp.clone()), lines, now) else { return Next::Same };
        let unacknowledged = Unacknowledged::new(core, self.transaction, self.cseq, response, true, !self.has_offer, now);
        let mut session = Session::of_callee(self.dialog.clone(), unacknowledged, sdp, timer);
        session.learn(&request);
        session.unpracked = self.unpracked.take();
        Next::Session(Box::new(session))
    }

    /// A final response 3xx-6xx of ours.
    pub(super) fn reject(&mut self, core: &mut Core, status: u16, reason: &str, now: Now) -> Next {
        let status = if (300..700).contains(&status) { status } else { 603 };
        self.respond(core, status, reason, None, Lines::new(), now);
        Next::Ended(Ended::silent(EndedBy::Us, EndKind::Rejected, Some(status)))
    }

    pub(super) fn hang_up(&mut self, core: &mut Core, reason: &HangUp, now: Now) -> Next {
        self.reject(core, reason.status.unwrap_or(603), "", now)
    }

    /// The caller gave up, by CANCEL or by a BYE to the early dialog (15).
    pub(super) fn handle_giving_up(&mut self, core: &mut Core, request: &Message<'_>, now: Now) -> Next {
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
            response = response.contact(&core.identity.dialog_contact(&flow, false));
            response = response.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, OPTION_TAGS);
        }
        let response = core.identity.finish(response, &self.dialog, lines, sdp);
        core.respond(self.transaction, status, response.clone(), now);
        Some(response)
    }

    pub(super) fn handle_timeout(&mut self, core: &mut Core, now: Now) -> Next {
        if self.expires.is_some_and(|at| at <= now.instant) {
            self.respond(core, 487, "", None, Lines::new(), now);
            return Next::Ended(Ended::silent(EndedBy::Peer, EndKind::Cancelled, Some(487)));
        }
        if self.until <= now.instant {
            return self.reject(core, 480, "", now);
        }
        if let Some(waiting) = self.unpracked.as_mut()
            && !waiting.handle_timeout(core, self.transaction, now)
        {
            self.respond(core, 504, "", None, Lines::new(), now);
            return Next::Ended(Ended::silent(EndedBy::Peer, EndKind::NoAck, Some(504)));
        }
        if self.ring_again.is_some_and(|at| at <= now.instant) {
            self.ring(core, now);
        }
        Next::Same
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        let ring = self.ring_again.map(|at| Wake::at(at, "ringing again").with_slack(Duration::from_secs(20)));
        let end = self.expires.map_or(self.until, |expires| expires.min(self.until));
        let unpracked = self.unpracked.as_ref().and_then(Unpracked::next_wake);
        Wake::earlier(unpracked, Wake::earlier(ring, Some(Wake::at(end, "end of ringing"))))
    }
}
