use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cooee_codec::Block;

use crate::wav::WavWriter;

/// Blocks that may wait for a slow disk: 10 s.
const WAITING: usize = 1_000;
/// How often the header is made true: what a killed process loses at most.
const SYNC: Duration = Duration::from_millis(500);

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

/// A WAV file being recorded (48 kHz, mono, 16 bit), written by a thread of its own so that no disk delays the sound. It can
/// be played at any moment, even if the process is killed: at most the last half second is missing then.
pub struct Recording {
    path: PathBuf,
    blocks: Option<SyncSender<Block>>,
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
        let (blocks, waiting) = sync_channel(WAITING);
        let (failure, failures) = channel();
        let name = path.to_path_buf();
        let work = move || {
            if let Err(error) = write(writer, &waiting) {
                // Nobody left to tell: the recording was dropped already.
                let _told = failure.send(RecordError::Write { path: name, reason: error.to_string() });
            }
        };
        let thread = std::thread::Builder::new().name("cooee-recording".into()).spawn(work).map_err(failed)?;
        Ok(Self { path: path.into(), blocks: Some(blocks), failures, thread: Some(thread) })
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
        let Some(blocks) = &self.blocks else { return Ok(()) };
        let failure = match (self.failures.try_recv(), blocks.try_send(*block)) {
            (Ok(failure), _) => failure,
            (Err(TryRecvError::Empty | TryRecvError::Disconnected), Ok(())) => return Ok(()),
            // The thread ends only after it has told why, so the next call finds it.
            (Err(_), Err(TrySendError::Disconnected(_))) => return Ok(()),
            (Err(_), Err(TrySendError::Full(_))) => RecordError::TooSlow { path: self.path.clone() },
        };
        self.blocks = None;
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
        self.blocks = None;
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

fn write(mut writer: WavWriter<File>, waiting: &Receiver<Block>) -> std::io::Result<()> {
    let mut synced = Instant::now();
    loop {
        match waiting.recv_timeout(SYNC) {
            Ok(block) => {
                let blocks: Vec<Block> = std::iter::once(block).chain(waiting.try_iter()).collect();
                writer.append(&blocks)?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return writer.sync(),
        }
        if synced.elapsed() >= SYNC {
            writer.sync()?;
            synced = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn while_it_runs_the_file_can_already_be_played() {
        let path = place("running");
        let mut recording = Recording::create(&path).unwrap();
        let length = || hound::WavReader::open(&path).unwrap().duration();
        // As if the process were killed here: nothing is completed, and the file is looked at as it is.
        while length() == 0 {
            recording.write(&[7; 480]).unwrap();
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(length() % 480, 0);
        recording.finish().unwrap();
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
