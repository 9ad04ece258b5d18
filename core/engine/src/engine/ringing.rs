use std::time::Duration;

use cooee_net::now;
use cooee_phone::{AccountId, AccountSituation, AccountState, Command, RingLine, RingSituation};

use super::Engine;
use crate::{AccountView, Power, Refused};

/// Whether a call would ring.
impl Engine {
    /// What this phone and its device are like. Whoever knows more of the device completes it.
    #[must_use]
    pub fn ring_situation(&self) -> RingSituation {
        let snapshot = self.snapshot();
        let conditions = self.conditions.borrow();
        let is_in = |view: &AccountView| view.state.as_ref().is_some_and(AccountState::is_registered);
        let has_network = conditions.networks.as_ref().map(|networks| !networks.is_empty());
        let accounts = snapshot.accounts.iter().map(|view| AccountSituation {
            address: view.address.clone(),
            state: view.state.clone(),
            heard: view.heard,
        });
        RingSituation {
            accounts: accounts.collect(),
            is_running: None,
            // A server that is reached proves a network, whatever its addresses look like.
            has_network: if snapshot.accounts.iter().any(is_in) { Some(true) } else { has_network },
            do_not_disturb: snapshot.do_not_disturb,
            who_rings: snapshot.who_rings,
            may_notify: conditions.permissions.notify,
            may_fill_screen: conditions.permissions.fill_screen,
            may_stay_awake: conditions.permissions.stay_awake,
            saves_power: Some(conditions.power == Power::Saving),
            may_listen: conditions.permissions.listen,
            looks_from_beside: false,
        }
    }

    /// Calls the account's own address, to see whether it rings: `after` this time, if its server can wait (240 s at most), else at once.
    /// `None`: the first account that is in, else the first. [`EngineEvent::RingTested`](crate::EngineEvent::RingTested) follows; a test that is under way is
    /// given up.
    ///
    /// # Errors
    /// There is no account, or the engine is offline.
    pub fn test_ringing(&self, account: Option<AccountId>, after: Duration) -> Result<AccountId, Refused> {
        let snapshot = self.snapshot();
        let is_in = |view: &&AccountView| view.state.as_ref().is_some_and(AccountState::is_registered);
        let chosen = match account {
            Some(account) => snapshot.account(account),
            None => snapshot.accounts.iter().find(is_in).or(snapshot.accounts.first()),
        };
        let account = chosen.ok_or(Refused::NoSuchAccount)?.id;
        self.command(Command::TestRinging { account, after })?;
        Ok(account)
    }

    /// Each thing that ringing needs, as it is now.
    #[must_use]
    pub fn ring_lines(&self) -> Vec<RingLine> {
        self.ring_situation().lines(now().unix)
    }
}
