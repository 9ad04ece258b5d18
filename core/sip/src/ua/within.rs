//! Requests within a dialog: RFC 3261 12.2.2.

use cooee_machine::Now;

use super::body::sdp_of;
use super::inbound::event_of;
use super::info;
use super::leg::{Leg, Next};
use super::{LegEvent, LegId, UserAgent};
use crate::message::Message;
use crate::method::Method;
use crate::transaction::TransactionId;

impl UserAgent {
    /// A request with a tag in `To`.
    pub(super) fn handle_within_dialog(&mut self, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let Some(id) = self.leg_of(request) else { return self.refuse(transaction, request, 481, now) };
        let dialog = self.legs.get_mut(&id).and_then(|leg| leg.dialog(request.from().tag().unwrap_or_default()));
        if dialog.is_some_and(|dialog| dialog.receive(request).is_err()) {
            return self.refuse(transaction, request, 500, now);
        }
        match request.method() {
            Method::Options => self.tell_capabilities(transaction, request, now),
            Method::Bye => self.handle_bye(id, transaction, request, now),
            Method::Invite | Method::Update => self.handle_modification(id, transaction, request, now),
            Method::Refer => self.handle_refer(id, transaction, request, now),
            Method::Prack => self.handle_prack(id, transaction, request, now),
            _ => {
                let status = self.handle_other(id, request, now);
                self.refuse(transaction, request, status, now);
            }
        }
    }

    fn handle_bye(&mut self, id: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        if matches!(self.legs.get(&id), Some(Leg::Caller(_))) {
            return self.refuse(transaction, request, 481, now);
        }
        self.refuse(transaction, request, 200, now);
        self.with_leg(id, |leg, core| match leg {
            Leg::Session(session) => session.handle_bye(core, request, now),
            Leg::Callee(callee) => callee.handle_giving_up(core, request, now),
            Leg::Caller(_) => Next::Same,
        });
    }

    /// What may change the session.
    fn handle_modification(&mut self, id: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let is_update = request.method() == Method::Update;
        match self.legs.get(&id) {
            // A second INVITE before the first was answered (14.2).
            Some(Leg::Callee(_)) if !is_update => return self.refuse(transaction, request, 500, now),
            Some(Leg::Caller(_)) if !is_update => return self.refuse(transaction, request, 481, now),
            _ => {}
        }
        self.with_leg(id, |leg, core| {
            match leg {
                Leg::Caller(caller) => caller.handle_update(core, id, transaction, request, now),
                Leg::Callee(callee) => callee.handle_update(core, id, transaction, request, now),
                Leg::Session(session) if is_update => session.handle_update(core, id, transaction, request, now),
                Leg::Session(session) => session.handle_reinvite(core, id, transaction, request, now),
            }
            Next::Same
        });
    }

    fn handle_refer(&mut self, id: LegId, transaction: TransactionId, request: &Message<'_>, now: Now) {
        let mut refused = Err(481);
        self.with_session(id, |session, core| refused = session.handle_refer(core, id, transaction, request, now));
        if let Err(status) = refused {
            self.refuse(transaction, request, status, now);
        }
    }

    /// What is answered at once. The status of the answer.
    fn handle_other(&mut self, id: LegId, request: &Message<'_>, now: Now) -> u16 {
        match request.method() {
            Method::Message => {
                let tag = request.from().tag().unwrap_or_default();
                let peer = self.legs.get_mut(&id).and_then(|leg| leg.dialog(tag)).and_then(|dialog| dialog.remote_uri());
                peer.map_or(481, |peer| self.handle_text(request, &peer, now))
            }
            Method::Info => {
                if let Some(digit) = info::digit(request) {
                    self.core.tell(id, LegEvent::Digit(digit));
                    return 200;
                }
                // One without a body only asks whether we are there.
                if request.body().is_empty() { 200 } else { 415 }
            }
            Method::Notify if event_of(request).is_some_and(|event| event.eq_ignore_ascii_case("refer")) => {
                let mut status = 481;
                self.with_session(id, |session, core| status = session.handle_notify(core, id, request, now));
                status
            }
            Method::Notify => 489,
            _ => 481,
        }
    }

    /// RFC 3262 3. After the answer too, for it may have overtaken the PRACK.
    fn handle_prack(&mut self, id: LegId, transaction: TransactionId, prack: &Message<'_>, now: Now) {
        let mut status = Some(481);
        match self.legs.get_mut(&id) {
            Some(Leg::Callee(callee)) => status = callee.handle_prack(&mut self.core, id, transaction, prack, now),
            // Our 1xx bore no offer then, so that there is nothing for another to follow.
            Some(Leg::Session(session)) => {
                let acknowledged = session.unpracked.take_if(|waiting| waiting.is_acknowledged_by(prack));
                status = Some(acknowledged.map_or(481, |_| if sdp_of(prack).is_some() { 488 } else { 200 }));
            }
            _ => {}
        }
        if let Some(status) = status {
            self.refuse(transaction, prack, status, now);
        }
        self.with_leg(id, |leg, core| if let Leg::Callee(callee) = leg { callee.go_on(core, now) } else { Next::Same });
    }
}
