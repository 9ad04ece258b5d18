use cooee_phone::{BlockRule, Command};

use super::Engine;
use crate::desk::{DO_NOT_DISTURB, Job, REJECT_ANONYMOUS};
use crate::{Refused, Snapshot, StoreError};

/// More are not kept: each is compared with every caller.
const RULES_MAX: usize = 1000;

/// Lists of people that decide who may ring.
#[derive(Clone, Copy)]
enum List {
    Blocked,
    Allowed,
}

impl List {
    fn of(self, snapshot: &mut Snapshot) -> &mut Vec<BlockRule> {
        match self {
            Self::Blocked => &mut snapshot.blocked,
            Self::Allowed => &mut snapshot.allowed,
        }
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

    /// Lets calls of `ben@example.org`, or of everybody at `example.org`, ring although no call is to. Also fine if that is so.
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
        let rule = BlockRule::parse(whom).ok_or(Refused::BadAddress)?;
        self.change_list(list, |rules| match rules.binary_search(&rule) {
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
        let rule = BlockRule::parse(whom).ok_or(Refused::BadAddress)?;
        self.change_list(list, |rules| {
            let place = rules.binary_search(&rule).map_err(|_| not_on_it)?;
            rules.remove(place);
            Ok(())
        })?;
        Ok(rule)
    }

    fn change_list(&self, list: List, change: impl FnOnce(&mut Vec<BlockRule>) -> Result<(), Refused>) -> Result<(), Refused> {
        self.running()?;
        let (mut changed, mut rules) = (Ok(()), Vec::new());
        self.shared.change(|snapshot| {
            changed = change(list.of(snapshot));
            rules.clone_from(list.of(snapshot));
        });
        changed?;
        let (job, command) = match list {
            List::Blocked => (Job::SetBlocked(rules.clone()), Command::SetBlocked(rules)),
            List::Allowed => (Job::SetAllowed(rules.clone()), Command::SetAllowed(rules)),
        };
        self.desk.put(job);
        self.if_online(command)
    }

    /// From now on no call rings here but of who is allowed, and each is logged as missed; or they ring again.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_do_not_disturb(&self, on: bool) -> Result<(), Refused> {
        self.running()?;
        self.shared.change(|snapshot| snapshot.do_not_disturb = on);
        self.desk.put(Job::Remember { name: DO_NOT_DISTURB, on });
        self.if_online(Command::SetDoNotDisturb(on))
    }

    /// Whether calls of who withholds an address are refused.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_reject_anonymous(&self, on: bool) -> Result<(), Refused> {
        self.running()?;
        self.shared.change(|snapshot| snapshot.reject_anonymous = on);
        self.desk.put(Job::Remember { name: REJECT_ANONYMOUS, on });
        self.if_online(Command::SetRejectAnonymous(on))
    }

    fn if_online(&self, command: Command) -> Result<(), Refused> {
        if self.is_online { self.command(command) } else { Ok(()) }
    }
}
