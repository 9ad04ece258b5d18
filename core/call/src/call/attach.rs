use cooee_machine::Now;
use cooee_rtc::{MediaFailure, SessionEvent};

use super::{Call, CallOutput, Phase};
use crate::{CallState, DialogId, EndReason, Fact, MediaEvent, MediaTrouble, Milestone};

use std::time::Duration;

/// How long the good-bye by signalling may lag behind that of the media.
const GOOD_BYE: Duration = Duration::from_secs(5);

impl Call {
    /// Takes what the media side has to tell.
    pub fn handle_media(&mut self, event: MediaEvent, now: Now) {
        match event {
            MediaEvent::Stopped { statistics } => {
                let heard = self.winner.or_else(|| self.dialogs.latest());
                if let Some(dialog) = heard.and_then(|id| self.dialogs.find_mut(id)) {
                    dialog.statistics = statistics.or(dialog.statistics);
                }
                self.log();
            }
            _ if self.is_over() => {}
            MediaEvent::Gathered(local) => {
                self.local = Some(local);
                self.timeline.reach(Milestone::Gathered, now);
                self.note_candidates(now);
                self.place(now);
                self.ring_with_offer();
                self.send_answer(now);
                self.pursue_hold();
            }
            MediaEvent::GatherFailed(text) => self.break_off(EndReason::Media(MediaTrouble::NoSocket { text }), now),
            MediaEvent::Sound { trouble, begins } => self.note(Fact::Sound { trouble, begins }, now),
            MediaEvent::Session { dialog, event } => self.handle_session(dialog, &event, now),
        }
    }

    fn handle_session(&mut self, id: DialogId, event: &SessionEvent, now: Now) {
        let is_winner = self.winner == Some(id);
        if is_winner || self.winner.is_none() {
            self.note_session(id, event, is_winner, now);
        }
        let (is_held, may_be_silent, row) = (self.is_held_by_either(), self.may_be_silent(id), self.row);
        let Some(dialog) = self.dialogs.find_mut(id) else { return };
        match *event {
            SessionEvent::Path(path) => {
                (dialog.path, dialog.own_address) = (Some(path), Some(path.local.ip()));
                if is_winner {
                    self.goes_over(path.local.ip());
                }
            }
            SessionEvent::PeerKey(key) => dialog.key = Some(key),
            SessionEvent::Secured { security, cipher } => dialog.security = Some((row.worth(security), cipher)),
            SessionEvent::Active => {
                dialog.is_active = true;
                dialog.one_way = None;
            }
            SessionEvent::OneWay(cause) => dialog.one_way = Some(cause),
            SessionEvent::Report(statistics) => dialog.statistics = Some(statistics),
            SessionEvent::Failed(failure) => dialog.failure = Some(failure),
            SessionEvent::PathLost if may_be_silent => {}
            SessionEvent::PathLost => {
                dialog.path = None;
                if is_winner && matches!(self.state, CallState::Active | CallState::Held(_)) {
                    self.enter(CallState::Reconnecting);
                    self.wait(Phase::Path, self.times.path, now);
                }
            }
            SessionEvent::Digit(digit) if is_winner => self.outputs.push_back(CallOutput::Digit(digit)),
            // On hold many say it, and mean their sound.
            SessionEvent::Closed if is_winner && !is_held => self.good_bye = Some(now.instant + GOOD_BYE),
            SessionEvent::Reopened if is_winner => self.good_bye = None,
            _ => {}
        }
        if is_winner || self.winner.is_none() {
            self.is_changed = true;
        }
        if is_winner {
            self.judge_media(now);
        }
    }

    /// What the story says of it.
    fn note_session(&mut self, id: DialogId, event: &SessionEvent, is_winner: bool, now: Now) {
        let (may_be_silent, row) = (self.may_be_silent(id), self.row);
        let Some(dialog) = self.dialogs.find(id) else { return };
        match *event {
            SessionEvent::Path(path) if dialog.path.is_none_or(|known| !known.is_between(path)) => self.note_path(&path, now),
            SessionEvent::PathLost if !may_be_silent => self.note(Fact::PathLost, now),
            SessionEvent::Secured { security, cipher } => {
                self.note(Fact::Secured { security: row.worth(security), cipher: cipher.to_owned() }, now);
            }
            SessionEvent::Heard => self.note(Fact::SoundCame, now),
            SessionEvent::Active => self.note(Fact::BothWays, now),
            SessionEvent::OneWay(cause) => self.note(Fact::OneWay(cause), now),
            SessionEvent::Report(statistics) if is_winner => self.note_report(&statistics, now),
            _ => {}
        }
    }

    fn is_held_by_either(&self) -> bool {
        let held = self.hold.held();
        held.by_us || held.by_peer
    }

    /// Whether silence says nothing of the path: without ICE only sound and reports show that there is one, and on hold many send
    /// neither.
    fn may_be_silent(&self, id: DialogId) -> bool {
        self.is_held_by_either() && self.dialogs.find(id).is_some_and(|dialog| dialog.negotiated.ice.is_none())
    }

    /// What the state of the winner's media means for the call.
    pub(super) fn judge_media(&mut self, now: Now) {
        let Some(dialog) = self.winner.and_then(|id| self.dialogs.find(id)) else { return };
        let (path, failure, is_secured) = (dialog.path, dialog.failure, dialog.security.is_some());
        let (is_active, is_one_way) = (dialog.is_active, dialog.one_way.is_some());
        if let Some(failure) = failure {
            return self.media_failed(failure, now);
        }
        for (milestone, is_reached) in
            [(Milestone::PathFound, path.is_some()), (Milestone::Secured, is_secured), (Milestone::Active, is_active)]
        {
            if is_reached {
                self.timeline.reach(milestone, now);
            }
        }
        let sounds = match self.state {
            CallState::Connecting => is_active || is_one_way,
            CallState::Reconnecting => path.is_some(),
            _ => false,
        };
        if sounds {
            self.stop_waiting_for_media();
            self.enter(self.settled());
        }
    }

    fn stop_waiting_for_media(&mut self) {
        if matches!(self.waiting, Some((Phase::Media | Phase::Path, _))) {
            self.waiting = None;
        }
    }

    fn media_failed(&mut self, failure: MediaFailure, now: Now) {
        let had_sound = self.timeline.step(Milestone::Active).is_some();
        let reason = match failure {
            MediaFailure::ConsentExpired | MediaFailure::NoPath if had_sound => self.why_silent(),
            failure => EndReason::Media(failure.into()),
        };
        self.break_off(reason, now);
    }
}
