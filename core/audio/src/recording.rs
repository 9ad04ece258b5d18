use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use cooee_codec::Block;

use crate::wav::WavWriter;

/// Blocks that are written together: a quarter of a second. A killed process loses these, and those under way to the disk.
const BATCH: usize = 25;
/// Batches that may wait for a slow disk: 10 s.
const WAITING: usize = 40;
/// How long a disk is waited for at the end: one that is only slow has long written what may wait by then.
const PATIENCE: Duration = Duration::from_secs(5);

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
///
/// Nothing but [`Recording::finish`] waits for the disk. When this is dropped instead, the thread writes what it has and ends by itself.
pub struct Recording {
    path: PathBuf,
    batch: Vec<Block>,
    /// `None` once it has failed.
    batches: Option<Sender<Vec<Block>>>,
    /// Batches that are not on the disk yet.
    waiting: usize,
    /// What became of each batch. Ends when the thread does.
    written: Receiver<Result<(), RecordError>>,
}

impl Recording {
    /// Makes the file, replacing one of that name. A new one is for its owner alone, as what is said on the telephone is.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| failed(path, &error))?;
        Self::start(path, file)
    }

    fn start(path: &Path, file: impl Write + Seek + Send + 'static) -> Result<Self, RecordError> {
        let writer = WavWriter::new(file).map_err(|error| failed(path, &error))?;
        let (batches, inbox) = channel();
        let (outcomes, written) = channel();
        let name = path.to_path_buf();
        let work = move || write(writer, &inbox, &outcomes, &name);
        std::thread::Builder::new().name("cooee-recording".into()).spawn(work).map_err(|error| failed(path, &error))?;
        Ok(Self { path: path.into(), batch: Vec::with_capacity(BATCH), batches: Some(batches), waiting: 0, written })
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
        if self.batches.is_none() {
            return Ok(());
        }
        self.batch.push(*block);
        if self.batch.len() < BATCH {
            return Ok(());
        }
        let result = self.count_written().and_then(|()| if self.waiting < WAITING { Ok(()) } else { Err(self.too_slow()) });
        match result {
            Ok(()) => self.hand_over(),
            Err(_) => self.batches = None,
        }
        result
    }

    /// Writes what is left, completes the file and waits for that: 5 s at most, for a disk may hang for ever.
    ///
    /// # Errors
    /// The end could not be written, or not in that time.
    pub fn finish(self) -> Result<(), RecordError> {
        self.finish_within(PATIENCE)
    }

    fn finish_within(mut self, patience: Duration) -> Result<(), RecordError> {
        let deadline = Instant::now() + patience;
        self.complete();
        loop {
            match self.written.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(outcome) => outcome?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => return Err(self.too_slow()),
            }
        }
    }

    /// Hands over what is left, and lets the thread end after it.
    fn complete(&mut self) {
        self.hand_over();
        self.batches = None;
    }

    fn hand_over(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        // Without a thread to take it, it has told why.
        if self.batches.as_ref().is_some_and(|batches| batches.send(batch).is_ok()) {
            self.waiting += 1;
        }
    }

    fn count_written(&mut self) -> Result<(), RecordError> {
        while let Ok(outcome) = self.written.try_recv() {
            outcome?;
            self.waiting -= 1;
        }
        Ok(())
    }

    fn too_slow(&self) -> RecordError {
        RecordError::TooSlow { path: self.path.clone() }
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

fn failed(path: &Path, error: &std::io::Error) -> RecordError {
    RecordError::Write { path: path.into(), reason: error.to_string() }
}

/// Writes each batch and tells what became of it; the first failure is the end.
fn write<W: Write + Seek>(
    mut writer: WavWriter<W>,
    batches: &Receiver<Vec<Block>>,
    outcomes: &Sender<Result<(), RecordError>>,
    path: &Path,
) {
    for batch in batches {
        let outcome = writer.append(&batch).and_then(|()| writer.sync()).map_err(|error| failed(path, &error));
        let over = outcome.is_err();
        // Nobody listens once the recording was dropped; what is left is written all the same.
        let _told = outcomes.send(outcome);
        if over {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, SeekFrom};

    use super::*;

    /// A disk that hangs from the first sound on, until the other end of this is dropped. What it wrote is sent there.
    struct Hanging(Cursor<Vec<u8>>, Receiver<()>, Sender<Vec<u8>>);

    impl Write for Hanging {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            if self.0.position() > 0 {
                let _over = self.1.recv();
            }
            self.0.write(octets)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Hanging {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    impl Drop for Hanging {
        fn drop(&mut self) {
            self.2.send(std::mem::take(self.0.get_mut())).unwrap();
        }
    }

    /// A recording on such a disk, what ends its hanging, and the file once its thread has ended.
    fn hanging() -> (Recording, Sender<()>, Receiver<Vec<u8>>) {
        let (hang, hangs) = channel();
        let (whole, file) = channel();
        (Recording::start(Path::new("/slow.wav"), Hanging(Cursor::default(), hangs, whole)).unwrap(), hang, file)
    }

    fn samples(octets: &[u8]) -> Vec<i16> {
        hound::WavReader::new(octets).unwrap().into_samples().map(Result::unwrap).collect()
    }

    // On a thread that waited for the disk these two would never end.
    #[test]
    fn nobody_waits_for_a_disk_that_hangs_and_what_could_wait_is_written_once_it_goes_on() {
        let (mut recording, hang, file) = hanging();
        let taken = (0..).find(|_| recording.write(&[1; 480]).is_err()).unwrap();
        assert_eq!(taken + 1, BATCH * (WAITING + 1), "told after 10 s");
        assert_eq!(recording.write(&[2; 480]), Ok(()), "told once");
        drop(recording);
        drop(hang);
        assert_eq!(samples(&file.recv().unwrap()), [1; 480 * BATCH * WAITING]);
    }

    #[test]
    fn who_completes_a_file_waits_so_long_and_no_longer() {
        let (mut recording, hang, file) = hanging();
        recording.write(&[3; 480]).unwrap();
        let slow = RecordError::TooSlow { path: "/slow.wav".into() };
        assert_eq!(recording.finish_within(Duration::from_millis(1)), Err(slow));
        drop(hang);
        assert_eq!(samples(&file.recv().unwrap()), [3; 480]);
    }

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("cooee-recording-{}-{name}.wav", std::process::id()))
    }

    #[test]
    fn everything_written_is_in_the_file_when_it_is_completed() {
        let path = place("whole");
        let mut recording = Recording::create(&path).unwrap();
        for value in 0..250 {
            recording.write(&[value; 480]).unwrap();
        }
        recording.finish().unwrap();
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
