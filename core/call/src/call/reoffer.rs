use cooee_machine::Now;
use cooee_sdp::{Crypto, Description, Direction, IceCredentials, LocalMedia, Negotiated, NegotiatedSecurity, accept, answer};
use cooee_sip::ua::DialogKey;

use super::Call;
use super::dialog::{Dialog, Remote};
use crate::{CallDirection, CallState, DialogId, LegCommand};

impl Call {
    /// The peer wants the call to go on differently: held, taken back, another codec, address, keys or path. What cannot be agreed
    /// on is refused, and the call goes on as it was.
    pub(super) fn reoffered(&mut self, sdp: Option<&[u8]>, now: Now) {
        let direction = self.hold.direction();
        match sdp {
            None => match self.winner.and_then(|winner| self.make_offer(winner, direction)) {
                None => self.command(LegCommand::RejectReoffer { fork: None, status: 488 }),
                Some(description) => {
                    self.hold.offered_late();
                    self.command(LegCommand::AcceptReoffer { fork: None, description });
                }
            },
            Some(sdp) => match self.winner.and_then(|winner| self.answer_reoffer(winner, direction, sdp)) {
                None => self.command(LegCommand::RejectReoffer { fork: None, status: 488 }),
                Some((description, negotiated)) => {
                    self.command(LegCommand::AcceptReoffer { fork: None, description });
                    self.hold.answered(&negotiated);
                    self.go_on(negotiated, now);
                    self.pursue_transfer();
                }
            },
        }
    }

    /// Our answer to another offer of the same peer. One with fresh ICE credentials asks for fresh ones of ours (RFC 8839 4.4.1.1.1), one
    /// of another endpoint for another key.
    fn answer_reoffer(&mut self, id: DialogId, direction: Direction, sdp: &[u8]) -> Option<(Vec<u8>, Negotiated)> {
        let offered = Description::parse(sdp).ok()?;
        let dialog = self.dialogs.find(id)?;
        let mut local = LocalMedia { security: self.row.accepts, ..self.local_media(Some(dialog), direction)? };
        let (mut description, mut negotiated) = answer(&offered, &local, &self.origin).ok()?;
        let (restarts_ice, moves_keys) = (dialog.restarts_ice(&negotiated), dialog.moves_keys(&negotiated));
        if restarts_ice {
            local.ice = Some(IceCredentials::fresh(&mut self.entropy));
        }
        if moves_keys {
            local.crypto = Crypto::fresh(&mut self.entropy);
        }
        if restarts_ice || moves_keys {
            (description, negotiated) = answer(&offered, &local, &self.origin).ok()?;
            let ours = &mut self.dialogs.find_mut(id)?.ours;
            (ours.ice, ours.crypto) = (local.ice?, local.crypto);
        }
        Some((self.describe(id, description)?, negotiated))
    }

    /// The peer answered the offer that it had asked for.
    pub(super) fn reoffer_confirmed(&mut self, sdp: Option<&[u8]>, now: Now) {
        match self.winner.and_then(|winner| self.read_answer(winner, sdp)) {
            Some(negotiated) => {
                self.hold.late_answer(&negotiated);
                self.go_on(negotiated, now);
            }
            None => self.withdraw_offer(),
        }
        self.pursue_hold();
    }

    /// The session was kept alive by a description said again (RFC 4028 10); the answer may differ from the last.
    pub(super) fn refreshed(&mut self, sdp: Option<&[u8]>, now: Now) {
        if let Some(negotiated) = self.winner.and_then(|winner| self.read_answer(winner, sdp)) {
            self.hold.refreshed(&negotiated);
            self.go_on(negotiated, now);
        }
    }

    /// What an answer makes of a further offer of ours.
    pub(super) fn read_answer(&self, id: DialogId, sdp: Option<&[u8]>) -> Option<Negotiated> {
        let answered = Description::parse(sdp?).ok()?;
        let dialog = self.dialogs.find(id)?;
        accept(&dialog.ours.description, &answered, dialog.policy()).ok()
    }

    /// Before the answer, one of the places the call went to, or who calls, wants to go on differently (RFC 3311, RFC 3262 5).
    pub(super) fn early_reoffer(&mut self, fork: DialogKey, sdp: &[u8]) {
        let is_outgoing = self.direction == CallDirection::Outgoing;
        let remote = if is_outgoing { Remote::Sip(fork.clone()) } else { Remote::Caller };
        let dialog = self.dialogs.of(&remote).map(|dialog| dialog.id);
        let (direction, by_us) = (self.hold.direction(), self.hold.held().by_us);
        let answered = dialog.and_then(|dialog| Some((dialog, self.answer_reoffer(dialog, direction, sdp)?)));
        let fork = Some(fork);
        let Some((id, (description, negotiated))) = answered else { return self.command(LegCommand::RejectReoffer { fork, status: 488 }) };
        self.command(LegCommand::AcceptReoffer { fork, description });
        if let Some(dialog) = self.dialogs.find_mut(id) {
            dialog.told.hold = by_us;
            dialog.negotiated = going_on(&dialog.negotiated, negotiated);
            let negotiated = dialog.negotiated.clone();
            self.update_media(id, &negotiated);
        }
    }

    /// The call goes on as agreed anew.
    pub(super) fn go_on(&mut self, negotiated: Negotiated, now: Now) {
        let Some(dialog) = self.winner.and_then(|id| self.dialogs.find_mut(id)) else { return };
        let negotiated = going_on(&dialog.negotiated, negotiated);
        dialog.negotiated = negotiated.clone();
        let id = dialog.id;
        dialog.ours.before = None;
        self.update_media(id, &negotiated);
        self.gather_rtcp(&negotiated);
        self.is_changed = true;
        if matches!(self.state, CallState::Active | CallState::Held(_)) {
            self.enter(self.settled());
        }
        self.judge_media(now);
    }
}

impl Dialog {
    fn restarts_ice(&self, new: &Negotiated) -> bool {
        let current = self.negotiated.ice.as_ref();
        current.zip(new.ice.as_ref()).is_some_and(|(current, new)| current.credentials != new.credentials)
    }

    /// Another endpoint behind the same dialog, by its address and key, cannot know how far the counter of our stream has run: with another
    /// key that begins anew (RFC 4568 7.1.4).
    fn moves_keys(&self, new: &Negotiated) -> bool {
        let current = &self.negotiated;
        let has_other_key = match (&current.security, &new.security) {
            (NegotiatedSecurity::Sdes { theirs: known, .. }, NegotiatedSecurity::Sdes { theirs, .. }) => known.key_salt != theirs.key_salt,
            _ => false,
        };
        has_other_key && current.remote_address != new.remote_address
    }
}

/// What was settled when the session began stays so as long as its ground does: who controls ICE, who began DTLS with the same
/// certificate (RFC 8842 5.5, RFC 8445 6.1.1). A peer that holds by naming no address is still where it was.
pub(super) fn going_on(current: &Negotiated, new: Negotiated) -> Negotiated {
    let theirs = |negotiated: &Negotiated| negotiated.ice.as_ref().map(|ice| ice.credentials.clone());
    let is_same_association = match (&current.security, &new.security) {
        (NegotiatedSecurity::Dtls { fingerprints: known, .. }, NegotiatedSecurity::Dtls { fingerprints, .. }) => known == fingerprints,
        _ => false,
    };
    let ice = if theirs(current) == theirs(&new) { current.ice.clone() } else { new.ice };
    let security = if is_same_association { current.security.clone() } else { new.security };
    let remote_address = new.remote_address.or(current.remote_address);
    Negotiated { ice, security, remote_address, controlling: current.controlling, ..new }
}
