//! Offer and answer as SDP, and the sound that follows: every policy with every kind of peer.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod world;

use std::net::SocketAddr;

use cooee_machine::Entropy;
use cooee_rtc::{MediaSecurity, SessionEvent};
use cooee_sdp::{
    Candidate, Codec, Crypto, Description, Direction, DtlsRole, LocalMedia, Negotiated, Origin, Refusal, SecurityPolicy, accept, answer,
    offer,
};
use world::*;

/// What a node describes.
fn local(world: &World, node: usize, security: SecurityPolicy) -> LocalMedia {
    let transport = world.nodes[node].gathered.clone().unwrap();
    LocalMedia {
        address: transport.address,
        candidates: transport.candidates,
        end_of_candidates: true,
        ice: Some(transport.ice),
        fingerprint: Some(transport.fingerprint),
        crypto: Crypto::fresh(&mut Entropy::for_test(node as u64)),
        security,
        codecs: Codec::defaults(),
        direction: Direction::SendRecv,
        ptime: Some(ms(20)),
        max_ptime: None,
        bandwidth: cooee_sdp::Bandwidth::default(),
        rtcp: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    }
}

/// As it goes over the wire.
fn sent(description: &Description) -> Description {
    Description::parse(description.to_string().as_bytes()).unwrap()
}

fn two() -> World {
    let mut world = World::new(20, ms(20));
    world.node(&[A]);
    world.node(&[B]);
    world
}

/// Lets node 0 offer and node 1 answer; what each makes of it.
fn agree(offerer: &LocalMedia, answerer: &LocalMedia) -> Result<[Negotiated; 2], Refusal> {
    let offered = offer(offerer, &Origin::anonymous(1));
    let (answered, bens) = answer(&sent(&offered), answerer, &Origin::anonymous(2))?;
    Ok([accept(&offered, &sent(&answered), offerer.security)?, bens])
}

fn talk(mut world: World, agreed: &[Negotiated; 2], name: &str) -> MediaSecurity {
    world.start_session(1, &agreed[1]);
    world.run(ms(20));
    world.start_session(0, &agreed[0]);
    world.run(ms(4_000));
    let shown = [0, 1].map(|node| {
        assert_eq!(world.failure(node), None, "{name}");
        assert!(world.active(node).is_some_and(|at| at < ms(400)), "{name}");
        assert!(world.frames(node) > 150, "{name}: {}", world.frames(node));
        let secured =
            world.events(node).filter_map(|(_, e)| if let SessionEvent::Secured { security, .. } = e { Some(*security) } else { None });
        let secured: Vec<_> = secured.collect();
        assert_eq!(secured.len(), 1, "{name}");
        secured[0]
    });
    assert_eq!(shown[0], shown[1], "{name}: both sides say the same");
    shown[0]
}

#[test]
fn every_two_policies_come_to_the_strongest_both_have_and_show_it_truly_or_to_no_call() {
    use SecurityPolicy as Policy;
    let (none, servers, ends) = (Some(MediaSecurity::None), Some(MediaSecurity::ToServers), Some(MediaSecurity::EndToEnd));
    let any = Policy { best_effort: false, ..Policy::BEST_EFFORT };
    let secret = Policy { plain: false, ..Policy::BEST_EFFORT };
    for (offers, takes, expected) in [
        (Policy::DTLS_ONLY, Policy::DTLS_ONLY, ends),
        (Policy::DTLS_ONLY, any, ends),
        (Policy::DTLS_ONLY, Policy::SDES_ONLY, None),
        (Policy::DTLS_ONLY, Policy::PLAIN_ONLY, None),
        (Policy::SDES_ONLY, Policy::SDES_ONLY, servers),
        (Policy::SDES_ONLY, any, servers),
        (Policy::SDES_ONLY, Policy::DTLS_ONLY, None),
        (Policy::PLAIN_ONLY, Policy::PLAIN_ONLY, none),
        (Policy::PLAIN_ONLY, any, none),
        (Policy::PLAIN_ONLY, Policy::DTLS_ONLY, None),
        (Policy::BEST_EFFORT, Policy::DTLS_ONLY, ends),
        (Policy::BEST_EFFORT, Policy::SDES_ONLY, servers),
        (Policy::BEST_EFFORT, Policy::PLAIN_ONLY, none),
        (Policy::BEST_EFFORT, Policy::BEST_EFFORT, ends),
        (secret, Policy::SDES_ONLY, servers),
        (secret, Policy::PLAIN_ONLY, None),
    ] {
        let world = two();
        let agreed = agree(&local(&world, 0, offers), &local(&world, 1, takes));
        let name = format!("{offers:?} and {takes:?}");
        assert_eq!(agreed.as_ref().err().copied(), if expected.is_none() { Some(Refusal::SecurityRefused) } else { None }, "{name}");
        if let Ok(agreed) = agreed {
            assert_eq!(Some(talk(world, &agreed, &name)), expected, "{name}");
        }
    }
}

/// A kind of peer: its name, and what it does to its description.
type Kind = (&'static str, fn(&mut LocalMedia));

const KINDS: [Kind; 7] = [
    ("full", |_| {}),
    ("no ICE", |local| local.ice = None),
    ("no mux", |local| local.rtcp_mux = false),
    ("two components", |local| {
        let second = local.candidates.iter().map(|one| Candidate {
            component: 2,
            priority: one.priority - 1,
            address: SocketAddr::new(one.address.ip(), one.address.port() + 1),
            ..one.clone()
        });
        local.candidates = local.candidates.iter().cloned().chain(second).collect();
        local.rtcp_mux = false;
    }),
    ("neither", |local| (local.ice, local.rtcp_mux) = (None, false)),
    ("G.711 only", |local| local.codecs = Codec::with_telephone_events(vec![Codec::pcmu(), Codec::pcma()])),
    ("passive", |local| local.answer_role = DtlsRole::Server),
];

#[test]
fn every_kind_of_peer_is_spoken_with_by_every_protection_in_both_directions() {
    for policy in [SecurityPolicy::DTLS_ONLY, SecurityPolicy::SDES_ONLY, SecurityPolicy::PLAIN_ONLY, SecurityPolicy::BEST_EFFORT] {
        for (name, change) in KINDS {
            for peer in [0, 1] {
                let world = two();
                let mut described = [local(&world, 0, policy), local(&world, 1, policy)];
                change(&mut described[peer]);
                let agreed = agree(&described[0], &described[1]).unwrap();
                talk(world, &agreed, &format!("{name}, {policy:?}, peer is node {peer}"));
            }
        }
    }
}

#[test]
fn a_description_that_was_changed_on_the_way_costs_ice_and_not_the_call() {
    let world = two();
    let (anna, ben) = (local(&world, 0, SecurityPolicy::SDES_ONLY), local(&world, 1, SecurityPolicy::SDES_ONLY));
    let offered = offer(&anna, &Origin::anonymous(1));
    // A gateway writes its own address, or one that is wrong, into `c=` and knows nothing of candidates.
    let mut rewritten = sent(&offered);
    rewritten.media[0].address = Some("10.1.2.3".parse().unwrap());
    let (answered, bens) = answer(&rewritten, &ben, &Origin::anonymous(2)).unwrap();
    assert!(answered.media[0].ice_mismatch);
    let annas = accept(&offered, &sent(&answered), anna.security).unwrap();
    assert!(annas.ice.is_none() && bens.ice.is_none());
    assert_eq!(talk(world, &[annas, bens], "ice-mismatch"), MediaSecurity::ToServers);
}

#[test]
fn a_late_offer_makes_the_callee_the_offerer_and_works_as_any() {
    for policy in [SecurityPolicy::DTLS_ONLY, SecurityPolicy::SDES_ONLY, SecurityPolicy::BEST_EFFORT] {
        let mut world = two();
        // The callee, node 0, offers in its 200; the caller answers in its ACK and begins at once.
        let agreed = agree(&local(&world, 0, policy), &local(&world, 1, policy)).unwrap();
        assert!(agreed[0].controlling && !agreed[1].controlling);
        world.start_session(1, &agreed[1]);
        world.run(ms(500));
        world.start_session(0, &agreed[0]);
        world.run(ms(3_000));
        assert!([0, 1].iter().all(|node| world.frames(*node) > 80 && world.failure(*node).is_none()), "{policy:?}");
    }
}
