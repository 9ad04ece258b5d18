use std::path::PathBuf;
use std::sync::Arc;

use cooee_audio::{DeviceError, DeviceEvent, OpenDevice, RecordError};
use cooee_call::{CallId, MediaEvent, MediaRequest};
use cooee_codec::Level;

use super::{MediaSummary, SoundTrouble};

/// A sound that the phone itself makes for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallSound {
    /// It rings over there. Gives way to sound from there.
    Ringback,
    /// It rings here.
    Ringing,
    /// It would ring here, were nobody spoken to.
    Waiting,
    /// Nobody can or will answer.
    Busy,
}

/// What the media thread is asked to do. Unknown calls: nothing happens.
pub enum MediaCommand {
    /// What the phone asks.
    Request(MediaRequest),
    /// Make this sound for a call, or no longer. It ends with the call at the latest.
    Sound {
        /// Which call.
        call: CallId,
        /// What; `None` for quiet.
        sound: Option<CallSound>,
    },
    /// Record what the peer says from now on, as 48 kHz mono WAV. May come before the call's [`MediaRequest::Gather`].
    Record {
        /// Which call.
        call: CallId,
        /// Where to; a file of that name is replaced.
        path: PathBuf,
    },
    /// Use this device from now on, in calls under way as well.
    Device(Arc<dyn OpenDevice>),
    /// The way to microphone and speaker is another: open the device anew, if it is open.
    Reopen,
}

impl From<MediaRequest> for MediaCommand {
    fn from(request: MediaRequest) -> Self {
        Self::Request(request)
    }
}

impl std::fmt::Debug for MediaCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Request(request) => write!(f, "Request for call {}", request.call().0),
            Self::Sound { call, sound } => write!(f, "Sound {sound:?} for call {}", call.0),
            Self::Record { call, .. } => write!(f, "Record call {}", call.0),
            Self::Device(_) => f.write_str("Device"),
            Self::Reopen => f.write_str("Reopen"),
        }
    }
}

/// What the media thread tells.
#[derive(Debug)]
#[non_exhaustive]
pub enum MediaUpdate {
    /// For the phone.
    Call {
        /// Which call.
        call: CallId,
        /// What.
        event: MediaEvent,
    },
    /// How a call's media has fared, once, just before its [`MediaEvent::Stopped`]; only if it had a session.
    Summary {
        /// Which call.
        call: CallId,
        /// How.
        summary: Box<MediaSummary>,
    },
    /// Something is wrong with a call's sound, or is right again.
    Sound {
        /// Which call.
        call: CallId,
        /// What.
        trouble: SoundTrouble,
        /// It begins now; otherwise it is over.
        begins: bool,
    },
    /// What happened to the sound device.
    Device(DeviceEvent),
    /// The sound device cannot be opened; calls go on without sound of ours.
    DeviceFailed(DeviceError),
    /// A recording could not begin or has ended early.
    RecordingFailed {
        /// Of which call.
        call: CallId,
        /// Why.
        error: RecordError,
    },
}

/// How loud a call is right now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallLevels {
    /// Which call.
    pub call: CallId,
    /// What is sent of the microphone; silence while muted.
    pub sent: Level,
    /// What is heard of the peer.
    pub heard: Level,
}

/// The levels of all calls with sound, ten times a second.
pub type Levels = Vec<CallLevels>;
