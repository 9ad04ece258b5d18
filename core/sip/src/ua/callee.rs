use std::time::{Duration, Instant};

use cooee_machine::{Now, Pii, Wake};

use super::core::Core;
use super::identity::{ALLOW, OPTION_TAGS};
use super::leg::Next;
use super::session::{Session, Unacknowledged};
use super::{EndKind, Ended, EndedBy, HangUp, LegId};
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::session_id::SessionId;
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
    dialog: Dialog,
    has_offer: bool,
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

    /// 180.
    pub(super) fn ring(&mut self, core: &mut Core, now: Now) {
        self.respond(core, 180, "", None, now);
        self.ring_again = Some(now.instant + RING_AGAIN);
    }

    /// 200.
    pub(super) fn answer(&mut self, core: &mut Core, sdp: Vec<u8>, now: Now) -> Next {
        let Some(response) = self.respond(core, 200, "", Some(sdp), now) else { return Next::Same };
        let unacknowledged = Unacknowledged::new(core, self.transaction, self.cseq, response, true, !self.has_offer, now);
        let session = Session::of_callee(self.dialog.clone(), unacknowledged);
        Next::Session(Box::new(session))
    }

    /// A final response 3xx-6xx of ours.
    pub(super) fn reject(&mut self, core: &mut Core, status: u16, reason: &str, now: Now) -> Next {
        let status = if (300..700).contains(&status) { status } else { 603 };
        self.respond(core, status, reason, None, now);
        Next::Ended(Ended::silent(EndedBy::Us, EndKind::Rejected, Some(status)))
    }

    pub(super) fn hang_up(&mut self, core: &mut Core, reason: &HangUp, now: Now) -> Next {
        self.reject(core, reason.status.unwrap_or(603), "", now)
    }

    /// The caller gave up, by CANCEL or by a BYE to the early dialog (15).
    pub(super) fn handle_giving_up(&mut self, core: &mut Core, request: &Message<'_>, now: Now) -> Next {
        self.respond(core, 487, "", None, now);
        Next::Ended(Ended::by_peer(request, EndKind::Cancelled))
    }

    fn respond(&self, core: &mut Core, status: u16, reason: &str, sdp: Option<Vec<u8>>, now: Now) -> Option<Vec<u8>> {
        let request = Message::parse(&self.request, Framing::Datagram).ok()?;
        let flow = core.last_flow?;
        let mut response = crate::build::respond(&request, Some(flow.remote), status, reason, Some(&self.dialog.key().local_tag));
        if status < 300 {
            for route in request.headers().filter(|header| header.name == HeaderName::RecordRoute) {
                response = response.header(HeaderName::RecordRoute, route.value);
            }
            response = response.contact(&core.identity.dialog_contact(&flow));
            response = response.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, OPTION_TAGS);
        }
        let response = response.header_if(HeaderName::SessionId, self.dialog.session().map(SessionId::to_string));
        let response = core.identity.sign(response, HeaderName::Server);
        let response = match sdp {
            Some(sdp) => response.body("application/sdp", sdp),
            None => response,
        };
        let response = response.into_bytes();
        core.respond(self.transaction, status, response.clone(), now);
        Some(response)
    }

    pub(super) fn handle_timeout(&mut self, core: &mut Core, now: Now) -> Next {
        if self.expires.is_some_and(|at| at <= now.instant) {
            self.respond(core, 487, "", None, now);
            return Next::Ended(Ended::silent(EndedBy::Peer, EndKind::Cancelled, Some(487)));
        }
        if self.until <= now.instant {
            return self.reject(core, 480, "", now);
        }
        if self.ring_again.is_some_and(|at| at <= now.instant) {
            self.ring(core, now);
        }
        Next::Same
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        let ring = self.ring_again.map(|at| Wake::at(at, "ringing again").with_slack(Duration::from_secs(20)));
        let end = self.expires.map_or(self.until, |expires| expires.min(self.until));
        Wake::earlier(ring, Some(Wake::at(end, "end of ringing")))
    }
}

impl Callee {
    /// Tells the leg's owner about the caller.
    pub(super) fn announce(core: &mut Core, leg: LegId, request: &Message<'_>, sdp: Option<Vec<u8>>) {
        let from = request.from();
        let event = super::LegEvent::Incoming {
            from: Pii(from.uri().as_str().to_owned()),
            display: from.display().map(Pii),
            to: Pii(request.to().uri().as_str().to_owned()),
            sdp,
            session_id: crate::session_id::sender_of(request),
            replaces: None,
            asserted: None,
            referred_by: None,
            anonymous: false,
        };
        core.tell(leg, event);
    }
}
