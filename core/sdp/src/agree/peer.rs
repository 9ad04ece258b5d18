use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::{Codec, Description, IceCredentials, Media, OpusParameters, RemoteIce};

/// What one packet holds where nobody says otherwise (RFC 3551 4.2).
const USUAL_PACKET: Duration = Duration::from_millis(20);

/// Whether the peer speaks ICE on this line, and if not, whether it believes it does (RFC 8839 4.2.5 and 5.3).
pub(super) enum Ice {
    /// It does.
    Speaks(RemoteIce),
    /// Its default candidate is none of its candidates: something on the way changed the description.
    Mismatch,
    /// It does not.
    Silent,
}

/// `ours`: as we describe them; `None` if we do not speak it.
pub(super) fn ice(description: &Description, media: &Media, ours: Option<&IceCredentials>) -> Ice {
    let Some(ours) = ours.cloned() else { return Ice::Silent };
    let Some(credentials) = media.ice.clone().filter(|_| !media.ice_mismatch || misses_component(media)) else { return Ice::Silent };
    let trickles = description.ice_options.iter().any(|option| option == "trickle");
    let default = destination(media);
    let listed = default.is_none_or(|default| media.candidates.iter().any(|candidate| candidate.address == default));
    if !listed && !trickles {
        return Ice::Mismatch;
    }
    Ice::Speaks(RemoteIce {
        credentials,
        candidates: media.candidates.clone(),
        end_of_candidates: media.end_of_candidates,
        lite: description.ice_lite,
        ours,
    })
}

/// Whether a peer that speaks of a mismatch means that we have no candidates for RTCP, and speaks ICE: one that does not would list none
/// (RFC 8839 4.2.5).
fn misses_component(media: &Media) -> bool {
    !media.rtcp_mux && media.candidates.iter().any(|candidate| candidate.component == 2)
}

/// What the peer wants in one packet of `codec`, and the most it takes: of the line, else as some write it among Opus's parameters.
pub(super) fn packet_times(media: &Media, codec: &Codec) -> (Option<Duration>, Option<Duration>) {
    let opus = codec.opus_parameters().unwrap_or_default();
    (media.ptime.or(opus.ptime), media.max_ptime.or(opus.max_ptime))
}

/// A codec that the peer is sent, as it wants it: Opus with no more bits than it takes in of all (RFC 7587 7).
pub(super) fn within_bandwidth(codec: Codec, media: &Media) -> Codec {
    let packet = packet_times(media, &codec).0.unwrap_or(USUAL_PACKET);
    match (codec.opus_parameters(), media.bandwidth.for_payload(packet)) {
        (Some(opus), Some(most)) if opus.max_average_bitrate.is_none_or(|said| most < said) => {
            let parameters = OpusParameters { max_average_bitrate: Some(most.clamp(6_000, 510_000)), ..opus }.to_string();
            Codec { parameters, ..codec }
        }
        _ => codec,
    }
}

/// Where the line says media goes, if that is a place one peer can be at.
pub(super) fn destination(media: &Media) -> Option<SocketAddr> {
    let address = media.address.filter(|address| is_unicast(*address))?;
    (media.port != 0).then(|| SocketAddr::new(address, media.port))
}

/// Where RTCP goes without mux: `a=rtcp`, or one port up (RFC 3550 11).
pub(super) fn rtcp_destination(media: &Media) -> Option<SocketAddr> {
    let next = || {
        let rtp = destination(media)?;
        Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?))
    };
    media.rtcp.filter(|rtcp| is_unicast(rtcp.ip())).or_else(next)
}

/// The peer's `c=0.0.0.0` without ICE is the old way to say "do not send" (RFC 3264 8.4).
pub(super) fn is_held_by_address(media: &Media) -> bool {
    media.ice.is_none() && media.address.is_some_and(|address| address.is_unspecified())
}

fn is_unicast(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !address.is_unspecified() && !address.is_multicast() && !broadcast
}

/// Rates may be asked for (RFC 5104 7.1); only profiles with feedback have that (RFC 4585 4.1).
pub(super) const RATE_REQUESTS: &str = "rtcp-fb:* ccm tmmbr";

/// Whether a side takes requests to send less, whatever it sends.
pub(super) fn takes_rate_requests(media: &Media) -> bool {
    let is_it = |attribute: &String| {
        let mut words = attribute.strip_prefix("rtcp-fb:").unwrap_or_default().split_ascii_whitespace();
        let about =
            words.next().is_some_and(|about| about == "*" || media.codecs.iter().any(|codec| about == codec.payload_type.to_string()));
        about && words.next() == Some("ccm") && words.next() == Some("tmmbr")
    };
    media.protocol.has_feedback() && media.attributes.iter().any(is_it)
}
