/// Tracks how much later than the fastest packets the others arrive, and which delay is the best to play at.
///
/// All values are microseconds. A *transit* is the arrival on our clock minus the timestamp on the peer's; only differences mean anything.
#[derive(Debug)]
pub(super) struct Delay {
    /// The fastest transit of the present window and of the one before.
    window: (i64, i64),
    window_ends: Option<i64>,
    /// Weights of relative delays, in bins. Old ones fade because new ones weigh more.
    bins: [f32; BINS],
    total: f32,
    weight: f32,
    target: i64,
    /// How late the latest was, fading.
    latest: i64,
}

const BIN: i64 = 2_500;
const BINS: usize = 160;
/// Two windows of 2 s follow a drift of the clocks and a new route, and still hold enough packets to contain a fast one.
const WINDOW: i64 = 2_000_000;
/// A hundredth of all sound late is as bad as this much more delay: 30 ms (ITU-T G.107 comes to about that for calls whose delay people
/// begin to notice). So a delay that nearly all packets need is waited for, and a rare stall, which would hold up everything else, is not.
const PER_CENT_LATE: f32 = 30_000.0;
/// 300 packets of 20 ms back, a delay weighs a third: a burst of late packets raises the target within a few of them, and it takes several
/// seconds to sink again.
const FADE: f32 = 1.003_5;
/// The fastest packets of two windows differ by less if only the clocks drift, for which the delay has room as it is.
const ANOTHER_ROUTE: i64 = 30_000;
/// Scheduling on both sides costs this much at least.
const MARGIN: i64 = 5_000;
/// The latest packet is forgotten by one part in so many with each that comes: by two thirds in 20 s.
const REMEMBERED: i64 = 1_000;
/// As much delay as the latest packets needed may be kept for the next such ones, but not more than this beyond the target.
const MOST_KEPT: i64 = 60_000;
pub(super) const MAX_TARGET: i64 = 400_000;
/// Believed before anything is known; fifteen packets know better.
const PRIOR: usize = 12;
const BELIEF: f32 = 0.15;

impl Delay {
    pub(super) fn new() -> Self {
        let (window, bins) = ((i64::MAX, i64::MAX), [0.0; BINS]);
        let mut delay = Self { window, window_ends: None, bins, total: BELIEF, weight: 1.0, target: 0, latest: 0 };
        if let Some(bin) = delay.bins.get_mut(PRIOR) {
            *bin = BELIEF;
        }
        delay.update_target();
        delay
    }

    /// A packet arrived.
    pub(super) fn arrived(&mut self, arrival: i64, transit: i64) {
        let before = self.fastest();
        let ends = *self.window_ends.get_or_insert(arrival + WINDOW);
        if arrival >= ends {
            self.window = (i64::MAX, if arrival >= ends + WINDOW { i64::MAX } else { self.window.0 });
            self.window_ends = Some(arrival + WINDOW);
        }
        self.window.0 = self.window.0.min(transit);
        let slower = self.fastest().saturating_sub(before);
        if before != i64::MAX && slower.abs() >= ANOTHER_ROUTE {
            self.shift(slower);
        }
        let relative = transit - self.fastest();
        self.latest = relative.min(MAX_TARGET).max(self.latest - self.latest / REMEMBERED);
        // What no delay is long enough for says nothing of which one is best.
        let Some(bin) = usize::try_from(relative / BIN).ok().filter(|bin| *bin < BINS) else { return };
        self.weight *= FADE;
        if let Some(bin) = self.bins.get_mut(bin) {
            *bin += self.weight;
        }
        self.total += self.weight;
        if self.weight > 1.0e12 {
            self.bins.iter_mut().for_each(|bin| *bin /= self.weight);
            self.total /= self.weight;
            self.weight = 1.0;
        }
        self.update_target();
    }

    /// The fastest packets are slower by so much than was thought (a new route, a stall at the beginning): all others are less late.
    fn shift(&mut self, slower: i64) {
        let by = slower / BIN;
        let old = std::mem::replace(&mut self.bins, [0.0; BINS]);
        self.total = 0.0;
        self.latest = (self.latest - slower).clamp(0, MAX_TARGET);
        for (place, weight) in (0..).zip(old) {
            let place = usize::try_from((place - by).max(0)).unwrap_or(BINS);
            if let Some(bin) = self.bins.get_mut(place) {
                *bin += weight;
                self.total += weight;
            }
        }
    }

    /// The delay at which waiting longer would cost more than the packets it would save.
    fn update_target(&mut self) {
        let mut late = 0.0;
        let mut best = (f32::INFINITY, 0);
        for (place, bin) in self.bins.iter().enumerate().rev() {
            // All up to and with this bin are in time.
            let cost = (place + 1) as f32 * BIN as f32 + late / self.total * 100.0 * PER_CENT_LATE;
            if cost < best.0 {
                best = (cost, place + 1);
            }
            late += bin;
        }
        self.target = (i64::try_from(best.1).unwrap_or(0) * BIN + MARGIN).min(MAX_TARGET);
    }

    /// The transit of the fastest packets.
    pub(super) fn fastest(&self) -> i64 {
        self.window.0.min(self.window.1)
    }

    /// By how much the delay may be longer than the target, once it is: where packets have come late, others will.
    pub(super) fn kept(&self) -> i64 {
        self.latest.min(MOST_KEPT)
    }

    /// How much later than the fastest packet a packet should be played.
    pub(super) fn target(&self) -> i64 {
        self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(delay: &mut Delay, from: i64, count: i64, late: impl Fn(i64) -> i64) {
        for i in from..from + count {
            delay.arrived(i * 20_000 + late(i), 50_000 + late(i));
        }
    }

    #[test]
    fn the_target_rises_within_packets_and_sinks_within_seconds() {
        let mut delay = Delay::new();
        assert_eq!(delay.target(), 37_500);
        feed(&mut delay, 0, 100, |_| 0);
        assert_eq!(delay.target(), 7_500);
        let jitter = |i: i64| (i * 7919 % 13) * 5_000;
        feed(&mut delay, 100, 15, jitter);
        assert!(delay.target() >= 55_000, "{}", delay.target());
        feed(&mut delay, 115, 500, jitter);
        assert!((62_000..=70_000).contains(&delay.target()), "{}", delay.target());
        feed(&mut delay, 615, 200, |_| 0);
        assert!(delay.target() > 10_000);
        feed(&mut delay, 815, 1_200, |_| 0);
        assert_eq!(delay.target(), 7_500);
    }

    #[test]
    fn rare_outliers_do_not_move_the_target() {
        let mut delay = Delay::new();
        feed(&mut delay, 0, 1_000, |i| if i % 100 == 50 { 200_000 } else { 0 });
        assert_eq!(delay.target(), 7_500);
    }

    #[test]
    fn delay_is_kept_for_as_late_as_packets_came_and_forgotten_in_a_while() {
        let mut delay = Delay::new();
        feed(&mut delay, 0, 200, |_| 0);
        assert_eq!(delay.kept(), 0);
        feed(&mut delay, 200, 100, |i| if i == 210 { 40_000 } else { 0 });
        assert!((35_000..40_000).contains(&delay.kept()), "{}", delay.kept());
        feed(&mut delay, 300, 100, |i| if i == 310 { 300_000 } else { 0 });
        assert_eq!(delay.kept(), MOST_KEPT);
        feed(&mut delay, 400, 4_000, |_| 0);
        assert!(delay.kept() < 10_000, "{}", delay.kept());
    }

    #[test]
    fn a_slower_route_becomes_the_measure_after_the_windows() {
        let mut delay = Delay::new();
        feed(&mut delay, 0, 400, |_| 0);
        feed(&mut delay, 400, 400, |_| 100_000);
        assert_eq!(delay.fastest(), 150_000);
        assert_eq!(delay.target(), 7_500, "and what came by it was never late");
        feed(&mut delay, 800, 1_500, |_| 100_000);
        assert_eq!(delay.target(), 7_500);
    }
}
