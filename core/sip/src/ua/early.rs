use cooee_machine::Now;

use super::LegId;
use super::core::Core;
use super::identity::ACCEPT;
use super::offered::Offered;
use super::reliable::Received;
use super::request::DialogRequest;
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;

/// One of the dialogs that an INVITE of ours has founded and that is not answered yet.
pub(super) struct Early {
    pub(super) dialog: Dialog,
    received: Received,
    /// A reliable response had the answer, so that further descriptions are none (RFC 3262 5).
    is_answered: bool,
    /// The peer's UPDATE, which waits for our owner's answer.
    pub(super) offered: Option<Offered>,
    /// The peer takes UPDATE, by its own word.
    allows_update: bool,
    /// Our own UPDATE with an offer is under way.
    pub(super) offers: bool,
}

impl Early {
    pub(super) fn new(dialog: Dialog) -> Self {
        Self { dialog, received: Received::default(), is_answered: false, offered: None, allows_update: false, offers: false }
    }

    /// Takes a reliable provisional response: PRACK. Whether it is new.
    pub(super) fn acknowledge(&mut self, core: &mut Core, leg: LegId, response: &Message<'_>, now: Now) -> bool {
        self.received.acknowledge(core, leg, &mut self.dialog, response, now)
    }

    /// The PRACK got no 2xx.
    pub(super) fn prack_is_lost(&mut self) {
        self.received.is_lost();
    }

    /// The answer that a response bears, if it may bear one.
    pub(super) fn answer(&mut self, sdp: Option<Vec<u8>>, is_reliable: bool) -> Option<Vec<u8>> {
        let sdp = sdp.filter(|_| !self.is_answered);
        self.is_answered |= is_reliable && sdp.is_some();
        sdp
    }

    /// Takes note of what the peer says that it can do.
    pub(super) fn learn(&mut self, response: &Message<'_>) {
        if response.header(HeaderName::Allow).is_some() {
            self.allows_update = response.has_token(HeaderName::Allow, "UPDATE");
        }
    }

    /// Offers another description by UPDATE, if there may be one: after the answer to the first (RFC 3311 5.1). Else the status that says
    /// why not.
    pub(super) fn offer(&mut self, core: &mut Core, leg: LegId, sdp: Vec<u8>, now: Now) -> Result<(), u16> {
        if !self.allows_update {
            return Err(405);
        }
        if !self.is_answered || self.offers || self.offered.is_some() {
            return Err(491);
        }
        let update = DialogRequest::new(leg, &self.dialog, Method::Update).body(ACCEPT, sdp);
        update.send(core, &mut self.dialog, now).ok_or(503_u16)?;
        self.offers = true;
        Ok(())
    }

    /// An UPDATE came (RFC 3311 5.2). The offer to tell of, if it has one that may be answered.
    pub(super) fn handle_update(&mut self, core: &mut Core, mut update: Offered, sdp: Option<Vec<u8>>, now: Now) -> Option<Vec<u8>> {
        if self.offered.is_some() {
            update.refuse(core, &self.dialog, 500, now);
        } else if sdp.is_some() && (!self.is_answered || self.offers) {
            update.refuse(core, &self.dialog, 491, now);
        } else {
            update.refresh_target(&mut self.dialog);
            if sdp.is_none() {
                update.accept(core, &self.dialog, None, Vec::new(), now);
            } else {
                update.wait(now);
                self.offered = Some(update);
            }
            return sdp;
        }
        None
    }
}
