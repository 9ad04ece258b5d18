use std::time::{Duration, Instant};

use cooee_rtc::Statistics;

use super::{Fact, LinkWeakness, Stream};

/// Of 1000 packets, so many are missed: Opus hides less than that.
const LOSS: u32 = 50;
/// More unevenly than this, and the sound waits so long in the jitter buffer that people begin to speak at once.
const JITTER: Duration = Duration::from_millis(60);
/// There and back; half of it, with codec and buffers, is what ITU-T G.114 calls unacceptable (400 ms).
const DELAY: Duration = Duration::from_millis(600);
/// A window of reports is judged when it is so long: 2 s hold 100 packets.
const WINDOW: Duration = Duration::from_secs(2);
/// So many windows in a row have to be weak, or good, until it is told.
const WEAK: u8 = 2;
const GOOD: u8 = 3;

/// How good the two streams of a call are just now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LinkQuality {
    /// What is wrong with the way from them to us, if anything.
    pub theirs: Option<LinkWeakness>,
    /// What is wrong with the way from us to them, as far as they tell.
    pub ours: Option<LinkWeakness>,
}

/// Judges a call's link by the reports of its media.
#[derive(Clone, Debug, Default)]
pub struct LinkWatch {
    last: Option<(Instant, Statistics)>,
    theirs: Judgement,
    ours: Judgement,
}

/// What is thought of one stream.
#[derive(Clone, Copy, Debug, Default)]
struct Judgement {
    weakness: Option<LinkWeakness>,
    /// So many windows in a row said otherwise.
    doubts: u8,
}

/// What a window showed of one stream.
#[derive(Clone, Copy, Debug)]
struct Window {
    loss: u32,
    jitter: Duration,
    rtt: Duration,
}

impl LinkWatch {
    /// Takes the next report of the same session; what has become clear.
    pub fn report(&mut self, statistics: &Statistics, now: Instant) -> Vec<Fact> {
        let Some((at, last)) = self.last.filter(|(_, last)| is_later(statistics, last)) else {
            self.last = Some((now, *statistics));
            return Vec::new();
        };
        if now.saturating_duration_since(at) < WINDOW {
            return Vec::new();
        }
        self.last = Some((now, *statistics));
        let rtt = statistics.rtt.unwrap_or_default();
        let missing = (statistics.packets_lost + statistics.packets_late).saturating_sub(last.packets_lost + last.packets_late);
        let received = statistics.packets_received.saturating_sub(last.packets_received);
        let theirs = (received > 0).then(|| Window { loss: permille(missing, missing + received), jitter: statistics.jitter, rtt });
        let has_sent = statistics.packets_sent > last.packets_sent;
        let ours = statistics.remote_loss.filter(|_| has_sent).map(|loss| Window {
            // A share of 0.0 to 1.0.
            loss: (loss.clamp(0.0, 1.0) * 1000.0) as u32,
            jitter: statistics.remote_jitter.unwrap_or_default(),
            rtt,
        });
        let streams = [(Stream::Theirs, &mut self.theirs, theirs), (Stream::Ours, &mut self.ours, ours)];
        streams.into_iter().filter_map(|(stream, judgement, window)| judgement.judge(stream, window?)).collect()
    }

    /// What has become clear by now.
    #[must_use]
    pub fn quality(&self) -> LinkQuality {
        LinkQuality { theirs: self.theirs.weakness, ours: self.ours.weakness }
    }
}

/// Counters that shrink are another session's.
fn is_later(statistics: &Statistics, last: &Statistics) -> bool {
    statistics.packets_received >= last.packets_received && statistics.packets_sent >= last.packets_sent
}

fn permille(part: u64, whole: u64) -> u32 {
    u32::try_from((part * 1000).checked_div(whole).unwrap_or(0)).unwrap_or(1000)
}

impl Judgement {
    fn judge(&mut self, stream: Stream, window: Window) -> Option<Fact> {
        let weakness = window.weakness();
        if weakness.is_some() == self.weakness.is_some() {
            self.doubts = 0;
            return None;
        }
        self.doubts += 1;
        let enough = if weakness.is_some() { WEAK } else { GOOD };
        if self.doubts < enough {
            return None;
        }
        *self = Self { weakness, doubts: 0 };
        let Window { loss, jitter, rtt } = window;
        Some(weakness.map_or(Fact::Strong { stream }, |weakness| Fact::Weak { stream, weakness, loss, jitter, rtt }))
    }
}

impl Window {
    fn weakness(&self) -> Option<LinkWeakness> {
        match (self.loss >= LOSS, self.jitter >= JITTER, self.rtt >= DELAY) {
            (true, true, _) => Some(LinkWeakness::LossAndJitter),
            (true, false, _) => Some(LinkWeakness::Loss),
            (false, true, _) => Some(LinkWeakness::Jitter),
            (false, false, true) => Some(LinkWeakness::Delay),
            (false, false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds windows of 2.5 s; for each: packets received, lost, jitter, round trip, loss over there.
    fn told(windows: &[(u64, u64, u64, u64, f32)]) -> (Vec<(usize, &'static str, Stream)>, LinkQuality) {
        #[allow(clippy::disallowed_methods, reason = "a test needs some instant to begin with")]
        let begin = Instant::now();
        let (mut watch, mut told, mut sum) = (LinkWatch::default(), Vec::new(), Statistics::default());
        assert_eq!(watch.report(&sum, begin), []);
        for (at, (received, lost, jitter, rtt, remote_loss)) in (1..).zip(windows) {
            sum.packets_received += received;
            sum.packets_lost += lost;
            sum.packets_sent += 125;
            (sum.jitter, sum.rtt) = (Duration::from_millis(*jitter), Some(Duration::from_millis(*rtt)));
            sum.remote_loss = Some(*remote_loss);
            for fact in watch.report(&sum, begin + Duration::from_millis(2_500) * at) {
                let (Fact::Weak { stream, .. } | Fact::Strong { stream }) = fact else { panic!("{fact:?}") };
                let word = if let Fact::Weak { weakness, .. } = fact { weakness.as_str() } else { "strong" };
                told.push((at as usize, word, stream));
            }
        }
        (told, watch.quality())
    }

    #[test]
    fn a_stream_that_loses_packets_is_weak_until_it_has_been_good_for_a_while() {
        let (good, bad) = ((125, 0, 5, 40, 0.0), (110, 15, 5, 40, 0.0));
        let (told, quality) = told(&[good, bad, good, bad, bad, bad, good, good, bad, good, good, good]);
        assert_eq!(told, [(5, "loss", Stream::Theirs), (12, "strong", Stream::Theirs)]);
        assert_eq!(quality, LinkQuality::default());
    }

    #[test]
    fn the_cause_is_named_and_each_stream_judged_for_itself() {
        assert_eq!(told(&[(125, 0, 80, 40, 0.0); 2]).0, [(2, "jitter", Stream::Theirs)]);
        assert_eq!(told(&[(110, 15, 80, 900, 0.0); 2]).0, [(2, "loss-and-jitter", Stream::Theirs), (2, "delay", Stream::Ours)]);
        let (told, quality) = told(&[(125, 0, 5, 40, 0.2); 2]);
        assert_eq!(told, [(2, "loss", Stream::Ours)]);
        assert_eq!(quality, LinkQuality { theirs: None, ours: Some(LinkWeakness::Loss) });
    }

    #[test]
    fn a_peer_that_says_nothing_is_no_weak_link() {
        assert_eq!(told(&[(0, 0, 5, 40, 0.0); 8]).0, []);
    }
}
