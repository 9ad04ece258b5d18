//! The microphone and speaker of a desktop computer: the one place that knows the sound library.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use cooee_codec::Block;
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, ErrorKind, FromSample, Sample, SampleFormat, SizedSample, Stream, StreamConfig, SupportedBufferSize, SupportedStreamConfig,
};

use crate::capture::CaptureFeed;
use crate::playback::PlaybackDrain;
use crate::streams::{Opened, Streams};
use crate::{Capture, Device, DeviceError, DeviceEvent, EchoControl, OpenDevice, Playback};

const MICROPHONE: &str = "microphone";
const SPEAKER: &str = "speaker";
/// A stream that has not begun by then never will.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which devices to use, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesktopConfig {
    /// Whether to open a microphone.
    pub capture: bool,
    /// Its name as [`desktop_devices`] tells it; `None` for the system's choice.
    pub microphone: Option<String>,
    /// Whether to open a speaker.
    pub playback: bool,
    /// Its name; `None` for the system's choice.
    pub speaker: Option<String>,
    /// Whether to take the loudspeaker's echo and noise out of what the microphone hears; only with both of them.
    pub echo_control: bool,
}

impl Default for DesktopConfig {
    fn default() -> Self {
        Self { capture: true, microphone: None, playback: true, speaker: None, echo_control: true }
    }
}

impl OpenDevice for DesktopConfig {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        Ok(Box::new(DesktopDevice::open(self.clone())?))
    }

    /// Those that were named, if they are there, and the system's choice for what is gone.
    fn reopen(&self) -> Result<Box<dyn Device>, DeviceError> {
        match self.open() {
            Err(DeviceError::NoSuchDevice(_)) => Self { microphone: None, speaker: None, ..self.clone() }.open(),
            opened => opened,
        }
    }
}

/// A device of this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The system's name for it.
    pub name: String,
    /// It can hear.
    pub microphone: bool,
    /// It can play.
    pub speaker: bool,
    /// The system takes it to hear, if nobody chooses.
    pub default_microphone: bool,
    /// The system takes it to play, if nobody chooses.
    pub default_speaker: bool,
}

/// What this computer has; empty if nothing.
///
/// # Errors
/// The sound system cannot be asked.
pub fn desktop_devices() -> Result<Vec<DeviceInfo>, DeviceError> {
    quietly();
    let host = cpal::default_host();
    let (microphone, speaker) =
        (host.default_input_device().and_then(|it| name(&it)), host.default_output_device().and_then(|it| name(&it)));
    let devices = host.devices().map_err(|error| refusal("sound system", &error))?;
    let info = |device: cpal::Device| {
        let name = name(&device)?;
        Some(DeviceInfo {
            microphone: device.supports_input(),
            speaker: device.supports_output(),
            default_microphone: microphone.as_ref() == Some(&name),
            default_speaker: speaker.as_ref() == Some(&name),
            name,
        })
    };
    Ok(devices.filter_map(info).collect())
}

/// What the system's sound library has to say on this thread is not written to standard error, where people read our words.
fn quietly() {
    #[cfg(target_os = "linux")]
    if let Err(error) = alsa::Output::local_error_handler() {
        tracing::debug!(%error, "the sound library cannot be silenced");
    }
}

fn name(device: &cpal::Device) -> Option<String> {
    device.description().ok().map(|description| description.name().to_owned())
}

/// Microphone and speaker. The library's streams live on a thread of their own and stop when this is dropped.
pub struct DesktopDevice {
    streams: Streams,
    echo: Option<EchoControl>,
}

impl DesktopDevice {
    /// Opens what the configuration asks for.
    ///
    /// # Errors
    /// A device is missing, busy, denied or broken; each with what to do.
    pub fn open(config: DesktopConfig) -> Result<Self, DeviceError> {
        let echo = (config.echo_control && config.capture && config.playback).then(EchoControl::new);
        let streams = Streams::open("cooee-desktop-audio", 2 * PATIENCE, move |events| {
            quietly();
            let (input, capture) = open_capture(&config, events)?.unzip();
            let (output, playback) = open_playback(&config, events)?.unzip();
            Ok(Opened { streams: (input, output), capture, playback })
        });
        Ok(Self { streams: streams?, echo })
    }
}

impl Device for DesktopDevice {
    fn read(&mut self, block: &mut Block) {
        self.streams.read(block);
        if let Some(echo) = &mut self.echo {
            echo.heard(block);
        }
    }

    fn write(&mut self, block: &Block) {
        if let Some(echo) = &mut self.echo {
            echo.played(block);
        }
        self.streams.write(block);
    }

    fn has_microphone(&self) -> bool {
        self.streams.has_microphone()
    }

    fn has_clock(&self) -> bool {
        self.streams.has_clock()
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.streams.poll_event()
    }

    fn drift_ppm(&self) -> Option<f32> {
        self.streams.drift_ppm()
    }

    fn delay(&self) -> Duration {
        self.streams.delay()
    }
}

fn refusal(device: &'static str, error: &cpal::Error) -> DeviceError {
    match error.kind() {
        ErrorKind::PermissionDenied => DeviceError::Denied(device),
        ErrorKind::DeviceBusy => DeviceError::Busy(device),
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable if device == MICROPHONE => DeviceError::NoMicrophone,
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable if device == SPEAKER => DeviceError::NoSpeaker,
        _ => DeviceError::Failed { device, reason: error.to_string() },
    }
}

/// What the library reports of a running stream, as far as it matters to a call.
fn report(events: &Sender<DeviceEvent>) -> impl FnMut(cpal::Error) + Send + 'static {
    let events = events.clone();
    move |error| {
        let event = match error.kind() {
            ErrorKind::DeviceChanged => DeviceEvent::RouteChanged,
            ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => DeviceEvent::Disconnected,
            ErrorKind::Xrun => DeviceEvent::Glitches(1),
            kind => return tracing::debug!(?kind, "sound stream"),
        };
        // The device is being dropped if nobody listens.
        let _told = events.send(event);
    }
}

/// Short buffers where the device has a choice: 10 ms.
fn stream_config(supported: &SupportedStreamConfig) -> StreamConfig {
    let mut config = supported.config();
    let short = supported.sample_rate() / 100;
    if let SupportedBufferSize::Range { min, max } = supported.buffer_size() {
        config.buffer_size = BufferSize::Fixed(short.clamp(*min, (*max).max(*min)));
    }
    config
}

/// The device of this name among `devices`, or the default.
fn choose(
    wanted: Option<&str>,
    devices: Result<impl Iterator<Item = cpal::Device>, cpal::Error>,
    default: Option<cpal::Device>,
    missing: DeviceError,
) -> Result<cpal::Device, DeviceError> {
    match wanted {
        None => default.ok_or(missing),
        Some(wanted) => {
            let mut devices = devices.map_err(|_| missing)?;
            devices.find(|device| name(device).as_deref() == Some(wanted)).ok_or_else(|| DeviceError::NoSuchDevice(wanted.to_owned()))
        }
    }
}

fn open_capture(config: &DesktopConfig, events: &Sender<DeviceEvent>) -> Result<Option<(Stream, Capture)>, DeviceError> {
    if !config.capture {
        return Ok(None);
    }
    let host = cpal::default_host();
    let device = choose(config.microphone.as_deref(), host.input_devices(), host.default_input_device(), DeviceError::NoMicrophone)?;
    let supported = device.default_input_config().map_err(|error| refusal(MICROPHONE, &error))?;
    let (feed, capture) = Capture::new(supported.sample_rate(), Instant::now())
        .map_err(|error| DeviceError::Failed { device: MICROPHONE, reason: error.to_string() })?;
    let config = stream_config(&supported);
    let stream = match supported.sample_format() {
        SampleFormat::F32 => input::<f32>(&device, config, feed, events),
        SampleFormat::I16 => input::<i16>(&device, config, feed, events),
        SampleFormat::I32 => input::<i32>(&device, config, feed, events),
        SampleFormat::U16 => input::<u16>(&device, config, feed, events),
        SampleFormat::U8 => input::<u8>(&device, config, feed, events),
        format => return Err(DeviceError::Failed { device: MICROPHONE, reason: format!("it speaks {format}, which is not understood") }),
    };
    let stream = stream.and_then(|stream| stream.play().map(|()| stream)).map_err(|error| refusal(MICROPHONE, &error))?;
    Ok(Some((stream, capture)))
}

fn open_playback(config: &DesktopConfig, events: &Sender<DeviceEvent>) -> Result<Option<(Stream, Playback)>, DeviceError> {
    if !config.playback {
        return Ok(None);
    }
    let host = cpal::default_host();
    let device = choose(config.speaker.as_deref(), host.output_devices(), host.default_output_device(), DeviceError::NoSpeaker)?;
    let supported = device.default_output_config().map_err(|error| refusal(SPEAKER, &error))?;
    let (drain, playback) = Playback::new(supported.sample_rate(), Instant::now())
        .map_err(|error| DeviceError::Failed { device: SPEAKER, reason: error.to_string() })?;
    let config = stream_config(&supported);
    let stream = match supported.sample_format() {
        SampleFormat::F32 => output::<f32>(&device, config, drain, events),
        SampleFormat::I16 => output::<i16>(&device, config, drain, events),
        SampleFormat::I32 => output::<i32>(&device, config, drain, events),
        SampleFormat::U16 => output::<u16>(&device, config, drain, events),
        SampleFormat::U8 => output::<u8>(&device, config, drain, events),
        format => return Err(DeviceError::Failed { device: SPEAKER, reason: format!("it speaks {format}, which is not understood") }),
    };
    let stream = stream.and_then(|stream| stream.play().map(|()| stream)).map_err(|error| refusal(SPEAKER, &error))?;
    Ok(Some((stream, playback)))
}

fn input<T>(device: &cpal::Device, config: StreamConfig, mut feed: CaptureFeed, events: &Sender<DeviceEvent>) -> Result<Stream, cpal::Error>
where
    T: SizedSample,
    i16: FromSample<T>,
{
    let channels = usize::from(config.channels.max(1));
    let mono = move |frame: &[T]| {
        let sum: i32 = frame.iter().map(|sample| i32::from(i16::from_sample(*sample))).sum();
        i16::try_from(sum / channels as i32).unwrap_or(0)
    };
    let callback = move |data: &[T], _: &cpal::InputCallbackInfo| feed.push(data.chunks_exact(channels).map(mono), Instant::now());
    device.build_input_stream(config, callback, report(events), Some(PATIENCE))
}

fn output<T>(
    device: &cpal::Device,
    config: StreamConfig,
    mut drain: PlaybackDrain,
    events: &Sender<DeviceEvent>,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample + FromSample<i16>,
{
    let channels = usize::from(config.channels.max(1));
    // Grows with the first callback only.
    let mut mono = Vec::new();
    let callback = move |data: &mut [T], _: &cpal::OutputCallbackInfo| {
        mono.resize(data.len() / channels, 0);
        drain.fill(&mut mono, Instant::now());
        for (frame, sample) in data.chunks_exact_mut(channels).zip(&mono) {
            frame.fill(T::from_sample(*sample));
        }
    };
    device.build_output_stream(config, callback, report(events), Some(PATIENCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_there_is_told_by_name_or_as_missing() {
        let config = DesktopConfig { microphone: Some("no such microphone".into()), ..DesktopConfig::default() };
        match DesktopDevice::open(config).map(|_| ()) {
            Err(DeviceError::NoSuchDevice(name)) => assert_eq!(name, "no such microphone"),
            other => assert_eq!(other, Err(DeviceError::NoMicrophone)),
        }
    }

    #[test]
    fn a_computer_with_no_devices_says_so_and_one_with_devices_opens_them() {
        let devices = desktop_devices().unwrap();
        let opened = DesktopDevice::open(DesktopConfig { capture: false, ..DesktopConfig::default() }).map(|_| ());
        if devices.iter().all(|device| !device.speaker) {
            assert!(matches!(opened, Err(DeviceError::NoSpeaker | DeviceError::Failed { .. })), "{opened:?}");
        }
    }
}
