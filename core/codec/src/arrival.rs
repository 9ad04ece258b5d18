//! How well known speech arrived in a recording.

use crate::{Band, Downsampler, RATE, Upsampler};

/// Everything is compared at 8 kHz: the band in which speech is understood.
const NARROW: usize = 8_000;
/// The recording is looked at in steps this much finer, so that a fraction of a sample does not count as a difference.
const FINE: isize = 6;
/// By how much making it finer delays it, in fine steps.
const FILTER_DELAY: isize = 95;
/// Envelopes have a value for each 10 ms.
const STEP: usize = NARROW / 100;
/// Speech is judged in pieces of 160 ms.
const PIECE: usize = NARROW * 16 / 100;
/// How far a piece may have moved against the piece before it (jitter buffers stretch): 25 ms.
const DRIFT: usize = NARROW / 40;
/// How far around the place that the envelopes found the exact one is looked for: 15 ms.
const NEAR: usize = NARROW * 15 / 1000;
/// Places that the envelopes find, to be looked at closely.
const PLACES: usize = 6;
/// Quieter than the loudest 10 ms by this factor (40 dB in energy) is a pause and not judged.
const PAUSE: f32 = 1e-3;

/// How well speech arrived: found by looking for what was spoken in what was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// 0 to 1: the share of what is heard, where there was speech, that is the speech spoken (the squared correlation of
    /// the waveforms from 100 to 3,700 Hz, over pieces of 160 ms, pauses left out). 1 is the same waveform at any level.
    /// Opus at 24 kb/s gives about 0.9, G.711 0.99; other speech, noise or silence stay under 0.2.
    pub score: f32,
    /// The share of the pieces that arrived recognisably (more than half of what is heard there is the speech): what is
    /// cut off, lost or replaced is missing here.
    pub complete: f32,
    /// Where in the recording the speech begins, in milliseconds; negative if its beginning is missing.
    pub delay_ms: f32,
    /// How much louder (positive) or quieter it is in the recording, in dB, over the pieces that arrived.
    pub level_difference_db: f32,
}

impl Arrival {
    /// Looks for `spoken` in `heard`, both at 48 kHz; if it was spoken several times, the first time counts. Takes about
    /// 0.3 s for seven seconds of speech in fifteen of recording.
    #[must_use]
    pub fn measure(spoken: &[i16], heard: &[i16]) -> Self {
        let (spoken, narrow) = (floats(&telephone_band(spoken)), telephone_band(heard));
        let pieces = pieces(&spoken);
        let places = likely_places(&envelope(&spoken), &envelope(&floats(&narrow)));
        let heard = Recording::new(&narrow);
        let judged: Vec<Self> = heard.exact_places(&spoken, places).map(|place| judge(&spoken, &heard, &pieces, place)).collect();
        let best = judged.iter().map(|arrival| arrival.score).fold(0.0, f32::max);
        let first = judged.into_iter().filter(|arrival| arrival.score >= best * 0.9).min_by(|a, b| a.delay_ms.total_cmp(&b.delay_ms));
        first.unwrap_or(Self { score: 0.0, complete: 0.0, delay_ms: 0.0, level_difference_db: 0.0 })
    }
}

impl Arrival {
    /// The same for each of so many equal parts of what was spoken, wherever each of them is heard; the best first. Where sound stood still for
    /// a moment, as on a busy machine, one part suffers and the others show how well it arrived.
    #[must_use]
    pub fn measure_parts(spoken: &[i16], heard: &[i16], parts: usize) -> Vec<Self> {
        let parts = spoken.chunks((spoken.len() / parts.max(1)).max(1)).take(parts);
        let mut parts: Vec<Self> = parts.map(|part| Self::measure(part, heard)).collect();
        parts.sort_by(|one, other| other.score.total_cmp(&one.score));
        parts
    }
}

/// 8 kHz, without what is below a voice (codecs remove it, each in its way).
fn telephone_band(samples: &[i16]) -> Vec<i16> {
    let mut narrow = Vec::with_capacity(samples.len() * NARROW / RATE as usize);
    Downsampler::new(Band::Narrow).process(samples, &mut narrow);
    let (mut before, mut passed) = (0.0, 0.0);
    let high_pass = |sample: &i16| {
        let sample = f32::from(*sample);
        passed = 0.92 * (passed + sample - before);
        before = sample;
        passed.round() as i16
    };
    narrow.iter().map(high_pass).collect()
}

fn floats(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|sample| f32::from(*sample)).collect()
}

fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum()
}

fn product(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Loudness for each 10 ms: the fourth root of energy, so that soft sounds count too.
fn envelope(samples: &[f32]) -> Vec<f32> {
    samples.chunks_exact(STEP).map(|step| energy(step).sqrt().sqrt()).collect()
}

/// Where the pieces with speech begin, in samples.
fn pieces(spoken: &[f32]) -> Vec<usize> {
    let loudest = spoken.chunks_exact(STEP).map(energy).fold(0.0, f32::max);
    let speaks = |piece: &[f32]| loudest > 0.0 && energy(piece) > loudest * PAUSE * (PIECE / STEP) as f32;
    spoken.chunks_exact(PIECE).enumerate().filter(|(_, piece)| speaks(piece)).map(|(index, _)| index * PIECE).collect()
}

/// Where in the recording the speech could begin, in samples, the likeliest first: by the correlation of the envelopes.
fn likely_places(spoken: &[f32], heard: &[f32]) -> Vec<isize> {
    let mean = spoken.iter().sum::<f32>() / spoken.len().max(1) as f32;
    let centred: Vec<f32> = spoken.iter().map(|value| value - mean).collect();
    // At least half of the speech must lie within the recording.
    let (earliest, latest) = (-(spoken.len() as isize) / 2, heard.len() as isize - spoken.len() as isize / 2);
    let mut places: Vec<(f32, isize)> = (earliest..=latest).map(|lag| (likeness(&centred, heard, lag), lag)).collect();
    places.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut chosen: Vec<isize> = Vec::new();
    for (_, lag) in places {
        if chosen.len() < PLACES && chosen.iter().all(|other| lag.abs_diff(*other) > 2) {
            chosen.push(lag);
        }
    }
    chosen.into_iter().map(|lag| lag * STEP as isize).collect()
}

fn likeness(centred: &[f32], heard: &[f32], lag: isize) -> f32 {
    let spoken = centred.get(lag.min(0).unsigned_abs()..).unwrap_or_default();
    let heard = heard.get(lag.max(0).unsigned_abs()..).unwrap_or_default();
    let heard = heard.get(..spoken.len().min(heard.len())).unwrap_or_default();
    let mean = heard.iter().sum::<f32>() / heard.len().max(1) as f32;
    let deviation: f32 = heard.iter().map(|value| (value - mean).powi(2)).sum();
    product(spoken, heard) / deviation.max(1.0).sqrt() * (heard.len() as f32 / centred.len().max(1) as f32).sqrt()
}

/// Compares piece by piece, the speech beginning at `exact`, each piece near where the one before was.
fn judge(spoken: &[f32], heard: &Recording, pieces: &[usize], exact: isize) -> Arrival {
    let (mut at, mut score, mut arrived, mut gain) = (exact, 0.0, 0_usize, (0.0, 0.0));
    let mut first = None;
    for start in pieces {
        let piece = spoken.get(*start..start + PIECE).unwrap_or_default();
        let found = heard.nearest(piece, *start, at, DRIFT);
        score += found.share;
        if found.share > 0.5 {
            at = found.lag;
            first.get_or_insert(found.lag);
            arrived += 1;
            gain = (gain.0 + energy(piece), gain.1 + found.energy);
        }
    }
    let count = pieces.len().max(1) as f32;
    let level_difference_db = if arrived == 0 { 0.0 } else { 10.0 * (gain.1 / gain.0.max(1.0)).max(1e-9).log10() };
    let delay_ms = first.unwrap_or(exact) as f32 * 1_000.0 / RATE as f32;
    Arrival { score: score / count, complete: arrived as f32 / count, delay_ms, level_difference_db }
}

/// A recording's telephone band, in fine steps.
struct Recording(Vec<f32>);

/// Where a part of the speech is most like the recording.
#[derive(Clone, Copy)]
struct Found {
    /// Where the speech (not the part) begins, in fine steps.
    lag: isize,
    /// The share of the recording's energy there that is the speech.
    share: f32,
    /// The recording's energy there.
    energy: f32,
}

impl Recording {
    fn new(narrow: &[i16]) -> Self {
        let mut fine = Vec::with_capacity(narrow.len() * FINE.unsigned_abs());
        Upsampler::new(Band::Narrow).process(narrow, &mut fine);
        Self(floats(fine.get(FILTER_DELAY.unsigned_abs()..).unwrap_or_default()))
    }

    /// Looks closely at the likely places for all of the speech, and keeps those that are not much worse than the best.
    fn exact_places(&self, spoken: &[f32], places: Vec<isize>) -> impl Iterator<Item = isize> {
        let found: Vec<Found> = places.into_iter().map(|place| self.nearest(spoken, 0, place * FINE, NEAR)).collect();
        let best = found.iter().map(|found| found.share).fold(0.0, f32::max);
        found.into_iter().filter(move |found| found.share >= best * 0.5).map(|found| found.lag)
    }

    /// Looks for a part of the speech, beginning at sample `start` of it, `reach` samples around a lag in fine steps.
    fn nearest(&self, part: &[f32], start: usize, around: isize, reach: usize) -> Found {
        let reach = reach as isize;
        let whole = self.best(part, start, (-reach..=reach).map(|step| around + step * FINE), around);
        self.best(part, start, (1 - FINE..FINE).map(|step| whole.lag + step), whole.lag)
    }

    fn best(&self, part: &[f32], start: usize, lags: impl Iterator<Item = isize>, otherwise: isize) -> Found {
        let wanted = energy(part);
        let nothing = Found { lag: otherwise, share: 0.0, energy: 0.0 };
        lags.map(|lag| self.compare(part, wanted, start, lag))
            .fold(nothing, |best, found| if found.share > best.share { found } else { best })
    }

    fn compare(&self, part: &[f32], wanted: f32, start: usize, lag: isize) -> Found {
        let from = start as isize * FINE + lag;
        // What lies before the recording's beginning or after its end did not arrive: it counts in `wanted` only.
        let skipped = if from < 0 { (-from + FINE - 1) / FINE } else { 0 };
        let part = part.get(skipped.unsigned_abs()..).unwrap_or_default();
        let there = self.0.get((from + skipped * FINE).unsigned_abs()..).unwrap_or_default();
        let (mut common, mut energy) = (0.0, 0.0);
        for (spoken, heard) in part.iter().zip(there.iter().step_by(FINE.unsigned_abs())) {
            common += spoken * heard;
            energy += heard * heard;
        }
        let share = if common > 0.0 && wanted > 0.0 && energy > 0.0 { common * common / (wanted * energy) } else { 0.0 };
        Found { lag, share, energy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{anna, ben};
    use crate::{CodecKind, Decoder, Encoder, EncoderConfig, Gain};

    /// Through a codec; every `lost`-th frame is lost and concealed.
    fn through(kind: CodecKind, lost: Option<usize>, speech: &[i16]) -> Vec<i16> {
        let mut encoder = Encoder::new(kind, EncoderConfig::default()).unwrap();
        let (mut decoder, mut output) = (Decoder::new(kind).unwrap(), vec![0; 12_345]);
        for (index, frame) in speech.chunks_exact(960).enumerate() {
            let mut payload = Vec::new();
            encoder.encode(frame, &mut payload).unwrap();
            if lost.is_some_and(|every| index % every == every - 1) {
                decoder.conceal(960, &mut output);
            } else {
                decoder.decode(&payload, &mut output);
            }
        }
        output.extend([0; 48_000]);
        output
    }

    #[test]
    fn speech_through_every_codec_arrives_well_and_its_delay_is_found() {
        for speech in [anna(), ben()] {
            for (kind, least) in [(CodecKind::Opus, 0.85), (CodecKind::Pcma, 0.97), (CodecKind::Pcmu, 0.97)] {
                let arrival = Arrival::measure(&speech, &through(kind, None, &speech));
                println!("{kind}: {arrival:?}");
                assert!(arrival.score > least && arrival.complete > 0.95, "{kind}: {arrival:?}");
                // 12,345 samples are 257.2 ms; Opus adds 6.5 ms, G.711 twice 2 ms of filter.
                assert!((257.0..266.0).contains(&arrival.delay_ms), "{kind}: {arrival:?}");
                assert!(arrival.level_difference_db.abs() < 1.0, "{kind}: {arrival:?}");
            }
        }
    }

    #[test]
    fn other_speech_noise_tones_and_silence_do_not_count_as_arrival() {
        let mut state = 1_u32;
        let noise: Vec<i16> = (0..480_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 18) as i16 - 8_192
            })
            .collect();
        let tone: Vec<i16> =
            (0..480_000).map(|at| (8_000.0 * (at as f32 * 425.0 * std::f32::consts::TAU / 48_000.0).sin()) as i16).collect();
        let mut backwards = anna();
        backwards.reverse();
        for (name, heard) in [
            ("ben", ben()),
            ("backwards", backwards),
            ("noise", noise),
            ("tone", tone),
            ("silence", vec![0; 480_000]),
            ("nothing", Vec::new()),
        ] {
            let arrival = Arrival::measure(&anna(), &heard);
            println!("{name}: {arrival:?}");
            assert!(arrival.score < 0.2 && arrival.complete < 0.1, "{name}: {arrival:?}");
        }
        assert_eq!(Arrival::measure(&[], &ben()).score, 0.0);
        assert_eq!(Arrival::measure(&vec![0; 96_000], &ben()).score, 0.0);
    }

    #[test]
    fn loss_lowers_the_score_in_proportion() {
        let speech = anna();
        let score = |every| Arrival::measure(&speech, &through(CodecKind::Pcma, every, &speech)).score;
        let scores = [score(None), score(Some(20)), score(Some(5)), score(Some(2))];
        println!("none, 5 %, 20 %, 50 %: {scores:?}");
        assert!(scores.windows(2).all(|pair| pair[0] > pair[1] + 0.01), "{scores:?}");
    }

    #[test]
    fn what_is_cut_off_is_missing_from_the_score() {
        let speech = anna();
        let half = Arrival::measure(&speech, &speech[speech.len() / 2..]);
        assert!((0.35..0.65).contains(&half.score), "{half:?}");
        assert!(half.delay_ms < -3_600.0, "{half:?}");
    }

    #[test]
    fn the_first_of_several_times_counts_and_level_is_told() {
        let mut quiet = ben();
        Gain::decibels(-12.0).apply(&mut quiet);
        let mut heard = vec![0; 4_800];
        for _ in 0..3 {
            heard.extend(&quiet);
        }
        let arrival = Arrival::measure(&ben(), &heard);
        assert!(arrival.score > 0.98, "{arrival:?}");
        assert!((arrival.delay_ms - 100.0).abs() < 1.0, "{arrival:?}");
        assert!((arrival.level_difference_db + 12.0).abs() < 0.3, "{arrival:?}");
    }

    #[test]
    fn a_jitter_buffer_that_stretches_is_followed() {
        let speech = anna();
        let mut heard = Vec::new();
        for second in speech.chunks(48_000) {
            heard.extend(second);
            heard.extend(&second[second.len().saturating_sub(480)..]);
        }
        let arrival = Arrival::measure(&speech, &heard);
        assert!(arrival.score > 0.85, "{arrival:?}");
    }

    #[test]
    fn where_sound_stood_still_again_and_again_most_parts_still_tell_how_well_it_arrived() {
        let speech = anna();
        // A hole of 150 ms every 1.5 s, after which everything is later.
        let heard: Vec<i16> = speech.chunks(72_000).flat_map(|chunk| [vec![0; 7_200], chunk.to_vec()].concat()).collect();
        let parts = Arrival::measure_parts(&speech, &heard, 10);
        assert!(parts[4].score > 0.9 && parts[4].complete > 0.9, "{parts:?}");
        let (stranger, silence) = (Arrival::measure_parts(&ben(), &heard, 10), Arrival::measure_parts(&speech, &[], 10));
        assert!(stranger[0].score < 0.5 && stranger[4].score < 0.3, "{stranger:?}");
        assert!(silence.len() == 10 && silence[0].score < 0.01);
    }
}
