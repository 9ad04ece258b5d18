use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cooee_audio::OpenDevice;
use cooee_call::{CallAction, CallId};
use cooee_machine::Pii;
use cooee_phone::{AccountId, Command, SystemCall};

use super::{Engine, FIRST_CALL};
use crate::Refused;
use crate::media::MediaCommand;

/// Calls and their sound.
impl Engine {
    /// Calls somebody: `anna@example.org`, `sip:…`, or a bare user of the account's own domain. `account` `None`: the one
    /// that was chosen for this person before, else the one whose domain is called, else the first that works. One that is named is
    /// chosen from then on ([`Engine::choose`]).
    ///
    /// # Errors
    /// There is no account, or the engine is offline.
    pub fn dial(&self, target: &str, account: Option<AccountId>) -> Result<CallId, Refused> {
        self.call_out(target, account, false, None)
    }

    /// The same with one line that the other side sees while it rings (RFC 3261 20.36); a longer one is cut.
    ///
    /// # Errors
    /// As of [`Engine::dial`].
    pub fn dial_about(&self, target: &str, account: Option<AccountId>, subject: &str) -> Result<CallId, Refused> {
        self.call_out(target, account, false, Some(Pii(subject.to_owned())))
    }

    /// The same without showing who calls (RFC 3323). The account's own server knows, and may refuse.
    ///
    /// # Errors
    /// As of [`Engine::dial`].
    pub fn dial_anonymously(&self, target: &str, account: Option<AccountId>) -> Result<CallId, Refused> {
        self.call_out(target, account, true, None)
    }

    fn call_out(&self, target: &str, account: Option<AccountId>, anonymous: bool, subject: Option<Pii<String>>) -> Result<CallId, Refused> {
        let target = self.target(target, account)?;
        if let Some(account) = account {
            self.note_choice(&target, account);
        }
        let call = CallId(self.shared.next_call.fetch_add(2, Ordering::Relaxed));
        self.command(Command::Dial { call, account, target, anonymous, subject })?;
        Ok(call)
    }

    /// What is called or written to, if the account can.
    pub(super) fn target(&self, target: &str, account: Option<AccountId>) -> Result<String, Refused> {
        let snapshot = self.shared.snapshot();
        let known = account.map_or(!snapshot.accounts.is_empty(), |account| snapshot.account(account).is_some());
        if !known {
            return Err(Refused::NoSuchAccount);
        }
        if target.trim().is_empty() { Err(Refused::BadAddress) } else { Ok(target.trim().to_owned()) }
    }

    /// Takes an incoming call; others are put on hold.
    ///
    /// # Errors
    /// There is no such call, or it does not ring.
    pub fn answer(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::Answer, Command::Answer(call))
    }

    /// Takes an incoming call; others are ended.
    ///
    /// # Errors
    /// There is no such call, or it does not ring.
    pub fn answer_ending(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::Answer, Command::AnswerEnding(call))
    }

    /// Refuses an incoming call, for all devices of the called person.
    ///
    /// # Errors
    /// There is no such call, or it does not ring.
    pub fn decline(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::Decline, Command::Decline(call))
    }

    /// Refuses an incoming call as busy, for this device.
    ///
    /// # Errors
    /// There is no such call, or it does not ring.
    pub fn decline_busy(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::Decline, Command::DeclineBusy(call))
    }

    /// Puts a call on hold. [`EngineEvent::ActionFailed`](crate::EngineEvent::ActionFailed) if the peer does not go along.
    ///
    /// # Errors
    /// There is no such call, or it cannot be held now.
    pub fn hold(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::Hold, Command::Hold(call))
    }

    /// Takes a call back from hold; others are put on hold.
    ///
    /// # Errors
    /// There is no such call, or we do not hold it.
    pub fn resume(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::Resume, Command::Resume(call))
    }

    /// Asks the peer to call somebody else instead, who is not asked before.
    /// [`EngineEvent::Transfer`](crate::EngineEvent::Transfer) tells how it goes.
    ///
    /// # Errors
    /// There is no such call, it cannot be handed over now, or the target is no address.
    pub fn transfer(&self, call: CallId, target: &str) -> Result<CallId, Refused> {
        let target = target.trim().to_owned();
        if target.is_empty() {
            return Err(Refused::BadAddress);
        }
        self.command_call(call, CallAction::Transfer, Command::Transfer { call, target })
    }

    /// Joins the peers of two calls and leaves both. [`EngineEvent::Transfer`](crate::EngineEvent::Transfer) tells how it goes.
    ///
    /// # Errors
    /// One of the calls is not there, or the first cannot be handed over now.
    pub fn transfer_to(&self, call: CallId, other: CallId) -> Result<CallId, Refused> {
        if call == other {
            return Err(Refused::SameCall);
        }
        self.known(other)?;
        self.command_call(call, CallAction::Transfer, Command::TransferTo { call, other })
    }

    /// Calls whom the peer asks us to call instead ([`EngineEvent::TransferAsked`](crate::EngineEvent::TransferAsked)).
    ///
    /// # Errors
    /// There is no such call, or it asks for nothing.
    pub fn follow_transfer(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::FollowTransfer, Command::FollowTransfer(call))
    }

    /// Stays in the call; the peer learns that we do not call them.
    ///
    /// # Errors
    /// There is no such call, or it asks for nothing.
    pub fn refuse_transfer(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, CallAction::RefuseTransfer, Command::RefuseTransfer(call))
    }

    /// Ends a call in whatever state it is.
    ///
    /// # Errors
    /// There is no such call. One that was dialled just now and has not shown in the snapshot yet can be ended as well.
    pub fn hang_up(&self, call: CallId) -> Result<CallId, Refused> {
        if (FIRST_CALL..self.shared.next_call.load(Ordering::Relaxed)).contains(&call.0) {
            self.command(Command::HangUp(call))?;
            return Ok(call);
        }
        self.command_call(call, CallAction::HangUp, Command::HangUp(call))
    }

    /// Sends silence instead of the microphone, or the microphone again.
    ///
    /// # Errors
    /// There is no such call.
    pub fn mute(&self, call: CallId, muted: bool) -> Result<CallId, Refused> {
        self.known(call)?;
        self.command(Command::Mute { call, muted })?;
        Ok(call)
    }

    /// Sends a digit: `0` to `9`, `*`, `#`, `A` to `D`.
    ///
    /// # Errors
    /// It is none, or there is no such call.
    pub fn digit(&self, call: CallId, digit: char) -> Result<CallId, Refused> {
        if !matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            return Err(Refused::NotADigit);
        }
        self.command_call(call, CallAction::Digit, Command::Digit { call, digit })
    }

    /// Records what the peer says from now on, as 48 kHz mono WAV, complete when the call or the engine ends; a file of that
    /// name is replaced. [`EngineEvent::RecordingFailed`] if it cannot be written.
    ///
    /// # Errors
    /// The engine is offline or ending.
    pub fn record(&self, call: CallId, path: PathBuf) -> Result<CallId, Refused> {
        self.ask_media(MediaCommand::Record { call, path })?;
        Ok(call)
    }

    /// Uses this microphone and speaker from now on, in calls under way as well.
    ///
    /// # Errors
    /// The engine is offline or ending.
    pub fn use_device(&self, device: Arc<dyn OpenDevice>) -> Result<(), Refused> {
        self.ask_media(MediaCommand::Device(device))
    }

    /// The way to microphone and speaker is another: calls under way open the device anew.
    ///
    /// # Errors
    /// The engine is offline or ending.
    pub fn route_changed(&self) -> Result<(), Refused> {
        self.ask_media(MediaCommand::Reopen)
    }

    /// What a call of the device's own does to ours from now on. Where it takes the sound, calls of ours are on hold until it is over; then the
    /// one that was spoken in comes back, unless the person has chosen otherwise.
    ///
    /// # Errors
    /// The engine is offline or ending.
    pub fn set_system_call(&self, call: SystemCall) -> Result<(), Refused> {
        self.command(Command::SetSystemCall(call))?;
        self.shared.change(|snapshot| snapshot.system_call = call);
        Ok(())
    }

    fn command_call(&self, call: CallId, action: CallAction, command: Command) -> Result<CallId, Refused> {
        let allowed = self.known(call)?;
        if !allowed.contains(&action) {
            return Err(Refused::NotNow);
        }
        self.command(command)?;
        Ok(call)
    }

    /// What can be done with a call now.
    fn known(&self, call: CallId) -> Result<Vec<CallAction>, Refused> {
        let snapshot = self.shared.snapshot();
        let view = snapshot.calls.iter().find(|view| view.call.id == call);
        view.map(|view| view.call.allowed.clone()).ok_or(Refused::NoSuchCall)
    }

    fn ask_media(&self, command: MediaCommand) -> Result<(), Refused> {
        self.running()?;
        if !self.is_online {
            return Err(Refused::Offline);
        }
        self.media.send(command).map_err(|_| Refused::ShuttingDown)
    }
}
