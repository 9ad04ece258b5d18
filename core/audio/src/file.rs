use std::path::PathBuf;
use std::time::Duration;

use cooee_codec::{BLOCK, Block, SILENCE, samples_in};

use crate::{Device, DeviceError, DeviceEvent, Recording, Speech};

/// What follows when a file has been spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Silence.
    #[default]
    Once,
    /// The file again, after the lead-in.
    Forever,
}

/// How files stand in for microphone and speaker.
#[derive(Clone, Debug)]
pub struct FileDeviceConfig {
    /// What to speak; `None` for silence.
    pub speak: Option<Speech>,
    /// What follows.
    pub repeat: Repeat,
    /// Silence before it speaks, as a person breathes before the first word.
    pub lead_in: Duration,
    /// Where to record what is heard; `None` for nowhere.
    pub record: Option<PathBuf>,
}

impl Default for FileDeviceConfig {
    fn default() -> Self {
        Self { speak: None, repeat: Repeat::Once, lead_in: Duration::from_millis(200), record: None }
    }
}

/// Speaks a file, and records another. When this is dropped the recording is completed, and the drop waits for it.
#[derive(Debug)]
pub struct FileDevice {
    speak: Option<Speech>,
    repeat: Repeat,
    lead_in: usize,
    /// Samples read so far, lead-in included.
    position: usize,
    recording: Option<Recording>,
    events: Vec<DeviceEvent>,
}

impl FileDevice {
    /// Begins both files.
    ///
    /// # Errors
    /// The recording cannot be made.
    pub fn open(config: FileDeviceConfig) -> Result<Self, DeviceError> {
        let recording = config.record.as_deref().map(Recording::create).transpose()?;
        let speak = config.speak.filter(|speech| !speech.samples().is_empty());
        Ok(Self { speak, repeat: config.repeat, lead_in: samples_in(config.lead_in), position: 0, recording, events: Vec::new() })
    }
}

impl Device for FileDevice {
    fn read(&mut self, block: &mut Block) {
        *block = SILENCE;
        let Some(speech) = &self.speak else { return };
        let samples = speech.samples();
        let from = self.position;
        self.position += BLOCK;
        for (at, sample) in (from..).zip(block.iter_mut()) {
            *sample = at.checked_sub(self.lead_in).and_then(|at| samples.get(at)).copied().unwrap_or(0);
        }
        if self.position >= self.lead_in + samples.len() {
            match self.repeat {
                Repeat::Once => {
                    self.speak = None;
                    self.events.push(DeviceEvent::SpeechEnded);
                }
                Repeat::Forever => self.position = 0,
            }
        }
    }

    fn write(&mut self, block: &Block) {
        if let Some(Err(error)) = self.recording.as_mut().map(|recording| recording.write(block)) {
            self.recording = None;
            self.events.push(DeviceEvent::RecordingFailed(error));
        }
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.events.pop()
    }
}

impl Drop for FileDevice {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.recording.take().map(Recording::finish) {
            tracing::warn!(%error, "the end of a recording is missing");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(repeat: Repeat, blocks: usize) -> (Vec<i16>, Option<DeviceEvent>) {
        let speak = Some(Speech::from((1..=1_000).collect::<Vec<i16>>()));
        let config = FileDeviceConfig { speak, repeat, lead_in: Duration::from_millis(10), record: None };
        let mut device = FileDevice::open(config).unwrap();
        let mut all = Vec::new();
        for _ in 0..blocks {
            let mut block = [7; 480];
            device.read(&mut block);
            all.extend(block);
        }
        (all, device.poll_event())
    }

    #[test]
    fn a_file_is_spoken_once_after_a_breath_and_then_there_is_silence() {
        let (heard, event) = spoken(Repeat::Once, 6);
        assert!(heard[..480].iter().all(|sample| *sample == 0));
        assert!(heard[480..1_480].iter().copied().eq(1..=1_000));
        assert!(heard[1_480..].iter().all(|sample| *sample == 0));
        assert_eq!(event, Some(DeviceEvent::SpeechEnded));
    }

    #[test]
    fn a_file_can_be_spoken_forever() {
        let (heard, event) = spoken(Repeat::Forever, 12);
        assert_eq!(heard.iter().filter(|sample| **sample == 1_000).count(), 3);
        assert_eq!(event, None);
    }

    #[test]
    fn without_a_file_it_is_silent_and_what_is_heard_is_recorded() {
        let path = std::env::temp_dir().join(format!("cooee-file-device-{}.wav", std::process::id()));
        let mut device = FileDevice::open(FileDeviceConfig { record: Some(path.clone()), ..FileDeviceConfig::default() }).unwrap();
        let mut block = [7; 480];
        device.read(&mut block);
        assert_eq!(block, SILENCE);
        device.write(&[5; 480]);
        drop(device);
        assert_eq!(Speech::open(&path).unwrap().samples(), [5; 480]);
        std::fs::remove_file(path).unwrap();
    }
}
