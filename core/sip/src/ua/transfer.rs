//! A transfer that we ask the peer for: RFC 3515, 5589.

use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::core::Core;
use super::leg::{Leg, Next};
use super::request::DialogRequest;
use super::session::Session;
use super::sipfrag;
use super::{LegEvent, LegId, ReferTo, TransferEvent, UserAgent};
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
use crate::uri::{Uri, encode_header};

/// Who says nothing more of a transfer for so long says nothing at all.
const PATIENCE: Duration = Duration::from_secs(300);

/// A REFER of ours and the notifications that follow it.
pub(super) struct Transfer {
    /// The REFER's CSeq, which notifications may name it by (RFC 3515 2.4.6).
    cseq: u32,
    is_accepted: bool,
    until: Instant,
}

impl Transfer {
    pub(super) fn wake(&self) -> Wake {
        Wake::at(self.until, "end of a transfer")
    }
}

impl UserAgent {
    /// Asks the peer of an answered leg to call somebody else, one at a time. [`LegEvent::Transfer`] follows, until it has
    /// succeeded or failed, or the leg ends.
    pub fn refer(&mut self, leg: LegId, to: &ReferTo, now: Now) {
        let refer_to = refer_to(to);
        self.with_leg(leg, |state, core| {
            match state {
                Leg::Session(session) => session.refer(core, leg, refer_to, now),
                Leg::Caller(_) | Leg::Callee(_) => core.tell(leg, LegEvent::Transfer(TransferEvent::Failed(481))),
            }
            Next::Same
        });
        self.drain(now);
    }

    /// What the peer of some call is to be told by `refer` for it to take over this answered leg from us, be it of another account.
    /// `None`: there is no such leg any more.
    #[must_use]
    pub fn take_over(&self, leg: LegId) -> Option<ReferTo> {
        let Some(Leg::Session(session)) = self.legs.get(&leg) else { return None };
        let key = session.dialog.key();
        // Tags as the one who gets it sees them (RFC 3891 4).
        let replaces = format!("{};to-tag={};from-tag={}", key.call_id, tag(&key.remote_tag), tag(&key.local_tag));
        Some(ReferTo { target: session.dialog.remote_uri()?, replaces: Some(replaces) })
    }
}

/// The value of `Refer-To`, or the status that stands for there being none.
fn refer_to(ReferTo { target, replaces }: &ReferTo) -> Result<String, u16> {
    let uri = Uri::parse(target).map_err(|_| 484_u16)?;
    if uri.has_headers() || !(uri.is_sip() || uri.scheme() == crate::uri::Scheme::Tel && replaces.is_none()) {
        return Err(484);
    }
    Ok(match replaces {
        Some(replaces) => format!("<{target}?Replaces={}>", encode_header(replaces)),
        None => format!("<{target}>"),
    })
}

/// No tag at all is written as zero (RFC 3891 6.1).
fn tag(tag: &str) -> &str {
    if tag.is_empty() { "0" } else { tag }
}

impl Session {
    fn refer(&mut self, core: &mut Core, leg: LegId, refer_to: Result<String, u16>, now: Now) {
        if let Err(status) = self.send_refer(core, leg, refer_to, now) {
            core.tell(leg, LegEvent::Transfer(TransferEvent::Failed(status)));
        }
    }

    fn send_refer(&mut self, core: &mut Core, leg: LegId, refer_to: Result<String, u16>, now: Now) -> Result<(), u16> {
        let refer_to = refer_to?;
        if self.bye.is_some() {
            return Err(481);
        }
        if self.transfer.is_some() {
            return Err(491);
        }
        let mut refer = DialogRequest::new(leg, &self.dialog, Method::Refer).header(HeaderName::ReferTo, refer_to);
        if !self.dialog.is_anonymous() {
            refer = refer.header(HeaderName::ReferredBy, core.identity.aor());
        }
        refer.send(core, &mut self.dialog, now).ok_or(503_u16)?;
        self.transfer = Some(Transfer { cseq: self.dialog.local_cseq(), is_accepted: false, until: now.instant + PATIENCE });
        Ok(())
    }

    /// The REFER has been sent again, by another number.
    pub(super) fn renumber_transfer(&mut self) {
        if let Some(transfer) = self.transfer.as_mut() {
            transfer.cseq = self.dialog.local_cseq();
        }
    }

    /// The REFER got its final status.
    pub(super) fn handle_refer_outcome(&mut self, core: &mut Core, leg: LegId, status: u16) {
        match status {
            200..300 => self.accepted(core, leg),
            _ => self.end_transfer(core, leg, TransferEvent::Failed(status)),
        }
    }

    /// It was accepted, be it that a notification says so before the response does.
    fn accepted(&mut self, core: &mut Core, leg: LegId) {
        let Some(transfer) = self.transfer.as_mut() else { return };
        if !std::mem::replace(&mut transfer.is_accepted, true) {
            core.tell(leg, LegEvent::Transfer(TransferEvent::Accepted));
        }
    }

    fn end_transfer(&mut self, core: &mut Core, leg: LegId, event: TransferEvent) {
        if self.transfer.take().is_some() && self.bye.is_none() {
            core.tell(leg, LegEvent::Transfer(event));
        }
    }

    /// A notification of the event `refer` (RFC 3515 2.4.4). The status of the answer to it.
    pub(super) fn handle_notify(&mut self, core: &mut Core, leg: LegId, notify: &Message<'_>, now: Now) -> u16 {
        let Some(transfer) = self.transfer.as_mut().filter(|transfer| is_about(notify, transfer.cseq)) else { return 481 };
        transfer.until = now.instant + PATIENCE;
        self.accepted(core, leg);
        let is_last = sipfrag::is_terminated(notify);
        match sipfrag::status_of(notify) {
            Some(status @ ..200) if !is_last => core.tell(leg, LegEvent::Transfer(TransferEvent::Progress(status))),
            Some(200..300) => self.end_transfer(core, leg, TransferEvent::Succeeded),
            Some(status @ 300..) => self.end_transfer(core, leg, TransferEvent::Failed(status)),
            // The peer will not tell how it ended.
            _ if is_last => self.end_transfer(core, leg, TransferEvent::Failed(408)),
            _ => return 400,
        }
        200
    }

    pub(super) fn handle_transfer_timeout(&mut self, core: &mut Core, leg: LegId, now: Now) {
        if self.transfer.as_ref().is_some_and(|transfer| transfer.until <= now.instant) {
            self.end_transfer(core, leg, TransferEvent::Failed(408));
        }
        self.accept_overdue(core, leg, now);
    }
}

/// Whether a notification is about the REFER with this CSeq: by its `id`, if it has one.
fn is_about(notify: &Message<'_>, cseq: u32) -> bool {
    let event = notify.header_text(HeaderName::Event).unwrap_or_default();
    let id = event.split(';').skip(1).filter_map(|param| param.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("id"));
    id.is_none_or(|(_, id)| id.trim().parse() == Ok(cseq))
}
