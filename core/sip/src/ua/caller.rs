use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::body::{sdp_of, with_offer};
use super::core::{Core, Purpose};
use super::credentials::{Attempt, Scope, Verdict};
use super::early::Early;
use super::identity::{ACCEPT, ALLOW, OPTION_TAGS};
use super::leg::Next;
use super::offered::Offered;
use super::reliable::is_reliable;
use super::session::Session;
use super::timer::{Lines, SessionTimer};
use super::{EndKind, Ended, EndedBy, HangUp, InviteOptions, LegEvent, LegId};
use crate::build::RequestBuilder;
use crate::dialog::{Dialog, DialogKey};
use crate::feature::RING_LATER_HEADER;
use crate::flow::via_transport;
use crate::header::{HeaderName, name_addr};
use crate::message::Message;
use crate::method::Method;
use crate::session_id::SessionId;
use crate::transaction::TransactionId;
use crate::uri::Uri;

/// A server or phone that has said nothing for so long is gone: a ringing one says so every minute (RFC 3261 13.3.1.1).
const LONGEST_SILENCE: Duration = Duration::from_secs(300);

/// How often we ask again for a longer session interval: once for each server on the way that may want its own.
const INTERVALS: u8 = 4;

/// What a call is to be made of.
pub(super) struct Plan {
    pub(super) target: String,
    pub(super) sdp: Vec<u8>,
    pub(super) session: String,
    pub(super) options: InviteOptions,
}

/// An outgoing leg before its final response: RFC 3261 13.2.
pub(super) struct Caller {
    plan: Plan,
    call_id: String,
    local_tag: String,
    cseq: u32,
    transaction: TransactionId,
    attempt: Attempt,
    timer: SessionTimer,
    /// How often the session interval was too small.
    too_small: u8,
    /// By the peer's tag.
    early: BTreeMap<String, Early>,
    trying: bool,
    /// When silence since the last provisional response has been too long.
    silent_until: Option<Instant>,
    hang_up: Option<HangingUp>,
}

/// The call is to end before it was answered.
struct HangingUp {
    reason: HangUp,
    /// What will be told when it has.
    ended: Ended,
    /// CANCEL has been sent; until then the INVITE may get its final response (9.1).
    until: Option<Instant>,
}

impl Caller {
    /// Sends the INVITE.
    pub(super) fn start(core: &mut Core, leg: LegId, plan: Plan, now: Now) -> Result<Self, Ended> {
        if !Uri::parse(&plan.target).is_ok_and(|uri| uri.is_sip() && !uri.has_headers()) {
            return Err(Ended::silent(EndedBy::Us, EndKind::BadTarget, None));
        }
        let mut caller = Self {
            plan,
            call_id: core.entropy.token(24),
            local_tag: core.entropy.token(10),
            cseq: 0,
            transaction: TransactionId(0),
            attempt: Attempt::default(),
            timer: SessionTimer::default(),
            too_small: 0,
            early: BTreeMap::new(),
            trying: false,
            silent_until: None,
            hang_up: None,
        };
        caller.invite(core, leg, now)?;
        Ok(caller)
    }

    fn invite(&mut self, core: &mut Core, leg: LegId, now: Now) -> Result<(), Ended> {
        let unsent = |kind| Ended::silent(EndedBy::Server, kind, Some(503));
        let flow = core.flow.ok_or_else(|| unsent(EndKind::Transport))?;
        self.cseq += 1;
        let branch = core.branch();
        let request = RequestBuilder::new(Method::Invite, &self.plan.target)
            .via(via_transport(flow.transport), &flow.sent_by(), &branch)
            .max_forwards(70)
            .from(&self.from(core), &self.local_tag)
            .to(&name_addr(None, &self.plan.target), None)
            .call_id(&self.call_id)
            .cseq(self.cseq, Method::Invite)
            .contact(&core.identity.dialog_contact(&flow, self.plan.options.anonymous))
            .header(HeaderName::Allow, ALLOW)
            .header(HeaderName::Supported, OPTION_TAGS)
            .header(HeaderName::Accept, ACCEPT)
            .header(HeaderName::SessionId, SessionId::new(&self.plan.session).to_string());
        let request = self.particulars().into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = core.identity.sign(core.routed(request), HeaderName::UserAgent);
        let scope = core.scope(&self.plan.target);
        let request = core.credentials.authorize(request, &mut self.attempt, scope, Method::Invite, &self.plan.target, &self.plan.sdp);
        let request = with_offer(request, &self.plan.sdp).into_bytes();
        self.transaction = core.request(request, Purpose::Invite(leg), now).ok_or_else(|| unsent(EndKind::Overload))?;
        Ok(())
    }

    fn from(&self, core: &Core) -> String {
        if self.plan.options.anonymous { core.identity.anonymous() } else { core.identity.name_addr().to_owned() }
    }

    /// What not every INVITE says.
    fn particulars(&self) -> Lines {
        let InviteOptions { replaces, referred_by, anonymous, subject, ring_later, .. } = &self.plan.options;
        let mut lines = self.timer.first_request();
        if let Some(replaces) = replaces {
            lines.push((HeaderName::Replaces, replaces.clone()));
            lines.push((HeaderName::Require, "replaces".to_owned()));
        }
        lines.extend(referred_by.clone().map(|referred_by| (HeaderName::ReferredBy, referred_by)));
        lines.extend(ring_later.map(|wait| (RING_LATER_HEADER, wait.as_secs().to_string())));
        lines.extend(subject.as_ref().map(|subject| (HeaderName::Subject, subject.reveal().clone())));
        if *anonymous {
            // Credentials tell the own server who calls. Another header would, too, but not every server takes it out again.
            lines.push((HeaderName::Privacy, "id".to_owned()));
        }
        lines
    }

    /// Takes a response to the INVITE.
    pub(super) fn handle_response(&mut self, core: &mut Core, leg: LegId, response: &Message<'_>, now: Now) -> Next {
        match response.status().unwrap_or_default() {
            status @ ..200 => self.handle_provisional(core, leg, status, response, now),
            200..300 => self.handle_answer(core, leg, response, now),
            401 | 407 if self.hang_up.is_none() => self.handle_challenge(core, leg, response, now),
            422 if self.hang_up.is_none() && self.too_small < INTERVALS && self.timer.refused(response) => {
                self.too_small += 1;
                self.invite_again(core, leg, now)
            }
            status => {
                self.refuse_updates(core, now);
                let kind = if status < 400 { EndKind::Redirected } else { EndKind::Rejected };
                Next::Ended(self.attributed(Ended::refused(response, kind)))
            }
        }
    }

    fn handle_provisional(&mut self, core: &mut Core, leg: LegId, status: u16, response: &Message<'_>, now: Now) -> Next {
        self.silent_until = Some(now.instant + LONGEST_SILENCE);
        if !std::mem::replace(&mut self.trying, true) {
            core.tell(leg, LegEvent::Trying);
        }
        if self.hang_up.as_ref().is_some_and(|hang_up| hang_up.until.is_none()) {
            self.cancel(core, now);
        }
        if status == 100 {
            return Next::Same;
        }
        let Some(dialog) = self.early_dialog(core, response) else { return Next::Same };
        let (mut sdp, is_reliable) = (sdp_of(response), is_reliable(response));
        let early = self.early.get_mut(&dialog.remote_tag);
        // A reliable one must found a dialog (RFC 3262 4), and is told of once.
        if let Some(early) = early {
            early.learn(response);
            if is_reliable && !early.acknowledge(core, leg, response, now) {
                return Next::Same;
            }
            sdp = early.answer(sdp, is_reliable);
        } else if is_reliable {
            return Next::Same;
        }
        if self.hang_up.is_none() {
            core.tell(leg, LegEvent::Progress { dialog, status, sdp });
        }
        Next::Same
    }

    /// The early dialog of a provisional response, made if need be. `None` beyond the limit of forks.
    fn early_dialog(&mut self, core: &Core, response: &Message<'_>) -> Option<DialogKey> {
        let tag = response.to().tag().unwrap_or_default();
        if let Some(known) = self.early.get_mut(tag) {
            known.dialog.update(response);
            return Some(known.dialog.key().clone());
        }
        let dialog = core.dialog_of(self.transaction, response, Some(&self.plan.session))?;
        let key = dialog.key().clone();
        if tag.is_empty() {
            return Some(key);
        }
        if self.early.len() >= core.config.limits.forks {
            return None;
        }
        self.early.insert(tag.to_owned(), Early::new(dialog));
        Some(key)
    }

    fn handle_answer(&mut self, core: &mut Core, leg: LegId, response: &Message<'_>, now: Now) -> Next {
        let early = self.early.remove(response.to().tag().unwrap_or_default());
        let new = || core.dialog_of(self.transaction, response, Some(&self.plan.session)).map(Early::new);
        let Some(mut early) = early.or_else(new) else { return Next::Same };
        let sdp = early.answer(sdp_of(response), true);
        let Early { mut dialog, offered, offers, .. } = early;
        dialog.update(response);
        core.acknowledge(self.transaction, &dialog, response);
        self.refuse_updates(core, now);
        let key = dialog.key().clone();
        let mut session = Session::of_caller(dialog, std::mem::take(&mut self.plan.sdp), std::mem::take(&mut self.timer));
        session.learn(response);
        session.timer.answered(response, now);
        (session.offered, session.offers) = (offered, offers);
        match self.hang_up.take() {
            // CANCEL came too late, or never left.
            Some(hang_up) => {
                session.hang_up(core, leg, hang_up.reason.header(), hang_up.ended, now);
            }
            None => core.tell(leg, LegEvent::Answered { dialog: key, sdp }),
        }
        Next::Session(Box::new(session))
    }

    /// The dialogs that are left have lost, and what was asked in them with them.
    fn refuse_updates(&mut self, core: &mut Core, now: Now) {
        for early in self.early.values_mut() {
            if let Some(update) = early.offered.take() {
                update.refuse(core, &early.dialog, 487, now);
            }
        }
    }

    fn handle_challenge(&mut self, core: &mut Core, leg: LegId, response: &Message<'_>, now: Now) -> Next {
        // The own proxy asks before it lets a request pass, and what rang is beyond it.
        let is_of_callee = core.scope(&self.plan.target) == Scope::Beyond && !self.early.is_empty();
        let verdict = if is_of_callee { Verdict::Withheld } else { core.credentials.challenged(response, &mut self.attempt) };
        let kind = match verdict {
            Verdict::Retry => return self.invite_again(core, leg, now),
            Verdict::Refused => EndKind::WrongPassword,
            Verdict::Withheld => EndKind::PasswordWithheld,
        };
        self.refuse_updates(core, now);
        Next::Ended(Ended::refused(response, kind))
    }

    /// Whatever dialogs a server founded before it asked for more, they belong to the INVITE that failed.
    fn invite_again(&mut self, core: &mut Core, leg: LegId, now: Now) -> Next {
        self.refuse_updates(core, now);
        self.early.clear();
        match self.invite(core, leg, now) {
            Ok(()) => Next::Same,
            Err(ended) => Next::Ended(ended),
        }
    }

    /// The INVITE got no final response.
    pub(super) fn handle_failure(&mut self, core: &mut Core, status: u16, now: Now) -> Next {
        self.refuse_updates(core, now);
        let kind = if status == 408 { EndKind::Timeout } else { EndKind::Transport };
        Next::Ended(self.attributed(Ended::silent(EndedBy::Server, kind, Some(status))))
    }

    /// Once we have hung up, the end is ours, whatever brought it about.
    fn attributed(&self, ended: Ended) -> Ended {
        match &self.hang_up {
            Some(hang_up) => Ended { status: ended.status.or(hang_up.ended.status), ..hang_up.ended.clone() },
            None => ended,
        }
    }

    /// CANCEL, now or as soon as the first provisional response allows it (9.1).
    pub(super) fn hang_up(&mut self, core: &mut Core, reason: HangUp, now: Now) {
        self.give_up(core, reason, Ended::silent(EndedBy::Us, EndKind::Cancelled, None), now);
    }

    fn give_up(&mut self, core: &mut Core, reason: HangUp, ended: Ended, now: Now) {
        if self.hang_up.is_none() {
            self.hang_up = Some(HangingUp { reason, ended, until: None });
            self.cancel(core, now);
        }
    }

    fn cancel(&mut self, core: &mut Core, now: Now) {
        let Some(hang_up) = self.hang_up.as_mut() else { return };
        if !core.transactions.is_cancellable(self.transaction) {
            return;
        }
        hang_up.until = Some(now.instant + core.config.timers.patience());
        if let Some(cancel) = core.transactions.cancel(self.transaction, hang_up.reason.header().as_deref(), now) {
            core.purposes.insert(cancel, Purpose::Cancel);
        }
    }

    /// Gives up on an INVITE whose CANCEL changed nothing, or of which nothing more is heard.
    pub(super) fn handle_timeout(&mut self, core: &mut Core, now: Now) -> Next {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now.instant);
        for early in self.early.values_mut() {
            if let Some(update) = early.offered.take_if(|update| update.is_overdue(now)) {
                update.refuse(core, &early.dialog, 504, now);
            }
        }
        match &self.hang_up {
            Some(hang_up) if due(hang_up.until) => {
                let ended = hang_up.ended.clone();
                core.transactions.drop_transaction(self.transaction);
                self.refuse_updates(core, now);
                return Next::Ended(ended);
            }
            None if due(self.silent_until) => {
                let ended = Ended::silent(EndedBy::Server, EndKind::Timeout, Some(408));
                self.give_up(core, HangUp::default(), ended, now);
            }
            _ => {}
        }
        Next::Same
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        let end = match &self.hang_up {
            Some(hang_up) => hang_up.until.map(|until| Wake::at(until, "end of a cancelled invite")),
            None => self.silent_until.map(|until| Wake::at(until, "silence after a provisional response")),
        };
        self.early.values().filter_map(|early| early.offered.as_ref()?.wake()).map(Some).fold(end, Wake::earlier)
    }

    /// The early dialog that a request came within, or that has this tag of the peer.
    pub(super) fn early(&mut self, remote_tag: &str) -> Option<&mut Early> {
        self.early.get_mut(remote_tag)
    }

    /// Whether a request came within one of the early dialogs.
    pub(super) fn owns(&self, request: &Message<'_>) -> bool {
        self.early.values().any(|early| early.dialog.owns(request))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &DialogKey> {
        self.early.values().map(|early| early.dialog.key())
    }

    /// An UPDATE within an early dialog (RFC 3311).
    pub(super) fn handle_update(&mut self, core: &mut Core, leg: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let Some(early) = self.early.get_mut(request.from().tag().unwrap_or_default()) else { return };
        let sdp = sdp_of(request);
        let update = Offered::new(transaction, request, sdp.is_some());
        if let Some(sdp) = early.handle_update(core, update, sdp, now) {
            core.tell(leg, LegEvent::EarlyReoffer { dialog: early.dialog.key().clone(), sdp });
        }
    }

    /// Answers the UPDATE that waits in a dialog; with a status in place of a description, refuses it.
    pub(super) fn answer_update(&mut self, core: &mut Core, dialog: &DialogKey, answer: Result<Vec<u8>, u16>, now: Now) {
        let Some(early) = self.early.get_mut(&dialog.remote_tag).filter(|early| early.dialog.key() == dialog) else { return };
        if let Some(update) = early.offered.take() {
            update.conclude(core, &early.dialog, answer, now);
        }
    }

    /// Offers another description in one of the early dialogs.
    pub(super) fn offer_early(&mut self, core: &mut Core, leg: LegId, dialog: &DialogKey, sdp: Vec<u8>, now: Now) {
        let early = self.early.get_mut(&dialog.remote_tag).filter(|early| early.dialog.key() == dialog);
        let offered = early.map_or(Err(481), |early| early.offer(core, leg, sdp, now));
        if let Err(status) = offered {
            core.tell(leg, LegEvent::EarlyReofferFailed { dialog: dialog.clone(), status });
        }
    }

    /// Our UPDATE in one of them got its final status; without a response, that of a time-out or a broken flow.
    pub(super) fn handle_update_outcome(
        &mut self,
        core: &mut Core,
        leg: LegId,
        remote_tag: &str,
        status: u16,
        response: Option<&Message<'_>>,
    ) {
        let Some(early) = self.early.get_mut(remote_tag) else { return };
        early.offers = false;
        core.tell(leg, early_outcome(&mut early.dialog, status, response));
    }
}

/// What became of an offer of ours by UPDATE in a dialog that was early when it was made.
pub(super) fn early_outcome(dialog: &mut Dialog, status: u16, response: Option<&Message<'_>>) -> LegEvent {
    match response {
        Some(response) if (200..300).contains(&status) => {
            dialog.refresh_target(response);
            LegEvent::EarlyReanswered { dialog: dialog.key().clone(), sdp: sdp_of(response) }
        }
        _ => LegEvent::EarlyReofferFailed { dialog: dialog.key().clone(), status },
    }
}
