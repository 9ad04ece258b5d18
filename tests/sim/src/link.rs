use std::time::Duration;

use cooee_machine::Entropy;

use crate::dice::Dice;

/// How packets get lost on a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// Each by itself, with this probability.
    Random(f64),
    /// In bursts: the Gilbert-Elliott chain, one step a packet, and one for every 20 ms without any, so that a burst does not wait for
    /// whoever sends seldom.
    Bursts {
        /// Probability to turn bad, before each step.
        begin: f64,
        /// Probability to turn good again; a bad spell lasts `1 / end` steps on average.
        end: f64,
        /// Probability to lose a packet while bad.
        lost_in_burst: f64,
        /// Probability to lose a packet while good.
        lost_between: f64,
    },
}

impl Loss {
    /// No loss.
    pub const NONE: Self = Self::Random(0.0);

    /// Bursts of `length` packets on average that add up to the `share` lost in the long run (simple Gilbert: nothing is
    /// lost between bursts, everything within).
    #[must_use]
    pub fn bursts(share: f64, length: f64) -> Self {
        let end = 1.0 / length;
        Self::Bursts { begin: end * share / (1.0 - share), end, lost_in_burst: 1.0, lost_between: 0.0 }
    }
}

/// What one direction of a link does to packets.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// Propagation delay of every packet.
    pub delay: Duration,
    /// Further delay, evenly from nothing to this. By itself it keeps packets in order, as a queue does: a packet never arrives
    /// before the one ahead of it.
    pub jitter: Duration,
    /// Loss on the way (after the queue).
    pub loss: Loss,
    /// Probability that a packet is held back by `reordered_by` while later ones pass it.
    pub reordering: f64,
    /// How long a reordered packet is held back.
    pub reordered_by: Duration,
    /// Probability that a packet arrives twice.
    pub duplication: f64,
    /// Bits a second; `None` for no limit and no queue.
    pub rate: Option<u64>,
    /// Octets that may wait for the rate; what comes on top is dropped at the tail.
    pub queue: usize,
    /// Largest IP packet; larger datagrams are dropped, as where fragments do not pass.
    pub mtu: usize,
}

impl Quality {
    /// Nothing but a delay.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self {
            delay,
            jitter: Duration::ZERO,
            loss: Loss::NONE,
            reordering: 0.0,
            reordered_by: Duration::ZERO,
            duplication: 0.0,
            rate: None,
            queue: 0,
            mtu: 65_535,
        }
    }

    /// Nothing but a delay, in milliseconds.
    #[must_use]
    pub fn millis(delay: u64) -> Self {
        Self::delay(Duration::from_millis(delay))
    }

    /// With jitter up to this.
    #[must_use]
    pub fn with_jitter(self, jitter: Duration) -> Self {
        Self { jitter, ..self }
    }

    /// With this loss.
    #[must_use]
    pub fn with_loss(self, loss: Loss) -> Self {
        Self { loss, ..self }
    }

    /// With reordering: this share of the packets is held back by `by`.
    #[must_use]
    pub fn with_reordering(self, share: f64, by: Duration) -> Self {
        Self { reordering: share, reordered_by: by, ..self }
    }

    /// With this share of packets arriving twice.
    #[must_use]
    pub fn with_duplication(self, share: f64) -> Self {
        Self { duplication: share, ..self }
    }

    /// With a rate in bits a second and a queue in octets.
    #[must_use]
    pub fn with_rate(self, rate: u64, queue: usize) -> Self {
        Self { rate: Some(rate), queue, ..self }
    }

    /// With a largest IP packet in octets.
    #[must_use]
    pub fn with_mtu(self, mtu: usize) -> Self {
        Self { mtu, ..self }
    }
}

/// A step of the burst chain where no packet makes one.
const STEP: Duration = Duration::from_millis(20);

/// Why a link swallowed a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swallowed {
    Cut,
    QueueFull,
    TooLarge,
    Lost,
}

impl Swallowed {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Cut => "link is cut",
            Self::QueueFull => "queue is full",
            Self::TooLarge => "larger than the link's packets",
            Self::Lost => "lost",
        }
    }
}

/// When a packet arrives, and perhaps again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) at: Duration,
    pub(crate) again: Option<Duration>,
}

/// One direction of a link: its quality, and the state of its queue and of its loss chain.
#[derive(Debug)]
pub struct Link {
    /// May be changed at any time; what is under way is not affected.
    pub quality: Quality,
    /// A cut link loses everything put into it and tells nobody.
    pub cut: bool,
    dice: Dice,
    in_burst: bool,
    last_step: Duration,
    sent_by: Duration,
    last_arrival: Duration,
}

impl Link {
    pub(crate) fn new(quality: Quality, entropy: Entropy) -> Self {
        let dice = Dice::new(entropy);
        Self {
            quality,
            cut: false,
            dice,
            in_burst: false,
            last_step: Duration::ZERO,
            sent_by: Duration::ZERO,
            last_arrival: Duration::ZERO,
        }
    }

    /// Puts a packet of `size` octets in at `now`; says when it comes out. `divisible` is a segment of a stream, which the
    /// sender's path MTU has already cut to size.
    pub(crate) fn transmit(&mut self, size: usize, divisible: bool, now: Duration) -> Result<Arrival, Swallowed> {
        if self.cut {
            return Err(Swallowed::Cut);
        }
        if !divisible && size > self.quality.mtu {
            return Err(Swallowed::TooLarge);
        }
        let sent_by = self.enqueue(size, now)?;
        if self.is_lost(now) {
            return Err(Swallowed::Lost);
        }
        let at = self.arrival(sent_by);
        let again = self.dice.chance(self.quality.duplication).then(|| self.arrival(sent_by));
        Ok(Arrival { at, again })
    }

    /// When the last bit has left, after what waits before it.
    fn enqueue(&mut self, size: usize, now: Duration) -> Result<Duration, Swallowed> {
        let Some(rate) = self.quality.rate.filter(|rate| *rate > 0) else { return Ok(now) };
        let waiting = self.sent_by.saturating_sub(now);
        let waiting_octets = waiting.as_nanos() * u128::from(rate) / 8_000_000_000;
        if waiting_octets + size as u128 > (self.quality.queue.max(size)) as u128 {
            return Err(Swallowed::QueueFull);
        }
        let transmission = Duration::from_nanos(size as u64 * 8_000_000_000 / rate);
        self.sent_by = self.sent_by.max(now) + transmission;
        Ok(self.sent_by)
    }

    fn is_lost(&mut self, now: Duration) -> bool {
        match self.quality.loss {
            Loss::Random(share) => self.dice.chance(share),
            Loss::Bursts { begin, end, lost_in_burst, lost_between } => {
                let pause = now.saturating_sub(self.last_step).as_millis() / STEP.as_millis();
                self.last_step = now;
                // After so many steps it has forgotten where it was.
                for _ in 0..=pause.min(1000) {
                    let turns = self.dice.chance(if self.in_burst { end } else { begin });
                    self.in_burst ^= turns;
                }
                self.dice.chance(if self.in_burst { lost_in_burst } else { lost_between })
            }
        }
    }

    fn arrival(&mut self, sent_by: Duration) -> Duration {
        let at = sent_by + self.quality.delay + self.dice.duration(self.quality.jitter);
        if self.dice.chance(self.quality.reordering) {
            return at + self.quality.reordered_by;
        }
        self.last_arrival = self.last_arrival.max(at);
        self.last_arrival
    }
}

/// Both directions between a host, or a gateway, and its network.
#[derive(Debug)]
pub struct Duplex {
    /// Towards the network.
    pub up: Link,
    /// From the network.
    pub down: Link,
}

impl Duplex {
    pub(crate) fn new(quality: &Quality, entropy: &mut Entropy) -> Self {
        Self { up: Link::new(quality.clone(), entropy.fork()), down: Link::new(quality.clone(), entropy.fork()) }
    }

    /// Gives both directions this quality.
    pub fn set(&mut self, quality: &Quality) {
        self.up.quality = quality.clone();
        self.down.quality = quality.clone();
    }

    /// Cuts both directions, or joins them again.
    pub fn cut(&mut self, cut: bool) {
        self.up.cut = cut;
        self.down.cut = cut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn link(quality: Quality) -> Link {
        Link::new(quality, Entropy::for_test(42))
    }

    /// Arrival of `count` packets put in 1 ms apart.
    fn run(link: &mut Link, count: u32) -> Vec<Result<Arrival, Swallowed>> {
        (0..count).map(|index| link.transmit(100, false, MS * index)).collect()
    }

    #[test]
    fn a_plain_link_delays_by_exactly_its_delay() {
        let arrival = link(Quality::millis(20)).transmit(100, false, MS).unwrap();
        assert_eq!(arrival, Arrival { at: MS * 21, again: None });
    }

    #[test]
    fn jitter_spreads_arrivals_within_its_bound_and_keeps_their_order() {
        let mut link = link(Quality::millis(20).with_jitter(MS * 30));
        let sent = |index: u32| MS * 20 * index;
        let arrivals: Vec<_> = (0..2000).map(|index| link.transmit(100, false, sent(index)).unwrap().at).collect();
        assert!(arrivals.is_sorted());
        let delays: Vec<_> = arrivals.iter().zip(0..).map(|(at, index)| *at - sent(index)).collect();
        assert!(delays.iter().all(|d| (MS * 20..MS * 50).contains(d)));
        assert!(delays.iter().any(|d| *d < MS * 22) && delays.iter().any(|d| *d > MS * 48));
    }

    #[test]
    fn random_loss_takes_its_share() {
        let mut link = link(Quality::millis(1).with_loss(Loss::Random(0.2)));
        let lost = run(&mut link, 20_000).iter().filter(|a| **a == Err(Swallowed::Lost)).count();
        assert!((3_700..4_300).contains(&lost), "{lost}");
    }

    #[test]
    fn burst_loss_takes_its_share_in_bursts_of_the_length_asked_for() {
        let mut link = link(Quality::millis(1).with_loss(Loss::bursts(0.1, 5.0)));
        let outcome: Vec<bool> = run(&mut link, 100_000).iter().map(Result::is_err).collect();
        let lost = outcome.iter().filter(|lost| **lost).count();
        let bursts = outcome.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        let (share, length) = (lost as f64 / 100_000.0, lost as f64 / bursts as f64);
        assert!((0.09..0.11).contains(&share), "share {share}");
        assert!((4.5..5.5).contains(&length), "length {length}");
    }

    #[test]
    fn a_burst_passes_while_nobody_sends() {
        let mut link = link(Quality::millis(1).with_loss(Loss::bursts(0.1, 5.0)));
        let sent = |index: u32| Duration::from_secs(1) * index;
        let outcome: Vec<bool> = (0..20_000).map(|index| link.transmit(100, false, sent(index)).is_err()).collect();
        let lost = outcome.iter().filter(|lost| **lost).count();
        let twice = outcome.windows(2).filter(|pair| pair[0] && pair[1]).count();
        assert!((1_800..2_200).contains(&lost), "{lost}");
        assert!((100..300).contains(&twice), "a second apart, losses are independent: {twice}");
    }

    #[test]
    fn a_queue_delays_by_the_rate_and_drops_at_its_tail() {
        // 80 kbit/s: 100 octets take 10 ms. The queue holds three packets, with the one being sent.
        let mut link = link(Quality::millis(5).with_rate(80_000, 300));
        let at: Vec<_> = (0..5).map(|_| link.transmit(100, false, Duration::ZERO).map(|a| a.at)).collect();
        assert_eq!(at, [Ok(MS * 15), Ok(MS * 25), Ok(MS * 35), Err(Swallowed::QueueFull), Err(Swallowed::QueueFull)]);
        assert_eq!(link.transmit(100, false, MS * 10).map(|a| a.at), Ok(MS * 45), "one has left by then");
        assert_eq!(link.transmit(100, false, MS * 500).map(|a| a.at), Ok(MS * 515), "an idle link sends at once");
    }

    #[test]
    fn reordered_packets_are_passed_by_later_ones() {
        let mut link = link(Quality::millis(10).with_reordering(0.1, MS * 5));
        let arrivals: Vec<_> = run(&mut link, 5000).into_iter().map(|a| a.unwrap().at).collect();
        let late = arrivals.iter().zip(0u32..).filter(|(at, sent)| **at == MS * (*sent + 15)).count();
        assert!((400..600).contains(&late), "{late}");
        assert!(!arrivals.is_sorted());
    }

    #[test]
    fn duplicates_arrive_twice() {
        let mut link = link(Quality::millis(1).with_duplication(0.3));
        let twice = run(&mut link, 5000).iter().filter(|a| a.as_ref().unwrap().again.is_some()).count();
        assert!((1_350..1_650).contains(&twice), "{twice}");
    }

    #[test]
    fn a_cut_link_swallows_everything_until_it_is_joined() {
        let mut link = link(Quality::millis(1));
        link.cut = true;
        assert_eq!(link.transmit(100, false, MS), Err(Swallowed::Cut));
        link.cut = false;
        assert!(link.transmit(100, false, MS).is_ok());
    }

    #[test]
    fn datagrams_above_the_mtu_are_dropped_and_segments_are_not() {
        let mut link = link(Quality::millis(1).with_mtu(1280));
        assert_eq!(link.transmit(1281, false, MS), Err(Swallowed::TooLarge));
        assert!(link.transmit(1281, true, MS).is_ok());
    }
}
