use cooee_call::EndReason;
use cooee_machine::Now;

use super::{Phone, Shutdown};
use crate::account::AccountOutput;
use crate::{AccountId, Output};

impl Phone {
    /// Hangs up everything and lets every account take its leave.
    pub(super) fn shut_down(&mut self, now: Now) {
        if self.shutdown != Shutdown::No {
            return;
        }
        self.shutdown = Shutdown::Begun;
        self.drop_searches(now);
        self.give_up_ring_test(&EndReason::ShutDown, now);
        for running in self.calls.values_mut() {
            running.call.shut_down(now);
        }
        // The calls say good-bye before their accounts do.
        self.pump_calls(now);
        for account in self.accounts.values_mut() {
            account.leave(self.config.shutdown, now);
        }
    }

    /// Lets go of the accounts that are done, and ends when nothing is left.
    pub(super) fn go_on_shutting_down(&mut self, now: Now) {
        let gone: Vec<AccountId> = self.accounts.iter().filter(|(_, account)| account.is_gone(now)).map(|(id, _)| *id).collect();
        for id in gone {
            self.drop_account(id, now);
        }
        if self.shutdown == Shutdown::Begun && self.accounts.is_empty() && self.calls.is_empty() {
            self.shutdown = Shutdown::Done;
            self.outputs.push_back(Output::ShutDown);
        }
    }

    /// Closes what an account has open and forgets it.
    pub(super) fn drop_account(&mut self, id: AccountId, now: Now) {
        let Some(mut account) = self.accounts.remove(&id) else { return };
        self.drop_messages(id);
        self.drop_inquiry(id, now);
        self.drop_ring_test(id, now);
        account.close();
        while let Some(output) = account.poll(&mut self.ids, now) {
            if let AccountOutput::Action(action) = output {
                self.outputs.push_back(Output::Io(action));
            }
        }
    }
}
