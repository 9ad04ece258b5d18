//! Calls where data is dear: a bound on what we send, and on what we ask for. docs/decisions say why it is this one.

use std::time::Duration;

use cooee_sdp::{Bandwidth, Codec, Negotiated};

use crate::MediaPreferences;

/// Sound in one packet: what Opus does without cutting a longer frame in two, and few headers.
const PACKET: Duration = Duration::from_millis(60);
/// Opus, in bit/s.
const OPUS: u32 = 12_000;
/// All of it with headers, in kbit/s: 90 octets of Opus, 12 of RTP, 10 or 16 of SRTP, 8 of UDP, 20 of IPv4 in 17 packets a second.
const TOTAL: u32 = 20;
const PACKETS: u32 = 17;

impl MediaPreferences {
    /// The codecs that are described, the cheapest first where data is dear.
    pub(crate) fn described_codecs(&self) -> Vec<Codec> {
        if !self.low_data {
            return self.codecs.clone();
        }
        let mut codecs: Vec<Codec> = self.codecs.iter().cloned().map(sparing).collect();
        codecs.sort_by_key(|codec| codec.opus_parameters().is_none());
        codecs
    }

    /// What one packet should hold that is sent to us.
    pub(crate) fn described_ptime(&self) -> Option<Duration> {
        if self.low_data { Some(PACKET) } else { self.ptime }
    }

    /// What we take in.
    pub(crate) fn bandwidth(&self) -> Bandwidth {
        if !self.low_data {
            return Bandwidth::default();
        }
        Bandwidth { total: Some(TOTAL), payload: Some(OPUS), packets: Some(PACKETS) }
    }

    /// What was agreed, and where data is dear no more than that: sent in packets as long as the peer takes them, be it that it wishes
    /// for shorter ones.
    pub(crate) fn sent_within(&self, negotiated: Negotiated) -> Negotiated {
        if !self.low_data {
            return negotiated;
        }
        Negotiated { codec: sparing(negotiated.codec), peer_ptime: Some(PACKET), wanted_rate: Some(TOTAL * 1000), ..negotiated }
    }
}

/// Opus within the bound, and nothing while nobody speaks (RFC 7587 6.1). Other codecs have one rate.
fn sparing(codec: Codec) -> Codec {
    let Some(mut opus) = codec.opus_parameters() else { return codec };
    opus.max_average_bitrate = Some(opus.max_average_bitrate.map_or(OPUS, |said| said.min(OPUS)));
    (opus.dtx, opus.constant_bitrate, opus.ptime, opus.min_ptime) = (true, false, Some(PACKET), None);
    Codec { parameters: opus.to_string(), ..codec }
}
