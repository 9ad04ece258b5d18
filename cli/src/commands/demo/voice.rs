//! Who speaks, and what they hear.

use std::path::{Path, PathBuf};

use cooee_audio::Speech;

/// One of the two people of the play.
#[derive(Clone)]
pub struct Voice {
    /// The part before the `@`.
    pub name: &'static str,
    /// What they say.
    pub speech: Speech,
    /// Where what they hear is recorded.
    pub heard: PathBuf,
}

const ANNA: &[u8] = include_bytes!("../../../../tests/fixtures/speech/anna.wav");
const BEN: &[u8] = include_bytes!("../../../../tests/fixtures/speech/ben.wav");

impl Voice {
    /// Speaks the given file, or her own.
    pub fn anna(speech: Option<&Path>, folder: &Path) -> anyhow::Result<Self> {
        let speech = match speech {
            Some(file) => Speech::open(file)?,
            None => Speech::from_wav(ANNA, Path::new("anna.wav"))?,
        };
        Ok(Self { name: "anna", speech, heard: folder.join("anna-heard.wav") })
    }

    /// Speaks his own.
    pub fn ben(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self { name: "ben", speech: Speech::from_wav(BEN, Path::new("ben.wav"))?, heard: folder.join("ben-heard.wav") })
    }
}
