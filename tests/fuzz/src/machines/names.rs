use std::time::Duration;

use cooee_machine::{DnsSecurity, Entropy, Question, Record, RecordType, Resolution, ResolveFailure, SrvRecord};

use crate::mutate::pick;

const TTL: Duration = Duration::from_secs(60);

/// What the resolver says of `example.org` and its server.
pub(super) fn honest(question: &Question) -> Resolution {
    let records = match (question.name.as_str(), question.kind) {
        ("_sips._tcp.example.org", RecordType::Srv) => vec![srv("sip.example.org", 5061)],
        ("_stun._udp.example.org", RecordType::Srv) => vec![srv("sip.example.org", 3478)],
        ("sip.example.org" | "example.org", RecordType::A) => vec![Record::A([192, 0, 2, 1].into())],
        _ => return Resolution::Nothing { no_such_name: false, ttl: TTL, security: DnsSecurity::Insecure },
    };
    Resolution::Records { records, ttl: TTL, security: DnsSecurity::Insecure }
}

fn srv(target: &str, port: u16) -> Record {
    Record::Srv(SrvRecord { priority: 1, weight: 0, port, target: target.to_owned() })
}

/// What a lying or broken resolver says.
pub(super) fn spoiled(question: &Question, entropy: &mut Entropy) -> Resolution {
    let ttl = *pick(&[Duration::ZERO, Duration::from_secs(1), TTL, Duration::from_secs(u64::MAX)], entropy);
    let security = DnsSecurity::Insecure;
    match entropy.below(5) {
        0 => Resolution::Failed(*pick(
            &[
                ResolveFailure::Timeout,
                ResolveFailure::ServerFailure,
                ResolveFailure::Bogus,
                ResolveFailure::Refused,
                ResolveFailure::NoResolver,
                ResolveFailure::Untrusted,
                ResolveFailure::Captive,
            ],
            entropy,
        )),
        1 => Resolution::Nothing { no_such_name: true, ttl, security },
        2 => Resolution::Records { records: Vec::new(), ttl, security },
        _ => {
            let many = *pick(&[1, 3, 50, 1000], entropy);
            Resolution::Records { records: (0..many).map(|_| record(question, entropy)).collect(), ttl, security }
        }
    }
}

fn record(question: &Question, entropy: &mut Entropy) -> Record {
    let kind = if entropy.below(4) == 0 { *pick(&[RecordType::A, RecordType::Aaaa, RecordType::Srv], entropy) } else { question.kind };
    let names = ["", "sip.example.org", "example.org", "a..b", "_sips._tcp.example.org", "x"];
    match kind {
        RecordType::A => Record::A(entropy.u32().into()),
        RecordType::Aaaa => Record::Aaaa((u128::from(entropy.u64()) << 64).into()),
        RecordType::Naptr | RecordType::Srv => Record::Srv(SrvRecord {
            priority: entropy.u32().to_be_bytes()[0].into(),
            weight: u16::from_be_bytes([entropy.u32().to_be_bytes()[0], 0]),
            port: u16::try_from(entropy.below(65_536)).unwrap_or(0),
            target: (*pick(&names, entropy)).to_owned(),
        }),
    }
}
