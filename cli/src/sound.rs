//! Which device a call gets: files where they were named, the computer's own microphone and speaker for the rest.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cooee_audio::{Device, DeviceError, DeviceEvent, FileDevice, FileDeviceConfig, OpenDevice, OpenFiles, RecordError, Speech};
use cooee_codec::Block;

use crate::args::Sound;
use crate::line::Line;
use crate::report::Reporter;

/// Opens the device of each call.
pub struct Opener {
    files: OpenFiles,
    /// A file stands in for the microphone.
    speaks: bool,
    /// A file stands in for the speaker.
    records: bool,
    microphone: Option<String>,
    speaker: Option<String>,
    /// Play on the speaker although the sound is recorded.
    play: bool,
    reporter: Arc<Reporter>,
}

impl Opener {
    /// As the command line says. A file that cannot be spoken or recorded to is found out now, not when the call comes.
    pub fn new(sound: &Sound, reporter: Arc<Reporter>) -> Result<Self, DeviceError> {
        let speak = sound.speak.as_deref().map(Speech::open).transpose()?;
        sound.record.as_deref().map(can_be_written).transpose()?;
        let (microphone, speaker) = (sound.microphone.clone(), sound.speaker.clone());
        is_there(microphone.as_deref(), speaker.as_deref())?;
        Ok(Self { microphone, speaker, ..Self::new_files(speak, sound.record.clone(), false, reporter) })
    }

    /// For the demonstration: this speech, this recording.
    #[must_use]
    pub fn files(speak: Speech, record: PathBuf, play: bool, reporter: Arc<Reporter>) -> Self {
        Self::new_files(Some(speak), Some(record), play, reporter)
    }

    fn new_files(speak: Option<Speech>, record: Option<PathBuf>, play: bool, reporter: Arc<Reporter>) -> Self {
        let (speaks, records) = (speak.is_some(), record.is_some());
        let files = OpenFiles::new(FileDeviceConfig { speak, record, ..FileDeviceConfig::default() });
        Self { files, speaks, records, microphone: None, speaker: None, play, reporter }
    }

    /// The computer's own device for what no file stands in for; `again`: in place of one that is gone.
    fn hardware(&self, again: bool) -> Result<Option<Box<dyn Device>>, DeviceError> {
        let (capture, playback) = (!self.speaks, !self.records || self.play || self.speaker.is_some());
        if !capture && !playback {
            return Ok(None);
        }
        match desktop(capture, playback, self.microphone.clone(), self.speaker.clone(), again) {
            Ok(device) => Ok(Some(device)),
            Err(error) if !self.speaks && !self.records => Err(error),
            Err(error) => {
                self.reporter.tell(&Line::Note { text: format!("going on with the file alone: {error}") });
                Ok(None)
            }
        }
    }
}

impl OpenDevice for Opener {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        self.with(self.hardware(false)?)
    }

    fn reopen(&self) -> Result<Box<dyn Device>, DeviceError> {
        self.with(self.hardware(true)?)
    }
}

impl Opener {
    /// The device of files and hardware.
    fn with(&self, hardware: Option<Box<dyn Device>>) -> Result<Box<dyn Device>, DeviceError> {
        let microphone = hardware.is_some() && !self.speaks;
        Ok(Box::new(Both { files: self.files.next()?, hardware, microphone }))
    }
}

/// Whether a file can be recorded to, without touching what is in it: the call may never come.
fn can_be_written(path: &Path) -> Result<(), RecordError> {
    let was_there = path.exists();
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened.map_err(|error| RecordError::Write { path: path.to_owned(), reason: error.to_string() })?;
    if !was_there {
        let _ = std::fs::remove_file(path); // an empty file left behind harms nobody
    }
    Ok(())
}

#[cfg(feature = "desktop")]
fn desktop(
    capture: bool,
    playback: bool,
    microphone: Option<String>,
    speaker: Option<String>,
    again: bool,
) -> Result<Box<dyn Device>, DeviceError> {
    let config = cooee_audio::DesktopConfig { capture, microphone, playback, speaker, ..Default::default() };
    if again { config.reopen() } else { config.open() }
}

/// Whether the named devices are there now.
#[cfg(feature = "desktop")]
pub fn is_there(microphone: Option<&str>, speaker: Option<&str>) -> Result<(), DeviceError> {
    if microphone.is_none() && speaker.is_none() {
        return Ok(());
    }
    let devices = cooee_audio::desktop_devices()?;
    let hears = |name: &str| devices.iter().any(|device| device.microphone && device.name == name);
    let plays = |name: &str| devices.iter().any(|device| device.speaker && device.name == name);
    let missing = microphone.filter(|name| !hears(name)).or(speaker.filter(|name| !plays(name)));
    missing.map_or(Ok(()), |name| Err(DeviceError::NoSuchDevice(name.to_owned())))
}

#[cfg(not(feature = "desktop"))]
fn desktop(capture: bool, _playback: bool, _: Option<String>, _: Option<String>, _again: bool) -> Result<Box<dyn Device>, DeviceError> {
    Err(if capture { DeviceError::NoMicrophone } else { DeviceError::NoSpeaker })
}

#[cfg(not(feature = "desktop"))]
pub fn is_there(microphone: Option<&str>, speaker: Option<&str>) -> Result<(), DeviceError> {
    microphone.or(speaker).map_or(Ok(()), |name| Err(DeviceError::NoSuchDevice(name.to_owned())))
}

/// Files and hardware as one device.
struct Both {
    files: FileDevice,
    hardware: Option<Box<dyn Device>>,
    microphone: bool,
}

impl Device for Both {
    fn has_microphone(&self) -> bool {
        self.microphone
    }

    fn has_clock(&self) -> bool {
        self.hardware.as_ref().is_some_and(|hardware| hardware.has_clock())
    }

    fn read(&mut self, block: &mut Block) {
        match &mut self.hardware {
            Some(hardware) if self.microphone => hardware.read(block),
            _ => self.files.read(block),
        }
    }

    fn write(&mut self, block: &Block) {
        self.files.write(block);
        if let Some(hardware) = &mut self.hardware {
            hardware.write(block);
        }
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.files.poll_event().or_else(|| self.hardware.as_mut()?.poll_event())
    }

    fn drift_ppm(&self) -> Option<f32> {
        self.hardware.as_ref()?.drift_ppm()
    }

    fn delay(&self) -> Duration {
        self.hardware.as_ref().map_or(Duration::ZERO, |hardware| hardware.delay())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_that_cannot_be_made_is_found_out_before_the_call() {
        let sound = Sound { record: Some("/nonexistent/heard.wav".into()), ..Sound::default() };
        let error = Opener::new(&sound, Arc::new(Reporter::new(true))).err().unwrap();
        assert!(error.to_string().contains("/nonexistent/heard.wav"), "{error}");
    }

    #[test]
    fn an_unreadable_file_is_found_out_before_the_call() {
        let sound = Sound { speak: Some("/nonexistent.wav".into()), ..Sound::default() };
        let error = Opener::new(&sound, Arc::new(Reporter::new(true))).err().unwrap();
        assert!(error.to_string().contains("/nonexistent.wav"), "{error}");
    }
}
