use cooee_phone::{BlockRule, Command};

use super::Engine;
use crate::Refused;
use crate::desk::{DO_NOT_DISTURB, Job, REJECT_ANONYMOUS};

/// More are not kept: each is compared with every caller.
const BLOCKED_MAX: usize = 1000;

/// Who may ring here. All of it is kept, and also works offline.
impl Engine {
    /// Takes no more calls and messages of `ben@example.org`, or of everybody at `example.org`. Also fine if that is so already.
    ///
    /// # Errors
    /// It is no address and no domain, or the list is full.
    pub fn block(&self, whom: &str) -> Result<BlockRule, Refused> {
        let rule = BlockRule::parse(whom).ok_or(Refused::BadAddress)?;
        self.change_blocked(|blocked| match blocked.binary_search(&rule) {
            Ok(_) => Ok(()),
            Err(_) if blocked.len() >= BLOCKED_MAX => Err(Refused::TooManyBlocked),
            Err(place) => {
                blocked.insert(place, rule.clone());
                Ok(())
            }
        })?;
        Ok(rule)
    }

    /// Takes calls and messages of this address or domain again.
    ///
    /// # Errors
    /// It is no address and no domain, or is not blocked.
    pub fn unblock(&self, whom: &str) -> Result<BlockRule, Refused> {
        let rule = BlockRule::parse(whom).ok_or(Refused::BadAddress)?;
        self.change_blocked(|blocked| {
            let place = blocked.binary_search(&rule).map_err(|_| Refused::NotBlocked)?;
            blocked.remove(place);
            Ok(())
        })?;
        Ok(rule)
    }

    fn change_blocked(&self, change: impl FnOnce(&mut Vec<BlockRule>) -> Result<(), Refused>) -> Result<(), Refused> {
        self.running()?;
        let (mut changed, mut rules) = (Ok(()), Vec::new());
        self.shared.change(|snapshot| {
            changed = change(&mut snapshot.blocked);
            rules.clone_from(&snapshot.blocked);
        });
        changed?;
        self.desk.put(Job::SetBlocked(rules.clone()));
        self.if_online(Command::SetBlocked(rules))
    }

    /// From now on no call rings here, and each is logged as missed; or they ring again.
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
