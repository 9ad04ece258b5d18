use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::core::Core;
use super::identity::{ALLOW, OPTION_TAGS};
use super::timer::Lines;
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::method::Method;
use crate::transaction::TransactionId;

/// An UPDATE is answered promptly or not at all (RFC 3311 5.2).
const PROMPTLY: Duration = Duration::from_secs(5);

/// A re-INVITE or UPDATE of the peer's, or a PRACK with an offer: RFC 3261 14.2, RFC 3311 5.2, RFC 3262 5.
pub(super) struct Offered {
    pub(super) transaction: TransactionId,
    request: Vec<u8>,
    pub(super) cseq: u32,
    pub(super) has_offer: bool,
    /// What is no INVITE needs no ACK, and is answered promptly.
    pub(super) is_prompt: bool,
    /// Such a one is refused then.
    until: Option<Instant>,
}

impl Offered {
    pub(super) fn new(transaction: TransactionId, request: &Message<'_>, has_offer: bool) -> Self {
        let is_prompt = request.method() != Method::Invite;
        Self { transaction, request: request.as_bytes().to_vec(), cseq: request.cseq().number, has_offer, is_prompt, until: None }
    }

    /// The request, once more.
    pub(super) fn request(&self) -> Option<Message<'_>> {
        Message::parse(&self.request, Framing::Datagram).ok()
    }

    pub(super) fn refresh_target(&self, dialog: &mut Dialog) {
        if let Some(request) = self.request() {
            dialog.refresh_target(&request);
        }
    }

    /// Its answer is our owner's; not for long, if it is no INVITE.
    pub(super) fn wait(&mut self, now: Now) {
        self.until = self.is_prompt.then(|| now.instant + PROMPTLY);
    }

    pub(super) fn is_overdue(&self, now: Now) -> bool {
        self.until.is_some_and(|until| until <= now.instant)
    }

    pub(super) fn wake(&self) -> Option<Wake> {
        self.until.map(|until| Wake::at(until, "answer to an UPDATE"))
    }

    /// 100.
    pub(super) fn try_it(&self, core: &mut Core, dialog: &Dialog, now: Now) {
        self.respond(core, dialog, 100, None, Lines::new(), now);
    }

    /// 200. What was sent, for copies.
    pub(super) fn accept(&self, core: &mut Core, dialog: &Dialog, sdp: Option<Vec<u8>>, lines: Lines, now: Now) -> Option<Vec<u8>> {
        self.respond(core, dialog, 200, sdp, lines, now)
    }

    pub(super) fn refuse(&self, core: &mut Core, dialog: &Dialog, status: u16, now: Now) {
        self.respond(core, dialog, status, None, Lines::new(), now);
    }

    /// The owner's answer before the call is answered; a status in place of a description refuses.
    pub(super) fn conclude(&self, core: &mut Core, dialog: &Dialog, answer: Result<Vec<u8>, u16>, now: Now) {
        match answer {
            Ok(sdp) => _ = self.accept(core, dialog, Some(sdp), Lines::new(), now),
            Err(status) => self.refuse(core, dialog, status, now),
        }
    }

    fn respond(&self, core: &mut Core, dialog: &Dialog, status: u16, sdp: Option<Vec<u8>>, lines: Lines, now: Now) -> Option<Vec<u8>> {
        let request = self.request()?;
        let flow = core.last_flow?;
        let mut response = core.identity.respond(&request, &flow, status, None);
        if (200..300).contains(&status) {
            response = response.contact(&core.identity.contact_within(&flow, dialog));
            response = response.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, OPTION_TAGS);
        }
        if status == 500 {
            response = response.header(HeaderName::RetryAfter, core.entropy.below(11).to_string());
        }
        let response = core.identity.finish(response, dialog, lines, sdp);
        core.respond(self.transaction, status, response.clone(), now);
        Some(response)
    }
}
