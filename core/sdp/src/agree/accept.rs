use super::codecs::{self, Common};
use super::peer::{self, Ice};
use super::security;
use crate::{Description, Direction, Media, MediaKind, Negotiated, Refusal, SecurityPolicy};

/// Reads the answer to an offer of ours, which `policy` was made by. Codecs that were not offered are passed over,
/// unless there is no other and it is one of ours by its static payload type.
///
/// # Errors
/// [`Refusal`] if the answer rejects our audio, contradicts the offer, or is weaker than the policy allows.
pub fn accept(offer: &Description, answer: &Description, policy: SecurityPolicy) -> Result<Negotiated, Refusal> {
    let (index, offered) =
        offer.media.iter().enumerate().find(|(_, media)| media.kind == MediaKind::Audio && media.port != 0).ok_or(Refusal::NoAudio)?;
    let answered = answer.media.get(index).ok_or(Refusal::AnswerMismatch)?;
    if answered.kind != MediaKind::Audio || !answered.protocol.is_rtp() {
        return Err(Refusal::AnswerMismatch);
    }
    if answered.port == 0 {
        return Err(Refusal::AudioRejected);
    }
    let common = codecs::common(&answered.codecs, &offered.codecs, false);
    let Common { receive, send, dtmf } =
        common.or_else(|| codecs::unasked(&answered.codecs, &offered.codecs)).ok_or(Refusal::CodecNotOffered)?;
    let (peer_ptime, peer_max_ptime) = peer::packet_times(answered, &send);
    let security = security::for_accept(offered, answered, policy)?;
    let ice = match peer::ice(answer, answered, offered.ice.as_ref()) {
        Ice::Speaks(remote) => Some(remote),
        _ => None,
    };
    let rtcp_mux = offered.rtcp_mux && answered.rtcp_mux;
    Ok(Negotiated {
        codec: peer::within_bandwidth(send, answered),
        receive,
        dtmf,
        direction: direction(offered, answered),
        peer_ptime,
        peer_max_ptime,
        remote_address: peer::destination(answered),
        remote_rtcp: peer::rtcp_destination(answered).filter(|_| !rtcp_mux),
        rtcp_mux,
        ice,
        security,
        rate_requests: peer::takes_rate_requests(offered) && peer::takes_rate_requests(answered),
        wanted_rate: None,
        controlling: true,
    })
}

fn direction(offered: &Media, answered: &Media) -> Direction {
    let direction = answered.direction.mirrored().and(offered.direction);
    if peer::is_held_by_address(answered) { direction.and(Direction::RecvOnly) } else { direction }
}
