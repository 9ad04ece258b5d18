use std::time::{Duration, Instant};

use cooee_codec::CodecKind;
use cooee_rtc::{MediaSecurity, Path, Statistics};

use super::call::{CallMedia, Standing};
use super::session::Session;

/// What Opus adds for voice: 6.5 ms of look-ahead (RFC 6716 2).
const OPUS_DELAY: Duration = Duration::from_micros(6_500);
/// What the filters from and to a telephone's rate add.
const FILTER_DELAY: Duration = Duration::from_millis(4);
/// What the two bands of G.722 add to that.
const BANDS_DELAY: Duration = Duration::from_micros(1_400);
/// What the peer most likely puts into a packet.
const PACKET: Duration = Duration::from_millis(20);

/// How the media of a call has fared: of the session that was kept, or else the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaSummary {
    /// From the session's keys to its end.
    pub duration: Duration,
    /// The codec that was sent, by its RTP name.
    pub codec: String,
    /// The codec that was heard last, by its RTP name.
    pub codec_received: Option<String>,
    /// Bits of payload a second that were sent, on average.
    pub bitrate_sent: u32,
    /// Bits of payload a second that were received, on average.
    pub bitrate_received: u32,
    /// Octets a second on the network that were sent, on average, with all headers.
    pub data_sent: u32,
    /// The same for what was received.
    pub data_received: u32,
    /// Which way the packets went.
    pub path: Option<Path>,
    /// How it was protected, as far as the media can tell; the call's snapshot says what keys that went by signalling are worth.
    pub security: Option<MediaSecurity>,
    /// The SRTP profile.
    pub cipher: Option<&'static str>,
    /// The counters, as they were at the end.
    pub statistics: Statistics,
    /// From the peer's mouth to our ear, estimated: packetisation and codec, half the round trip, jitter buffer, device.
    pub delay: Option<Duration>,
    /// Sound invented in place of lost packets.
    pub concealed: Duration,
    /// Sound recovered from the redundancy of later packets.
    pub recovered: Duration,
    /// Packets whose payload no decoder understood.
    pub malformed: u64,
    /// Blocks of 10 ms during the call that came a tick late, or later.
    pub late_blocks: u64,
    /// Of these, those that were late because we were still at work when they were due: the machine is too slow, or has too much to do.
    pub overrun_blocks: u64,
    /// Blocks that were left out because the machine was busy or slept.
    pub skipped_blocks: u64,
    /// Processor time of the media thread during the call (of all its calls together; of many calls, without the threads that share
    /// the work), where the system tells.
    pub cpu: Option<Duration>,
}

impl MediaSummary {
    /// The share of the peer's packets that never came, 0.0 to 1.0.
    #[must_use]
    pub fn loss(&self) -> f64 {
        let expected = self.statistics.packets_received + self.statistics.packets_lost;
        if expected == 0 { 0.0 } else { self.statistics.packets_lost as f64 / expected as f64 }
    }
}

/// The figures of the session that was heard last; `None` if there never was one.
pub(super) fn of(media: &CallMedia, ended: Standing, device: Duration, now: Instant) -> Option<MediaSummary> {
    let (session, began) = (media.heard_session()?, media.began);
    let statistics = session.statistics;
    let duration = session.secured.map_or(Duration::ZERO, |secured| now.saturating_duration_since(secured.at));
    let a_second = |count: u64| (count as f64 / duration.as_secs_f64().max(0.001)) as u32;
    Some(MediaSummary {
        duration,
        codec: session.codec.clone(),
        codec_received: session.speaker.heard.map(|kind| kind.name().to_owned()),
        bitrate_sent: a_second(statistics.bytes_sent * 8),
        bitrate_received: a_second(statistics.bytes_received * 8),
        data_sent: a_second(statistics.wire_sent),
        data_received: a_second(statistics.wire_received),
        path: session.path,
        security: session.secured.map(|secured| secured.security),
        cipher: session.secured.map(|secured| secured.cipher),
        statistics,
        delay: delay(session, &statistics, device),
        concealed: session.speaker.concealed(),
        recovered: session.speaker.recovered(),
        malformed: session.speaker.malformed(),
        late_blocks: ended.late - began.late,
        overrun_blocks: ended.overrun - began.overrun,
        skipped_blocks: ended.skipped - began.skipped,
        cpu: ended.cpu.zip(began.cpu).map(|(ended, began)| ended.saturating_sub(began)),
    })
}

fn delay(session: &Session, statistics: &Statistics, device: Duration) -> Option<Duration> {
    let codec = match session.speaker.heard? {
        CodecKind::Opus => OPUS_DELAY,
        CodecKind::G722 => FILTER_DELAY + BANDS_DELAY,
        CodecKind::Pcma | CodecKind::Pcmu => FILTER_DELAY,
    };
    Some(PACKET + codec + statistics.rtt.unwrap_or_default() / 2 + statistics.playout_delay + session.speaker.waiting() + device)
}
