use cooee_machine::Entropy;

use crate::FRAME_MICROS;

/// Packets of a trace: 60 s of 20 ms.
const PACKETS: i64 = 3_000;

/// What a network does to a stream of packets.
#[derive(Clone, Debug)]
pub struct Trace {
    /// In a file's name.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// For each packet, how many microseconds later than the fastest possible it arrives; `None` if it never does.
    pub late: Vec<Option<i64>>,
    /// How much faster (positive) than ours the speaker's clock runs, in parts per million.
    pub drift: i64,
    /// The loss that the speaker is told of, in percent: Opus adds redundancy for it.
    pub reported_loss: u8,
}

impl Trace {
    /// All traces, in the order of the table.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut traces = vec![
            new("clean", "clean", |_, _| Some(0)),
            new("jitter", "jitter 0 to 60 ms, each packet for itself", |_, entropy| Some(uniform(entropy, 60_000))),
            queue(),
        ];
        traces.extend(
            [("loss5", "5 % lost, one by one", 5), ("loss10", "10 % lost, one by one", 10), ("loss20", "20 % lost, one by one", 20)]
                .map(single),
        );
        traces.extend(
            [("burst5", "5 % lost in bursts", 5), ("burst10", "10 % lost in bursts", 10), ("burst20", "20 % lost in bursts", 20)]
                .map(bursts),
        );
        traces.extend([
            Self { drift: 10_000, ..new("fast", "their clock 1 % fast", |_, _| Some(0)) },
            Self { drift: -10_000, ..new("slow", "their clock 1 % slow", |_, _| Some(0)) },
            new("stalls", "300 ms of nothing every 8 s, then all at once", |at, _| {
                Some(if at % 400 < 15 { (15 - at % 400) * FRAME_MICROS } else { 0 })
            }),
            new("steps", "delay +80 ms at 15 s, -80 ms at 30 s, +40 ms at 45 s", |at, _| {
                [0, 80_000, 0, 40_000].get((at / 750) as usize).copied()
            }),
            recorded("busy", "recorded: a machine busy with other things", include_str!("../traces/busy.trace")),
        ]);
        traces
    }

    /// When each packet is spoken on our clock, in microseconds: its first sample.
    #[must_use]
    pub fn spoken(&self, packet: usize) -> i64 {
        let at = i64::try_from(packet).unwrap_or(0) * FRAME_MICROS;
        at - at * self.drift / 1_000_000
    }

    /// When it arrives on our clock: it can be sent when its last sample is spoken, and a network without delay brings it at once.
    #[must_use]
    pub fn arrives(&self, packet: usize) -> Option<i64> {
        let late = self.late.get(packet).copied().flatten()?;
        Some(self.spoken(packet) + FRAME_MICROS + late)
    }
}

fn new(id: &'static str, title: &'static str, mut late: impl FnMut(i64, &mut Entropy) -> Option<i64>) -> Trace {
    let mut entropy = Entropy::for_test(id.bytes().map(u64::from).sum());
    let late = (0..PACKETS).map(|at| late(at, &mut entropy)).collect();
    Trace { id, title, late, drift: 0, reported_loss: 0 }
}

fn uniform(entropy: &mut Entropy, bound: u64) -> i64 {
    i64::try_from(entropy.below(bound)).unwrap_or(0)
}

/// -mean ln(u): the time between random events.
fn exponential(entropy: &mut Entropy, mean: f64) -> i64 {
    let unit = (entropy.below(1 << 30) + 1) as f64 / f64::from(1 << 30);
    (-mean * unit.ln()) as i64
}

/// A shared line: a packet waits for what others put into the queue before it, and the order is kept.
fn queue() -> Trace {
    let mut filled = 0;
    new("queue", "a shared line: bursts of others' packets, order kept", |_, entropy| {
        if entropy.below(8) == 0 {
            filled += exponential(entropy, 45_000.0);
        }
        let late = filled;
        filled = (filled - FRAME_MICROS).max(0);
        Some(late.min(250_000))
    })
}

fn single((id, title, percent): (&'static str, &'static str, u8)) -> Trace {
    let trace = new(id, title, |_, entropy| (entropy.below(100) >= u64::from(percent)).then(|| uniform(entropy, 5_000)));
    Trace { reported_loss: percent, ..trace }
}

/// Gilbert's model: losses come three packets at a time on average.
fn bursts((id, title, percent): (&'static str, &'static str, u8)) -> Trace {
    let mut losing = false;
    let trace = new(id, title, |_, entropy| {
        let begins = u64::from(percent) * 1_000 / (3 * (100 - u64::from(percent)));
        losing = if losing { entropy.below(3) != 0 } else { entropy.below(1_000) < begins };
        (!losing).then(|| uniform(entropy, 5_000))
    });
    Trace { reported_loss: percent, ..trace }
}

fn recorded(id: &'static str, title: &'static str, lines: &str) -> Trace {
    Trace { id, title, late: lines.lines().map(|line| line.parse().ok()).collect(), drift: 0, reported_loss: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_what_they_say() {
        for trace in Trace::all() {
            assert_eq!(trace.late.len(), 3_000, "{}", trace.id);
            let lost = trace.late.iter().filter(|late| late.is_none()).count();
            let told = usize::from(trace.reported_loss) * 30;
            assert!(lost.abs_diff(told) <= told / 3, "{}: {lost} lost", trace.id);
            assert!(trace.late.iter().flatten().all(|late| (0..=300_000).contains(late)), "{}", trace.id);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_trace() {
        let late = || Trace::all().into_iter().map(|trace| trace.late).collect::<Vec<_>>();
        assert_eq!(late(), late());
    }
}
