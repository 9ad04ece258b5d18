use cooee_machine::{DnsSecurity, Record, RecordType, Resolution, ResolveFailure};

use crate::{LAB, ask, records};

/// Every way to the validating resolver.
fn ways() -> [String; 3] {
    [LAB.plain().to_string(), LAB.over_tls(), LAB.over_https()]
}

#[tokio::test]
async fn signed_records_are_secure_over_every_way_and_unsigned_ones_are_not() {
    for way in ways() {
        let resolver = LAB.resolver(&way).unwrap();
        for (name, security) in [
            ("a.secure.lab", DnsSecurity::Secure),
            ("a.hashed.lab", DnsSecurity::Secure),
            ("a.plain.lab", DnsSecurity::Insecure),
            ("a.island.lab", DnsSecurity::Insecure),
        ] {
            let (found, proven) = records(ask(&resolver, name, RecordType::A).await);
            assert_eq!((found, proven), (vec![Record::A([127, 0, 1, 1].into())], security), "{name} over {way}");
        }
    }
}

#[tokio::test]
async fn wrong_and_expired_signatures_are_bogus_over_every_way() {
    for way in ways() {
        let resolver = LAB.resolver(&way).unwrap();
        for (name, kind) in [
            ("a.bogus.lab", RecordType::A),
            ("_sips._tcp.bogus.lab", RecordType::Srv),
            ("a.expired.lab", RecordType::A),
            ("expired.lab", RecordType::Naptr),
        ] {
            assert_eq!(ask(&resolver, name, kind).await, Resolution::Failed(ResolveFailure::Bogus), "{name} over {way}");
        }
        // Only what was altered is wrong.
        assert_eq!(records(ask(&resolver, "b.bogus.lab", RecordType::A).await).1, DnsSecurity::Secure);
    }
}

#[tokio::test]
async fn denials_are_proven_where_the_zone_is_signed() {
    let resolver = LAB.resolver(&LAB.over_tls()).unwrap();
    for (name, absent, security) in [
        ("nobody.secure.lab", true, DnsSecurity::Secure),
        ("nobody.hashed.lab", true, DnsSecurity::Secure),
        ("a.secure.lab", false, DnsSecurity::Secure),
        ("a.hashed.lab", false, DnsSecurity::Secure),
        ("nobody.plain.lab", true, DnsSecurity::Insecure),
    ] {
        let Resolution::Nothing { no_such_name, security: proven, ttl } = ask(&resolver, name, RecordType::Srv).await else {
            panic!("{name}")
        };
        assert_eq!((no_such_name, proven), (absent, security), "{name}");
        assert!(!ttl.is_zero());
    }
}

#[tokio::test]
async fn an_alias_is_followed_and_is_as_secure_as_its_weaker_end() {
    let resolver = LAB.resolver(&LAB.over_https()).unwrap();
    let address = vec![Record::A([127, 0, 1, 1].into())];
    assert_eq!(records(ask(&resolver, "alias.secure.lab", RecordType::A).await), (address.clone(), DnsSecurity::Secure));
    assert_eq!(records(ask(&resolver, "abroad.secure.lab", RecordType::A).await), (address, DnsSecurity::Insecure));
    assert_eq!(records(ask(&resolver, "_sips._tcp.hosted.secure.lab", RecordType::Srv).await).0.len(), 3);
    // Unbound itself gives up on the circle.
    let circle = ask(&resolver, "loop1.secure.lab", RecordType::A).await;
    assert!(!matches!(circle, Resolution::Records { .. }), "{circle:?}");
}

#[tokio::test]
async fn a_wildcard_is_proven_like_any_record() {
    let resolver = LAB.resolver(&LAB.over_tls()).unwrap();
    for (name, count) in [("anybody.wild.secure.lab", 1), ("anybody.wild.hashed.lab", 1), ("7.4.0.8.1.8.6.6.4.4.1.4.enum.lab", 1)] {
        let (found, security) = records(ask(&resolver, name, RecordType::Naptr).await);
        assert_eq!((found.len(), security), (count, DnsSecurity::Secure), "{name}");
    }
}

#[tokio::test]
async fn a_thousand_records_come_whole_over_every_way_and_are_cut_to_reason() {
    for way in ways() {
        let resolver = LAB.resolver(&way).unwrap();
        assert_eq!(records(ask(&resolver, "_sips._tcp.huge.lab", RecordType::Srv).await).0.len(), 128, "over {way}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_validate_makes_nothing_secure() {
    let resolver = LAB.resolver(&LAB.authoritative().to_string()).unwrap();
    assert_eq!(records(ask(&resolver, "a.secure.lab", RecordType::A).await).1, DnsSecurity::Insecure);
    assert!(matches!(ask(&resolver, "a.bogus.lab", RecordType::A).await, Resolution::Records { .. }), "nobody looked");
}

#[tokio::test]
async fn hundreds_of_questions_side_by_side_are_all_answered() {
    for way in ways() {
        let resolver = LAB.resolver(&way).unwrap();
        let mut all = tokio::task::JoinSet::new();
        for number in (0..600).step_by(3) {
            let resolver = resolver.clone();
            all.spawn(async move { ask(&resolver, &format!("_sips._tcp.d{number}.many.lab"), RecordType::Srv).await });
        }
        let mut secure = 0;
        while let Some(done) = all.join_next().await {
            secure += usize::from(records(done.unwrap()).1 == DnsSecurity::Secure);
        }
        assert_eq!(secure, 200, "over {way}");
    }
}

#[tokio::test]
async fn a_resolver_whose_certificate_nobody_vouches_for_is_asked_nothing() {
    let stranger = cooee_net::ResolverConfig { servers: LAB.over_tls().parse().unwrap(), ..cooee_net::ResolverConfig::default() };
    let resolution = ask(&cooee_net::Resolver::new(stranger), "a.secure.lab", RecordType::A).await;
    assert_eq!(resolution, Resolution::Failed(ResolveFailure::Untrusted));
}
