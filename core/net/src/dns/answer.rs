//! A DNS message read as an answer. Pure.

use std::time::Duration;

use cooee_machine::{DnsSecurity, NaptrRecord, Question, Record, RecordType, Resolution, ResolveFailure, SrvRecord};
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{self, DNSClass, Name, RData};

/// More than any honest answer to a phone has; the rest is cut.
const RECORDS_MAX: usize = 128;
const ALIASES_MAX: usize = 8;
const POSITIVE_TTL_MAX: u32 = 86_400;
/// RFC 2308 5.
const NEGATIVE_TTL_MAX: u32 = 10_800;
/// Fits every path without fragments.
const UDP_PAYLOAD: u16 = 1232;
/// Of a padded question, in octets (RFC 8467 4.1).
const BLOCK: usize = 128;

/// A question on its way: what is asked now may be an alias of what was asked first.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) name: Name,
    pub(super) kind: rr::RecordType,
}

impl Ask {
    /// `None` if it is no name at all.
    pub(super) fn new(question: &Question) -> Option<Self> {
        let mut name = Name::from_ascii(&question.name).ok()?;
        name.set_fqdn(true);
        let kind = match question.kind {
            RecordType::A => rr::RecordType::A,
            RecordType::Aaaa => rr::RecordType::AAAA,
            RecordType::Srv => rr::RecordType::SRV,
            RecordType::Naptr => rr::RecordType::NAPTR,
        };
        Some(Self { name, kind })
    }

    /// For the root's own record, which every resolver has.
    pub(super) fn root() -> Self {
        Self { name: Name::root(), kind: rr::RecordType::SOA }
    }

    /// The name now asked for, absolute and without the final dot.
    pub(super) fn text(&self) -> String {
        text(&self.name)
    }

    /// The wire form. The AD bit asks for the resolver's verdict without the signatures (RFC 6840 5.7).
    pub(super) fn request(&self, id: u16) -> Message {
        let mut message = Message::query();
        let mut query = Query::query(self.name.clone(), self.kind);
        query.set_query_class(DNSClass::IN);
        message.add_query(query);
        message.metadata.id = id;
        message.metadata.recursion_desired = true;
        message.metadata.authentic_data = true;
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD);
        message.set_edns(edns);
        message
    }

    /// The wire form for an encrypted way, with id 0: all questions have a length in whole blocks (RFC 8467 4.1), so that the
    /// length does not tell the name.
    pub(super) fn padded_request(&self) -> Message {
        let mut message = self.request(0);
        // An option of no octets costs as much as its head.
        pad(&mut message, 0);
        let length = message.to_vec().map_or(0, |octets| octets.len());
        pad(&mut message, length.next_multiple_of(BLOCK) - length);
        message
    }

    /// Is this the answer to that question?
    pub(super) fn is_answered_by(&self, message: &Message, id: u16) -> bool {
        message.metadata.id == id
            && message.metadata.message_type == MessageType::Response
            && message.metadata.op_code == OpCode::Query
            && matches!(message.queries.as_slice(), [query]
                if query.name() == &self.name && query.query_type() == self.kind && query.query_class() == DNSClass::IN)
    }
}

fn pad(message: &mut Message, octets: usize) {
    if let Some(edns) = &mut message.edns {
        edns.options_mut().remove(EdnsCode::Padding);
        edns.options_mut().insert(EdnsOption::Unknown(EdnsCode::Padding.into(), vec![0; octets]));
    }
}

/// What one message says.
#[derive(Debug)]
pub(super) enum Answer {
    /// The end of the matter.
    Final(Resolution),
    /// The chain of aliases leaves this message: ask on there.
    Alias {
        /// Where it leads.
        to: Name,
        /// Of the aliases so far.
        ttl: Duration,
        /// Of the aliases so far.
        security: DnsSecurity,
    },
}

/// Whether an answer to [`Ask::root`] has what was asked for.
pub(super) fn knows_root(message: &Message) -> bool {
    here(message, &Name::root(), rr::RecordType::SOA).next().is_some()
}

/// Reads `message`; `trusted` says whether its AD bit counts.
pub(super) fn read(message: &Message, ask: &Ask, trusted: bool) -> Answer {
    let security = if trusted && message.metadata.authentic_data { DnsSecurity::Secure } else { DnsSecurity::Insecure };
    match message.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {}
        ResponseCode::ServFail => {
            // RFC 8914: 6 bogus, 7 expired, 8 not yet valid, 9 to 12 key, signature, zone bit or denial missing.
            let bogus = matches!(extended_error(message), Some(6..=12));
            return failed(if bogus { ResolveFailure::Bogus } else { ResolveFailure::ServerFailure });
        }
        _ => return failed(ResolveFailure::Refused),
    }
    let Some((owner, alias_ttl)) = follow(message, ask) else { return failed(ResolveFailure::Refused) };
    let found: Vec<&rr::Record> = here(message, &owner, ask.kind).take(RECORDS_MAX).collect();
    if !found.is_empty() {
        let ttl = found.iter().map(|record| record.ttl).chain(alias_ttl).min().unwrap_or(0).min(POSITIVE_TTL_MAX);
        let records = found.into_iter().filter_map(convert).collect();
        return Answer::Final(Resolution::Records { records, ttl: seconds(ttl), security });
    }
    let soa = message.authorities.iter().find_map(|record| match &record.data {
        RData::SOA(soa) if record.name.zone_of(&owner) => Some(record.ttl.min(soa.minimum)),
        _ => None,
    });
    let no_such_name = message.metadata.response_code == ResponseCode::NXDomain;
    if owner != ask.name && soa.is_none() && !no_such_name {
        return Answer::Alias { to: owner, ttl: seconds(alias_ttl.unwrap_or(0).min(POSITIVE_TTL_MAX)), security };
    }
    let ttl = seconds(soa.unwrap_or(0).min(NEGATIVE_TTL_MAX));
    Answer::Final(Resolution::Nothing { no_such_name, ttl, security })
}

/// Where the aliases of the name end within this message, and the least time to live on the way; `None` for a loop.
fn follow(message: &Message, ask: &Ask) -> Option<(Name, Option<u32>)> {
    let (mut owner, mut ttl, mut seen) = (ask.name.clone(), None::<u32>, 0);
    loop {
        if here(message, &owner, ask.kind).next().is_some() {
            return Some((owner, ttl));
        }
        let alias = here(message, &owner, rr::RecordType::CNAME).next();
        let Some((record, RData::CNAME(to))) = alias.map(|record| (record, &record.data)) else { return Some((owner, ttl)) };
        seen += 1;
        if seen > ALIASES_MAX || to.0 == ask.name {
            return None;
        }
        ttl = Some(ttl.map_or(record.ttl, |least| least.min(record.ttl)));
        owner = to.0.clone();
    }
}

fn here<'m>(message: &'m Message, owner: &Name, kind: rr::RecordType) -> impl Iterator<Item = &'m rr::Record> {
    message.answers.iter().filter(move |record| record.dns_class == DNSClass::IN && record.record_type() == kind && &record.name == owner)
}

fn convert(record: &rr::Record) -> Option<Record> {
    Some(match &record.data {
        RData::A(address) => Record::A(address.0),
        RData::AAAA(address) => Record::Aaaa(address.0),
        RData::SRV(srv) => Record::Srv(SrvRecord { priority: srv.priority, weight: srv.weight, port: srv.port, target: text(&srv.target) }),
        RData::NAPTR(naptr) => Record::Naptr(NaptrRecord {
            order: naptr.order,
            preference: naptr.preference,
            flags: String::from_utf8_lossy(&naptr.flags).into_owned(),
            services: String::from_utf8_lossy(&naptr.services).into_owned(),
            regexp: String::from_utf8_lossy(&naptr.regexp).into_owned(),
            replacement: text(&naptr.replacement),
        }),
        _ => return None,
    })
}

fn text(name: &Name) -> String {
    let text = name.to_ascii();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

fn extended_error(message: &Message) -> Option<u16> {
    match message.edns.as_ref()?.option(EdnsCode::Unknown(15))? {
        EdnsOption::Unknown(_, data) => data.first_chunk().map(|code| u16::from_be_bytes(*code)),
        _ => None,
    }
}

fn failed(failure: ResolveFailure) -> Answer {
    Answer::Final(Resolution::Failed(failure))
}

fn seconds(ttl: u32) -> Duration {
    Duration::from_secs(ttl.into())
}
