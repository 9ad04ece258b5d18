use std::sync::Arc;
use std::time::Duration;

use cooee_codec::Block;

use crate::{RecordError, SpeechError};

/// A microphone and a speaker, or what stands in for them. Dropping it stops it and completes its files.
///
/// The media thread calls [`Device::read`] and [`Device::write`] once for each 10 ms of its own clock, or twice every 20 ms if the device
/// has none; neither may block.
pub trait Device: Send {
    /// Fills `block` with the next 10 ms from the microphone; silence if there is none.
    fn read(&mut self, block: &mut Block);

    /// Plays the next 10 ms.
    fn write(&mut self, block: &Block);

    /// Whether a person can speak into it, as opposed to a file, a tone or nothing.
    fn has_microphone(&self) -> bool {
        false
    }

    /// Whether it takes and gives sound by a clock of its own, and so wants it in even steps.
    fn has_clock(&self) -> bool {
        false
    }

    /// What happened to the device since last asked.
    fn poll_event(&mut self) -> Option<DeviceEvent> {
        None
    }

    /// How much faster (positive) its clock runs than ours, in parts per million, if it has one and it is known yet.
    fn drift_ppm(&self) -> Option<f32> {
        None
    }

    /// How long sound is under way within the device: from mouth to [`Device::read`] plus from [`Device::write`] to ear.
    fn delay(&self) -> Duration {
        Duration::ZERO
    }
}

/// What can happen to a device in use.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// Sound goes another way now (a headset was plugged in); the device works on.
    RouteChanged,
    /// The device is gone; it reads silence and swallows what is written. Open another.
    Disconnected,
    /// A file was spoken to its end; silence follows.
    SpeechEnded,
    /// The recording is over before its time; the file is complete up to here.
    RecordingFailed(RecordError),
    /// The device had too little or too much sound at hand, so many times since last told.
    Glitches(u64),
}

/// Why a device cannot be opened.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// There is no microphone.
    #[error("no microphone found: connect one, or speak from a file with --speak FILE.wav")]
    NoMicrophone,
    /// There is no speaker.
    #[error("no speaker found: connect one, or record to a file with --record FILE.wav")]
    NoSpeaker,
    /// No device has this name.
    #[error("no sound device is called \"{0}\": see what there is with `cooee devices`")]
    NoSuchDevice(String),
    /// The operating system does not let us.
    #[error("the system does not allow the use of the {0}: check the privacy settings, or membership in the group \"audio\"")]
    Denied(&'static str),
    /// Another program has it.
    #[error("the {0} is in use by another program")]
    Busy(&'static str),
    /// The sound system's own words.
    #[error("the {device} does not work: {reason}")]
    Failed {
        /// Which.
        device: &'static str,
        /// Why.
        reason: String,
    },
    /// The file to speak cannot be read.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// The file to record to cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Opens the device when a call needs sound, so that no microphone is open while nobody calls.
pub trait OpenDevice: Send + Sync {
    /// Opens it. May block for as long as the sound system needs; is called on no media thread.
    ///
    /// # Errors
    /// The device is missing, busy, denied or broken.
    fn open(&self) -> Result<Box<dyn Device>, DeviceError>;

    /// Opens what there is now that the device of a call has gone: another will do. The same as [`OpenDevice::open`] unless told
    /// otherwise.
    ///
    /// # Errors
    /// There is none, or it is busy, denied or broken.
    fn reopen(&self) -> Result<Box<dyn Device>, DeviceError> {
        self.open()
    }
}

impl<F> OpenDevice for F
where
    F: Fn() -> Result<Box<dyn Device>, DeviceError> + Send + Sync,
{
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        self()
    }
}

impl OpenDevice for Arc<dyn OpenDevice> {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        (**self).open()
    }

    fn reopen(&self) -> Result<Box<dyn Device>, DeviceError> {
        (**self).reopen()
    }
}
