use cooee_call::{CallDirection, CallId, CallOutput, Leg, LegCommand, LegEvent, TransferTarget};
use cooee_machine::Now;
use cooee_sip::ua::{self, HangUp, ReferTo, TransferEvent};

use super::{Phone, Running};
use crate::account::{Account, AccountOutput};
use crate::{AccountId, Output, PhoneEvent};

impl Phone {
    /// Carries what one part wants to the others, until nobody wants anything.
    pub(super) fn pump(&mut self, now: Now) {
        while self.pump_searches(now) | self.pump_accounts(now) | self.pump_calls(now) | self.pump_inquiries(now) {}
        self.calls.retain(|_, running| !running.call.is_finished());
        self.go_on_shutting_down(now);
        self.settle(now);
    }

    fn pump_accounts(&mut self, now: Now) -> bool {
        let mut has_moved = false;
        let ids: Vec<AccountId> = self.accounts.keys().copied().collect();
        for id in ids {
            while let Some(output) = self.accounts.get_mut(&id).and_then(|account| account.poll(&mut self.ids, now)) {
                has_moved = true;
                self.handle_account(id, output, now);
            }
        }
        has_moved
    }

    fn handle_account(&mut self, id: AccountId, output: AccountOutput, now: Now) {
        match output {
            AccountOutput::Action(action) => self.outputs.push_back(Output::Io(action)),
            AccountOutput::Changed(state) => self.tell(PhoneEvent::AccountChanged { account: id, state }),
            AccountOutput::Noted(fact) => self.calls_over(id, |running| {
                if running.call.awaits_server() {
                    running.call.note(fact.clone(), now);
                }
            }),
            AccountOutput::Told(story, begun) => self.tell(PhoneEvent::AccountTold { account: id, begun, story }),
            AccountOutput::Leg(leg, event) => self.handle_leg(id, leg, event, now),
            AccountOutput::Message(event) => self.handle_message(id, event),
            AccountOutput::Query(event) => self.handle_query(id, event, now),
            AccountOutput::MessagesWaiting(waiting) => self.tell(PhoneEvent::MessagesWaiting { account: id, waiting }),
            AccountOutput::Ready => self.calls_over(id, |running| running.call.server_ready(now)),
            AccountOutput::NotReady => self.calls_over(id, |running| running.call.server_lost()),
            AccountOutput::Heard(heard) => self.tell(PhoneEvent::ServerHeard { account: id, heard }),
            AccountOutput::Unheard => self.calls_over(id, |running| running.call.server_silent()),
            AccountOutput::StunKnown(servers) => self.calls_over(id, |running| running.call.stun_known(&servers)),
            AccountOutput::Troubled(trouble) => self.calls_over(id, |running| running.call.server_failed(trouble.end_reason(), now)),
        }
    }

    fn calls_over(&mut self, account: AccountId, act: impl FnMut(&mut Running)) {
        self.calls.values_mut().filter(|running| running.account == account).for_each(act);
    }

    pub(super) fn pump_calls(&mut self, now: Now) -> bool {
        let mut has_moved = false;
        let ids: Vec<CallId> = self.calls.keys().copied().collect();
        for id in ids {
            while let Some(output) = self.calls.get_mut(&id).and_then(|running| running.call.poll_output()) {
                has_moved = true;
                self.handle_call(id, output, now);
            }
        }
        has_moved
    }

    fn handle_call(&mut self, id: CallId, output: CallOutput, now: Now) {
        let Some(running) = self.calls.get_mut(&id) else { return };
        let account = running.account;
        match output {
            CallOutput::Media(request) => self.outputs.push_back(Output::Media(request)),
            CallOutput::Changed => {
                let mut call = Box::new(running.call.snapshot());
                self.verified.judge(&mut call);
                running.call.note_key(call.key_trust, now);
                if running.call.is_answered() && call.direction == CallDirection::Outgoing {
                    self.acquaintances.meet(running.target.reveal());
                } else if running.call.is_answered() {
                    [Some(&call.peer.address), call.asserted.as_ref()]
                        .into_iter()
                        .flatten()
                        .for_each(|name| self.familiar.meet(name.reveal()));
                }
                self.tell(PhoneEvent::CallChanged { account, call });
                self.replace(id, now);
                self.run_errand(id, now);
                self.keep_one_voice(id, now);
            }
            CallOutput::Digit(digit) => self.tell(PhoneEvent::Digit { call: id, digit }),
            CallOutput::Redirected(place) => self.redirect(id, &place, now),
            CallOutput::Elsewhere(reason) => self.go_elsewhere(id, &reason, now),
            CallOutput::Silent => self.hear_silence(id, now),
            CallOutput::Transfer(progress) => self.transfer_goes(id, progress, now),
            CallOutput::TransferAsked(request) => self.transfer_asked(id, request.target, now),
            CallOutput::TransferRefused(target) => self.tell_refused(id, target),
            CallOutput::Failed { action, status } => self.tell(PhoneEvent::ActionFailed { call: id, action, status }),
            CallOutput::Log(mut entry) => {
                self.verified.judge(&mut entry.call);
                let reached = running.reached();
                self.known.ended(&entry);
                self.interruption.leave(id);
                self.tell(PhoneEvent::CallEnded { account, entry, reached });
            }
            CallOutput::Leg(LegCommand::Transfer { to }) => self.refer(id, to, now),
            CallOutput::Leg(command) => {
                if let Some(account) = self.accounts.get_mut(&account) {
                    carry_out(command, running, account, now);
                }
            }
        }
    }
}

impl Phone {
    /// Asks the peer of a call to call somebody else. Whom it is to take over is known to the account of that call.
    fn refer(&mut self, id: CallId, to: TransferTarget, now: Now) {
        let Some(running) = self.calls.get_mut(&id) else { return };
        let (account, leg, joins) = (running.account, running.call.leg(), running.joins);
        let to = match to {
            TransferTarget::Address(target) => Some(ReferTo { target: target.0, replaces: None }),
            TransferTarget::Leg(Leg::Sip(other)) => {
                let its_account = joins.and_then(|joins| self.calls.get(&joins)).map(|other| other.account);
                its_account.and_then(|account| self.accounts.get(&account)).and_then(|account| account.agent.take_over(other))
            }
        };
        match (to, leg, self.accounts.get_mut(&account)) {
            (Some(to), Some(Leg::Sip(leg)), Some(account)) => account.agent.refer(leg, &to, now),
            // The other call has ended in the meantime.
            _ => self.with_call(id, |call| call.handle_leg(LegEvent::Sip(ua::LegEvent::Transfer(TransferEvent::Failed(481))), now)),
        }
    }
}

/// Does with the account's user agent what a call wants of its leg.
fn carry_out(command: LegCommand, running: &mut Running, account: &mut Account, now: Now) {
    let agent = &mut account.agent;
    if let LegCommand::Place { offer } = command {
        let leg = agent.invite(running.target.reveal(), offer, running.options.clone(), now);
        return running.call.placed(Leg::Sip(leg));
    }
    let Some(Leg::Sip(leg)) = running.call.leg() else { return };
    match command {
        LegCommand::Place { .. } | LegCommand::Transfer { .. } => {}
        LegCommand::Ring { offer } => agent.ring(leg, offer, now),
        LegCommand::Answer { description } => agent.answer(leg, description, now),
        LegCommand::Reject { status, text } => agent.reject(leg, status, text, now),
        LegCommand::HangUp { status, text } => agent.hang_up(leg, HangUp { status, text: text.map(str::to_owned) }, now),
        LegCommand::Reoffer { fork: None, offer } => agent.reoffer(leg, offer, now),
        LegCommand::Reoffer { fork: Some(fork), offer } => agent.reoffer_early(leg, &fork, offer, now),
        LegCommand::AcceptReoffer { fork, description } => agent.accept_reoffer(leg, fork.as_ref(), description, now),
        LegCommand::RejectReoffer { fork, status } => agent.reject_reoffer(leg, fork.as_ref(), status, now),
        LegCommand::AcceptTransfer => agent.accept_transfer(leg, now),
        LegCommand::RejectTransfer { status } => agent.reject_transfer(leg, status, now),
        LegCommand::NotifyTransfer { status } => agent.notify_transfer(leg, status, "", now),
    }
}
