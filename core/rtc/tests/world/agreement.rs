//! What two nodes agree on, and the call that follows.
use cooee_rtc::LocalTransport;
use cooee_sdp::{Crypto, Direction, DtlsRole, Negotiated, NegotiatedSecurity, RemoteIce};

use super::{A, B, World, codec, ms};

pub fn negotiated(ours: &LocalTransport, peer: &LocalTransport, role: DtlsRole, controlling: bool) -> Negotiated {
    let opus = codec(111, "opus", 48_000);
    let events = codec(110, "telephone-event", 48_000);
    Negotiated {
        codec: opus.clone(),
        receive: vec![opus, codec(8, "PCMA", 8_000), events.clone()],
        dtmf: Some(events),
        direction: Direction::SendRecv,
        peer_ptime: Some(ms(20)),
        peer_max_ptime: None,
        remote_address: Some(peer.address),
        remote_rtcp: None,
        rtcp_mux: true,
        ice: Some(RemoteIce {
            credentials: peer.ice.clone(),
            candidates: peer.candidates.clone(),
            end_of_candidates: true,
            lite: false,
            ours: ours.ice.clone(),
        }),
        security: NegotiatedSecurity::Dtls { role, fingerprints: vec![peer.fingerprint.clone()] },
        controlling,
        rate_requests: false,
        wanted_rate: None,
    }
}

pub fn sdes(ours: u8, theirs: u8) -> NegotiatedSecurity {
    let crypto =
        |octet| Crypto { tag: 1, suite: "AES_CM_128_HMAC_SHA1_80".to_owned(), key_salt: vec![octet; 30], parameters: String::new() };
    NegotiatedSecurity::Sdes { ours: crypto(ours), theirs: crypto(theirs) }
}

/// A call from node 0 to node 1: the answerer starts half a round trip before the offerer knows the answer, which is time zero of the log.
pub fn call(seed: u64, rtt: u64, loss: f64) -> World {
    let mut world = World::new(seed, ms(rtt) / 2);
    world.node(&[A]);
    world.node(&[B]);
    world.loss = loss;
    answer(&mut world, rtt);
    world
}

pub fn answer(world: &mut World, rtt: u64) {
    let (for_b, for_a) = (world.terms(0, DtlsRole::Client, false), world.terms(1, DtlsRole::Server, true));
    world.start_session(1, &for_b);
    let at = world.at();
    world.run(at + ms(rtt) / 2);
    world.restart_clock();
    world.start_session(0, &for_a);
}

/// What a node agrees on with a peer that speaks neither ICE nor SRTP, in one codec.
pub fn plain_with(peer: &str, codec: cooee_sdp::Codec) -> Negotiated {
    Negotiated {
        receive: vec![codec.clone()],
        codec,
        dtmf: None,
        direction: Direction::SendRecv,
        peer_ptime: None,
        peer_max_ptime: None,
        remote_address: Some(super::address(peer)),
        remote_rtcp: None,
        rtcp_mux: true,
        ice: None,
        security: NegotiatedSecurity::None,
        controlling: true,
        rate_requests: false,
        wanted_rate: None,
    }
}

/// Two nodes without ICE at known addresses, protected as wanted.
pub fn without_ice(seed: u64, security: [NegotiatedSecurity; 2], change: impl Fn(&mut Negotiated)) -> World {
    let mut world = World::new(seed, ms(20));
    world.node(&[A]);
    world.node(&[B]);
    for (node, security) in security.into_iter().enumerate() {
        let mut terms = world.terms(1 - node, DtlsRole::Server, node == 0);
        (terms.ice, terms.security) = (None, security);
        change(&mut terms);
        world.start_session(node, &terms);
    }
    world
}
