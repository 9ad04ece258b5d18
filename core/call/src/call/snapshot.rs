use cooee_rtc::MediaSecurity;

use super::Call;
use super::dialog::Dialog;
use crate::{CallAction, CallSnapshot, CallState, KeyTrust, MediaKeys};

impl Call {
    /// The call as it is.
    #[must_use]
    pub fn snapshot(&self) -> CallSnapshot {
        let dialog = self.winner.or_else(|| self.dialogs.latest()).and_then(|id| self.dialogs.find(id));
        CallSnapshot {
            id: self.id,
            direction: self.direction,
            peer: self.peer.clone(),
            state: self.state.clone(),
            allowed: self.allowed(),
            anonymous: self.caller.anonymous,
            asserted: self.caller.asserted.clone(),
            legs: self.legs().to_vec(),
            referred_by: self.caller.referred_by.clone(),
            replaces: self.caller.replaces,
            request: self.caller.request.clone(),
            is_test: self.caller.is_test,
            is_overdue: self.is_overdue(),
            held: self.hold.held(),
            transfer: self.handover.progress(),
            transfer_asked: self.transfer_request().map(|request| request.target.clone()),
            security: dialog.and_then(|dialog| dialog.security).map(|(security, _)| security),
            keys: dialog.and_then(|dialog| self.keys(dialog)),
            key_trust: KeyTrust::Unknown,
            cipher: dialog.and_then(|dialog| dialog.security).map(|(_, cipher)| cipher),
            codec: dialog.map(|dialog| dialog.negotiated.codec.clone()),
            path: dialog.and_then(|dialog| dialog.path),
            warning: dialog.and_then(|dialog| dialog.one_way),
            muted: self.is_muted,
            statistics: dialog.and_then(|dialog| dialog.statistics),
            link: self.link.quality(),
            timeline: self.timeline.clone(),
        }
    }

    fn keys(&self, dialog: &Dialog) -> Option<MediaKeys> {
        let is_end_to_end = matches!(dialog.security, Some((MediaSecurity::EndToEnd, _)));
        let ours = self.local.as_ref().filter(|_| is_end_to_end && !self.hides_us)?.fingerprint.digest.as_slice();
        Some(MediaKeys { ours: ours.try_into().ok()?, theirs: dialog.key? })
    }

    /// What can be done with it now.
    #[must_use]
    pub fn allowed(&self) -> Vec<CallAction> {
        let rings_here = self.rings_here();
        let is_up = matches!(self.state, CallState::Active | CallState::Held(_) | CallState::Reconnecting);
        let is_held = self.hold.held().by_us;
        let is_early = self.has_early_media();
        let is_heard_early =
            is_early && self.dialogs.latest().and_then(|id| self.dialogs.find(id)).is_some_and(|dialog| dialog.security.is_some());
        let takes_digits = matches!(self.state, CallState::Active | CallState::Held(_)) || is_heard_early;
        let all = [
            (CallAction::Answer, rings_here),
            (CallAction::Decline, rings_here),
            (CallAction::HangUp, !rings_here && !self.is_over()),
            (CallAction::Hold, (is_up || is_early) && !is_held),
            (CallAction::Resume, (is_up || self.winner.is_none() && !self.is_over()) && is_held),
            (CallAction::Mute, !self.is_over() && !self.is_muted),
            (CallAction::Unmute, !self.is_over() && self.is_muted),
            (CallAction::Digit, takes_digits && !is_held),
            (CallAction::Transfer, is_up && !self.handover.is_under_way()),
            (CallAction::FollowTransfer, self.question.is_open()),
            (CallAction::RefuseTransfer, self.question.is_open()),
        ];
        all.into_iter().filter(|(_, can)| *can).map(|(action, _)| action).collect()
    }
}
