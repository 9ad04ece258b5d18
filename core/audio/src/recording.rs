use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, channel, sync_channel};
use std::thread::JoinHandle;

use cooee_codec::Block;

use crate::wav::WavWriter;

/// Blocks that are written together: a quarter of a second. A killed process loses these, and those under way to the disk.
const BATCH: usize = 25;
/// Batches that may wait for a slow disk: 10 s.
const WAITING: usize = 40;

/// Why a recording could not begin, or ended early. The file is complete up to there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file cannot be made or written: missing folder, no permission, disk full.
    #[error("cannot record to {}: {reason}", .path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The disk is slower than sound.
    #[error("cannot record to {}: the disk is too slow", .path.display())]
    TooSlow {
        /// Which file.
        path: PathBuf,
    },
}

/// A WAV file being recorded (48 kHz, mono, 16 bit), written by a thread of its own so that no disk delays the sound; it wakes four
/// times a second. The file can be played at any moment, even if the process is killed: at most the last half second is missing then.
pub struct Recording {
    path: PathBuf,
    batch: Vec<Block>,
    batches: Option<SyncSender<Vec<Block>>>,
    failures: Receiver<RecordError>,
    thread: Option<JoinHandle<()>>,
}

impl Recording {
    /// Makes the file, replacing one of that name.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let failed = |error: std::io::Error| RecordError::Write { path: path.into(), reason: error.to_string() };
        let writer = WavWriter::new(File::create(path).map_err(failed)?).map_err(failed)?;
        let (batches, waiting) = sync_channel(WAITING);
        let (failure, failures) = channel();
        let name = path.to_path_buf();
        let work = move || {
            if let Err(error) = write(writer, &waiting) {
                // Nobody left to tell: the recording was dropped already.
                let _told = failure.send(RecordError::Write { path: name, reason: error.to_string() });
            }
        };
        let thread = std::thread::Builder::new().name("cooee-recording".into()).spawn(work).map_err(failed)?;
        Ok(Self { path: path.into(), batch: Vec::with_capacity(BATCH), batches: Some(batches), failures, thread: Some(thread) })
    }

    /// Where it is recorded.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends 10 ms; never blocks.
    ///
    /// # Errors
    /// The recording has failed; told once, later blocks are swallowed.
    pub fn write(&mut self, block: &Block) -> Result<(), RecordError> {
        let Some(batches) = &self.batches else { return Ok(()) };
        self.batch.push(*block);
        let full = self.batch.len() >= BATCH;
        let sent = if full { batches.try_send(std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH))) } else { Ok(()) };
        let failure = match (self.failures.try_recv(), sent) {
            (Ok(failure), _) => failure,
            (Err(TryRecvError::Empty | TryRecvError::Disconnected), Ok(())) => return Ok(()),
            // The thread ends only after it has told why, so the next call finds it.
            (Err(_), Err(TrySendError::Disconnected(_))) => return Ok(()),
            (Err(_), Err(TrySendError::Full(_))) => RecordError::TooSlow { path: self.path.clone() },
        };
        self.batches = None;
        Err(failure)
    }

    /// Writes what is left and completes the file. The same happens on drop, without a word about trouble.
    ///
    /// # Errors
    /// The end could not be written.
    pub fn finish(mut self) -> Result<(), RecordError> {
        self.complete();
        self.failures.try_recv().map_or(Ok(()), Err)
    }

    fn complete(&mut self) {
        if let Some(batches) = self.batches.take() {
            // Without a thread to take it, it has told why.
            let _sent = batches.send(std::mem::take(&mut self.batch));
        }
        if let Some(thread) = self.thread.take() {
            // It only panics if the program is broken, and then has told so itself.
            let _ended = thread.join();
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.complete();
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recording({})", self.path.display())
    }
}

fn write(mut writer: WavWriter<File>, waiting: &Receiver<Vec<Block>>) -> std::io::Result<()> {
    for batch in waiting {
        writer.append(&batch)?;
        writer.sync()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("cooee-recording-{}-{name}.wav", std::process::id()))
    }

    #[test]
    fn everything_written_is_in_the_file_after_drop() {
        let path = place("drop");
        let mut recording = Recording::create(&path).unwrap();
        for value in 0..250 {
            recording.write(&[value; 480]).unwrap();
        }
        drop(recording);
        let samples: Vec<i16> = hound::WavReader::open(&path).unwrap().into_samples().map(Result::unwrap).collect();
        assert_eq!((samples.len(), samples.first(), samples.last()), (120_000, Some(&0), Some(&249)));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn while_it_runs_the_file_can_already_be_played_up_to_the_last_half_second() {
        let path = place("running");
        let mut recording = Recording::create(&path).unwrap();
        for value in 0..160 {
            recording.write(&[value; 480]).unwrap();
        }
        // As if the process were killed here: nothing is completed, and the file is looked at as it is.
        let samples = || hound::WavReader::open(&path).unwrap().into_samples::<i16>().map(Result::unwrap).collect::<Vec<_>>();
        while samples().len() < (160 - 50) * 480 {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(samples().iter().enumerate().all(|(at, sample)| at / 480 == *sample as usize));
        recording.finish().unwrap();
        assert_eq!(samples().len(), 160 * 480);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_at_once() {
        let error = Recording::create(Path::new("/nowhere/at all/x.wav")).unwrap_err();
        assert!(error.to_string().starts_with("cannot record to /nowhere/at all/x.wav: "), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_once_and_sound_goes_on() {
        let error = match Recording::create(Path::new("/dev/full")) {
            Err(error) => error,
            Ok(mut recording) => loop {
                if let Err(error) = recording.write(&[1; 480]) {
                    assert_eq!(recording.write(&[1; 480]), Ok(()));
                    break error;
                }
                std::thread::sleep(Duration::from_millis(1));
            },
        };
        assert!(matches!(error, RecordError::Write { .. }), "{error}");
    }
}
