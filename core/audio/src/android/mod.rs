//! The microphone and speaker of an Android device: by Oboe, which knows how devices differ; where that does not work, by AAudio itself.

mod aaudio;
mod by_oboe;

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use cooee_codec::{Block, RATE};

use crate::capture::CaptureFeed;
use crate::playback::PlaybackDrain;
use crate::streams::{Opened, Streams};
use crate::{Capture, Device, DeviceError, DeviceEvent, Playback};

const MICROPHONE: &str = "microphone";
const SPEAKER: &str = "speaker";
/// A stream that has not begun by then never will.
const PATIENCE: Duration = Duration::from_secs(10);

/// Microphone and speaker by the voice-communication path, which takes echo and noise out. Without the permission to record there is no
/// microphone, and the call is listened to.
pub struct AndroidDevice(Streams);

/// A library that opens streams: mono, 16 bits, at [`RATE`]. A stream runs until it is dropped.
trait Library {
    type Input;
    type Output;

    fn input(feed: CaptureFeed, news: Sender<DeviceEvent>) -> Result<Self::Input, DeviceError>;
    fn output(drain: PlaybackDrain, news: Sender<DeviceEvent>) -> Result<Self::Output, DeviceError>;
}

impl AndroidDevice {
    /// Opens both, or the speaker alone.
    ///
    /// # Errors
    /// There is no speaker, or it does not work.
    pub fn open() -> Result<Self, DeviceError> {
        Self::open_by::<by_oboe::Oboe>().or_else(|error| {
            tracing::warn!(%error, "Oboe does not open the speaker");
            Self::open_by::<aaudio::AAudio>()
        })
    }

    fn open_by<L: Library>() -> Result<Self, DeviceError> {
        let streams = Streams::open("cooee-android-audio", PATIENCE, |news| {
            let (drain, playback) = Playback::new(RATE, Instant::now()).map_err(|error| failed(SPEAKER, &error))?;
            let output = L::output(drain, news.clone())?;
            let input = open_microphone::<L>(news).inspect_err(|error| tracing::warn!(%error, "a call is only listened to"));
            let (input, capture) = input.ok().unzip();
            Ok(Opened { streams: (input, output), capture, playback: Some(playback) })
        });
        streams.map(Self)
    }
}

fn open_microphone<L: Library>(news: &Sender<DeviceEvent>) -> Result<(L::Input, Capture), DeviceError> {
    let (feed, capture) = Capture::new(RATE, Instant::now()).map_err(|error| failed(MICROPHONE, &error))?;
    Ok((L::input(feed, news.clone())?, capture))
}

fn failed(device: &'static str, reason: &impl ToString) -> DeviceError {
    DeviceError::Failed { device, reason: reason.to_string() }
}

/// There is no such device.
fn missing(device: &'static str) -> DeviceError {
    if device == MICROPHONE { DeviceError::NoMicrophone } else { DeviceError::NoSpeaker }
}

/// The stream is closed already: another is to be opened.
fn gone(news: &Sender<DeviceEvent>) {
    // The device is being dropped if nobody listens.
    let _told = news.send(DeviceEvent::Disconnected);
}

impl Device for AndroidDevice {
    fn read(&mut self, block: &mut Block) {
        self.0.read(block);
    }

    fn write(&mut self, block: &Block) {
        self.0.write(block);
    }

    fn has_microphone(&self) -> bool {
        self.0.has_microphone()
    }

    fn has_clock(&self) -> bool {
        self.0.has_clock()
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.0.poll_event()
    }

    fn drift_ppm(&self) -> Option<f32> {
        self.0.drift_ppm()
    }

    fn delay(&self) -> Duration {
        self.0.delay()
    }
}
