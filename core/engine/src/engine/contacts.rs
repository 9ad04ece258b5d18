use std::sync::atomic::Ordering;

use cooee_phone::{BlockRule, Command};

use super::Engine;
use crate::desk::{DO_NOT_DISTURB, Job, LOW_DATA, REJECT_ANONYMOUS};
use crate::store::List;
use crate::{Refused, Snapshot, StoreError};

/// More are not kept: each is compared with every caller.
const RULES_MAX: usize = 1000;

fn list_of(list: List, snapshot: &mut Snapshot) -> &mut Vec<BlockRule> {
    match list {
        List::Blocked => &mut snapshot.blocked,
        List::Allowed => &mut snapshot.allowed,
    }
}

/// Who may ring here. All of it is kept, and also works offline.
impl Engine {
    /// Takes no more calls and messages of `ben@example.org`, or of everybody at `example.org`. Also fine if that is so already.
    ///
    /// # Errors
    /// It is no address and no domain, or the list is full.
    pub fn block(&self, whom: &str) -> Result<BlockRule, Refused> {
        self.put_on(List::Blocked, whom, Refused::TooManyBlocked)
    }

    /// Takes calls and messages of this address or domain again.
    ///
    /// # Errors
    /// It is no address and no domain, or is not blocked.
    pub fn unblock(&self, whom: &str) -> Result<BlockRule, Refused> {
        self.take_off(List::Blocked, whom, Refused::NotBlocked)
    }

    /// Lets calls of `ben@example.org`, or of everybody at `example.org`, ring at any time. Also fine if that is so.
    ///
    /// # Errors
    /// It is no address and no domain, or the list is full.
    pub fn allow(&self, whom: &str) -> Result<BlockRule, Refused> {
        self.put_on(List::Allowed, whom, Refused::TooManyAllowed)
    }

    /// No longer.
    ///
    /// # Errors
    /// It is no address and no domain, or is not allowed.
    pub fn disallow(&self, whom: &str) -> Result<BlockRule, Refused> {
        self.take_off(List::Allowed, whom, Refused::NotAllowed)
    }

    /// Who is blocked, and how many texts of theirs came and were not told.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn blocked(&self) -> Result<Vec<(BlockRule, u32)>, StoreError> {
        self.ask(|reply| Job::Blocked { reply }).await
    }

    fn put_on(&self, list: List, whom: &str, full: Refused) -> Result<BlockRule, Refused> {
        let rule = BlockRule::understand(whom, self.snapshot().numbering.region).ok_or(Refused::BadAddress)?;
        self.change_list(list, &rule, true, |rules| match rules.binary_search(&rule) {
            Ok(_) => Ok(()),
            Err(_) if rules.len() >= RULES_MAX => Err(full),
            Err(place) => {
                rules.insert(place, rule.clone());
                Ok(())
            }
        })?;
        Ok(rule)
    }

    fn take_off(&self, list: List, whom: &str, not_on_it: Refused) -> Result<BlockRule, Refused> {
        let rule = BlockRule::understand(whom, self.snapshot().numbering.region).ok_or(Refused::BadAddress)?;
        self.change_list(list, &rule, false, |rules| {
            let place = rules.binary_search(&rule).map_err(|_| not_on_it)?;
            rules.remove(place);
            Ok(())
        })?;
        Ok(rule)
    }

    fn change_list(
        &self,
        list: List,
        rule: &BlockRule,
        is_on_it: bool,
        change: impl FnOnce(&mut Vec<BlockRule>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        self.change_rules(|snapshot| {
            let rules = list_of(list, snapshot);
            change(rules)?;
            let command = match list {
                List::Blocked => Command::SetBlocked(rules.clone()),
                List::Allowed => Command::SetAllowed(rules.clone()),
            };
            Ok((Job::SetListed { list, rule: rule.clone(), is_on_it }, command))
        })
    }

    /// From now on no call rings here but of who is allowed, and each is logged as missed; or they ring again.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_do_not_disturb(&self, on: bool) -> Result<(), Refused> {
        self.change_rules(|snapshot| {
            snapshot.do_not_disturb = on;
            Ok((Job::Remember { name: DO_NOT_DISTURB, value: on.then_some("yes") }, Command::SetDoNotDisturb(on)))
        })
    }

    /// From now on, data is dear: calls, those that go on too, send no more than 20 kbit/s with all headers (over IPv4), and ask the other
    /// side for the same; or no longer.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_low_data(&self, on: bool) -> Result<(), Refused> {
        self.change_rules(|snapshot| {
            snapshot.low_data = on;
            Ok((Job::Remember { name: LOW_DATA, value: on.then_some("yes") }, Command::SetLowData(on)))
        })
    }

    /// Whether calls of who withholds an address are refused.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_reject_anonymous(&self, on: bool) -> Result<(), Refused> {
        self.change_rules(|snapshot| {
            snapshot.reject_anonymous = on;
            Ok((Job::Remember { name: REJECT_ANONYMOUS, value: on.then_some("yes") }, Command::SetRejectAnonymous(on)))
        })
    }

    /// Changes what the snapshot shows of the rules, the store keeps and the phone obeys, all at once: whoever shows what another process
    /// has stored does so before or after, and the last word is the same everywhere.
    pub(super) fn change_rules(&self, change: impl FnOnce(&mut Snapshot) -> Result<(Job, Command), Refused>) -> Result<(), Refused> {
        self.running()?;
        let mut done = Ok(());
        self.shared.change(|snapshot| {
            done = change(snapshot).and_then(|(job, command)| {
                self.shared.unsaved.fetch_add(1, Ordering::Relaxed);
                self.desk.put(job);
                if self.is_online { self.command(command) } else { Ok(()) }
            });
        });
        done
    }
}
