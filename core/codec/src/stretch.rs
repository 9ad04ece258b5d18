//! Playing a frame a little faster or slower without changing its pitch: one pitch period is left out or repeated, and the
//! seam is blended (the overlap-add of WSOLA).

/// Lags are looked for in steps of six samples: 8 kHz is enough to find a period.
const COARSE: usize = 6;
/// 2.5 ms.
const SHORTEST: usize = 120;
/// 10 ms.
const LONGEST: usize = 480;
/// What is compared at least, in coarse samples: 7.5 ms, lest short pieces of noise look alike.
const COMPARED: usize = 60;
/// Less alike than this, the seam would be heard: better wait for another frame.
const ALIKE: f32 = 0.75;
/// Below this mean amplitude (about -50 dBFS) nothing is heard of a seam.
const QUIET: f32 = 104.0;

/// Appends `frame` to `output` without one of its pitch periods (2.5 to 10 ms). `false`, and the frame as it is, if it has
/// none that could go unnoticed.
pub fn shorten(frame: &[i16], output: &mut Vec<i16>) -> bool {
    let Some((first, second, rest)) = seam(frame) else {
        output.extend_from_slice(frame);
        return false;
    };
    blend(first, second, output);
    output.extend_from_slice(rest);
    true
}

/// Appends `frame` to `output` with one of its pitch periods (2.5 to 10 ms) twice. `false`, and the frame as it is, if it
/// has none that could go unnoticed.
pub fn lengthen(frame: &[i16], output: &mut Vec<i16>) -> bool {
    let Some((first, second, _)) = seam(frame) else {
        output.extend_from_slice(frame);
        return false;
    };
    output.extend_from_slice(first);
    blend(second, first, output);
    output.extend_from_slice(frame.get(first.len()..).unwrap_or_default());
    true
}

/// Fades from one stretch of sound to another of the same length.
fn blend(from: &[i16], to: &[i16], output: &mut Vec<i16>) {
    let length = from.len() as f32 + 1.0;
    output.extend(from.iter().zip(to).enumerate().map(|(at, (from, to))| {
        let weight = (at + 1) as f32 / length;
        (f32::from(*from) * (1.0 - weight) + f32::from(*to) * weight).round() as i16
    }));
}

/// Two stretches side by side that are alike, and what comes after them.
fn seam(frame: &[i16]) -> Option<(&[i16], &[i16], &[i16])> {
    let lag = period(frame)?;
    let (first, rest) = frame.split_at_checked(lag)?;
    let (second, rest) = rest.split_at_checked(lag)?;
    Some((first, second, rest))
}

/// The lag at which the frame's beginning is most like what follows it, if it is like enough.
fn period(frame: &[i16]) -> Option<usize> {
    let coarse: Vec<f32> = frame.chunks_exact(COARSE).map(|six| six.iter().map(|s| f32::from(*s)).sum::<f32>() / COARSE as f32).collect();
    let longest = LONGEST.min(frame.len() / 2) / COARSE;
    if longest < SHORTEST / COARSE {
        return None;
    }
    let loudness = coarse.iter().map(|sample| sample.abs()).sum::<f32>() / coarse.len() as f32;
    if loudness < QUIET {
        return Some(longest * COARSE);
    }
    let best = (SHORTEST / COARSE..=longest).map(|lag| (likeness(&coarse, lag), lag)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1 * COARSE)
}

fn likeness(coarse: &[f32], lag: usize) -> f32 {
    let (mut product, mut one, mut other) = (0.0, 0.0, 0.0);
    let compared = lag.max(COMPARED);
    for (a, b) in coarse.iter().zip(coarse.iter().skip(lag)).take(compared) {
        product += a * b;
        one += a * a;
        other += b * b;
    }
    product / (one * other).max(1.0).sqrt()
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::Arrival;
    use crate::testing::anna;

    fn tone(samples: usize) -> Vec<i16> {
        (0..samples).map(|at| (10_000.0 * (TAU * 150.0 * at as f32 / 48_000.0).sin()) as i16).collect()
    }

    fn largest_step(samples: &[i16]) -> i32 {
        samples.windows(2).map(|pair| (i32::from(pair[0]) - i32::from(pair[1])).abs()).max().unwrap()
    }

    #[test]
    fn a_steady_tone_loses_or_gains_one_period_without_a_seam() {
        let frame = tone(960);
        let (mut shorter, mut longer) = (Vec::new(), Vec::new());
        assert!(shorten(&frame, &mut shorter) && lengthen(&frame, &mut longer));
        // 150 Hz: 320 samples; the search steps by six.
        assert!(shorter.len().abs_diff(640) <= 6 && longer.len().abs_diff(1_280) <= 6, "{} {}", shorter.len(), longer.len());
        assert!(largest_step(&shorter) < largest_step(&frame) * 5 / 4);
        assert!(largest_step(&longer) < largest_step(&frame) * 5 / 4);
        assert!(shorter[0].abs_diff(frame[0]) < 10 && longer[0] == frame[0]);
        assert_eq!((shorter.last(), longer.last()), (frame.last(), frame.last()));
    }

    #[test]
    fn a_frame_that_is_nowhere_like_itself_stays_as_it_is() {
        let mut state = 1_u32;
        let noise: Vec<i16> = (0..960)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 17) as i16 - 16_384
            })
            .collect();
        let mut output = Vec::new();
        assert!(!shorten(&noise, &mut output));
        assert_eq!(output, noise);
        for length in [0, 1, 100, 239] {
            output.clear();
            lengthen(&noise[..length], &mut output);
            assert_eq!(output, noise[..length]);
        }
    }

    #[test]
    fn silence_is_shortened_by_half_a_frame() {
        let mut output = Vec::new();
        assert!(shorten(&[0; 960], &mut output));
        assert_eq!(output.len(), 480);
    }

    #[test]
    fn speech_stays_recognisable_when_now_and_then_a_period_goes() {
        let (speech, mut heard, mut gone) = (anna(), Vec::new(), 0);
        for (index, frame) in speech.chunks(960).enumerate() {
            if index % 12 == 5 {
                gone += usize::from(shorten(frame, &mut heard));
            } else {
                heard.extend(frame);
            }
        }
        let arrival = Arrival::measure(&speech, &heard);
        assert!(gone > 10 && arrival.score > 0.8, "{gone} {arrival:?}");
    }
}
