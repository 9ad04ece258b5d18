//! What becomes of a call whose own address is gone.

use std::net::IpAddr;
use std::time::Instant;

use cooee_machine::Now;

use super::Call;
use crate::{EndReason, Fact};

/// The device has no longer the address that the sound goes over.
#[derive(Clone, Copy, Debug)]
pub(super) struct MissingAddress {
    address: IpAddr,
    /// By then it is to be back.
    due: Instant,
}

impl Call {
    /// The device's networks have changed: these addresses are up, those have been until now.
    pub fn handle_networks(&mut self, up: &[IpAddr], lost: &[IpAddr], now: Now) {
        self.missing.take_if(|missing| up.contains(&missing.address));
        let ours = self.winner.and_then(|id| self.dialogs.find(id)).and_then(|dialog| dialog.own_address);
        let Some(address) = ours.filter(|ours| lost.contains(ours) && !self.is_over()) else { return };
        self.missing = Some(MissingAddress { address, due: now.instant + self.times.network });
        self.note(Fact::NetworkLost, now);
    }

    /// Packets go over this address of ours.
    pub(super) fn goes_over(&mut self, address: IpAddr) {
        self.missing.take_if(|missing| missing.address != address);
    }

    /// When the call ends because its network is gone. What gets through all the same, as ICE knows, is not ended.
    pub(super) fn network_due(&self) -> Option<Instant> {
        let dialog = self.winner.and_then(|id| self.dialogs.find(id))?;
        let gets_through = dialog.path.is_some() && dialog.negotiated.ice.is_some();
        self.missing.filter(|_| !gets_through && !self.is_over()).map(|missing| missing.due)
    }

    /// Why nothing of the peer arrives any more.
    pub(super) fn why_silent(&self) -> EndReason {
        if self.missing.is_some() { EndReason::NetworkChanged } else { EndReason::PeerSilent }
    }
}
