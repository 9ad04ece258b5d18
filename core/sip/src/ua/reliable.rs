//! Provisional responses that must arrive: RFC 3262.

use std::time::Instant;

use cooee_machine::{Now, Wake};

use super::LegId;
use super::core::Core;
use super::request::DialogRequest;
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
use crate::transaction::{Retransmission, TransactionId};

/// How many of one early dialog are acknowledged; no phone sends that many.
pub(super) const MOST: u32 = 100;

/// Whether the caller wants every provisional response sent until it is acknowledged.
pub(super) fn is_reliable_wanted(invite: &Message<'_>) -> bool {
    invite.has_token(HeaderName::Require, "100rel")
}

/// Whether a provisional response is sent until it is acknowledged.
pub(super) fn is_reliable(response: &Message<'_>) -> bool {
    response.has_token(HeaderName::Require, "100rel")
}

/// The caller's side: what has come of one early dialog.
#[derive(Default)]
pub(super) struct Received {
    last: Option<u32>,
    count: u32,
    /// The last one was acknowledged, but the PRACK came to nothing.
    is_unheard: bool,
}

/// What a reliable provisional response is to its dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Receipt {
    /// The next one: acknowledge it.
    Next,
    /// One that was acknowledged, in vain: do so again.
    Unheard,
    /// A copy, one out of order, one without a number, or one too many: pass over it.
    Ignored,
}

impl Received {
    /// Takes a reliable provisional response: PRACK. Whether it is new.
    pub(super) fn acknowledge(&mut self, core: &mut Core, leg: LegId, dialog: &mut Dialog, response: &Message<'_>, now: Now) -> bool {
        let receipt = self.receive(response);
        if receipt == Receipt::Ignored {
            return false;
        }
        let prack = DialogRequest::new(leg, dialog, Method::Prack).header(HeaderName::RAck, rack(response));
        if prack.send(core, dialog, now).is_none() {
            self.is_lost();
        }
        receipt == Receipt::Next
    }

    fn receive(&mut self, response: &Message<'_>) -> Receipt {
        let Some(number) = response.seconds(HeaderName::RSeq).filter(|number| *number > 0) else { return Receipt::Ignored };
        if self.last == Some(number) {
            return if std::mem::take(&mut self.is_unheard) { Receipt::Unheard } else { Receipt::Ignored };
        }
        let expected = self.last.is_none_or(|last| last.checked_add(1) == Some(number));
        if !expected || self.count >= MOST {
            return Receipt::Ignored;
        }
        (self.last, self.is_unheard) = (Some(number), false);
        self.count += 1;
        Receipt::Next
    }

    /// The PRACK came to nothing: a further copy of the response deserves another.
    pub(super) fn is_lost(&mut self) {
        self.is_unheard = true;
    }
}

/// The value of `RAck` that acknowledges a response.
fn rack(response: &Message<'_>) -> String {
    let number = response.seconds(HeaderName::RSeq).unwrap_or_default();
    format!("{number} {} {}", response.cseq().number, response.cseq().method)
}

/// The callee's side: the one response that waits for its PRACK.
pub(super) struct Unpracked {
    number: u32,
    invite: u32,
    status: u16,
    /// It bears our offer, which its PRACK answers.
    pub(super) offers: bool,
    response: Vec<u8>,
    copy: Retransmission,
    until: Instant,
}

impl Unpracked {
    /// A 180 that has just been sent for the first time. `invite` is the INVITE's CSeq.
    pub(super) fn new(core: &Core, number: u32, invite: u32, offers: bool, response: Vec<u8>, now: Now) -> Self {
        let timers = core.config.timers;
        // Doubles without an upper bound (RFC 3262 3).
        let copy = Retransmission::new(now.instant, timers.t1, timers.patience());
        Self { number, invite, status: 180, offers, response, copy, until: now.instant + timers.patience() }
    }

    /// Whether a PRACK is the one that it waits for.
    pub(super) fn is_acknowledged_by(&self, prack: &Message<'_>) -> bool {
        let Some(value) = prack.header_text(HeaderName::RAck) else { return false };
        let mut words = value.split_ascii_whitespace();
        let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
        let (rseq, cseq) = (number(), number());
        rseq == Some(self.number) && cseq == Some(self.invite) && words.next() == Some(Method::Invite.as_str())
    }

    /// Sends a copy if one is due. False once nobody will acknowledge it any more.
    pub(super) fn handle_timeout(&mut self, core: &mut Core, transaction: TransactionId, now: Now) -> bool {
        if self.until <= now.instant {
            return false;
        }
        if self.copy.take_due(now.instant) {
            core.respond(transaction, self.status, self.response.clone(), now);
        }
        true
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        Wake::earlier(Some(self.copy.wake("copy of a reliable 1xx")), Some(Wake::at(self.until, "wait for a PRACK")))
    }
}
