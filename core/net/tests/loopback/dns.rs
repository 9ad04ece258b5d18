//! The resolver against a small server on loopback that can lie, cut, stall and refuse.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cooee_machine::{DnsSecurity, NaptrRecord, Question, Record, RecordType, Resolution, ResolveFailure, SrvRecord};
use cooee_net::{DnsServer, DnsServers, RawAnswer, RawDns, Resolver, ResolverConfig};
use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{self, Name, RData, rdata};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

fn name(name: &str) -> Name {
    Name::from_ascii(name).unwrap()
}

fn reply(query: &Message) -> Message {
    let mut message = query.clone();
    message.metadata.message_type = MessageType::Response;
    message.metadata.authentic_data = false;
    message
}

fn with(mut message: Message, owner: &str, ttl: u32, data: RData) -> Message {
    message.add_answer(rr::Record::from_rdata(name(owner), ttl, data));
    message
}

fn a(last: u8) -> RData {
    RData::A(rdata::A(Ipv4Addr::new(192, 0, 2, last)))
}

fn cname(to: &str) -> RData {
    RData::CNAME(rdata::CNAME(name(to)))
}

fn soa(mut message: Message, zone: &str, ttl: u32, minimum: u32) -> Message {
    let data = rdata::SOA::new(name("ns.example."), name("root.example."), 1, 2, 3, 4, minimum);
    message.add_authority(rr::Record::from_rdata(name(zone), ttl, RData::SOA(data)));
    message
}

/// A server; the two functions make datagrams and the TCP answer of a query. Counts queries.
async fn serve(
    udp_answers: impl Fn(&Message, u32) -> Vec<Message> + Send + 'static,
    tcp_answer: impl Fn(&Message) -> Message + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicU32>) {
    let (tcp, udp) = loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // The same UDP port may be someone else's.
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            break (tcp, udp);
        }
    };
    let address = tcp.local_addr().unwrap();
    let count = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, peer)) = udp.recv_from(&mut buffer).await {
            let query = Message::from_vec(&buffer[..length]).unwrap();
            for answer in udp_answers(&query, seen.fetch_add(1, Ordering::Relaxed)) {
                udp.send_to(&answer.to_vec().unwrap(), peer).await.unwrap();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let Ok(length) = stream.read_u16().await else { continue };
            let mut octets = vec![0; length.into()];
            stream.read_exact(&mut octets).await.unwrap();
            let answer = tcp_answer(&Message::from_vec(&octets).unwrap()).to_vec().unwrap();
            stream.write_u16(answer.len() as u16).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    });
    (address, count)
}

async fn serve_udp(answers: impl Fn(&Message, u32) -> Vec<Message> + Send + 'static) -> (SocketAddr, Arc<AtomicU32>) {
    serve(answers, |_| panic!("nobody asks by TCP")).await
}

fn resolver(server: SocketAddr) -> Resolver {
    patient(vec![server], Duration::from_secs(20))
}

fn chosen(servers: Vec<SocketAddr>) -> DnsServers {
    DnsServers::Chosen(servers.into_iter().map(DnsServer::Plain).collect())
}

fn patient(servers: Vec<SocketAddr>, patience: Duration) -> Resolver {
    Resolver::new(ResolverConfig { servers: chosen(servers), patience, ..ResolverConfig::default() })
}

fn ask(name: &str, kind: RecordType) -> Question {
    Question { name: name.to_owned(), kind }
}

fn found(resolution: Resolution) -> (Vec<Record>, Duration, DnsSecurity) {
    match resolution {
        Resolution::Records { records, ttl, security } => (records, ttl, security),
        other => panic!("{other:?}"),
    }
}

fn address(last: u8) -> Record {
    Record::A(Ipv4Addr::new(192, 0, 2, last))
}

#[tokio::test]
async fn an_answer_is_kept_for_its_time_to_live_and_its_ad_bit_with_it() {
    let (server, count) = serve_udp(|query, _| {
        assert!(query.metadata.authentic_data, "the verdict is asked for");
        let mut message = with(reply(query), "host.example.", 300, a(1));
        message.metadata.authentic_data = true;
        vec![message]
    })
    .await;
    let resolver = resolver(server);
    let (records, ttl, security) = found(resolver.resolve(ask("HOST.example.", RecordType::A)).await);
    assert_eq!((records, ttl, security), (vec![address(1)], Duration::from_secs(300), DnsSecurity::Secure));
    let (_, ttl, _) = found(resolver.resolve(ask("host.example", RecordType::A)).await);
    assert!(ttl <= Duration::from_secs(300));
    assert_eq!(count.load(Ordering::Relaxed), 1);
    resolver.forget();
    found(resolver.resolve(ask("host.example", RecordType::A)).await);
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn srv_and_naptr_records_come_as_they_are() {
    let (server, _) = serve_udp(|query, _| {
        let message = reply(query);
        vec![match query.queries[0].query_type() {
            rr::RecordType::SRV => {
                let message = with(message, "_sips._tcp.example.", 60, RData::SRV(rdata::SRV::new(10, 5, 5061, name("one.example."))));
                with(message, "_sips._tcp.example.", 60, RData::SRV(rdata::SRV::new(20, 0, 0, Name::root())))
            }
            _ => {
                let rule = rdata::NAPTR::new(1, 2, (*b"s").into(), (*b"SIPS+D2T").into(), [].into(), name("_sips._tcp.example."));
                with(message, "example.", 60, RData::NAPTR(rule))
            }
        }]
    })
    .await;
    let resolver = resolver(server);
    let (records, _, security) = found(resolver.resolve(ask("_sips._tcp.example", RecordType::Srv)).await);
    let srv = |priority, weight, port, target: &str| Record::Srv(SrvRecord { priority, weight, port, target: target.to_owned() });
    assert_eq!(records, [srv(10, 5, 5061, "one.example"), srv(20, 0, 0, "")]);
    assert_eq!(security, DnsSecurity::Insecure);
    let (records, ..) = found(resolver.resolve(ask("example", RecordType::Naptr)).await);
    let rule = NaptrRecord {
        order: 1,
        preference: 2,
        flags: "s".to_owned(),
        services: "SIPS+D2T".to_owned(),
        regexp: String::new(),
        replacement: "_sips._tcp.example".to_owned(),
    };
    assert_eq!(records, [Record::Naptr(rule)]);
}

#[tokio::test]
async fn an_alias_before_a_service_is_followed_within_a_message_and_beyond() {
    let (server, count) = serve_udp(|query, _| {
        let message = reply(query);
        let srv = || RData::SRV(rdata::SRV::new(1, 1, 5061, name("host.example.")));
        vec![match query.queries[0].name().to_ascii().as_str() {
            "_sips._tcp.near.example." => {
                let message = with(message, "_sips._tcp.near.example.", 30, cname("_sips._tcp.hosted.example."));
                with(message, "_sips._tcp.hosted.example.", 300, srv())
            }
            "_sips._tcp.far.example." => with(message, "_sips._tcp.far.example.", 40, cname("_sips._tcp.other.example.")),
            "_sips._tcp.other.example." => with(message, "_sips._tcp.other.example.", 300, srv()),
            other => panic!("{other}"),
        }]
    })
    .await;
    let resolver = resolver(server);
    let (records, ttl, _) = found(resolver.resolve(ask("_sips._tcp.near.example", RecordType::Srv)).await);
    assert_eq!((records.len(), ttl, count.load(Ordering::Relaxed)), (1, Duration::from_secs(30), 1));
    let (records, ttl, _) = found(resolver.resolve(ask("_sips._tcp.far.example", RecordType::Srv)).await);
    assert_eq!((records.len(), ttl, count.load(Ordering::Relaxed)), (1, Duration::from_secs(40), 3));
}

#[tokio::test]
async fn aliases_in_a_circle_end() {
    let (server, _) = serve_udp(|query, _| {
        let asked = query.queries[0].name().to_ascii();
        let message = reply(query);
        vec![match asked.as_str() {
            "inner.example." => with(with(message, "inner.example.", 60, cname("b.example.")), "b.example.", 60, cname("inner.example.")),
            "x.example." => with(message, "x.example.", 60, cname("y.example.")),
            _ => with(message, "y.example.", 60, cname("x.example.")),
        }]
    })
    .await;
    for one in ["inner.example", "x.example"] {
        let resolution = resolver(server).resolve(ask(one, RecordType::A)).await;
        assert_eq!(resolution, Resolution::Failed(ResolveFailure::Refused), "{one}");
    }
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_again_by_tcp() {
    let cut = |query: &Message, _| {
        let mut message = reply(query);
        message.metadata.truncation = true;
        vec![message]
    };
    let many = |query: &Message| (1..=200).fold(reply(query), |message, n| with(message, "many.example.", 60, a(n)));
    let (server, _) = serve(cut, many).await;
    let (records, ..) = found(resolver(server).resolve(ask("many.example", RecordType::A)).await);
    assert_eq!(records.len(), 128, "what is beyond reason is cut");
    let other = |query: &Message| {
        let mut message = with(reply(query), "many.example.", 60, a(1));
        message.queries[0].set_name(name("other.example."));
        message
    };
    let (server, _) = serve(cut, other).await;
    let resolution = resolver(server).resolve(ask("many.example", RecordType::A)).await;
    assert_eq!(resolution, Resolution::Failed(ResolveFailure::Refused));
}

#[tokio::test]
async fn answers_with_another_id_or_question_are_waited_through() {
    let (server, _) = serve_udp(|query, _| {
        let (mut id, mut question) = (with(reply(query), "host.example.", 60, a(66)), with(reply(query), "host.example.", 60, a(66)));
        id.metadata.id ^= 1;
        question.queries[0].set_name(name("evil.example."));
        vec![id, question, query.clone(), with(reply(query), "host.example.", 60, a(1))]
    })
    .await;
    let (records, ..) = found(resolver(server).resolve(ask("host.example", RecordType::A)).await);
    assert_eq!(records, [address(1)]);
}

#[tokio::test]
async fn a_lost_datagram_is_sent_again() {
    let (server, count) = serve_udp(|query, n| if n == 0 { vec![] } else { vec![with(reply(query), "host.example.", 60, a(1))] }).await;
    // A third of it for each datagram: the answer to the second must be here before the third goes out.
    found(patient(vec![server], Duration::from_secs(6)).resolve(ask("host.example", RecordType::A)).await);
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn silence_is_a_timeout_after_three_datagrams_and_the_next_server_is_asked() {
    let (silent, count) = serve_udp(|_, _| vec![]).await;
    let patience = Duration::from_secs(3);
    let resolution = patient(vec![silent], patience).resolve(ask("host.example", RecordType::A)).await;
    assert_eq!(resolution, Resolution::Failed(ResolveFailure::Timeout));
    assert_eq!(count.load(Ordering::Relaxed), 3);
    let (server, _) = serve_udp(|query, _| vec![with(reply(query), "host.example.", 60, a(1))]).await;
    found(patient(vec![silent, server], patience).resolve(ask("host.example", RecordType::A)).await);
}

#[tokio::test]
async fn a_servers_failure_a_forgery_and_a_refusal_are_told_apart_and_not_kept() {
    let failing = |code: ResponseCode, extended: Option<u16>| {
        serve_udp(move |query, _| {
            let mut message = reply(query);
            message.metadata.response_code = code;
            if let Some(extended) = extended {
                let mut edns = Edns::new();
                edns.options_mut().insert(EdnsOption::Unknown(15, extended.to_be_bytes().to_vec()));
                message.set_edns(edns);
            }
            vec![message]
        })
    };
    for (code, extended, expected) in [
        (ResponseCode::ServFail, None, ResolveFailure::ServerFailure),
        (ResponseCode::ServFail, Some(22), ResolveFailure::ServerFailure),
        (ResponseCode::ServFail, Some(6), ResolveFailure::Bogus),
        (ResponseCode::Refused, None, ResolveFailure::Refused),
    ] {
        let (server, count) = failing(code, extended).await;
        let resolver = resolver(server);
        for _ in 0..2 {
            let resolution = resolver.resolve(ask("host.example", RecordType::A)).await;
            assert_eq!(resolution, Resolution::Failed(expected), "{code:?} {extended:?}");
        }
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}

#[tokio::test]
async fn no_such_name_and_no_such_record_are_told_apart_and_kept_as_the_zone_says() {
    let (server, count) = serve_udp(|query, _| {
        let mut message = soa(reply(query), "example.", 900, 120);
        if query.queries[0].name().to_ascii() == "nobody.example." {
            message.metadata.response_code = ResponseCode::NXDomain;
        }
        vec![message]
    })
    .await;
    let resolver = resolver(server);
    for (asked, no_such_name) in [("nobody.example", true), ("host.example", false), ("nobody.example", true)] {
        let Resolution::Nothing { no_such_name: got, ttl, .. } = resolver.resolve(ask(asked, RecordType::Srv)).await else { panic!() };
        assert_eq!(got, no_such_name);
        assert!(ttl <= Duration::from_secs(120) && !ttl.is_zero());
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn without_a_server_only_local_answers_remain() {
    let resolver = Resolver::new(ResolverConfig { servers: DnsServers::Nobody, ..ResolverConfig::default() });
    assert_eq!(resolver.resolve(ask("host.example", RecordType::A)).await, Resolution::Failed(ResolveFailure::NoResolver));
    found(resolver.resolve(ask("localhost", RecordType::A)).await);
}

#[tokio::test]
async fn a_dropped_question_frees_its_place() {
    let (silent, _) = serve_udp(|_, _| vec![]).await;
    let config = ResolverConfig { servers: chosen(vec![silent]), in_flight: 1, ..ResolverConfig::default() };
    let resolver = Resolver::new(config);
    for _ in 0..20 {
        let question = resolver.resolve(ask("host.example", RecordType::A));
        assert!(tokio::time::timeout(Duration::from_millis(5), question).await.is_err());
    }
    // Twenty left no trace: neither place nor waiting room is full.
    let (server, _) = serve_udp(|query, _| vec![with(reply(query), "host.example.", 60, a(1))]).await;
    let config = ResolverConfig { servers: chosen(vec![server]), in_flight: 1, ..ResolverConfig::default() };
    found(Resolver::new(config).resolve(ask("host.example", RecordType::A)).await);
    assert_eq!(
        tokio::time::timeout(Duration::from_millis(5), resolver.resolve(ask("host.example", RecordType::A))).await.ok(),
        None,
        "it still asks instead of failing at once"
    );
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_without_asking() {
    let resolver = patient(vec!["127.0.0.1:9".parse().unwrap()], Duration::from_secs(20));
    let long = "x".repeat(64);
    assert_eq!(resolver.resolve(ask(&format!("{long}.example"), RecordType::A)).await, Resolution::Failed(ResolveFailure::Refused));
}

#[tokio::test]
async fn a_resolver_that_is_not_there_has_refused_nothing() {
    let gone = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let resolution = resolver(gone).resolve(ask("host.example", RecordType::A)).await;
    assert_eq!(resolution, Resolution::Failed(ResolveFailure::NoResolver));
}

/// A platform that answers with what `answer` makes of a query.
struct Platform(Box<dyn Fn(&Message) -> Message + Send + Sync>, AtomicU32);

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Platform")
    }
}

impl RawDns for Platform {
    fn exchange(&self, query: Vec<u8>) -> RawAnswer<'_> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let mut message = (self.0)(&Message::from_vec(&query).unwrap());
            message.metadata.id = 0;
            Ok(message.to_vec().unwrap())
        })
    }
}

fn platform(answer: impl Fn(&Message) -> Message + Send + Sync + 'static) -> (Resolver, Arc<Platform>) {
    let platform = Arc::new(Platform(Box::new(answer), AtomicU32::new(0)));
    let servers = DnsServers::Raw(Arc::clone(&platform) as Arc<dyn RawDns>);
    (Resolver::new(ResolverConfig { servers, ..ResolverConfig::default() }), platform)
}

fn no_such_name(query: &Message) -> Message {
    let mut message = soa(reply(query), ".", 900, 120);
    message.metadata.response_code = ResponseCode::NXDomain;
    message
}

#[tokio::test]
async fn a_platform_may_ask_for_us_but_neither_lie_about_the_question_nor_vouch_for_it() {
    let (resolver, _) = platform(|query| match query.queries[0].name().to_ascii().as_str() {
        "host.example." => {
            let mut message = with(reply(query), "host.example.", 60, a(1));
            message.metadata.authentic_data = true;
            message
        }
        "lie.example." => {
            let mut message = with(reply(query), "host.example.", 60, a(1));
            message.queries[0].set_name(name("host.example."));
            message
        }
        _ => no_such_name(query),
    });
    let (records, _, security) = found(resolver.resolve(ask("host.example", RecordType::A)).await);
    assert_eq!((records, security), (vec![address(1)], DnsSecurity::Insecure));
    assert_eq!(resolver.resolve(ask("lie.example", RecordType::A)).await, Resolution::Failed(ResolveFailure::Refused));
}

#[tokio::test]
async fn a_network_that_answers_everything_with_one_address_is_found_out_and_nothing_it_says_is_kept() {
    let logged_in = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_in = Arc::clone(&logged_in);
    let (resolver, platform) = platform(move |query| {
        let asked = query.queries[0].clone();
        let owner = asked.name().to_ascii();
        match (is_in.load(Ordering::Relaxed), asked.query_type()) {
            (false, rr::RecordType::A) => with(reply(query), &owner, 60, a(66)),
            (false, _) => reply(query),
            (true, rr::RecordType::SRV) => with(reply(query), &owner, 60, RData::SRV(rdata::SRV::new(1, 1, 5061, name("h.example.")))),
            (true, _) if owner == "host.example." => with(reply(query), &owner, 60, a(1)),
            (true, _) => no_such_name(query),
        }
    });
    let captive = Resolution::Failed(ResolveFailure::Captive);
    for _ in 0..3 {
        assert_eq!(resolver.resolve(ask("host.example", RecordType::A)).await, captive);
        assert_eq!(resolver.resolve(ask("_sips._tcp.example", RecordType::Srv)).await, captive, "its silence proves nothing either");
    }
    assert_eq!(platform.1.load(Ordering::Relaxed), 6 + 2, "it is not found out again for each question");
    logged_in.store(true, Ordering::Relaxed);
    resolver.forget();
    assert_eq!(found(resolver.resolve(ask("host.example", RecordType::A)).await).0, [address(1)]);
    found(resolver.resolve(ask("_sips._tcp.example", RecordType::Srv)).await);
}

#[tokio::test]
async fn a_provider_that_invents_addresses_for_what_does_not_exist_is_seen_through() {
    let (resolver, platform) = platform(|query| {
        let asked = query.queries[0].clone();
        let owner = asked.name().to_ascii();
        match asked.query_type() {
            rr::RecordType::SOA => {
                let data = rdata::SOA::new(name("a.root."), name("n.root."), 1, 2, 3, 4, 5);
                with(reply(query), ".", 60, RData::SOA(data))
            }
            rr::RecordType::A if owner == "host.example." => with(reply(query), &owner, 60, a(1)),
            rr::RecordType::A => with(reply(query), &owner, 60, a(66)),
            _ => no_such_name(query),
        }
    });
    assert_eq!(found(resolver.resolve(ask("host.example", RecordType::A)).await).0, [address(1)]);
    let absent = resolver.resolve(ask("nobody.example", RecordType::A)).await;
    assert!(matches!(absent, Resolution::Nothing { no_such_name: true, ttl: Duration::ZERO, .. }), "{absent:?}");
    assert_eq!(platform.1.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn an_honest_network_is_asked_one_question_more_and_a_resolver_on_this_machine_none() {
    let refused = |query: &Message| {
        let mut message = reply(query);
        message.metadata.response_code = ResponseCode::Refused;
        message
    };
    for answer in [no_such_name as fn(&Message) -> Message, refused] {
        let (resolver, platform) = platform(answer);
        for number in 0..5 {
            let asked = resolver.resolve(ask(&format!("h{number}.example"), RecordType::A)).await;
            assert!(matches!(asked, Resolution::Nothing { .. } | Resolution::Failed(ResolveFailure::Refused)), "{asked:?}");
        }
        assert_eq!(platform.1.load(Ordering::Relaxed), 6);
    }
}
