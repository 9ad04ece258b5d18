//! What becomes of our own requests: responses, time-outs, broken flows.

use cooee_machine::Now;

use super::core::{Purpose, StrayBye};
use super::leg::{Leg, Next};
use super::request::DialogRequest;
use super::{LegEvent, LegId, UserAgent};
use crate::message::Message;
use crate::method::Method;
use crate::transaction::{ResponseMatch, TransactionId, TransactionOutput};

impl UserAgent {
    pub(super) fn receive_response(&mut self, response: &Message<'_>, now: Now) {
        // One with further values of Via is on its way to somebody else (RFC 3261 8.1.3.3).
        if response.vias().nth(1).is_some() {
            return;
        }
        let ResponseMatch::Pass(id) = self.core.transactions.receive_response(response, now) else { return };
        let Some(purpose) = self.core.purposes.remove(&id) else { return };
        let was_nowhere = self.core.flow.is_some_and(|flow| flow.local.ip().is_unspecified());
        let has_learned = self.core.learn_own_address(response);
        let purpose = match purpose {
            Purpose::Register => {
                if let Some(success) = self.registration.handle_response(&mut self.core, id, response, now) {
                    self.keep_alive.registered(success.outbound, success.flow_timer, now);
                    // A server that keeps the flow does not look at the address, as long as it is one.
                    self.registration.moved(has_learned && (was_nowhere || !success.outbound), &mut self.core, now);
                }
                Some(Purpose::Register)
            }
            Purpose::Invite(leg) => {
                self.handle_invite_response(id, leg, response, now);
                Some(Purpose::Invite(leg))
            }
            Purpose::Reinvite(leg) => {
                self.handle_reinvite_response(id, leg, response, now);
                Some(Purpose::Reinvite(leg))
            }
            Purpose::Bye(leg) => {
                self.with_leg(leg, |state, core| match state {
                    Leg::Session(session) => session.handle_bye_response(core, leg, response, now),
                    Leg::Caller(_) | Leg::Callee(_) => Next::Same,
                });
                Some(Purpose::Bye(leg))
            }
            Purpose::Cancel => Some(Purpose::Cancel),
            Purpose::Request(request) => self.handle_dialog_response(request, response, now).map(Purpose::Request),
            Purpose::Standalone(request) => request.handle_response(&mut self.core, response, now).map(Purpose::Standalone),
            Purpose::StrayBye(stray) => stray.handle_response(&mut self.core, response, now).map(Purpose::StrayBye),
        };
        // It goes when its transaction does.
        if let Some(purpose) = purpose {
            self.core.purposes.insert(id, purpose);
        }
    }

    fn handle_invite_response(&mut self, transaction: TransactionId, leg: LegId, response: &Message<'_>, now: Now) {
        let answered = response.status().is_some_and(|status| (200..300).contains(&status));
        if answered && self.core.acknowledge_again(transaction, response) {
            return;
        }
        if answered && !matches!(self.legs.get(&leg), Some(Leg::Caller(_))) {
            self.drop_fork(transaction, leg, response, now);
            return;
        }
        self.with_leg(leg, |state, core| match state {
            Leg::Caller(caller) => caller.handle_response(core, leg, response, now),
            Leg::Callee(_) | Leg::Session(_) => Next::Same,
        });
    }

    /// Another fork answered after the first, or after the end: it is acknowledged and hung up (RFC 3261 13.2.2.4).
    fn drop_fork(&mut self, transaction: TransactionId, leg: LegId, response: &Message<'_>, now: Now) {
        let Some(dialog) = self.core.dialog_of(transaction, response, None) else { return };
        self.core.acknowledge(transaction, &dialog, response);
        if self.legs.contains_key(&leg) {
            self.core.tell(leg, LegEvent::ForkDropped { dialog: dialog.key().clone() });
        }
        StrayBye::new(dialog).send(&mut self.core, now);
    }

    fn handle_reinvite_response(&mut self, transaction: TransactionId, leg: LegId, response: &Message<'_>, now: Now) {
        let answered = response.status().is_some_and(|status| (200..300).contains(&status));
        if answered && self.core.acknowledge_again(transaction, response) {
            return;
        }
        if answered && !self.legs.contains_key(&leg) {
            if let Some(dialog) = self.core.dialog_of(transaction, response, None) {
                self.core.acknowledge(transaction, &dialog, response);
            }
            return;
        }
        self.with_leg(leg, |state, core| match state {
            Leg::Session(session) => session.handle_reoffer_response(core, leg, transaction, response, now),
            Leg::Caller(_) | Leg::Callee(_) => Next::Same,
        });
    }

    /// Takes a response to a request within a dialog; gives the request back while there is more to come.
    fn handle_dialog_response(&mut self, mut request: Box<DialogRequest>, response: &Message<'_>, now: Now) -> Option<Box<DialogRequest>> {
        let status = response.status().unwrap_or_default();
        if status < 200 {
            return Some(request);
        }
        if request.is_to_be_sent_again(&mut self.core, response) {
            let leg = self.legs.get_mut(&request.leg);
            if leg.is_some_and(|leg| leg.send_again(&mut self.core, &request, now)) {
                return None;
            }
        }
        self.conclude(&request, status, Some(response), now);
        None
    }

    /// A request within a dialog has come to its end: by a final response, or without one by what stands for it.
    fn conclude(&mut self, request: &DialogRequest, status: u16, response: Option<&Message<'_>>, now: Now) {
        let leg = request.leg;
        self.with_leg(leg, |state, core| {
            match (request.method, state) {
                (Method::Prack, Leg::Caller(caller)) if status >= 300 => {
                    if let Some(early) = caller.early(&request.remote_tag) {
                        early.prack_is_lost();
                    }
                }
                (Method::Update, Leg::Caller(caller)) => caller.handle_update_outcome(core, leg, &request.remote_tag, status, response),
                (Method::Update, Leg::Session(session)) if request.has_body() => {
                    session.handle_early_outcome(core, leg, &request.remote_tag, status, response, now);
                }
                (Method::Update, Leg::Session(session)) => session.handle_update_outcome(core, leg, status, response, now),
                (Method::Refer, Leg::Session(session)) => session.handle_refer_outcome(core, leg, status),
                // Nobody wants to hear how it goes any more.
                (Method::Notify, Leg::Session(session)) if status >= 300 => session.unsubscribe(),
                _ => {}
            }
            Next::Same
        });
    }

    /// Carries out what the transactions want, until they want nothing more.
    pub(super) fn drain(&mut self, now: Now) {
        while let Some(output) = self.core.next_from_transactions() {
            match output {
                TransactionOutput::Timeout(id) => self.handle_failure(id, 408, now),
                TransactionOutput::TransportFailed(id) => self.handle_failure(id, 503, now),
                TransactionOutput::Terminated(id) => {
                    self.core.purposes.remove(&id);
                    self.core.acks.remove(&id);
                }
                TransactionOutput::Send { .. } => {}
            }
        }
    }

    /// A request of ours got no final response: act as on this status (8.1.3.1).
    fn handle_failure(&mut self, id: TransactionId, status: u16, now: Now) {
        match self.core.purposes.get(&id) {
            Some(Purpose::Register) if status == 408 => self.registration.handle_timeout_of(&mut self.core, id),
            Some(Purpose::Invite(leg)) => {
                let leg = *leg;
                self.with_leg(leg, |state, core| match state {
                    Leg::Caller(caller) => caller.handle_failure(core, status, now),
                    Leg::Callee(_) | Leg::Session(_) => Next::Same,
                });
            }
            Some(Purpose::Reinvite(leg)) => {
                let leg = *leg;
                self.with_session(leg, |session, core| session.handle_reoffer_failure(core, leg, id, status, now));
            }
            Some(Purpose::Bye(leg)) => {
                let leg = *leg;
                self.with_leg(leg, |state, core| match state {
                    Leg::Session(session) => session.handle_bye_failure(core, leg, status, now),
                    Leg::Caller(_) | Leg::Callee(_) => Next::Same,
                });
            }
            Some(Purpose::Request(request)) => {
                let request = request.clone();
                self.conclude(&request, status, None, now);
            }
            Some(Purpose::Standalone(_)) => {
                if let Some(Purpose::Standalone(request)) = self.core.purposes.remove(&id) {
                    request.handle_failure(&mut self.core, status);
                }
            }
            // The registration hears of a closed flow by itself; the rest changes nothing any more.
            Some(Purpose::Register | Purpose::Cancel | Purpose::StrayBye(_)) | None => {}
        }
    }
}
