use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cooee_codec::{RATE, ResampleError, resample};
use hound::{SampleFormat, WavReader, WavSpec};

/// Longer files are refused: they would fill the memory.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Speech from a WAV file, ready to be spoken: 48 kHz, mono. Cheap to clone.
#[derive(Clone)]
pub struct Speech {
    samples: Arc<Vec<i16>>,
}

/// Why a file cannot be spoken, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpeechError {
    /// It cannot be opened or read.
    #[error("cannot read {}: {reason}", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// It is something else.
    #[error("{} is no WAV file; make one with: ffmpeg -i YOURFILE -ar 48000 -ac 1 speech.wav", .path.display())]
    NotWav {
        /// Which file.
        path: PathBuf,
    },
    /// It is a WAV file of a kind that is not understood.
    #[error("{} is WAV of an unknown kind ({detail}); convert it with: ffmpeg -i YOURFILE -c:a pcm_s16le speech.wav", .path.display())]
    Unsupported {
        /// Which file.
        path: PathBuf,
        /// What about it.
        detail: String,
    },
    /// It has no sound in it.
    #[error("{} contains no sound", .path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
    },
    /// It lasts more than 15 minutes.
    #[error("{} is longer than 15 minutes; cut it with: ffmpeg -i YOURFILE -t 900 speech.wav", .path.display())]
    TooLong {
        /// Which file.
        path: PathBuf,
    },
}

impl Speech {
    /// Reads a WAV file of any rate from 4 to 768 kHz, any number of channels, 8 to 32 bit integer or 32 bit float.
    ///
    /// # Errors
    /// The file is missing, no WAV, of an unknown kind, empty or too long.
    pub fn open(path: &Path) -> Result<Self, SpeechError> {
        let file = File::open(path).map_err(|error| SpeechError::Unreadable { path: path.into(), reason: error.to_string() })?;
        Self::read(BufReader::new(file), path)
    }

    /// The same from the octets of a file; `name` is for messages only.
    ///
    /// # Errors
    /// As [`Speech::open`].
    pub fn from_wav(octets: &[u8], name: &Path) -> Result<Self, SpeechError> {
        Self::read(Cursor::new(octets), name)
    }

    /// Keeps no more in memory than what will be spoken, as far as the rate is that already.
    fn read(wav: impl Read, name: &Path) -> Result<Self, SpeechError> {
        let path = || name.to_path_buf();
        let reader = WavReader::new(wav).map_err(|error| refusal(error, name))?;
        let spec = reader.spec();
        if u64::from(reader.duration()) > LONGEST.as_secs() * u64::from(spec.sample_rate) {
            return Err(SpeechError::TooLong { path: path() });
        }
        let mono = mono(reader, name)?;
        if mono.is_empty() {
            return Err(SpeechError::Empty { path: path() });
        }
        if spec.sample_rate == RATE {
            return Ok(mono.into());
        }
        let samples = resample(&mono, spec.sample_rate).map_err(|error| match error {
            ResampleError::Rate(_) => SpeechError::Unsupported { path: path(), detail: error.to_string() },
            _ => SpeechError::Unreadable { path: path(), reason: error.to_string() },
        })?;
        Ok(samples.into())
    }

    /// Samples at 48 kHz.
    #[must_use]
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How long it lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.samples.len() as u64 * 1_000_000 / u64::from(RATE))
    }
}

impl From<Vec<i16>> for Speech {
    /// From samples at 48 kHz.
    fn from(samples: Vec<i16>) -> Self {
        Self { samples: Arc::new(samples) }
    }
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Speech({:?})", self.duration())
    }
}

/// All samples, channels averaged. A file cut short is spoken as far as it goes.
fn mono<R: Read>(reader: WavReader<R>, name: &Path) -> Result<Vec<i16>, SpeechError> {
    let WavSpec { channels, bits_per_sample, sample_format, .. } = reader.spec();
    let unsupported = |detail| SpeechError::Unsupported { path: name.to_path_buf(), detail };
    match (sample_format, bits_per_sample) {
        (SampleFormat::Float, 32) => {
            Ok(averaged(reader.into_samples::<f32>().map_while(Result::ok).map(|sample| sample * 32_768.0), channels))
        }
        (SampleFormat::Int, 8 | 16 | 24 | 32) => {
            let scale = 32_768.0 / (1_u64 << (bits_per_sample - 1)) as f32;
            Ok(averaged(reader.into_samples::<i32>().map_while(Result::ok).map(|sample| sample as f32 * scale), channels))
        }
        (format, bits) => Err(unsupported(format!("{bits} bit {format:?}"))),
    }
}

/// The mean of all channels, for each moment of which all are there.
fn averaged(mut samples: impl Iterator<Item = f32>, channels: u16) -> Vec<i16> {
    let channels = channels.max(1);
    let moment = || (0..channels).try_fold(0.0, |sum, _| Some(sum + samples.next()?));
    // The cast saturates; not a number becomes silence.
    let mut mono: Vec<i16> = std::iter::from_fn(moment).map(|sum| (sum / f32::from(channels)).round() as i16).collect();
    mono.shrink_to_fit();
    mono
}

fn refusal(error: hound::Error, name: &Path) -> SpeechError {
    let path = name.to_path_buf();
    match error {
        hound::Error::IoError(_) | hound::Error::FormatError("no RIFF tag found" | "no WAVE tag found") => SpeechError::NotWav { path },
        other => SpeechError::Unsupported { path, detail: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use cooee_codec::Level;

    use super::*;

    /// A second of 440 Hz at half scale, in any format.
    fn wav(rate: u32, channels: u16, bits: u16, format: SampleFormat) -> Vec<u8> {
        let mut octets = Cursor::new(Vec::new());
        let spec = WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: format };
        let mut writer = hound::WavWriter::new(&mut octets, spec).unwrap();
        for at in 0..rate {
            let sample = 0.5 * (std::f32::consts::TAU * 440.0 * at as f32 / rate as f32).sin();
            for _ in 0..channels {
                match format {
                    SampleFormat::Float => writer.write_sample(sample).unwrap(),
                    SampleFormat::Int => writer.write_sample((sample * (1_u64 << (bits - 1)) as f32) as i32).unwrap(),
                }
            }
        }
        writer.finalize().unwrap();
        octets.into_inner()
    }

    fn read(octets: &[u8]) -> Result<Speech, SpeechError> {
        Speech::from_wav(octets, Path::new("speech.wav"))
    }

    #[test]
    fn every_rate_width_and_number_of_channels_is_spoken_alike() {
        let widths =
            [(8, SampleFormat::Int), (16, SampleFormat::Int), (24, SampleFormat::Int), (32, SampleFormat::Int), (32, SampleFormat::Float)];
        for rate in [8_000, 16_000, 44_100, 48_000, 96_000] {
            for channels in [1, 2, 6] {
                for (bits, format) in widths {
                    let speech = read(&wav(rate, channels, bits, format)).unwrap();
                    assert!(speech.samples().len().abs_diff(48_000) <= 2);
                    let level = Level::of(&speech.samples()[1_000..47_000]).rms;
                    assert!((level + 9.03).abs() < 0.1, "{rate} Hz, {channels} channels, {bits} bit {format:?}: {level}");
                }
            }
        }
    }

    #[test]
    fn loud_floats_saturate_and_nonsense_is_silent() {
        let mut octets = Cursor::new(Vec::new());
        let spec = WavSpec { channels: 1, sample_rate: 48_000, bits_per_sample: 32, sample_format: SampleFormat::Float };
        let mut writer = hound::WavWriter::new(&mut octets, spec).unwrap();
        for sample in [5.0, -5.0, f32::NAN, f32::INFINITY] {
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        assert_eq!(read(&octets.into_inner()).unwrap().samples(), [i16::MAX, i16::MIN, 0, i16::MAX]);
    }

    #[test]
    fn what_cannot_be_spoken_is_refused_with_what_to_do() {
        let missing = Speech::open(Path::new("/nowhere/at all.wav")).unwrap_err();
        assert!(missing.to_string().starts_with("cannot read /nowhere/at all.wav: "), "{missing}");
        for garbage in [&b""[..], b"RIFF", b"OggS and more of it, much more than a header has", &[0; 100]] {
            assert!(matches!(read(garbage), Err(SpeechError::NotWav { .. })), "{:?}", read(garbage));
        }
        let mut telephone = wav(8_000, 1, 16, SampleFormat::Int);
        telephone[20] = 6; // A-law
        assert!(matches!(read(&telephone), Err(SpeechError::Unsupported { .. })), "{:?}", read(&telephone));
        let empty = &wav(8_000, 1, 16, SampleFormat::Int)[..44];
        let mut silent = empty.to_vec();
        silent[40..44].copy_from_slice(&[0; 4]);
        assert!(matches!(read(&silent), Err(SpeechError::Empty { .. })), "{:?}", read(&silent));
    }

    #[test]
    fn a_file_cut_short_is_spoken_as_far_as_it_goes() {
        let whole = wav(48_000, 1, 16, SampleFormat::Int);
        assert_eq!(read(&whole[..44 + 9_600]).unwrap().samples().len(), 4_800);
    }

    #[test]
    fn mutilated_headers_never_panic() {
        let whole = wav(8_000, 2, 16, SampleFormat::Int);
        for at in 0..44 {
            for value in [0, 1, 2, 3, 7, 8, 127, 128, 255] {
                let mut mutant = whole[..2_000].to_vec();
                mutant[at] = value;
                let _ = read(&mutant);
            }
        }
    }
}
