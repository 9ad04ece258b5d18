//! Three voices that can be told apart, and whether they arrived.

use std::path::{Path, PathBuf};

use cooee_audio::Speech;
use cooee_codec::{Arrival, BLOCK, RATE};

/// A voice is looked for in so many parts.
const PARTS: usize = 4;
/// How often each says what it has to say: longer than any test.
const REPEATS: usize = 60;

fn clip(name: &str) -> Vec<i16> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/speech").join(name);
    Speech::open(&path).unwrap().samples().to_vec()
}

/// About two seconds, each person's own.
pub fn of(name: &str) -> Vec<i16> {
    let (clip, part) = match name {
        "anna" => (clip("anna.wav"), 0),
        "ben" => (clip("ben.wav"), 0),
        _ => (clip("ben.wav"), 1),
    };
    let third = clip.len() / 3;
    clip[part * third..(part + 1) * third].to_vec()
}

/// A file that says it again and again.
pub fn write(path: &Path, voice: &[i16]) {
    let format = hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut file = hound::WavWriter::create(path, format).unwrap();
    for _ in 0..REPEATS {
        voice.iter().for_each(|sample| file.write_sample(*sample).unwrap());
    }
    file.finalize().unwrap();
}

/// What was recorded.
pub fn recorded(path: &Path) -> Vec<i16> {
    Speech::open(path).unwrap().samples().to_vec()
}

/// Fails unless this person's voice is in the recording, in part as the codec has it: the machine may be busy, and what stands still for a
/// moment spoils one part and not all.
#[track_caller]
pub fn assert_heard(recording: &[i16], name: &str) {
    let parts = Arrival::measure_parts(&of(name), recording, PARTS);
    assert!(parts[0].score > 0.7 && parts[PARTS / 2].score > 0.3, "{name} is not heard: {parts:?}");
}

/// Fails if this person's voice is in the recording.
#[track_caller]
pub fn assert_not_heard(recording: &[i16], name: &str) {
    let arrival = Arrival::measure(&of(name), recording);
    assert!(arrival.complete < 0.2, "{name} is heard: {arrival:?}");
}

/// The longest time in which nothing was heard, in seconds.
pub fn longest_quiet(recording: &[i16]) -> f64 {
    let (mut longest, mut now) = (0_u32, 0_u32);
    for block in recording.chunks(BLOCK) {
        let is_quiet = block.iter().all(|sample| sample.unsigned_abs() < 100);
        now = if is_quiet { now + 1 } else { 0 };
        longest = longest.max(now);
    }
    f64::from(longest) / 100.0
}

/// The last seconds of a recording.
pub fn last(recording: &[i16], seconds: usize) -> &[i16] {
    &recording[recording.len().saturating_sub(seconds * RATE as usize)..]
}
