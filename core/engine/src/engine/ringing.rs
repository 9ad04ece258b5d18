use cooee_net::now;
use cooee_phone::{AccountSituation, AccountState, RingLine, RingSituation};

use super::Engine;
use crate::{AccountView, Power};

/// Whether a call would ring.
impl Engine {
    /// What this phone and its device are like. Whoever knows more of the device completes it.
    #[must_use]
    pub fn ring_situation(&self) -> RingSituation {
        let snapshot = self.snapshot();
        let conditions = self.conditions.borrow();
        let is_in = |view: &AccountView| matches!(view.state, Some(AccountState::Registered { .. }));
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

    /// Each thing that ringing needs, as it is now.
    #[must_use]
    pub fn ring_lines(&self) -> Vec<RingLine> {
        self.ring_situation().lines(now().unix)
    }
}
