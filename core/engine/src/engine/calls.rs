use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cooee_audio::OpenDevice;
use cooee_call::CallId;
use cooee_phone::{AccountId, Command};

use super::{Engine, FIRST_CALL};
use crate::Refused;
use crate::media::MediaCommand;

/// Calls and their sound.
impl Engine {
    /// Calls somebody: `anna@example.org`, `sip:…`, or a bare user of the account's own domain. `account` `None`: the one
    /// whose domain is called, else the first that works.
    ///
    /// # Errors
    /// There is no account, or the engine is offline.
    pub fn dial(&self, target: &str, account: Option<AccountId>) -> Result<CallId, Refused> {
        let snapshot = self.shared.snapshot();
        let known = account.map_or(!snapshot.accounts.is_empty(), |account| snapshot.account(account).is_some());
        if !known {
            return Err(Refused::NoSuchAccount);
        }
        if target.trim().is_empty() {
            return Err(Refused::BadAddress);
        }
        let call = CallId(self.shared.next_call.fetch_add(1, Ordering::Relaxed));
        self.command(Command::Dial { call, account, target: target.trim().to_owned() })?;
        Ok(call)
    }

    /// Takes an incoming call.
    ///
    /// # Errors
    /// There is no such call.
    pub fn answer(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, Command::Answer(call))
    }

    /// Refuses an incoming call.
    ///
    /// # Errors
    /// There is no such call.
    pub fn decline(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, Command::Decline(call))
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
        self.command_call(call, Command::HangUp(call))
    }

    /// Sends silence instead of the microphone, or the microphone again.
    ///
    /// # Errors
    /// There is no such call.
    pub fn mute(&self, call: CallId, muted: bool) -> Result<CallId, Refused> {
        self.command_call(call, Command::Mute { call, muted })
    }

    /// Sends a digit: `0` to `9`, `*`, `#`, `A` to `D`.
    ///
    /// # Errors
    /// It is none, or there is no such call.
    pub fn digit(&self, call: CallId, digit: char) -> Result<CallId, Refused> {
        if !matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            return Err(Refused::NotADigit);
        }
        self.command_call(call, Command::Digit { call, digit })
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

    fn command_call(&self, call: CallId, command: Command) -> Result<CallId, Refused> {
        let is_known = self.shared.snapshot().calls.iter().any(|view| view.call.id == call);
        if !is_known {
            return Err(Refused::NoSuchCall);
        }
        self.command(command)?;
        Ok(call)
    }

    fn ask_media(&self, command: MediaCommand) -> Result<(), Refused> {
        self.running()?;
        if !self.is_online {
            return Err(Refused::Offline);
        }
        self.media.send(command).map_err(|_| Refused::ShuttingDown)
    }
}
