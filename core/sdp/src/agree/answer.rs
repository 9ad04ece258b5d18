use std::net::{IpAddr, Ipv4Addr};

use super::codecs::{self, Common};
use super::offer::{add_ice, describe, described};
use super::peer::{self, Ice};
use super::security;
use crate::{Bandwidth, Codec, Description, Direction, LocalMedia, Media, MediaKind, Negotiated, NegotiatedSecurity, Origin, Refusal};

/// Answers an offer: the first audio line that can be used is taken, every other line rejected with port 0 in its place.
/// Codecs keep the offerer's order and payload types. A `telephone-event` is answered for each clock both know.
///
/// # Errors
/// [`Refusal`] if no line can be used; of several audio lines the first one's reason is told.
pub fn answer(offer: &Description, local: &LocalMedia, origin: &Origin) -> Result<(Description, Negotiated), Refusal> {
    let mut refusal = Refusal::NoAudio;
    for (index, offered) in offer.media.iter().enumerate() {
        if offered.kind != MediaKind::Audio || offered.port == 0 || !offered.protocol.is_rtp() {
            continue;
        }
        match answer_line(offer, offered, local) {
            Ok((media, negotiated)) => return Ok((place(offer, index, &media, local, origin), negotiated)),
            Err(reason) if refusal == Refusal::NoAudio => refusal = reason,
            Err(_) => {}
        }
    }
    Err(refusal)
}

fn answer_line(offer: &Description, offered: &Media, local: &LocalMedia) -> Result<(Media, Negotiated), Refusal> {
    let codecs = in_order(&offered.codecs, local);
    let Common { receive, send, dtmf } = codecs::common(&codecs, &local.codecs, true).ok_or(Refusal::NoCommonCodec)?;
    let security = security::for_answer(offered, local)?;
    let mut media = described(local, offered.protocol.clone());
    media.codecs = receive.clone();
    media.direction = direction(offered, local);
    media.rtcp_mux = offered.rtcp_mux && local.rtcp_mux;
    media.rtcp = local.rtcp.filter(|_| !media.rtcp_mux);
    media.mid = offered.mid.clone();
    protect(&mut media, &security, local);
    let rate_requests = peer::takes_rate_requests(offered);
    if !rate_requests {
        media.attributes.clear();
    }
    let ice = match peer::ice(offer, offered, local.ice.as_ref()) {
        Ice::Speaks(remote) => {
            add_ice(&mut media, local);
            Some(remote)
        }
        Ice::Mismatch => {
            media.ice_mismatch = true;
            None
        }
        Ice::Silent => None,
    };
    let (peer_ptime, peer_max_ptime) = peer::packet_times(offered, &send);
    let negotiated = Negotiated {
        codec: peer::within_bandwidth(send, offered),
        receive,
        dtmf,
        direction: media.direction,
        peer_ptime,
        peer_max_ptime,
        remote_address: peer::destination(offered),
        remote_rtcp: peer::rtcp_destination(offered).filter(|_| !media.rtcp_mux),
        rtcp_mux: media.rtcp_mux,
        controlling: ice.as_ref().is_some_and(|ice| ice.lite),
        ice,
        security,
        rate_requests,
        wanted_rate: None,
    };
    Ok((media, negotiated))
}

/// The offered codecs in the order that counts.
fn in_order(offered: &[Codec], local: &LocalMedia) -> Vec<Codec> {
    let mut codecs = offered.to_vec();
    if local.bandwidth != Bandwidth::default() {
        codecs.sort_by_key(|codec| local.codecs.iter().position(|our| our.is_same_encoding(codec)).unwrap_or(usize::MAX));
    }
    codecs
}

fn direction(offered: &Media, local: &LocalMedia) -> Direction {
    let direction = offered.direction.mirrored().and(local.direction);
    if peer::is_held_by_address(offered) { direction.and(Direction::RecvOnly) } else { direction }
}

fn protect(media: &mut Media, security: &NegotiatedSecurity, local: &LocalMedia) {
    match security {
        NegotiatedSecurity::Dtls { role, .. } => {
            media.fingerprints.extend(local.fingerprint.clone());
            media.setup = Some(role.setup());
        }
        NegotiatedSecurity::Sdes { ours, .. } => media.crypto.push(ours.clone()),
        NegotiatedSecurity::None => {}
    }
}

/// As many lines as the offer has, ours at its index.
fn place(offer: &Description, accepted: usize, media: &Media, local: &LocalMedia, origin: &Origin) -> Description {
    let in_bundle = |mid: &String| offer.bundle.contains(mid);
    let bundle: Vec<String> = media.mid.iter().filter(|mid| in_bundle(mid)).cloned().collect();
    let speaks_ice = media.ice.is_some();
    let lines = offer.media.iter().enumerate();
    let lines = lines.map(|(index, offered)| if index == accepted { media.clone() } else { rejected(offered) }).collect();
    let mut answer = describe(origin, local, lines);
    answer.bundle = bundle;
    answer.ice_options.retain(|_| speaks_ice);
    answer
}

/// RFC 3264 6: port 0, the same kind and profile, and formats, which mean nothing.
fn rejected(offered: &Media) -> Media {
    Media {
        kind: offered.kind.clone(),
        port: 0,
        address: Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        protocol: offered.protocol.clone(),
        codecs: offered.codecs.iter().take(1).cloned().collect(),
        formats: if offered.codecs.is_empty() { offered.formats.clone() } else { Vec::new() },
        direction: Direction::Inactive,
        ptime: None,
        max_ptime: None,
        bandwidth: Bandwidth::default(),
        ice: None,
        candidates: Vec::new(),
        end_of_candidates: false,
        ice_mismatch: false,
        fingerprints: Vec::new(),
        setup: None,
        crypto: Vec::new(),
        rtcp_mux: false,
        rtcp: None,
        mid: offered.mid.clone(),
        attributes: Vec::new(),
    }
}
