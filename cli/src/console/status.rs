use cooee_phone::RingSituation;
use serde_json::Value;

use super::Console;
use crate::line::{AccountStatus, CallStatus, Line, Status};
use crate::tell::{address, direction, ring_lines, state_word};
use crate::words;

impl Console {
    /// Tells whether a call would ring, and what keeps it from that.
    pub(super) fn reach(&self) {
        let situation = RingSituation { is_running: Some(true), ..self.engine.ring_situation() };
        let lines = situation.lines(cooee_net::now().unix);
        ring_lines(&lines).iter().for_each(|line| self.reporter.tell(line));
    }

    /// Tells how everything is.
    pub(super) fn status(&self, id: Option<Value>) {
        let (snapshot, numbers) = (self.engine.snapshot(), self.teller.numbers());
        let current = numbers.current(&snapshot);
        let account = |view: &cooee_engine::AccountView| AccountStatus {
            address: view.address.reveal().clone(),
            state: view.state.as_ref().map_or("connecting", cooee_phone::AccountState::as_str),
        };
        let call = |view: &cooee_engine::CallView| CallStatus {
            call: view.call.id.0,
            number: numbers.of(view.call.id).unwrap_or(0),
            chosen: current == Some(view.call.id),
            account: address(&snapshot, view.account),
            state: state_word(&view.call),
            direction: direction(view.call.direction),
            peer: view.call.peer.address.reveal().clone(),
            name: view.call.peer.display_name.as_ref().map(|name| name.reveal().clone()),
            security: view.call.security.map(words::security),
            codec: view.call.codec.as_ref().map(|codec| codec.name.clone()),
            muted: view.call.muted,
            allowed: view.call.allowed.iter().map(|action| action.as_str()).collect(),
        };
        let (accounts, calls) = (snapshot.accounts.iter().map(account).collect(), snapshot.calls.iter().map(call).collect());
        self.reporter.tell(&Line::Status(Status { id, accounts, calls }));
    }
}
