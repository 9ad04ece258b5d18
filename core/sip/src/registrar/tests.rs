use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{Entropy, Now, StreamId, Transport};

use super::*;
use crate::flow::{Flow, FlowId};
use crate::transaction::start_of_test;
use crate::{Framing, HeaderName, Message};

/// A registrar above a map, with a clock.
struct Desk {
    registrar: Registrar,
    store: BTreeMap<BindingKey, Binding>,
    now: Now,
    persisted: usize,
}

fn flow(number: u64) -> Flow {
    Flow {
        id: FlowId::Stream(StreamId(number)),
        transport: Transport::Tls,
        local: "192.0.2.1:5061".parse().unwrap(),
        remote: "198.51.100.7:40000".parse().unwrap(),
    }
}

fn register(cseq: u32, headers: &str) -> Vec<u8> {
    format!(
        "REGISTER sip:example.org SIP/2.0\r\nVia: SIP/2.0/TLS 10.0.0.1;branch=z9hG4bK{cseq};rport\r\nMax-Forwards: 70\r\n\
         To: <sip:anna@example.org>\r\nFrom: <sip:anna@example.org>;tag=f\r\nCall-ID: reg-1\r\nCSeq: {cseq} REGISTER\r\n{headers}\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

impl Desk {
    fn new() -> Self {
        let registrar = Registrar::new(RegistrarConfig::default(), Entropy::for_test(1));
        Self { registrar, store: BTreeMap::new(), now: start_of_test(), persisted: 0 }
    }

    fn ask(&self, message: Vec<u8>, stream: u64) -> RegisterRequest {
        RegisterRequest { aor: "sip:anna@example.org".into(), message: message.into(), flow: flow(stream), epoch: 1 }
    }

    /// Sends and drives to the answer.
    fn send(&mut self, message: Vec<u8>, stream: u64) -> (u16, Vec<u8>) {
        let request = self.ask(message, stream);
        self.registrar.handle_register(request);
        self.drain().pop().unwrap()
    }

    fn drain(&mut self) -> Vec<(u16, Vec<u8>)> {
        let mut answers = Vec::new();
        while let Some(output) = self.registrar.poll_output() {
            match output {
                RegistrarOutput::Locate { ticket, .. } => {
                    self.registrar.handle_located(ticket, Ok(self.store.values().cloned().collect()), self.now);
                }
                RegistrarOutput::Persist { ticket, put, remove, .. } => {
                    self.persisted += 1;
                    remove.iter().for_each(|key| _ = self.store.remove(key));
                    put.into_iter().for_each(|binding| _ = self.store.insert(binding.key, binding));
                    self.registrar.handle_persisted(ticket, Ok(()), self.now);
                }
                RegistrarOutput::Respond { status, response, .. } => answers.push((status, response)),
            }
        }
        answers
    }
}

fn contacts(response: &[u8]) -> Vec<String> {
    let message = Message::parse(response, Framing::Stream).unwrap();
    message.contacts().map(|contact| String::from_utf8(contact.as_bytes().to_vec()).unwrap()).collect()
}

const OUTBOUND: &str = "Supported: path, outbound\r\nContact: <sip:anna@10.0.0.1;transport=tls>;reg-id=1;\
                        +sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"\r\n";

#[test]
fn a_contact_is_bound_and_shown_with_the_time_that_is_left() {
    let mut desk = Desk::new();
    let (status, response) =
        desk.send(register(1, "Contact: \"Anna\" <sip:anna@10.0.0.1:5070>;q=0.5;methods=\"INVITE\"\r\nExpires: 600\r\n"), 1);
    assert_eq!(status, 200);
    assert_eq!(contacts(&response), ["<sip:anna@10.0.0.1:5070>;methods=\"INVITE\";q=0.500;expires=600"]);
    desk.now = desk.now.after(Duration::from_secs(100));
    let (_, response) = desk.send(register(2, ""), 1);
    assert_eq!(contacts(&response), ["<sip:anna@10.0.0.1:5070>;methods=\"INVITE\";q=0.500;expires=500"]);
    assert_eq!(desk.persisted, 1, "a query writes nothing");
}

#[test]
fn the_same_instance_over_a_new_connection_replaces_its_binding() {
    let mut desk = Desk::new();
    let (_, response) = desk.send(register(1, OUTBOUND), 1);
    assert!(Message::parse(&response, Framing::Stream).unwrap().has_token(HeaderName::Require, "outbound"));
    let old = desk.store.values().next().unwrap().clone();
    desk.send(register(2, OUTBOUND), 3);
    assert_eq!(desk.store.len(), 1);
    let new = desk.store.values().next().unwrap();
    assert_eq!((new.key, new.flow.id), (old.key, FlowId::Stream(StreamId(3))));
    let other = OUTBOUND.replace("reg-id=1", "reg-id=2");
    desk.send(register(3, &other), 5);
    assert_eq!(desk.store.len(), 2, "another flow of the same device stands beside it");
}

#[test]
fn too_short_a_time_is_refused_and_too_long_a_time_is_cut() {
    let mut desk = Desk::new();
    let (status, response) = desk.send(register(1, "Contact: <sip:anna@10.0.0.1>;expires=30\r\n"), 1);
    assert_eq!(status, 423);
    assert_eq!(Message::parse(&response, Framing::Stream).unwrap().seconds(HeaderName::MinExpires), Some(60));
    let (_, response) = desk.send(register(2, "Contact: <sip:anna@10.0.0.1>;expires=4294967299\r\n"), 1);
    assert_eq!(contacts(&response), ["<sip:anna@10.0.0.1>;expires=7200"]);
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_an_overtaken_one_is_refused() {
    let mut desk = Desk::new();
    let two = register(2, "Contact: <sip:anna@10.0.0.1>;expires=600\r\n");
    let (_, first) = desk.send(two.clone(), 1);
    let (status, again) = desk.send(two, 1);
    assert_eq!((status, contacts(&again), desk.persisted), (200, contacts(&first), 1));
    let (status, _) = desk.send(register(1, "Contact: <sip:anna@10.0.0.1>;expires=600\r\n"), 1);
    assert_eq!((status, desk.persisted), (500, 1));
    let (status, _) = desk.send(register(1, "Contact: *\r\nExpires: 0\r\n"), 1);
    assert_eq!((status, desk.store.len()), (500, 1));
}

#[test]
fn a_star_clears_all_and_only_with_expires_zero() {
    let mut desk = Desk::new();
    desk.send(register(1, "Contact: <sip:anna@10.0.0.1>, <sip:anna@10.0.0.2>;q=0.1\r\n"), 1);
    assert_eq!(desk.store.len(), 2);
    assert_eq!(desk.send(register(2, "Contact: *\r\n"), 1).0, 400);
    assert_eq!(desk.send(register(2, "Contact: *\r\nExpires: 10\r\n"), 1).0, 400);
    let (status, response) = desk.send(register(2, "Contact: *\r\nExpires: 0\r\n"), 1);
    assert_eq!((status, contacts(&response).len(), desk.store.len()), (200, 0, 0));
}

#[test]
fn one_contact_is_removed_by_expires_zero() {
    let mut desk = Desk::new();
    desk.send(register(1, "Contact: <sip:anna@10.0.0.1>, <sip:anna@10.0.0.2>\r\n"), 1);
    let (_, response) = desk.send(register(2, "Contact: <sip:%61nna@10.0.0.1>;expires=0\r\n"), 1);
    assert_eq!(contacts(&response), ["<sip:anna@10.0.0.2>;expires=3600"]);
    assert_eq!(desk.store.len(), 1);
}

#[test]
fn expired_bindings_are_gone_from_answers_and_from_storage() {
    let mut desk = Desk::new();
    desk.send(register(1, "Contact: <sip:anna@10.0.0.1>;expires=60\r\n"), 1);
    desk.now = desk.now.after(Duration::from_secs(60));
    let (_, response) = desk.send(register(2, ""), 1);
    assert_eq!((contacts(&response).len(), desk.store.len()), (0, 0));
}

#[test]
fn an_address_holds_a_bounded_number_of_bindings_and_the_oldest_gives_way() {
    let mut desk = Desk::new();
    for n in 0..20 {
        desk.now = desk.now.after(Duration::from_secs(1));
        desk.send(register(n, &format!("Contact: <sip:anna@10.0.1.{n}>\r\n")), 1);
    }
    assert_eq!(desk.store.len(), 12);
    assert!(!desk.store.values().any(|binding| binding.contact.ends_with(".7")));
    let many: Vec<String> = (0..40).map(|n| format!("<sip:anna@10.0.2.{n}>")).collect();
    assert_eq!(desk.send(register(30, &format!("Contact: {}\r\n", many.join(", "))), 1).0, 403);
}

#[test]
fn what_cannot_be_called_or_kept_is_refused_as_a_whole() {
    let mut desk = Desk::new();
    let long = format!("Contact: <sip:{}@10.0.0.1>\r\n", "a".repeat(2000));
    for wrong in ["Contact: <mailto:anna@example.org>\r\n", &long] {
        assert_eq!(desk.send(register(1, wrong), 1).0, 400, "{wrong}");
    }
    assert_eq!(desk.send(register(1, "Require: gruu, teleport\r\nContact: <sip:a@10.0.0.1>\r\n"), 1).0, 420);
    assert_eq!(desk.persisted, 0);
}

#[test]
fn headers_inside_a_contact_are_kept_and_who_registers_must_have_a_sip_address() {
    let mut desk = Desk::new();
    let (_, response) = desk.send(register(1, "Contact: <sip:anna@10.0.0.1?Route=%3Csip:x%3E>\r\n"), 1);
    assert_eq!(contacts(&response), ["<sip:anna@10.0.0.1?Route=%3Csip:x%3E>;expires=3600"]);
    let odd = String::from_utf8(register(2, "")).unwrap().replace("To: <sip:anna@example.org>", "To: isbn:2983792873");
    assert_eq!(desk.send(odd.into_bytes(), 1).0, 400);
}

#[test]
fn a_path_is_remembered_and_returned() {
    let mut desk = Desk::new();
    let (_, response) = desk.send(register(1, "Supported: path\r\nPath: <sip:edge.example.org;lr>\r\nContact: <sip:anna@10.0.0.1>\r\n"), 1);
    assert_eq!(Message::parse(&response, Framing::Stream).unwrap().header_text(HeaderName::Path), Some("<sip:edge.example.org;lr>"));
    assert_eq!(desk.store.values().next().unwrap().path, ["<sip:edge.example.org;lr>"]);
}

#[test]
fn requests_for_one_address_wait_for_each_other() {
    let mut desk = Desk::new();
    for (cseq, stream) in [(1, 1), (2, 3)] {
        let request = desk.ask(register(cseq, OUTBOUND), stream);
        desk.registrar.handle_register(request);
    }
    let Some(RegistrarOutput::Locate { ticket, .. }) = desk.registrar.poll_output() else { panic!("must ask first") };
    assert_eq!(desk.registrar.poll_output(), None, "the second waits");
    desk.registrar.handle_located(ticket, Ok(Vec::new()), desk.now);
    let answers = desk.drain();
    assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [200, 200]);
    assert_eq!(desk.store.values().next().unwrap().flow.id, FlowId::Stream(StreamId(3)));
}

#[test]
fn failing_or_busy_storage_is_told_and_changes_nothing() {
    for (lending, status) in [(Lending::Failed, 500), (Lending::Busy, 503)] {
        let mut desk = Desk::new();
        let request = desk.ask(register(1, OUTBOUND), 1);
        desk.registrar.handle_register(request);
        let Some(RegistrarOutput::Locate { ticket, .. }) = desk.registrar.poll_output() else { panic!("must ask first") };
        desk.registrar.handle_located(ticket, Ok(Vec::new()), desk.now);
        let Some(RegistrarOutput::Persist { ticket, .. }) = desk.registrar.poll_output() else { panic!("must persist") };
        desk.registrar.handle_persisted(ticket, Err(lending), desk.now);
        assert_eq!(desk.drain().first().map(|(status, _)| *status), Some(status));
    }
}

#[test]
fn a_flood_is_answered_with_503_beyond_the_bound() {
    let mut desk = Desk::new();
    let config = RegistrarConfig { max_pending: 2, ..RegistrarConfig::default() };
    desk.registrar = Registrar::new(config, Entropy::for_test(1));
    for cseq in 0..3 {
        let request = desk.ask(register(cseq, OUTBOUND), 1);
        desk.registrar.handle_register(request);
    }
    let statuses: Vec<u16> = desk.drain().iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [503, 200, 200]);
}

#[test]
fn while_storage_is_silent_no_more_octets_are_kept_than_the_limit() {
    let mut desk = Desk::new();
    desk.registrar = Registrar::new(RegistrarConfig { max_octets: 20_000, ..RegistrarConfig::default() }, Entropy::for_test(1));
    let large = |cseq| register(cseq, &format!("Contact: <sip:anna@10.0.0.1>\r\nX-Large: {}\r\n", "x".repeat(5_000)));
    for cseq in 1..=10 {
        let request = desk.ask(large(cseq), 1);
        desk.registrar.handle_register(request);
    }
    let mut statuses: Vec<u16> = desk.drain().into_iter().map(|(status, _)| status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 4].as_slice(), &[503; 6]].concat());
    assert_eq!(desk.send(large(11), 1).0, 200, "room again");
}
