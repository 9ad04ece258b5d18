use std::time::Instant;

use cooee_machine::{Now, Wake};

use super::body::sdp_of;
use super::bye::Bye;
use super::core::Core;
use super::leg::Next;
use super::offered::Offered;
use super::referral::Referral;
use super::reliable::Unpracked;
use super::reoffer::Reoffer;
use super::timer::SessionTimer;
use super::transfer::Transfer;
use super::{EndKind, Ended, EndedBy, LegEvent, LegId};
use crate::dialog::{Dialog, DialogKey};
use crate::header::{HeaderName, sip_reason};
use crate::message::Message;
use crate::transaction::{Retransmission, TransactionId};

/// A leg that has been answered: a confirmed dialog.
pub(super) struct Session {
    pub(super) dialog: Dialog,
    /// The CSeq of the INVITE that the peer sent; `None` if the call is ours.
    invited_by: Option<u32>,
    pub(super) unacknowledged: Option<Unacknowledged>,
    pub(super) bye: Option<Bye>,
    /// Our re-INVITE.
    pub(super) reoffer: Option<Reoffer>,
    /// An offer of ours that waits for an ACK or for a refresh under way.
    pub(super) queued: Option<Vec<u8>>,
    /// The peer's re-INVITE or UPDATE, which waits for our owner's answer.
    pub(super) offered: Option<Offered>,
    /// Our UPDATE with an offer, sent before the answer, is under way.
    pub(super) offers: bool,
    /// Our description as it stands: what a re-INVITE says that only refreshes.
    pub(super) local_sdp: Vec<u8>,
    pub(super) timer: SessionTimer,
    /// The peer takes UPDATE, by its own word.
    pub(super) allows_update: bool,
    /// Our last reliable 1xx, whose PRACK may still come.
    pub(super) unpracked: Option<Unpracked>,
    /// What we have asked the peer to do.
    pub(super) transfer: Option<Transfer>,
    /// What the peer has asked us to do.
    pub(super) referral: Option<Referral>,
}

/// A 2xx of ours that waits for its ACK. Its copies are ours to send, whatever the transport (13.3.1.4).
pub(super) struct Unacknowledged {
    transaction: TransactionId,
    cseq: u32,
    response: Vec<u8>,
    copy: Retransmission,
    until: Instant,
    /// It answers the first INVITE, not a later one.
    first: bool,
    /// It bears the offer, so that the ACK bears the answer.
    offers: bool,
}

impl Unacknowledged {
    pub(super) fn new(core: &Core, transaction: TransactionId, cseq: u32, response: Vec<u8>, first: bool, offers: bool, now: Now) -> Self {
        let timers = core.config.timers;
        let copy = Retransmission::new(now.instant, timers.t1, timers.t2);
        Self { transaction, cseq, response, copy, until: now.instant + timers.patience(), first, offers }
    }

    /// Whether it answers the first INVITE: before its ACK there is no BYE.
    pub(super) fn is_first(&self) -> bool {
        self.first
    }

    /// Whether it bears our offer, which its ACK answers.
    pub(super) fn offers(&self) -> bool {
        self.offers
    }
}

impl Session {
    /// After the ACK to the first 2xx.
    pub(super) fn of_caller(dialog: Dialog, local_sdp: Vec<u8>, timer: SessionTimer) -> Self {
        Self {
            dialog,
            invited_by: None,
            unacknowledged: None,
            bye: None,
            reoffer: None,
            queued: None,
            offered: None,
            offers: false,
            local_sdp,
            timer,
            allows_update: false,
            unpracked: None,
            transfer: None,
            referral: None,
        }
    }

    /// After our 2xx.
    pub(super) fn of_callee(dialog: Dialog, unacknowledged: Unacknowledged, local_sdp: Vec<u8>, timer: SessionTimer) -> Self {
        let invited_by = Some(unacknowledged.cseq);
        Self { invited_by, unacknowledged: Some(unacknowledged), ..Self::of_caller(dialog, local_sdp, timer) }
    }

    /// Takes note of what the peer says that it can do.
    pub(super) fn learn(&mut self, message: &Message<'_>) {
        if message.header(HeaderName::Allow).is_some() {
            self.allows_update = message.has_token(HeaderName::Allow, "UPDATE");
        }
    }

    pub(super) fn owns(&self, request: &Message<'_>) -> bool {
        self.dialog.owns(request)
    }

    /// Whether an offer that waits here came within this dialog, for one that came before the answer; else, whatever came.
    pub(super) fn is_asking(&self, dialog: Option<&DialogKey>) -> bool {
        dialog.is_none_or(|dialog| self.dialog.key() == dialog)
    }

    /// Whether we sent the first INVITE: decides who waits how long after glare (RFC 3261 14.1).
    pub(super) fn we_called(&self) -> bool {
        self.invited_by.is_none()
    }

    /// Whether `transaction` is the one whose 2xx waits for its ACK.
    pub(super) fn answered_on(&self, transaction: TransactionId) -> bool {
        self.unacknowledged.as_ref().is_some_and(|waiting| waiting.transaction == transaction)
    }

    /// Whether an INVITE is the one that was answered here, come by another way (8.2.2.2).
    pub(super) fn is_merged(&self, request: &Message<'_>) -> bool {
        self.dialog.is_from_same_caller(request) && self.invited_by == Some(request.cseq().number)
    }

    /// An ACK within the dialog.
    pub(super) fn handle_ack(&mut self, core: &mut Core, leg: LegId, ack: &Message<'_>, now: Now) {
        let Some(waiting) = self.unacknowledged.take_if(|waiting| waiting.cseq == ack.cseq().number) else { return };
        let sdp = sdp_of(ack).filter(|_| waiting.offers);
        self.unpracked = None;
        if self.bye.is_none() {
            core.tell(leg, if waiting.first { LegEvent::Confirmed { sdp } } else { LegEvent::ReofferConfirmed { sdp } });
        }
        self.send_bye(core, leg, now);
        self.start_queued(core, leg, now);
    }

    /// What the peer has asked for, and waits for, ends with the call (RFC 3261 15.1.2).
    pub(super) fn refuse_what_waits(&mut self, core: &mut Core, now: Now) {
        if let Some(offered) = self.offered.take() {
            offered.refuse(core, &self.dialog, 487, now);
        }
        if let Some(referral) = self.referral.take_if(|referral| referral.is_waiting()) {
            referral.abandon(core, &self.dialog, now);
        }
    }

    /// A BYE within the dialog; its 200 has been sent.
    pub(super) fn handle_bye(&mut self, core: &mut Core, request: &Message<'_>, now: Now) -> Next {
        self.refuse_what_waits(core, now);
        Next::Ended(match self.bye.take() {
            Some(ours) => ours.into_ended(),
            None => Ended::by_peer(request, EndKind::HungUp),
        })
    }

    /// Repeats a 2xx, gives up on its ACK, gives up on a BYE, tries a re-INVITE again.
    pub(super) fn handle_timeout(&mut self, core: &mut Core, leg: LegId, now: Now) -> Next {
        if let Some(waiting) = self.unacknowledged.as_mut() {
            if waiting.until <= now.instant {
                self.unacknowledged = None;
                let ended = Ended::silent(EndedBy::Peer, EndKind::NoAck, Some(408));
                self.hang_up(core, leg, Some(sip_reason(408, "No ACK")), ended, now);
                self.send_bye(core, leg, now);
            } else if waiting.copy.take_due(now.instant) {
                core.respond(waiting.transaction, 200, waiting.response.clone(), now);
            }
        }
        if self.bye.as_ref().is_some_and(|bye| bye.is_over(now.instant)) {
            return Next::Ended(self.bye.take().map_or_else(|| Ended::silent(EndedBy::Us, EndKind::HungUp, None), Bye::into_ended));
        }
        if self.bye.is_none() {
            self.retry_reoffer(core, leg, now);
            self.give_up_reoffer(core, leg, now);
            self.refuse_overdue(core, now);
            self.refresh_if_due(core, leg, now);
            self.handle_transfer_timeout(core, leg, now);
        }
        Next::Same
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        let copy = self.unacknowledged.as_ref().map(|waiting| waiting.copy.wake("copy of a 2xx"));
        let unacknowledged = self.unacknowledged.as_ref().map(|waiting| Wake::at(waiting.until, "wait for an ACK"));
        let bye = self.bye.as_ref().map(Bye::wake);
        let reoffer = self.reoffer.as_ref().and_then(Reoffer::wake);
        if bye.is_some() {
            return [unacknowledged, bye].into_iter().fold(copy, Wake::earlier);
        }
        let offered = self.offered.as_ref().and_then(Offered::wake);
        let (transfer, referral) = (self.transfer.as_ref().map(Transfer::wake), self.referral.as_ref().map(Referral::wake));
        [unacknowledged, reoffer, offered, self.timer.next_wake(), transfer, referral].into_iter().fold(copy, Wake::earlier)
    }
}
