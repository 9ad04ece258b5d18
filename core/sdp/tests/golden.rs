//! Descriptions of other people's software and of the RFCs, read, printed and answered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use cooee_machine::Entropy;
use cooee_sdp::{
    Bandwidth, Candidate, CandidateKind, Codec, Crypto, Description, Direction, DtlsRole, Fingerprint, IceCredentials, LocalMedia,
    MediaKind, Negotiated, NegotiatedSecurity, Origin, Protocol, Refusal, SdpError, SecurityPolicy, Setup, accept, answer, offer,
};

fn fixture(name: &str) -> Description {
    Description::parse(&octets(name)).unwrap()
}

fn octets(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sdp").join(name).with_extension("sdp")).unwrap()
}

fn all() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sdp");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sdp"));
    files.sort();
    assert!(files.len() >= 18);
    files.into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

fn local() -> LocalMedia {
    let address: SocketAddr = "192.0.2.9:40000".parse().unwrap();
    let candidate =
        Candidate { foundation: "1".into(), component: 1, priority: 2_130_706_431, address, kind: CandidateKind::Host, related: None };
    LocalMedia {
        address,
        candidates: vec![candidate],
        end_of_candidates: true,
        ice: Some(IceCredentials { ufrag: "abcd".into(), pwd: "abcdefghijklmnopqrstuvwx".into() }),
        fingerprint: Some(Fingerprint { hash: "sha-256".into(), digest: vec![7; 32] }),
        crypto: vec![sdes(1)],
        security: SecurityPolicy::DTLS_ONLY,
        codecs: Codec::defaults(),
        direction: Direction::SendRecv,
        ptime: Some(Duration::from_millis(20)),
        max_ptime: None,
        bandwidth: Bandwidth::default(),
        rtcp: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    }
}

fn sdes(octet: u8) -> Crypto {
    Crypto { tag: 1, suite: "AES_CM_128_HMAC_SHA1_80".into(), key_salt: vec![octet; 30], parameters: String::new() }
}

fn open() -> LocalMedia {
    LocalMedia { security: SecurityPolicy { best_effort: false, ..SecurityPolicy::BEST_EFFORT }, ..local() }
}

fn answered(name: &str, local: &LocalMedia) -> (Description, Negotiated) {
    let (description, negotiated) = answer(&fixture(name), local, &Origin::anonymous(8)).unwrap();
    let reread = Description::parse(description.to_string().as_bytes()).unwrap();
    assert_eq!(reread, description, "{name}: what is answered is what is printed");
    (description, negotiated)
}

#[test]
fn every_fixture_is_read_and_printing_it_changes_nothing() {
    for (name, octets) in all() {
        let read = Description::parse(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = Description::parse(read.to_string().as_bytes()).unwrap();
        assert_eq!(read, again, "{name}");
        let unix = String::from_utf8(octets).unwrap().replace("\r\n", "\n");
        assert_eq!(read, Description::parse(unix.as_bytes()).unwrap(), "{name}: with bare LF");
    }
}

#[test]
fn the_answer_to_baresip_is_dtls_with_its_numbers_and_our_role_active() {
    let (description, negotiated) = answered("baresip-dtls-ice", &local());
    let audio = &description.media[0];
    assert_eq!(audio.protocol, Protocol::DtlsSavpf);
    assert_eq!(audio.codecs.iter().map(|codec| codec.payload_type).collect::<Vec<_>>(), [96, 9, 0, 8, 101]);
    assert_eq!((audio.setup, audio.rtcp_mux, audio.direction), (Some(Setup::Active), true, Direction::SendRecv));
    assert_eq!((negotiated.codec.payload_type, negotiated.codec.parameters.as_str()), (96, "stereo=1;sprop-stereo=1"));
    assert_eq!(negotiated.dtmf.map(|dtmf| (dtmf.payload_type, dtmf.clock_rate)), Some((101, 8000)));
    assert_eq!(negotiated.peer_ptime, Some(Duration::from_millis(20)));
    assert_eq!(negotiated.remote_address, Some("192.0.2.2:12220".parse().unwrap()));
    let ice = negotiated.ice.unwrap();
    assert_eq!((ice.credentials.ufrag.as_str(), ice.candidates.len(), ice.lite), ("y2z2txA", 2, false));
    assert!(!negotiated.controlling);
    assert!(
        matches!(negotiated.security, NegotiatedSecurity::Dtls { role: DtlsRole::Client, fingerprints } if fingerprints[0].digest[0] == 0x88)
    );
}

#[test]
fn sdes_and_plain_are_answered_only_where_the_policy_allows() {
    for name in ["baresip-sdes-ice", "baresip-best-effort", "baresip-plain"] {
        assert_eq!(answer(&fixture(name), &local(), &Origin::anonymous(8)), Err(Refusal::SecurityRefused), "{name}");
    }
    let (description, negotiated) = answered("baresip-sdes-ice", &open());
    assert_eq!(description.media[0].protocol, Protocol::RtpSavp);
    assert!(matches!(negotiated.security, NegotiatedSecurity::Sdes { ours, theirs } if ours == sdes(1) && theirs.key_salt.len() == 30));
    let (description, negotiated) = answered("baresip-best-effort", &open());
    assert_eq!(description.media[0].protocol, Protocol::RtpAvp);
    assert!(matches!(negotiated.security, NegotiatedSecurity::Sdes { .. }));
    assert_eq!(answered("baresip-plain", &open()).1.security, NegotiatedSecurity::None);
    let no_sdes = LocalMedia { security: SecurityPolicy { plain: true, ..SecurityPolicy::DTLS_ONLY }, ..local() };
    assert_eq!(answered("baresip-best-effort", &no_sdes).1.security, NegotiatedSecurity::None);
}

#[test]
fn sdes_with_a_master_key_identifier_is_refused() {
    let sdes_only = LocalMedia { security: SecurityPolicy::SDES_ONLY, ..local() };
    assert_eq!(answer(&fixture("rfc4568-offer"), &sdes_only, &Origin::anonymous(8)), Err(Refusal::SecurityRefused));
    let read = fixture("rfc4568-offer");
    assert_eq!(read.media[0].crypto[1].parameters, "|2^20|1:4;inline:QUJjZGVmMTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5|2^20|2:4 FEC_ORDER=FEC_SRTP");
    assert_eq!(read.media[0].crypto[0].key_salt, b"YS___semctl () {\t220;}\n}\nunles");
}

#[test]
fn a_browsers_video_is_rejected_in_its_place_and_its_bundle_keeps_the_audio() {
    let (description, negotiated) = answered("browser-audio-video", &local());
    assert_eq!(description.media.len(), 2);
    assert_eq!((description.media[1].port, &description.media[1].kind), (0, &MediaKind::Other("video".into())));
    assert_eq!(description.bundle, ["0"]);
    assert_eq!(description.media[0].mid.as_deref(), Some("0"));
    assert_eq!(negotiated.dtmf.unwrap().payload_type, 110);
    assert_eq!(negotiated.codec.payload_type, 111);
    assert_eq!(description.media[0].codecs.iter().map(|codec| codec.payload_type).collect::<Vec<_>>(), [111, 9, 0, 8, 110, 126]);
    let candidates = negotiated.ice.unwrap().candidates;
    assert_eq!(candidates.len(), 1, "mDNS names and TCP are left out");
    assert_eq!((candidates[0].kind, candidates[0].related), (CandidateKind::ServerReflexive, Some("0.0.0.0:0".parse().unwrap())));
}

#[test]
fn a_peer_without_rtcp_mux_is_answered_without_and_its_rtcp_address_is_known() {
    let (description, negotiated) = answered("asterisk-dtls-ice", &local());
    assert!(!description.media[0].rtcp_mux && !negotiated.rtcp_mux);
    assert_eq!(negotiated.remote_rtcp, Some("198.51.100.20:17393".parse().unwrap()));
    assert_eq!(negotiated.ice.unwrap().candidates.iter().map(|candidate| candidate.component).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(negotiated.peer_max_ptime, Some(Duration::from_millis(60)));
}

#[test]
fn hold_by_address_is_answered_recvonly_and_has_no_place_to_send_to() {
    let (description, negotiated) = answered("deskphone-hold", &open());
    assert_eq!((description.media[0].direction, negotiated.direction), (Direction::RecvOnly, Direction::RecvOnly));
    assert_eq!((negotiated.remote_address, negotiated.codec.name.as_str()), (None, "PCMA"));
    assert!(negotiated.ice.is_none() && description.media[0].ice.is_none() && description.ice_options.is_empty());
}

#[test]
fn of_two_audio_lines_the_first_that_can_be_used_is_taken() {
    let two = "v=0\r\no=- 1 1 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\n\
               m=audio 4000 RTP/AVP 18\r\nm=audio 4002 RTP/AVP 8\r\nm=audio 4004 RTP/AVP 0\r\nm=application 9 UDP/BFCP *\r\n";
    let offered = Description::parse(two.as_bytes()).unwrap();
    let (description, negotiated) = answer(&offered, &open(), &Origin::anonymous(8)).unwrap();
    assert_eq!(description.media.iter().map(|media| media.port).collect::<Vec<_>>(), [0, 40000, 0, 0]);
    assert_eq!(description.media[3].formats, ["*"]);
    assert_eq!(negotiated.remote_address, Some("192.0.2.3:4002".parse().unwrap()));
}

#[test]
fn an_offer_is_refused_for_the_first_audio_lines_reason() {
    assert_eq!(answer(&fixture("rfc3264-capabilities"), &open(), &Origin::anonymous(8)), Err(Refusal::NoAudio));
    let odd = "v=0\r\nc=IN IP4 192.0.2.3\r\nm=audio 4000 RTP/AVP 18\r\nm=video 4002 RTP/AVP 31\r\n";
    assert_eq!(answer(&Description::parse(odd.as_bytes()).unwrap(), &open(), &Origin::anonymous(8)), Err(Refusal::NoCommonCodec));
}

#[test]
fn session_values_reach_each_line_and_its_own_go_first() {
    let directions = fixture("rfc8866-directions");
    let found: Vec<_> = directions.media.iter().map(|media| media.direction).collect();
    assert_eq!(found, [Direction::SendRecv, Direction::Inactive, Direction::Inactive]);
    let session = fixture("rfc8866-session");
    assert_eq!(session.media[1].address, Some("198.51.100.1".parse().unwrap()));
    assert_eq!(session.media[2].address, Some("2001:db8::2".parse().unwrap()));
    assert_eq!(session.media[0].codecs, [Codec::pcmu()]);
    let multicast = fixture("rfc4568-session");
    assert_eq!(multicast.media[1].address, Some("161.44.17.12".parse().unwrap()), "the TTL is cut off");
    assert_eq!(multicast.media[2].formats, ["wb"]);
}

#[test]
fn the_ice_example_of_rfc_8839_gives_both_candidates_and_its_answerer_is_controlled() {
    let (description, negotiated) = answered("rfc8839-offer", &open());
    let ice = negotiated.ice.unwrap();
    assert_eq!(ice.candidates.len(), 2);
    assert_eq!(ice.candidates[1].related, Some("[fe80::6676:baff:fe9c:ee4a]:8998".parse().unwrap()));
    assert_eq!(description.ice_options, ["ice2"]);
    let accepted = accept(&fixture("rfc8839-offer"), &fixture("rfc8839-answer"), SecurityPolicy::PLAIN_ONLY).unwrap();
    assert!(accepted.controlling);
    assert_eq!(accepted.remote_address, Some("192.0.2.1:3478".parse().unwrap()));
}

#[test]
fn a_default_address_that_is_no_candidate_is_answered_with_ice_mismatch_and_no_ice() {
    let changed = String::from_utf8(octets("baresip-dtls-ice")).unwrap().replace("m=audio 12220", "m=audio 33000");
    let (description, negotiated) = answer(&Description::parse(changed.as_bytes()).unwrap(), &local(), &Origin::anonymous(8)).unwrap();
    assert!(description.media[0].ice_mismatch && description.media[0].ice.is_none());
    assert!(description.to_string().contains("a=ice-mismatch\r\n"));
    assert_eq!((negotiated.ice, negotiated.remote_address), (None, Some("192.0.2.2:33000".parse().unwrap())));
    let trickling = changed.replace("a=ice-ufrag", "a=ice-options:trickle\r\na=ice-ufrag");
    let (description, _) = answer(&Description::parse(trickling.as_bytes()).unwrap(), &local(), &Origin::anonymous(8)).unwrap();
    assert!(description.media[0].ice.is_some());
}

#[test]
fn towards_an_ice_lite_peer_we_control() {
    let lite = String::from_utf8(octets("baresip-dtls-ice")).unwrap().replace("a=ice-ufrag", "a=ice-lite\r\na=ice-ufrag");
    let (_, negotiated) = answer(&Description::parse(lite.as_bytes()).unwrap(), &local(), &Origin::anonymous(8)).unwrap();
    assert!(negotiated.controlling && negotiated.ice.unwrap().lite);
}

#[test]
fn the_dtls_example_of_rfc_5763_is_read_with_its_space_before_the_hash() {
    let (_, negotiated) = answered("rfc5763-offer", &local());
    assert!(matches!(negotiated.security, NegotiatedSecurity::Dtls { role: DtlsRole::Client, .. }));
    assert_eq!(negotiated.remote_address, None, "a host name is not looked up");
    let accepted = accept(&fixture("rfc5763-offer"), &fixture("rfc5763-answer"), SecurityPolicy::DTLS_ONLY).unwrap();
    assert!(matches!(accepted.security, NegotiatedSecurity::Dtls { role: DtlsRole::Server, .. }));
}

#[test]
fn our_offer_tells_nothing_but_what_it_must() {
    let printed = offer(&local(), &Origin::anonymous(8)).to_string();
    let expected = "v=0\r\no=- 4 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\na=ice-options:ice2\r\n\
        m=audio 40000 UDP/TLS/RTP/SAVPF 111 9 8 0 110 101\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n\
        a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:110 telephone-event/48000\r\na=fmtp:110 0-15\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\na=rtcp-mux\r\na=setup:actpass\r\n\
        a=fingerprint:sha-256 07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=candidate:1 1 udp 2130706431 192.0.2.9 40000 typ host\r\n\
        a=end-of-candidates\r\na=rtcp-fb:* ccm tmmbr\r\n";
    assert_eq!(printed, expected);
}

#[test]
fn what_the_policy_cannot_do_is_offered_as_something_to_refuse_and_never_weaker() {
    let keyless = LocalMedia { fingerprint: None, ..local() };
    let offered = offer(&keyless, &Origin::anonymous(8));
    assert_eq!((offered.media[0].protocol.as_str(), offered.media[0].fingerprints.len()), ("UDP/TLS/RTP/SAVPF", 0));
    assert_eq!(answer(&offered, &open(), &Origin::anonymous(9)), Err(Refusal::SecurityRefused));
    let plain = LocalMedia { security: SecurityPolicy::PLAIN_ONLY, ..local() };
    assert_eq!(offer(&plain, &Origin::anonymous(8)).media[0].protocol, Protocol::RtpAvp);
    let old = offer(&LocalMedia { security: SecurityPolicy::DTLS_WITHOUT_FEEDBACK, ..local() }, &Origin::anonymous(8));
    assert_eq!((old.media[0].protocol.as_str(), old.media[0].fingerprints.len()), ("UDP/TLS/RTP/SAVP", 1));
    let sdes = LocalMedia { security: SecurityPolicy { plain: true, ..SecurityPolicy::SDES_ONLY }, ..local() };
    assert_eq!(offer(&sdes, &Origin::anonymous(8)).media[0].protocol, Protocol::RtpSavp);
}

#[test]
fn both_sides_come_to_the_same_agreement() {
    for policy in [SecurityPolicy::DTLS_ONLY, SecurityPolicy::SDES_ONLY] {
        let anna = LocalMedia { security: policy, ..local() };
        let ben =
            LocalMedia { direction: Direction::SendOnly, crypto: vec![sdes(2)], codecs: vec![Codec::pcmu(), Codec::opus()], ..open() };
        let offered = offer(&anna, &Origin::anonymous(8));
        let (answered, bens) = answer(&offered, &ben, &Origin::anonymous(9)).unwrap();
        let annas = accept(&offered, &answered, policy).unwrap();
        assert_eq!((&annas.codec.name, &bens.codec.name), (&"opus".to_owned(), &"opus".to_owned()), "the offerer's order");
        assert_eq!((annas.direction, bens.direction), (Direction::RecvOnly, Direction::SendOnly));
        assert_eq!((annas.controlling, bens.controlling), (true, false));
        assert_eq!(annas.receive, Codec::defaults());
        match (annas.security, bens.security) {
            (NegotiatedSecurity::Dtls { role: DtlsRole::Server, .. }, NegotiatedSecurity::Dtls { role: DtlsRole::Client, .. }) => {}
            (NegotiatedSecurity::Sdes { ours: a, theirs: b }, NegotiatedSecurity::Sdes { ours: c, theirs: d }) => {
                assert_eq!((a, b), (d, c));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn who_takes_in_little_says_so_is_sent_no_more_and_chooses_the_codec() {
    let bandwidth = Bandwidth { total: Some(20), payload: Some(12_000), packets: Some(17) };
    let anna = LocalMedia { bandwidth, ptime: Some(Duration::from_millis(60)), ..local() };
    let offered = offer(&anna, &Origin::anonymous(1));
    let text = offered.to_string();
    assert!(text.contains("b=AS:20\r\nb=TIAS:12000\r\n") && text.contains("a=ptime:60\r\na=maxprate:17\r\n"), "{text}");
    let (_, bens) = answer(&Description::parse(text.as_bytes()).unwrap(), &local(), &Origin::anonymous(2)).unwrap();
    assert_eq!(bens.codec.opus_parameters().unwrap().max_average_bitrate, Some(12_000));
    assert_eq!(bens.peer_ptime, Some(Duration::from_millis(60)));
    // Ben prefers G.711; Anna answers in her own order.
    let ben = LocalMedia { codecs: vec![Codec::pcma(), Codec::opus()], ..local() };
    let offered = offer(&ben, &Origin::anonymous(3));
    let (answered, annas) = answer(&offered, &anna, &Origin::anonymous(4)).unwrap();
    assert_eq!((annas.codec.name.as_str(), annas.codec.opus_parameters().unwrap().max_average_bitrate), ("opus", None));
    let bens = accept(&offered, &answered, SecurityPolicy::DTLS_ONLY).unwrap();
    assert_eq!((bens.codec.name.as_str(), bens.codec.opus_parameters().unwrap().max_average_bitrate), ("opus", Some(12_000)));
    let (_, usual) = answer(&offered, &local(), &Origin::anonymous(4)).unwrap();
    assert_eq!(usual.codec.name, "PCMA", "who says nothing takes the offerer's first");
}

#[test]
fn an_answer_that_does_not_fit_is_refused_with_its_reason() {
    let offered = offer(&local(), &Origin::anonymous(8));
    let good = answer(&offered, &local(), &Origin::anonymous(9)).unwrap().0;
    let refused = |change: &dyn Fn(&mut Description)| {
        let mut bad = good.clone();
        change(&mut bad);
        accept(&offered, &bad, SecurityPolicy::DTLS_ONLY).unwrap_err()
    };
    assert_eq!(refused(&|bad| bad.media[0].port = 0), Refusal::AudioRejected);
    assert_eq!(refused(&|bad| bad.media.clear()), Refusal::AnswerMismatch);
    assert_eq!(refused(&|bad| bad.media[0].kind = MediaKind::Other("video".into())), Refusal::AnswerMismatch);
    assert_eq!(refused(&|bad| bad.media[0].codecs = vec![Codec::new(3, "GSM", 8000, 1)]), Refusal::CodecNotOffered);
    assert_eq!(refused(&|bad| bad.media[0].fingerprints.clear()), Refusal::SecurityRefused);
    assert_eq!(refused(&|bad| bad.media[0].protocol = Protocol::Other("udptl".into())), Refusal::AnswerMismatch);
    assert_eq!(refused(&|bad| bad.media[0].setup = Some(Setup::HoldConn)), Refusal::SecurityRefused);
    let plain = |bad: &mut Description| {
        bad.media[0].protocol = Protocol::RtpAvp;
        bad.media[0].fingerprints.clear();
    };
    assert_eq!(refused(&plain), Refusal::SecurityRefused, "nothing weaker than offered is taken");
}

/// An offer of one line, by its profile and attributes.
fn offered(profile: &str, attributes: &[&str]) -> Description {
    let attributes = attributes.iter().map(|attribute| format!("a={attribute}\r\n")).collect::<String>();
    let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=audio 4000 {profile} 8\r\n{attributes}");
    Description::parse(text.as_bytes()).unwrap()
}

const FINGERPRINT: &str =
    "fingerprint:sha-256 07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07:07";
const CRYPTO: &str = "crypto:3 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What of an answer is security: its profile, whether it has fingerprints, its crypto tags; or why there is none.
fn security_of(offered: &Description, policy: SecurityPolicy) -> Result<(String, bool, Vec<u32>), Refusal> {
    let ben = LocalMedia { security: policy, crypto: Crypto::fresh(&mut Entropy::for_test(1)), ..local() };
    let (answered, negotiated) = answer(offered, &ben, &Origin::anonymous(2))?;
    let line = &answered.media[0];
    let tags: Vec<u32> = line.crypto.iter().map(|line| line.tag).collect();
    match negotiated.security {
        NegotiatedSecurity::Dtls { .. } => assert!(!line.fingerprints.is_empty() && line.setup.is_some() && tags.is_empty()),
        NegotiatedSecurity::Sdes { ref ours, .. } => assert!(line.fingerprints.is_empty() && line.crypto == [ours.clone()]),
        NegotiatedSecurity::None => assert!(line.fingerprints.is_empty() && tags.is_empty()),
    }
    Ok((line.protocol.as_str().to_owned(), !line.fingerprints.is_empty(), tags))
}

#[test]
fn each_profile_is_answered_in_kind_with_the_strongest_that_the_policy_allows() {
    let both = [FINGERPRINT, "setup:actpass", CRYPTO];
    let (dtls, sdes, plain) = (&both[..2], &both[2..], &both[..0]);
    let refused = Err(Refusal::SecurityRefused);
    let by_dtls = |profile: &str| Ok((profile.to_owned(), true, vec![]));
    let by_sdes = |profile: &str| Ok((profile.to_owned(), false, vec![3]));
    let in_the_clear = |profile: &str| Ok((profile.to_owned(), false, vec![]));
    let policies = [SecurityPolicy::DTLS_ONLY, SecurityPolicy::SDES_ONLY, SecurityPolicy::PLAIN_ONLY, SecurityPolicy::BEST_EFFORT];
    for profile in ["UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP"] {
        let expected = [by_dtls(profile), refused.clone(), refused.clone(), by_dtls(profile)];
        assert_eq!(policies.map(|policy| security_of(&offered(profile, dtls), policy)), expected, "{profile}");
        assert_eq!(policies.map(|policy| security_of(&offered(profile, sdes), policy)), [const { Err(Refusal::SecurityRefused) }; 4]);
    }
    for profile in ["RTP/SAVPF", "RTP/SAVP", "RTP/AVP", "RTP/AVPF"] {
        let may_be_plain = if profile.contains("SAVP") { refused.clone() } else { in_the_clear(profile) };
        let of = |attributes: &[&str]| policies.map(|policy| security_of(&offered(profile, attributes), policy));
        assert_eq!(of(&both), [by_dtls(profile), by_sdes(profile), may_be_plain.clone(), by_dtls(profile)], "{profile}");
        assert_eq!(of(sdes), [refused.clone(), by_sdes(profile), may_be_plain.clone(), by_sdes(profile)], "{profile}");
        assert_eq!(of(plain), [refused.clone(), refused.clone(), may_be_plain.clone(), may_be_plain], "{profile}");
    }
}

#[test]
fn of_several_keys_the_first_that_we_can_use_is_answered_by_its_tag_and_its_name() {
    let key = |octets: usize| "A".repeat(octets * 4 / 3);
    let lines = [
        format!("crypto:1 F8_128_HMAC_SHA1_80 inline:{}", key(30)),
        format!("crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{}", key(27)),
        format!("crypto:7 AES_CM_128_HMAC_SHA1_80 inline:{} UNENCRYPTED_SRTP", key(30)),
        format!("crypto:4 aes_cm_256_hmac_sha1_80 inline:{}==|2^20|1:4", key(45) + "AA"),
        format!("crypto:5 AES_CM_128_HMAC_SHA1_80 inline:{}", key(30)),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let offer = offered("RTP/SAVP", &lines);
    let ben = LocalMedia { security: SecurityPolicy::SDES_ONLY, crypto: Crypto::fresh(&mut Entropy::for_test(1)), ..local() };
    let (answered, negotiated) = answer(&offer, &ben, &Origin::anonymous(2)).unwrap();
    let NegotiatedSecurity::Sdes { ours, theirs } = negotiated.security else { panic!() };
    assert_eq!((ours.tag, ours.suite.as_str(), ours.key_salt.len()), (4, "aes_cm_256_hmac_sha1_80", 46));
    assert_eq!((theirs.mki(), ours.mki()), (Some(vec![0, 0, 0, 1]), None), "the identifier is in the peer's packets only");
    assert_eq!(answered.media[0].crypto, [ours]);
    let annas = accept(&offer, &answered, SecurityPolicy::SDES_ONLY).unwrap().security;
    assert!(matches!(annas, NegotiatedSecurity::Sdes { ours, .. } if ours == theirs));
}

#[test]
fn best_effort_offers_everything_in_one_plain_line_and_takes_what_the_policy_allows() {
    let anna = LocalMedia { security: SecurityPolicy::BEST_EFFORT, crypto: Crypto::fresh(&mut Entropy::for_test(1)), ..local() };
    let offered = offer(&anna, &Origin::anonymous(1));
    let line = &offered.media[0];
    assert_eq!((line.protocol.as_str(), line.fingerprints.len(), line.setup, line.crypto.len()), ("RTP/AVP", 1, Some(Setup::ActPass), 6));
    let secret = SecurityPolicy { plain: false, ..SecurityPolicy::BEST_EFFORT };
    for (bens, wanted) in [
        (SecurityPolicy::DTLS_ONLY, "dtls"),
        (SecurityPolicy::BEST_EFFORT, "dtls"),
        (SecurityPolicy::SDES_ONLY, "sdes"),
        (SecurityPolicy::PLAIN_ONLY, "plain"),
    ] {
        let ben = LocalMedia { security: bens, crypto: Crypto::fresh(&mut Entropy::for_test(2)), ..local() };
        let (answered, _) = answer(&offered, &ben, &Origin::anonymous(2)).unwrap();
        let kind = |security| match security {
            NegotiatedSecurity::Dtls { .. } => "dtls",
            NegotiatedSecurity::Sdes { .. } => "sdes",
            NegotiatedSecurity::None => "plain",
        };
        assert_eq!(accept(&offered, &answered, SecurityPolicy::BEST_EFFORT).map(|agreed| kind(agreed.security)), Ok(wanted));
        let strict = accept(&offered, &answered, secret).map(|agreed| kind(agreed.security));
        assert_eq!(strict, if wanted == "plain" { Err(Refusal::SecurityRefused) } else { Ok(wanted) });
        // An answer with keys that do not fit is no plain answer (RFC 8643 3.3).
        let mut odd = answered.clone();
        if wanted == "sdes" {
            odd.media[0].crypto[0].tag = 99;
        } else if wanted == "dtls" {
            odd.media[0].fingerprints[0].digest.pop();
        } else {
            continue;
        }
        assert_eq!(accept(&offered, &odd, SecurityPolicy::BEST_EFFORT), Err(Refusal::SecurityRefused));
    }
}

#[test]
fn an_answer_with_a_codec_that_was_not_offered_is_taken_only_if_it_is_ours_by_its_static_number() {
    let anna = LocalMedia { codecs: Codec::with_telephone_events(vec![Codec::opus()]), ..local() };
    let offered = offer(&anna, &Origin::anonymous(1));
    let with = |codecs: Vec<Codec>| {
        let mut answered = answer(&offered, &local(), &Origin::anonymous(2)).unwrap().0;
        answered.media[0].codecs = codecs;
        accept(&offered, &answered, SecurityPolicy::DTLS_ONLY)
    };
    let odd = with(vec![Codec::new(18, "G729", 8000, 1), Codec::pcmu(), Codec::telephone_event(8000)]).unwrap();
    assert_eq!((odd.codec, odd.dtmf), (Codec::pcmu(), None));
    assert_eq!(odd.receive.iter().map(|codec| codec.payload_type).collect::<Vec<_>>(), [111, 110, 0]);
    assert_eq!(with(vec![Codec::new(97, "PCMU", 8000, 1)]), Err(Refusal::CodecNotOffered), "who knows what 97 is");
    assert_eq!(with(vec![Codec::new(0, "G722", 8000, 1)]), Err(Refusal::CodecNotOffered));
    assert_eq!(with(vec![Codec::pcmu(), Codec::opus()]).unwrap().codec, Codec::opus());
    let timed = Codec { parameters: "ptime=40;maxptime=60".into(), ..Codec::opus() };
    let timed = with(vec![timed]).unwrap();
    assert_eq!((timed.peer_ptime, timed.peer_max_ptime), (Some(Duration::from_millis(20)), Some(Duration::from_millis(60))));
}

#[test]
fn what_is_beyond_the_bounds_is_an_error_or_left_out() {
    assert_eq!(Description::parse(b""), Err(SdpError::NotSdp));
    assert_eq!(Description::parse(b"v=1\r\n"), Err(SdpError::NotSdp));
    assert_eq!(Description::parse(b"<xml/>"), Err(SdpError::NotSdp));
    assert_eq!(Description::parse(b"v=0\r\nm=audio x RTP/AVP 0\r\n"), Err(SdpError::MediaLine(2)));
    assert_eq!(Description::parse(b"v=0\r\nm=audio 65536 RTP/AVP 0\r\n"), Err(SdpError::MediaLine(2)));
    let with = |line: &str, times: usize| Description::parse(format!("v=0\r\n{}", line.repeat(times)).as_bytes());
    assert_eq!(with("m=audio 1 RTP/AVP 0\r\n", 33), Err(SdpError::TooManyMedia));
    assert_eq!(with("a=x\r\n", 4000), Err(SdpError::TooLarge));
    assert_eq!(with(&"x".repeat(70_000), 1), Err(SdpError::TooLarge));
    let flood = format!("m=audio 1 RTP/AVP 0\r\n{}", "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\na=unknown:1\r\n".repeat(900));
    let kept = with(&flood, 1).unwrap();
    assert_eq!((kept.media[0].candidates.len(), kept.media[0].attributes.len()), (64, 128));
    let long = with(&format!("m=audio 1 RTP/AVP 0\r\na=x:{}\r\n", "y".repeat(2000)), 1).unwrap();
    assert!(long.media[0].attributes.is_empty());
}

#[test]
fn an_own_description_names_no_user_and_its_version_grows() {
    let origin = Origin::anonymous(u64::MAX);
    assert_eq!(origin.username, "-");
    assert!(i64::try_from(origin.session_id).is_ok());
    assert_eq!(origin.next_version().session_version, 2);
}

/// Cuts, flips, repeats and mixes lines of the fixtures; whatever comes out is read, printed, answered and accepted
/// without a panic, and what is printed is read back the same.
#[test]
fn mutants_of_the_fixtures_neither_panic_nor_change_by_printing() {
    let fixtures = all();
    let mut entropy = Entropy::for_test(8866);
    let offered = offer(&open(), &Origin::anonymous(8));
    let mut read = 0;
    for _ in 0..20_000 {
        let mutant = mutant(&fixtures, &mut entropy);
        let Ok(description) = Description::parse(&mutant) else { continue };
        read += 1;
        let printed = description.to_string();
        assert_eq!(Description::parse(printed.as_bytes()).as_ref(), Ok(&description), "{printed}");
        if let Ok((answer, _)) = answer(&description, &open(), &Origin::anonymous(9)) {
            assert_eq!(answer.media.len(), description.media.len());
            assert_eq!(answer.media.iter().filter(|media| media.port != 0).count(), 1);
        }
        let _ = accept(&offered, &description, open().security);
        let _ = accept(&description, &description, open().security);
    }
    assert!(read > 10_000, "{read} of 20000 were read");
}

fn mutant(fixtures: &[(String, Vec<u8>)], entropy: &mut Entropy) -> Vec<u8> {
    let pick = |entropy: &mut Entropy| &fixtures[entropy.below(fixtures.len() as u64) as usize].1;
    let mut octets = pick(entropy).clone();
    for _ in 0..=entropy.below(4) {
        let at = entropy.below(octets.len().max(1) as u64) as usize;
        match entropy.below(5) {
            0 => octets.truncate(at.max(20)),
            1 if at < octets.len() => octets[at] = entropy.below(256) as u8,
            2 => {
                let other = pick(entropy).clone();
                let lines: Vec<_> = other.split_inclusive(|octet| *octet == b'\n').collect();
                let line = lines[entropy.below(lines.len() as u64) as usize].to_vec();
                let start = octets[..at].iter().rposition(|octet| *octet == b'\n').map_or(octets.len(), |end| end + 1);
                octets.splice(start..start, line);
            }
            3 if at < octets.len() => drop(octets.remove(at)),
            _ => {
                let digits: Vec<_> = (0..octets.len()).filter(|index| octets[*index].is_ascii_digit()).collect();
                if let Some(index) = digits.get(at % digits.len().max(1)) {
                    octets[*index] = b'0' + entropy.below(10) as u8;
                }
            }
        }
    }
    octets
}
