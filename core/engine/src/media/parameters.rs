//! What a peer's SDP says about how it wants to be spoken to.

use std::time::Duration;

use cooee_codec::{CodecKind, EncoderConfig};
use cooee_rtc::RateLimit;
use cooee_sdp::Negotiated;

/// How to encode for a peer, and whether it makes use of Opus's redundancy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sending {
    pub(super) kind: CodecKind,
    pub(super) encoder: EncoderConfig,
    pub(super) fec: bool,
    /// The most the peer takes in one packet.
    longest: Duration,
}

/// Less than this is not obeyed: it would be no speech any more. Whoever wants silence has other ways to say so.
const LEAST: u32 = 6_000;
/// From here on, longer packets help less than they harm.
const ENOUGH: u32 = 12_000;

impl Sending {
    /// By what was negotiated (RFC 7587 6.1); `stereo` changes nothing, for we never send it. `None` if the codec is none of ours.
    pub(super) fn negotiated(negotiated: &Negotiated, ours: EncoderConfig) -> Option<Self> {
        let codec = &negotiated.codec;
        let kind = CodecKind::from_name(&codec.name)?;
        let wanted = negotiated.peer_ptime.unwrap_or(ours.packet_time);
        let packet_time = packet_time(wanted, negotiated.peer_max_ptime);
        let peer = codec.opus_parameters().unwrap_or_default();
        let encoder = EncoderConfig {
            packet_time,
            bitrate: peer.max_average_bitrate.map_or(ours.bitrate, |most| ours.bitrate.min(most)),
            max_bitrate: peer.max_average_bitrate.map_or(ours.max_bitrate, |most| ours.max_bitrate.min(most)),
            dtx: ours.dtx || peer.dtx,
            constant: ours.constant || peer.constant_bitrate,
            max_playback_rate: ours.max_playback_rate.min(peer.max_playback_rate),
            ..ours
        };
        Some(Self { kind, encoder, fec: peer.in_band_fec, longest: self::packet_time(LONGEST, negotiated.peer_max_ptime) })
    }

    /// The same within what the peer asked for in the midst of the call: first in longer packets, whose headers take less, then with less
    /// for each second of speech. Codecs of one rate have only the first.
    pub(super) fn within(self, limit: RateLimit) -> Self {
        let needed = match self.kind {
            CodecKind::Opus => ENOUGH.min(self.encoder.bitrate),
            CodecKind::G722 | CodecKind::Pcma | CodecKind::Pcmu => 64_000,
        };
        let own = self.encoder.packet_time;
        let mut fits = [own, Duration::from_millis(40), LONGEST].into_iter().filter(|time| (own..=self.longest).contains(time));
        let packet_time = fits.find(|time| limit.for_payload(*time) >= needed).unwrap_or(self.longest);
        let room = limit.for_payload(packet_time).max(LEAST);
        let encoder = EncoderConfig {
            packet_time,
            bitrate: self.encoder.bitrate.min(room),
            max_bitrate: self.encoder.max_bitrate.min(room),
            ..self.encoder
        };
        Self { encoder, ..self }
    }
}

/// The longest packet there is.
const LONGEST: Duration = Duration::from_millis(60);

/// The longest packet that encoders make, the peer wants and takes.
fn packet_time(wanted: Duration, most: Option<Duration>) -> Duration {
    let most = most.map_or(wanted, |most| most.min(wanted));
    let fits = [60, 40, 20, 10].into_iter().map(Duration::from_millis).find(|time| *time <= most);
    fits.unwrap_or(Duration::from_millis(10))
}

#[cfg(test)]
mod tests {
    use cooee_sdp::{Codec, Direction, NegotiatedSecurity};

    use super::*;

    fn negotiated(codec: Codec, ptime: Option<u64>, most: Option<u64>) -> Negotiated {
        Negotiated {
            receive: vec![codec.clone()],
            codec,
            dtmf: None,
            direction: Direction::SendRecv,
            peer_ptime: ptime.map(Duration::from_millis),
            peer_max_ptime: most.map(Duration::from_millis),
            remote_address: None,
            remote_rtcp: None,
            rtcp_mux: true,
            ice: None,
            security: NegotiatedSecurity::None,
            controlling: true,
            rate_requests: false,
            wanted_rate: None,
        }
    }

    #[test]
    fn the_peers_wishes_for_opus_are_kept() {
        let codec = Codec {
            parameters: "stereo=1;maxaveragebitrate=20000; useinbandfec=1;usedtx=1;cbr=1;maxplaybackrate=16000".into(),
            ..Codec::opus()
        };
        let sending = Sending::negotiated(&negotiated(codec, None, None), EncoderConfig::default()).unwrap();
        assert_eq!((sending.encoder.bitrate, sending.encoder.dtx, sending.fec), (20_000, true, true));
        assert_eq!((sending.encoder.constant, sending.encoder.max_playback_rate, sending.encoder.max_bitrate), (true, 16_000, 20_000));
        let codec = Codec { parameters: "maxaveragebitrate=x;useinbandfec".into(), ..Codec::opus() };
        let sending = Sending::negotiated(&negotiated(codec, None, None), EncoderConfig::default()).unwrap();
        assert_eq!((sending.encoder.bitrate, sending.encoder.dtx, sending.fec), (24_000, false, false));
        assert_eq!((sending.encoder.constant, sending.encoder.max_playback_rate), (false, 48_000));
    }

    #[test]
    fn packets_are_as_long_as_the_peer_wants_and_never_longer_than_it_takes() {
        for (ptime, most, packet) in
            [(None, None, 20), (Some(30), None, 20), (Some(40), Some(20), 20), (Some(5), None, 10), (Some(200), None, 60)]
        {
            let sending = Sending::negotiated(&negotiated(Codec::pcma(), ptime, most), EncoderConfig::default()).unwrap();
            assert_eq!(sending.encoder.packet_time.as_millis(), packet, "{ptime:?} {most:?}");
        }
    }

    #[test]
    fn a_codec_that_is_none_of_ours_cannot_be_sent() {
        assert_eq!(Sending::negotiated(&negotiated(Codec::new(3, "GSM", 8000, 1), None, None), EncoderConfig::default()), None);
    }

    #[test]
    fn a_limit_is_kept_by_longer_packets_first_then_by_less_speech_and_never_by_none() {
        let opus = Codec::by_name("opus").unwrap();
        let sending = |most| Sending::negotiated(&negotiated(opus.clone(), Some(20), most), EncoderConfig::default()).unwrap();
        let within = |most, total| {
            let EncoderConfig { packet_time, bitrate, max_bitrate, .. } = sending(most).within(RateLimit { total, overhead: 50 }).encoder;
            assert!(max_bitrate >= bitrate);
            (packet_time.as_millis(), bitrate)
        };
        let usual = sending(None).encoder;
        assert_eq!(within(None, 1_000_000), (20, usual.bitrate));
        assert_eq!(within(None, 40_000), (20, 20_000));
        assert_eq!(within(None, 24_000), (40, 14_000));
        assert_eq!(within(None, 20_000), (60, 13_334));
        assert_eq!(within(Some(20), 20_000), (20, LEAST), "who takes no longer ones gets less");
        assert_eq!(within(None, 0), (60, LEAST), "a peer cannot silence us so");
        let pcma = Sending::negotiated(&negotiated(Codec::by_name("pcma").unwrap(), Some(20), None), EncoderConfig::default()).unwrap();
        assert_eq!(pcma.within(RateLimit { total: 70_000, overhead: 40 }).encoder.packet_time, LONGEST);
    }
}
