use cooee_codec::CodecKind;
use cooee_rtc::jitter::has_redundancy;

use crate::{FRAME_MICROS, Spoken, Trace};

/// Packets of a segment in which the freer oracle keeps one delay: 2 s.
pub const SEGMENT: usize = 100;
/// Delays that it may choose from, in microseconds.
const STEP: i64 = 1_000;
const LONGEST: usize = 500;

/// Somebody who knows a whole trace beforehand, and chooses when to play by it.
#[derive(Debug)]
pub struct Oracle {
    /// For each packet, the least delay from mouth to ear that brings it, in microseconds; `None` if no delay does.
    needs: Vec<Option<i64>>,
}

impl Oracle {
    /// Looks at a trace. A packet that is lost can be had from the redundancy in the next.
    #[must_use]
    pub fn new(trace: &Trace, kind: CodecKind, spoken: &Spoken) -> Self {
        let need = |packet: usize| {
            let own = trace.arrives(packet);
            let mended = spoken.packets.get(packet + 1).filter(|next| kind == CodecKind::Opus && has_redundancy(next));
            own.or_else(|| mended.and_then(|_| trace.arrives(packet + 1))).map(|at| at - trace.spoken(packet))
        };
        Self { needs: (0..trace.late.len()).map(need).collect() }
    }

    /// Milliseconds of sound that are missing with the one best delay of this length in milliseconds, the clocks being equal.
    #[must_use]
    pub fn missing(&self, delay: f64) -> f64 {
        millis(missing(&self.needs, (delay * 1_000.0) as i64))
    }

    /// The same if it may choose another delay for each 2 s, without any cost, as long as the mean is this: the least possible.
    #[must_use]
    pub fn missing_with_changes(&self, delay: f64) -> f64 {
        let segments: Vec<Vec<i64>> = self.needs.chunks(SEGMENT).map(choices).collect();
        let budget = (delay * 1_000.0 / STEP as f64) * segments.len() as f64;
        // The greatest gain for the least delay first: what a multiplier on the delay chooses, from cheap to dear.
        let mut chosen = vec![0_usize; segments.len()];
        let mut spent = 0.0;
        loop {
            let best = segments.iter().zip(&chosen).enumerate().filter_map(|(at, (choices, now))| Some((at, bargain(choices, *now)?)));
            let Some((at, (to, _))) = best.max_by(|a, b| a.1.1.total_cmp(&b.1.1)) else { break };
            let Some(now) = chosen.get_mut(at) else { break };
            spent += (to - *now) as f64;
            if spent > budget {
                break;
            }
            *now = to;
        }
        millis(segments.iter().zip(chosen).map(|(choices, now)| choices.get(now).copied().unwrap_or(0)).sum())
    }
}

fn millis(frames: i64) -> f64 {
    (frames * FRAME_MICROS) as f64 / 1_000.0
}

/// Packets that a delay does not bring.
fn missing(needs: &[Option<i64>], delay: i64) -> i64 {
    i64::try_from(needs.iter().filter(|need| need.is_none_or(|need| need > delay)).count()).unwrap_or(i64::MAX)
}

/// What is missing of a segment by delay.
fn choices(needs: &[Option<i64>]) -> Vec<i64> {
    (0..LONGEST).map(|delay| missing(needs, i64::try_from(delay).unwrap_or(0) * STEP)).collect()
}

/// The longer delay that gains the most for what it costs, and how much.
fn bargain(choices: &[i64], now: usize) -> Option<(usize, f64)> {
    let have = choices.get(now)?;
    let gain = |(to, missing): (usize, &i64)| (to, (have - missing) as f64 / (to - now) as f64);
    choices.iter().enumerate().skip(now + 1).map(gain).filter(|(_, gain)| *gain > 0.0).max_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oracle(late: impl Iterator<Item = Option<i64>>) -> Oracle {
        Oracle { needs: late.collect() }
    }

    #[test]
    fn a_fixed_delay_misses_what_needs_more() {
        let oracle = oracle((0..100).map(|at| (at != 7).then_some(at * 1_000)));
        assert_eq!(oracle.missing(49.0), 51.0 * 20.0);
        assert_eq!(oracle.missing(200.0), 20.0);
    }

    #[test]
    fn changes_are_worth_what_they_save() {
        // One segment of ten needs 200 ms: a tenth of the mean.
        let oracle = oracle((0..1_000).map(|at| Some(if at < 100 { 200_000 } else { 20_000 })));
        assert_eq!(oracle.missing(38.0), 2_000.0);
        assert_eq!(oracle.missing_with_changes(38.0), 0.0);
        assert_eq!(oracle.missing_with_changes(37.0), 2_000.0);
    }
}
