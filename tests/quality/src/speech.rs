use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use cooee_audio::Speech;
use cooee_codec::{CodecKind, Encoded, Encoder, EncoderConfig};

use crate::Trace;

/// Samples of a packet at 48 kHz: 20 ms.
pub const FRAME: usize = 960;
/// Microseconds of a packet.
pub const FRAME_MICROS: i64 = 20_000;
/// Silence between two clips.
const PAUSE: usize = 24_000;

/// What is said, and the packets that carry it.
#[derive(Debug)]
pub struct Spoken {
    /// At 48 kHz.
    pub samples: Vec<i16>,
    /// Where the clips are that are rated.
    pub clips: Vec<Clip>,
    /// One for each frame.
    pub packets: Vec<Bytes>,
}

/// A stretch of speech.
#[derive(Clone, Debug)]
pub struct Clip {
    /// Who speaks.
    pub voice: &'static str,
    /// In samples.
    pub at: Range<usize>,
}

impl Spoken {
    /// The two voices in turn, for as long as the trace is, encoded for it.
    ///
    /// # Errors
    /// A clip is missing, or the codec's library refuses.
    pub fn new(trace: &Trace, kind: CodecKind) -> Result<Self> {
        let length = trace.late.len() * FRAME;
        let voices = [("anna", clip("anna")?), ("ben", clip("ben")?)];
        let (mut samples, mut clips) = (vec![0; PAUSE], Vec::new());
        for (voice, clip) in voices.iter().cycle() {
            if samples.len() + clip.len() + PAUSE > length {
                break;
            }
            clips.push(Clip { voice, at: samples.len()..samples.len() + clip.len() });
            samples.extend(clip);
            samples.resize(samples.len() + PAUSE, 0);
        }
        samples.resize(length, 0);
        let packets = encode(&samples, kind, trace.reported_loss)?;
        Ok(Self { samples, clips, packets })
    }
}

fn clip(name: &str) -> Result<Vec<i16>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/speech/{name}.wav"));
    Ok(Speech::open(&path).context("a voice")?.samples().to_vec())
}

fn encode(samples: &[i16], kind: CodecKind, loss: u8) -> Result<Vec<Bytes>> {
    let mut encoder = Encoder::new(kind, EncoderConfig::default())?;
    encoder.set_loss(loss)?;
    let encode = |frame: &[i16]| {
        let mut payload = Vec::new();
        match encoder.encode(frame, &mut payload)? {
            Encoded::Packet { .. } => Ok(payload.into()),
            Encoded::Nothing => bail!("without DTX everything is sent"),
        }
    };
    samples.chunks_exact(FRAME).map(encode).collect()
}
