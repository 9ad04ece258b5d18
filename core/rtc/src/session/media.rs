use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_machine::{Entropy, Now};

use super::evidence::Evidence;
use super::rate_requests::RateRequests;
use super::terms::{ReceiveKind, Terms};
use crate::jitter::{JitterBuffer, Packet};
use crate::rtcp::{Compound, Report, ReportBlock, Schedule, SenderInfo};
use crate::rtp::{DigitReceiver, DigitSender, Header, Receiver, Sender};
use crate::{EncodedFrame, OneWayCause, Playout, RateLimit, Statistics};

/// RTP and RTCP of one session, without addresses and keys.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) terms: Terms,
    sender: Sender,
    receiver: Receiver,
    jitter: JitterBuffer,
    digits: DigitSender,
    digits_heard: DigitReceiver,
    schedule: Option<Schedule>,
    entropy: Entropy,
    report_interval: Duration,
    cname: String,
    /// NTP time at an instant: the clock of reports must not jump with the system's.
    ntp_base: (Instant, Duration),
    received: (u64, u64),
    pub(crate) refused: u64,
    remote: Remote,
    evidence: Evidence,
    rates: RateRequests,
    /// Octets of headers in a packet of the peer's.
    pub(super) overhead: u16,
    has_collided: bool,
    farewell: Option<Vec<u8>>,
}

/// What became of an RTP packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// It is not (yet) believed to be part of the peer's stream.
    Refused,
    /// It is.
    Taken,
    /// It is, and begins these digits.
    Digits(String),
}

/// How far an RTP packet is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Its key shows that the peer made it.
    Authentic,
    /// It came from where the peer is.
    Located,
    /// It came from anywhere.
    None,
}

/// What the peer's reports say.
#[derive(Debug, Default)]
struct Remote {
    rtt: Option<Duration>,
    loss: Option<f32>,
    lost: u64,
    jitter: Option<Duration>,
}

/// Seconds from 1900 to 1970.
const NTP_OFFSET: u64 = 2_208_988_800;

impl Media {
    pub(crate) fn new(terms: Terms, cname: String, report_interval: Duration, mut entropy: Entropy, now: Now) -> Self {
        let mut rates = RateRequests::default();
        rates.agree(terms.takes_rate_requests, terms.wanted_rate);
        Self {
            rates,
            overhead: 0,
            sender: Sender::new(terms.clock_rate, &mut entropy, now.instant),
            receiver: Receiver::default(),
            jitter: JitterBuffer::new(terms.frame),
            digits: DigitSender::default(),
            digits_heard: DigitReceiver::default(),
            schedule: None,
            entropy,
            report_interval,
            cname,
            ntp_base: (now.instant, now.unix),
            received: (0, 0),
            refused: 0,
            remote: Remote::default(),
            evidence: Evidence::default(),
            has_collided: false,
            farewell: None,
            terms,
        }
    }

    /// The keys are there: reports begin.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.schedule = Some(Schedule::new(self.report_interval, self.entropy.fork(), now));
    }

    pub(crate) fn change_terms(&mut self, terms: Terms) {
        self.sender.set_clock_rate(terms.clock_rate);
        self.sender.pause();
        if terms.digits.is_none() || !terms.sends() {
            self.digits = DigitSender::default();
        }
        self.rates.agree(terms.takes_rate_requests, terms.wanted_rate);
        self.terms = terms;
    }

    /// The packet of a frame, if it is to be sent; the clock moves on in any case.
    pub(crate) fn frame(&mut self, frame: EncodedFrame<'_>, may_send: bool, now: Instant) -> Option<Vec<u8>> {
        if may_send && self.terms.sends() && !self.digits.is_busy() {
            return self.sender.frame(self.terms.payload_type, frame, now);
        }
        self.sender.skip(frame.samples, now);
        self.sender.pause();
        None
    }

    pub(crate) fn push_digit(&mut self, digit: char, length: Duration, now: Instant) -> bool {
        self.terms.digits.is_some() && self.terms.sends() && self.digits.push(digit, length, now)
    }

    pub(crate) fn digit_packet(&mut self, now: Instant) -> Option<Vec<u8>> {
        let (payload_type, clock_rate) = self.terms.digits?;
        self.digits.poll(&mut self.sender, payload_type, clock_rate, now)
    }

    pub(crate) fn digit_deadline(&self) -> Option<Instant> {
        self.digits.deadline()
    }

    /// An RTP packet.
    pub(crate) fn receive(&mut self, header: &Header, payload: Bytes, trust: Trust, now: Instant) -> Received {
        let Some(receive) = self.terms.receive(header.payload_type) else {
            self.refused += 1;
            return Received::Refused;
        };
        if header.ssrc == self.sender.ssrc {
            self.collide(now);
        }
        let ReceiveKind::Sound(content) = receive.kind else { return self.receive_aside(header, &payload, receive.kind, trust) };
        let is_authentic = trust == Trust::Authentic;
        let Some(arrival) = self.receiver.packet(header, receive.clock_rate, is_authentic, now) else { return Received::Refused };
        self.received.0 += 1;
        self.received.1 += payload.len() as u64;
        self.evidence.received();
        if arrival.restarted {
            self.jitter.restart();
        }
        if !self.terms.receives() {
            return Received::Taken;
        }
        let packet = Packet {
            sequence: arrival.sequence,
            timestamp: arrival.timestamp,
            clock_rate: receive.clock_rate,
            payload_type: header.payload_type,
            content,
            payload,
        };
        self.jitter.insert(packet, now);
        Received::Taken
    }

    /// Whether an RTP packet goes on with the stream that is heard.
    pub(super) fn is_continued_by(&self, header: &Header, now: Instant) -> bool {
        self.receiver.is_continued_by(header, now)
    }

    /// What comes between the frames of the audio. Digits may have a clock, and from some gateways a source, of their own: neither is the
    /// audio's.
    fn receive_aside(&mut self, header: &Header, payload: &[u8], kind: ReceiveKind, trust: Trust) -> Received {
        if trust == Trust::None {
            self.refused += 1;
            return Received::Refused;
        }
        self.receiver.aside(header);
        self.received.0 += 1;
        self.received.1 += payload.len() as u64;
        if kind != ReceiveKind::Digits || !self.terms.receives() {
            return Received::Taken;
        }
        let digits = self.digits_heard.packet(header, payload);
        if digits.is_empty() { Received::Taken } else { Received::Digits(digits) }
    }

    /// The peer has the source identifier that is ours, too (RFC 3550 8.2): ours changes. Once: what comes back under the new one as well is
    /// our own, reflected.
    fn collide(&mut self, now: Instant) {
        if self.schedule.is_some() && !std::mem::replace(&mut self.has_collided, true) {
            self.farewell = Some(self.compound(true, now));
            self.sender.change_source(&mut self.entropy);
        }
    }

    /// Sound that reports prove to be lost on the way.
    pub(super) fn lost_on_the_way(&self) -> Option<OneWayCause> {
        self.evidence.verdict(self.terms.sends(), self.terms.receives())
    }

    /// The peer ends the media by other means than reports.
    pub(super) fn depart(&mut self, now: Instant) {
        self.receiver.depart(now);
    }

    /// A report with the BYE of the source that we were, once.
    pub(crate) fn take_farewell(&mut self) -> Option<Vec<u8>> {
        self.farewell.take()
    }

    pub(crate) fn playout(&mut self, now: Instant) -> Playout {
        if self.terms.receives() {
            return self.jitter.playout(now);
        }
        Playout::Silence { duration: Duration::from_millis(20) }
    }

    /// A peer's compound packet. Whether it shows that packets of ours arrive, and what it asks us to keep to from now on.
    pub(crate) fn handle_reports(&mut self, reports: &[Report], octets: usize, now: Instant) -> (bool, Option<RateLimit>) {
        if let Some(schedule) = &mut self.schedule {
            schedule.received(octets);
        }
        let (mut arrives, mut limit) = (false, None);
        for report in reports {
            limit = self.rates.hear(report, self.sender.ssrc).or(limit);
            match report {
                Report::Sender { ssrc, info } => {
                    self.receiver.sender_report(*ssrc, middle(info.ntp), now);
                    self.evidence.sent_by_peer(info.packets, self.received.0);
                }
                Report::Block(block) if block.ssrc == self.sender.ssrc => {
                    arrives = true;
                    self.learn(block, now);
                }
                Report::Block(_) | Report::RateRequest { .. } | Report::RateNotice { .. } => {}
                Report::Bye(ssrc) => self.receiver.bye(*ssrc, now),
            }
        }
        (arrives, limit)
    }

    fn learn(&mut self, block: &ReportBlock, now: Instant) {
        self.evidence.heard_by_peer(block.highest, self.sender.packets);
        self.remote.loss = Some(f32::from(block.fraction_lost) / 256.0);
        self.remote.lost = u64::try_from(block.lost).unwrap_or(0);
        self.remote.jitter = Some(Duration::from_secs_f64(f64::from(block.jitter) / f64::from(self.sender.clock_rate())));
        let ticks = middle(self.ntp(now)).wrapping_sub(block.last_sender_report).wrapping_sub(block.delay);
        // More than a minute is a clock's or a liar's mistake.
        if block.last_sender_report != 0 && ticks < 1 << 22 {
            self.remote.rtt = Some(Duration::from_secs_f64(f64::from(ticks) / 65_536.0));
        }
    }

    pub(crate) fn report_deadline(&self) -> Option<Instant> {
        self.schedule.as_ref().map(Schedule::deadline)
    }

    /// The report that is due, and what the peer allowed us before the last one, if it is more: now it has had the time to object.
    pub(crate) fn report(&mut self, now: Instant) -> Option<(Vec<u8>, Option<RateLimit>)> {
        if self.schedule.as_ref().is_none_or(|schedule| !schedule.is_due(now)) {
            return None;
        }
        let widened = self.rates.widened();
        let octets = self.compound(false, now);
        if let Some(schedule) = &mut self.schedule {
            schedule.sent(octets.len(), now);
        }
        Some((octets, widened))
    }

    /// A last report with BYE, if there ever was one to expect.
    pub(crate) fn goodbye(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.schedule.take()?;
        Some(self.compound(true, now))
    }

    #[allow(clippy::cast_possible_truncation)] // the counters of a report are 32 bits
    fn compound(&mut self, bye: bool, now: Instant) -> Vec<u8> {
        let (packets, octets) = self.sender.counted();
        let sender = (packets > 0).then(|| SenderInfo {
            ntp: self.ntp(now),
            rtp: self.sender.clock_at(now),
            packets: packets as u32,
            octets: octets as u32,
        });
        let block = self.receiver.report(now);
        let rate_request = self.rates.request(block.map(|block| block.ssrc), self.overhead).filter(|_| !bye);
        let rate_notice = self.rates.notice().filter(|_| !bye);
        Compound { ssrc: self.sender.ssrc, sender, block, cname: &self.cname, rate_request, rate_notice, bye }.to_bytes()
    }

    fn ntp(&self, now: Instant) -> u64 {
        let unix = self.ntp_base.1 + now.saturating_duration_since(self.ntp_base.0);
        ((unix.as_secs().wrapping_add(NTP_OFFSET)) << 32) | ((u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000)
    }

    pub(crate) fn statistics(&self, path_rtt: Option<Duration>) -> Statistics {
        let counters = self.jitter.counters();
        let (playout_delay, target_delay) = self.jitter.delays();
        Statistics {
            packets_sent: self.sender.packets,
            bytes_sent: self.sender.octets,
            packets_received: self.received.0,
            bytes_received: self.received.1,
            packets_lost: self.receiver.lost(),
            packets_late: counters.late,
            packets_duplicate: counters.duplicate,
            packets_refused: self.refused + self.receiver.refused,
            frames_played: counters.played,
            frames_recovered: counters.recovered,
            frames_concealed: counters.concealed,
            jitter: Duration::try_from_secs_f64(self.receiver.jitter()).unwrap_or_default(),
            playout_delay,
            target_delay,
            rtt: self.remote.rtt.or(path_rtt),
            remote_loss: self.remote.loss,
            remote_lost: self.remote.lost,
            remote_jitter: self.remote.jitter,
            ..Statistics::default()
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // the middle 32 bits are what is meant
fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

#[cfg(test)]
mod tests {
    use cooee_sdp::{Codec, Direction, Negotiated, NegotiatedSecurity};

    use super::*;

    fn codec(payload_type: u8, name: &str, clock_rate: u32) -> Codec {
        Codec { payload_type, name: name.into(), clock_rate, channels: 1, parameters: String::new() }
    }

    fn media(now: Now) -> Media {
        let terms = Terms::new(&Negotiated {
            codec: codec(111, "opus", 48_000),
            receive: vec![codec(111, "opus", 48_000), codec(8, "PCMA", 8_000)],
            dtmf: None,
            direction: Direction::SendRecv,
            peer_ptime: None,
            peer_max_ptime: None,
            remote_address: None,
            remote_rtcp: None,
            rtcp_mux: true,
            ice: None,
            security: NegotiatedSecurity::None,
            controlling: true,
            rate_requests: false,
            wanted_rate: None,
        });
        Media::new(terms, "name".into(), Duration::from_secs(5), Entropy::for_test(1), now)
    }

    #[test]
    fn a_peer_may_change_codec_and_source_in_mid_stream() {
        let mut now = Now { instant: crate::some_moment(), unix: Duration::from_secs(1_800_000_000) };
        let mut media = media(now);
        let mut played = vec![];
        for i in 0..600_u32 {
            let (payload_type, timestamp, ssrc) = match i {
                0..200 => (111, i * 960, 1),
                200..400 => (8, i * 160, 1),
                _ => (8, i * 160, 2),
            };
            let header = Header { marker: false, payload_type, sequence: i as u16, timestamp, ssrc };
            media.receive(&header, Bytes::from_static(&[7; 40]), Trust::Authentic, now.instant);
            if let Playout::Decode { payload_type, .. } = media.playout(now.instant) {
                played.push(payload_type);
            }
            now = now.after(Duration::from_millis(20));
        }
        let first_pcma = played.iter().position(|payload_type| *payload_type == 8).unwrap();
        assert!(first_pcma > 190 && played[first_pcma..].iter().all(|payload_type| *payload_type == 8));
        assert!(played.len() > 570, "{}", played.len());
        assert_eq!(media.statistics(None).packets_lost, 0);
    }

    #[test]
    fn an_unknown_payload_type_is_refused() {
        let now = Now { instant: crate::some_moment(), unix: Duration::ZERO };
        let mut media = media(now);
        let header = Header { marker: false, payload_type: 96, sequence: 1, timestamp: 1, ssrc: 1 };
        assert_eq!(media.receive(&header, Bytes::new(), Trust::Authentic, now.instant), Received::Refused);
        assert_eq!(media.statistics(None).packets_refused, 1);
    }
}
