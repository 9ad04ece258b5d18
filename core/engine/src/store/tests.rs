use std::fs;

use cooee_call::{
    Advice, CallDirection, CallId, EndReason, Fact, LoginTrouble, MediaKeys, MediaProtection, Milestone, Request, Side, Story,
};
use cooee_database::rusqlite::{self, Connection};
use cooee_database::version;
use cooee_machine::{ClientKey, DnsSecurity, Pii, ResolveFailure, Secret, ServerTrust, Transport};
use cooee_phone::probe::{Answered, Finding, Protocol, Published, Service, Source, Unknown};
use cooee_phone::{AccountId, BlockRule, Choice, Inquiry, MessageId, MessageTrouble, Reply, VerifiedKey};
use cooee_rtc::MediaSecurity;

use super::key::Kind;
use super::*;
use crate::testing::Folder;
use crate::{AccountOptions, NewAccount};

const NEWEST: i64 = STEPS.len() as i64;

fn in_folder(folder: &std::path::Path) -> StoreLocation {
    StoreLocation::File(folder.join("cooee.db"))
}

fn in_memory() -> Store {
    Store::open(&StoreLocation::Memory).unwrap()
}

fn account(id: u64, address: &str) -> StoredAccount {
    let options = AccountOptions {
        auth_user: Some(Pii("4711".to_owned())),
        display_name: Some(Pii("Anna".to_owned())),
        proxy: Some("pbx.lan:5060".to_owned()),
        transport: Some(Transport::Udp),
        ..AccountOptions::default()
    };
    let account = NewAccount { options, ..NewAccount::new(address, Secret::new("hunter2")) };
    StoredAccount::new(AccountId(id), &account, Duration::from_millis(1_790_000_000_123))
}

/// An account of a provider that wants much.
fn provider() -> StoredAccount {
    let options = AccountOptions {
        transport: Some(Transport::Tls),
        trust: ServerTrust::Authorities(vec![vec![0x30, 1], vec![0x30, 2]]),
        protection: MediaProtection::BestEffort,
        stun_server: Some("stun.provider.example".to_owned()),
        expires: Some(Duration::from_secs(600)),
        register: false,
        numbers: true,
        ..AccountOptions::default()
    };
    let account = NewAccount { options, ..NewAccount::new("anna@provider.example", Secret::new("hunter2")) };
    StoredAccount::new(AccountId(5), &account, Duration::from_millis(1_790_000_000_124))
}

/// An exchange that hands its calls over by itself.
fn exchange() -> StoredAccount {
    let options = AccountOptions { transport: Some(Transport::Tls), follow_transfers: true, ..AccountOptions::default() };
    let account = NewAccount { options, ..NewAccount::new("anna@pbx.lan", Secret::new("hunter2")) };
    StoredAccount::new(AccountId(6), &account, Duration::from_millis(1_790_000_000_125))
}

fn text(id: u64, name: Option<&str>, text: &str, state: MessageState) -> StoredMessage {
    StoredMessage {
        id: MessageId(id),
        account: Pii("anna@example.org".to_owned()),
        peer: Pii("sip:ben@example.org".to_owned()),
        peer_name: name.map(|name| Pii(name.to_owned())),
        at: Duration::from_millis(1_790_000_000_122 + id),
        text: Pii(text.to_owned()),
        state,
    }
}

fn call(reason: EndReason) -> PastCall {
    PastCall {
        number: 0,
        account: Pii("anna@example.org".to_owned()),
        direction: CallDirection::Incoming,
        peer: Pii("sip:ben@example.org".to_owned()),
        peer_name: Some(Pii("Ben".to_owned())),
        begun: Duration::from_millis(1_790_000_000_123),
        missed: false,
        times: 1,
        reason_id: reason.id().to_owned(),
        reason: Some(reason),
        security: Some(MediaSecurity::EndToEnd),
        cipher: Some("AEAD_AES_128_GCM".to_owned()),
        codec: Some("opus".to_owned()),
        steps: vec![
            ("begun".to_owned(), Duration::ZERO),
            ("answered".to_owned(), Duration::from_millis(1500)),
            ("ended".to_owned(), Duration::from_millis(61_500)),
        ],
        legs: Vec::new(),
        story: Story::default(),
    }
}

/// The last calls, as they were before they had a number.
fn logged(store: &mut Store) -> Vec<PastCall> {
    store.past_calls(10, false).unwrap().into_iter().map(|call| PastCall { number: 0, ..call }).collect()
}

fn leg(address: &str, reason: Option<EndReason>, after: u64) -> PastLeg {
    let outcome = reason.as_ref().map_or("answered", EndReason::id).to_owned();
    let (address, account) = (Pii(address.to_owned()), Pii("anna@example.org".to_owned()));
    PastLeg { address, account, after: Duration::from_millis(after), reason, outcome }
}

/// A call that went to three addresses, and was answered at the last.
fn call_with_legs() -> PastCall {
    let failed = EndReason::ServerError { status: 503, text: "Busy".to_owned() };
    let legs = vec![
        leg("sip:ben@example.net", Some(failed), 0),
        leg("sip:ben@example.org", Some(EndReason::NoSign), 120),
        leg("sip:+41446681800@provider.example;user=phone", None, 4120),
    ];
    let hung_up = EndReason::HungUp(Side::Us);
    PastCall { direction: CallDirection::Outgoing, begun: Duration::from_millis(1_790_000_000_200), legs, ..call(hung_up) }
}

/// What was chosen in the fixtures.
fn choice() -> Choice {
    Choice { account: Some(AccountId(5)), address: Some(Pii("sip:ben@example.net".to_owned())) }
}

fn ben() -> [Pii<String>; 1] {
    [Pii("sip:ben@example.org".to_owned())]
}

/// That of the fixtures.
fn key() -> ContactKey {
    ContactKey::new(&Secret::new("a key of tests"))
}

fn finding(published: Published, checked: Duration) -> Finding {
    let ttl = Duration::from_secs(300);
    Finding { published, security: DnsSecurity::Secure, source: Source::Dns, checked, ttl }
}

#[test]
fn accounts_come_back_as_they_were_and_their_numbers_are_never_given_again() {
    let mut store = in_memory();
    for (id, address) in [(1, "anna@example.org"), (2, "ben@example.org")] {
        assert_eq!(store.next_account(address).unwrap(), Some(AccountId(id)));
        store.add_account(&account(id, address)).unwrap();
        assert_eq!(store.next_account(address).unwrap(), None, "one address, one account");
    }
    assert!(store.add_account(&account(3, "anna@example.org")).is_err(), "one address, one account");
    assert_eq!(store.accounts().unwrap(), [account(1, "anna@example.org"), account(2, "ben@example.org")]);
    store.remove_account(AccountId(2)).unwrap();
    assert_eq!(store.accounts().unwrap().len(), 1);
    assert_eq!([(); 2].map(|()| store.next_account("ben@example.org").unwrap()), [Some(AccountId(3)), Some(AccountId(4))]);
}

#[test]
fn an_account_keeps_every_option_and_whom_it_believes() {
    let mut store = in_memory();
    let pinned = StoredAccount {
        id: AccountId(7),
        address: Pii("anna@exchange.lan".to_owned()),
        options: AccountOptions { trust: ServerTrust::Pin([7; 32]), protection: MediaProtection::Plain, ..AccountOptions::default() },
        added: Duration::ZERO,
    };
    let private =
        StoredAccount { options: AccountOptions { trust: ServerTrust::Authority([8; 32]), ..AccountOptions::default() }, ..pinned.clone() };
    let mut keyed = private.clone();
    keyed.options.key = Some(ClientKey { name: "device".to_owned(), chain: vec![vec![0x30, 3], vec![0x30, 4]] });
    for account in [provider(), exchange(), pinned, private, keyed] {
        store.add_account(&account).unwrap();
        assert_eq!(store.accounts().unwrap(), std::slice::from_ref(&account));
        store.remove_account(account.id).unwrap();
    }
    let left: i64 =
        store.0.with(|connection| connection.query_row("SELECT count(*) FROM account_authority", [], |row| row.get(0))).unwrap();
    assert_eq!(left, 0, "its authorities go with it");
    let left: i64 =
        store.0.with(|connection| connection.query_row("SELECT count(*) FROM account_certificate", [], |row| row.get(0))).unwrap();
    assert_eq!(left, 0, "and its certificates");
}

#[test]
fn an_authority_that_people_have_compared_takes_the_place_of_whom_an_account_believed_before() {
    let mut store = in_memory();
    store.add_account(&provider()).unwrap();
    let mut trusting = provider();
    trusting.options.trust = ServerTrust::Authority([8; 32]);
    assert_eq!(store.trust_authority(trusting.id, &[8; 32]).unwrap().as_ref(), Some(&trusting));
    assert_eq!(store.accounts().unwrap(), [trusting]);
    assert_eq!(store.trust_authority(AccountId(77), &[8; 32]).unwrap(), None);
}

#[test]
fn who_is_blocked_is_kept_one_by_one() {
    let mut store = in_memory();
    let rules: Vec<BlockRule> = ["ben@example.org", "spam.example"].into_iter().filter_map(BlockRule::parse).collect();
    for rule in rules.iter().chain(&rules) {
        store.set_listed(List::Blocked, rule, true).unwrap();
        store.set_listed(List::Allowed, rule, true).unwrap();
    }
    let blocked =
        |texts: &[u32]| rules.iter().rev().zip(texts.iter().rev()).map(|(rule, texts)| (rule.clone(), *texts)).rev().collect::<Vec<_>>();
    assert_eq!(store.blocked().unwrap(), blocked(&[0, 0]));
    for _ in 0..3 {
        store.count_blocked(&rules[1]).unwrap();
    }
    store.set_listed(List::Blocked, &rules[1], true).unwrap();
    store.set_listed(List::Blocked, &rules[0], false).unwrap();
    assert_eq!(store.blocked().unwrap(), blocked(&[3]), "what was counted stays");
    store.set_listed(List::Allowed, &rules[1], false).unwrap();
    assert_eq!(store.listed(List::Allowed).unwrap(), rules[..1]);
}

#[test]
fn texts_stay_in_order_and_are_told_what_became_of_them() {
    let mut store = in_memory();
    store.add_message(&text(1, Some("Ben"), "Hello", MessageState::Received)).unwrap();
    store.add_message(&text(2, None, "Hello yourself", MessageState::Sent)).unwrap();
    let last = store.add_message(&text(0, None, "Again", MessageState::Sent)).unwrap();
    assert_eq!(last, MessageId(3), "the store counts, whatever number a text brings along");
    store.set_message_state(MessageId(2), &MessageState::Delivered).unwrap();
    store.set_message_state(MessageId(3), &MessageState::Failed(Some(MessageTrouble::NoAnswer))).unwrap();
    let states: Vec<MessageState> = store.messages(2).unwrap().into_iter().map(|message| message.state).collect();
    assert_eq!(states, [MessageState::Delivered, MessageState::Failed(Some(MessageTrouble::NoAnswer))]);
}

fn text_from(id: u64, peer: &str) -> StoredMessage {
    StoredMessage { peer: Pii(peer.to_owned()), ..text(id, None, "x", MessageState::Received) }
}

fn texts_of(store: &mut Store, peer: &str) -> usize {
    store.messages(u32::MAX).unwrap().iter().filter(|message| message.peer.reveal().starts_with(peer)).count()
}

#[test]
fn strangers_push_out_strangers_and_no_friends() {
    let mut store = in_memory();
    store.add_message(&text(1, None, "Hello", MessageState::Sent)).unwrap();
    store.add_message(&text_from(2, "sip:ben@Example.org;transport=tls")).unwrap();
    for id in 0..150 {
        store.add_message(&text_from(1000 + id, "sip:eve@evil.example")).unwrap();
    }
    assert_eq!(texts_of(&mut store, "sip:eve@"), 100, "no stranger has more than its share");
    for id in 0..1100 {
        store.add_message(&text_from(2_000_000 + id, &format!("sip:eve{id}@evil.example"))).unwrap();
    }
    assert_eq!((texts_of(&mut store, "sip:eve"), texts_of(&mut store, "sip:eve@")), (1000, 0), "nor all of them together");
    assert_eq!(texts_of(&mut store, "sip:ben"), 2, "however many numbers they use up");
    // Who is written to is a stranger no longer.
    store.add_message(&StoredMessage { state: MessageState::Sent, ..text_from(3_000_000, "eve1099@evil.example") }).unwrap();
    for id in 0..1000 {
        store.add_message(&text_from(4_000_000 + id, &format!("sip:mallory{id}@evil.example"))).unwrap();
    }
    assert_eq!((texts_of(&mut store, "sip:eve"), texts_of(&mut store, "eve1099")), (1, 1));
}

#[test]
fn where_all_have_too_much_who_has_most_gives_way() {
    let mut store = in_memory();
    store.add_message(&text_from(1, "sip:carol@example.net")).unwrap();
    for id in 0..1100 {
        store.add_message(&text_from(1000 + id, &format!("sip:eve{}@evil.example", id % 11))).unwrap();
    }
    assert_eq!((texts_of(&mut store, "sip:carol"), texts_of(&mut store, "sip:eve")), (1, 999));
    assert!((0..11).all(|eve| (90..=91).contains(&texts_of(&mut store, &format!("sip:eve{eve}@")))));
}

#[test]
fn what_a_stranger_says_of_itself_is_cut() {
    let mut store = in_memory();
    let message =
        StoredMessage { peer_name: Some(Pii("n".repeat(5000))), ..text_from(1, &format!("sip:{}@evil.example", "x".repeat(5000))) };
    store.add_message(&message).unwrap();
    let kept = store.messages(1).unwrap().remove(0);
    assert_eq!((kept.peer.reveal().len(), kept.peer_name.unwrap().reveal().len()), (512, 512));
}

fn missed_at(minute: u64, peer: &str) -> PastCall {
    let steps = vec![("begun".to_owned(), Duration::ZERO)];
    let begun = Duration::from_secs(1_790_000_000 + 60 * minute);
    PastCall { missed: true, peer: Pii(peer.to_owned()), begun, steps, ..call(EndReason::Cancelled(Side::Peer)) }
}

#[test]
fn missed_calls_of_one_peer_in_a_row_are_one_line() {
    let mut store = in_memory();
    for minute in 0..37 {
        store.log_call(&missed_at(minute, "sip:eve@evil.example")).unwrap();
        store.log_call(&missed_at(minute, &format!("sip:eve{minute}@evil.example"))).unwrap();
    }
    let lines = store.past_calls(u32::MAX, true).unwrap();
    let [line] = &lines.iter().filter(|line| line.peer.reveal() == "sip:eve@evil.example").collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!((line.times, line.begun, lines.len()), (37, missed_at(36, "").begun, 38));
    store.log_call(&missed_at(97, "sip:eve@evil.example")).unwrap();
    assert_eq!(store.past_calls(1, true).unwrap()[0].times, 1, "an hour later is another matter");
    store.log_call(&PastCall { peer: Pii("sip:eve@evil.example".to_owned()), ..call(EndReason::HungUp(Side::Us)) }).unwrap();
    store.log_call(&missed_at(98, "sip:eve@evil.example")).unwrap();
    assert_eq!(store.past_calls(1, true).unwrap()[0].times, 1, "and so is one after they spoke");
}

fn numbers(calls: &[PastCall]) -> Vec<u64> {
    calls.iter().map(|call| call.number).collect()
}

#[test]
fn the_log_and_texts_are_read_page_by_page_without_a_gap_though_more_comes_meanwhile() {
    let mut store = in_memory();
    let before = |before, most| Page { before, ..Page::from(most) };
    for number in 1..=5 {
        assert_eq!(store.log_call(&call(EndReason::HungUp(Side::Us))).unwrap(), number);
        store.add_message(&text(0, None, "Hello", MessageState::Received)).unwrap();
    }
    assert_eq!(numbers(&store.past_calls(2, false).unwrap()), [4, 5]);
    store.log_call(&missed_at(0, "sip:zoe@example.org")).unwrap();
    assert_eq!(numbers(&store.past_calls(before(Some(4), 2), false).unwrap()), [2, 3]);
    assert_eq!(numbers(&store.past_calls(before(Some(2), 2), false).unwrap()), [1]);
    assert_eq!(numbers(&store.past_calls(before(None, 9), true).unwrap()), [6]);
    assert_eq!(numbers(&store.past_calls(before(Some(6), 9), true).unwrap()), [0; 0]);
    let texts = |store: &mut Store, page: Page| store.messages(page).unwrap().iter().map(|text| text.id.0).collect::<Vec<_>>();
    assert_eq!(texts(&mut store, before(Some(4), 2)), [2, 3]);
    assert_eq!(texts(&mut store, before(Some(u64::MAX), 1)), [5]);
}

#[test]
fn the_history_with_somebody_is_found_beyond_any_number_of_lines_with_others() {
    let mut store = in_memory();
    store.add_account(&account(1, "anna@example.org")).unwrap();
    let both = ["sip:ben@Example.org;transport=tls", "ben"];
    for peer in [both[0], "sip:dora@example.org", both[1], "tel:+41446681800"] {
        store.log_call(&PastCall { missed: false, ..missed_at(0, peer) }).unwrap();
    }
    store.add_message(&text(0, None, "Hello", MessageState::Received)).unwrap();
    for other in 0..200 {
        store.log_call(&missed_at(0, &format!("sip:s{other}@example.org"))).unwrap();
    }
    let with = |with: &[&str], most| Page { with: with.iter().map(|with| Pii((*with).to_owned())).collect(), ..Page::from(most) };
    let calls = |store: &mut Store, page| store.past_calls(page, false).unwrap().into_iter().map(|call| call.peer.0).collect::<Vec<_>>();
    assert_eq!(calls(&mut store, with(&["ben@example.org"], 9)), both);
    assert_eq!(calls(&mut store, with(&["ben"], 1)), both[1..], "at the own domain, and the newest of them");
    assert_eq!(calls(&mut store, with(&["ben", "tel:+41446681800"], 9)), [both[0], both[1], "tel:+41446681800"]);
    assert!(store.past_calls(with(&["ben"], 9), true).unwrap().is_empty(), "none was missed");
    assert!(calls(&mut store, with(&["cleo@example.org"], 9)).is_empty());
    assert_eq!(store.messages(with(&["BEN@example.org"], 9)).unwrap().len(), 0, "a user part is taken to the letter");
    assert_eq!(store.messages(with(&["sip:ben@example.org"], 9)).unwrap().len(), 1);
}

#[test]
fn what_was_missed_is_new_until_it_was_looked_at_and_what_comes_then_is_new_again() {
    let mut store = in_memory();
    store.log_call(&call(EndReason::HungUp(Side::Us))).unwrap();
    store.log_call(&missed_at(0, "sip:ben@example.org")).unwrap();
    store.add_message(&text(0, None, "Hello", MessageState::Received)).unwrap();
    store.add_message(&text(0, None, "Hello yourself", MessageState::Sent)).unwrap();
    let count = |store: &mut Store| store.unseen().map(|unseen| (unseen.missed, unseen.texts)).unwrap();
    assert_eq!(count(&mut store), (1, 1));
    let new = |store: &mut Store| {
        let unseen = store.unseen().unwrap();
        store.past_calls(9, false).unwrap().iter().map(|call| unseen.has_call(call)).collect::<Vec<_>>()
    };
    assert_eq!(new(&mut store), [false, true]);
    store.set_seen(Table::Call, u64::MAX).unwrap();
    store.set_seen(Table::Call, 1).unwrap();
    assert_eq!((new(&mut store), count(&mut store)), (vec![false, false], (0, 1)), "what was looked at stays so");
    store.log_call(&missed_at(1, "sip:ben@example.org")).unwrap();
    assert_eq!(count(&mut store), (1, 1), "another call of the same person, though on the same line");
    store.set_seen(Table::Message, 1).unwrap();
    let unseen = store.unseen().unwrap();
    assert_eq!((unseen.missed, unseen.texts), (1, 0));
    assert!(!store.messages(9).unwrap().iter().any(|text| unseen.has_text(text)));
}

#[test]
fn what_is_forgotten_of_the_history_is_overwritten_and_its_numbers_are_never_given_again() {
    let folder = Folder::new();
    let mut store = Store::open(&in_folder(folder.path())).unwrap();
    store.log_call(&PastCall { peer: Pii("sip:benedikt@example.org".to_owned()), ..call_with_legs() }).unwrap();
    store.log_call(&call(EndReason::ServerError { status: 503, text: "Busy".to_owned() })).unwrap();
    store.add_message(&text(0, None, "something secret", MessageState::Sent)).unwrap();
    assert_eq!((store.forget(Table::Call, Some(1)), store.forget(Table::Call, Some(1))), (Ok(1), Ok(0)));
    assert_eq!(numbers(&store.past_calls(9, false).unwrap()), [2], "the others stay");
    assert_eq!((store.forget(Table::Call, None), store.forget(Table::Message, None)), (Ok(1), Ok(1)));
    let files = fs::read_dir(folder.path()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    let octets = files.collect::<Vec<_>>().concat();
    for gone in ["benedikt", "provider.example", "something secret", "server-error"] {
        assert!(!octets.windows(gone.len()).any(|window| window == gone.as_bytes()), "{gone} is still there");
    }
    assert_eq!(store.log_call(&call(EndReason::ShutDown)).unwrap(), 3);
    assert_eq!(store.add_message(&text(0, None, "Again", MessageState::Sent)).unwrap(), MessageId(2));
}

#[test]
fn missed_calls_of_strangers_push_out_no_others() {
    let mut store = in_memory();
    store.log_call(&call(EndReason::HungUp(Side::Us))).unwrap();
    store.log_call(&missed_at(0, "sip:ben@example.org")).unwrap();
    for number in 0..1200 {
        store.log_call(&missed_at(1, &format!("sip:eve{number}@evil.example"))).unwrap();
    }
    let lines = store.past_calls(u32::MAX, false).unwrap();
    assert_eq!((lines.len(), lines.iter().filter(|line| line.peer.reveal() == "sip:ben@example.org").count()), (1002, 2));
    let steps: i64 = store.0.with(|connection| connection.query_row("SELECT count(*) FROM call_step", [], |row| row.get(0))).unwrap();
    assert_eq!(steps, 3 + 1001, "their steps go with them");
}

#[test]
fn missed_calls_are_marked_also_those_from_before_there_was_a_mark() {
    let folder = Folder::new();
    let StoreLocation::File(path) = in_folder(folder.path()) else { panic!() };
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("fixtures/schema-1.sql")).unwrap();
    let missed = "INSERT INTO call (account, direction, peer, begun, reason) VALUES ('anna@example.org', ?, 'sip:zoe@example.org', 5, ?)";
    for (direction, reason) in [("incoming", "cancelled.peer"), ("incoming", "hung-up.us"), ("outgoing", "no-answer.peer")] {
        old.execute(missed, [direction, reason]).unwrap();
    }
    drop(old);
    let mut store = Store::open(&StoreLocation::File(path)).unwrap();
    store.log_call(&PastCall { missed: true, ..call(EndReason::DoNotDisturb) }).unwrap();
    let reasons: Vec<String> = store.past_calls(10, true).unwrap().into_iter().map(|call| call.reason_id).collect();
    assert_eq!(reasons, ["cancelled.peer", "do-not-disturb"]);
    assert_eq!(store.past_calls(10, false).unwrap().len(), 5);
}

#[test]
fn what_domains_say_comes_back_under_the_key_it_was_kept_by_and_is_forgotten_after_90_days() {
    let mut store = in_memory();
    let day = Duration::from_secs(86_400);
    let all = [
        Published::Calls(vec![Service::Sips, Service::XmppServer]),
        Published::Refuses,
        Published::Nothing,
        Published::Unknown(Unknown::Implausible),
        Published::Unknown(Unknown::Resolver(ResolveFailure::Bogus)),
    ];
    let kept: Vec<(String, Finding)> =
        all.into_iter().enumerate().map(|(number, it)| (format!("d{number}.example"), finding(it, day * 100))).collect();
    store.keep_findings(&key(), &kept).unwrap();
    let names = || kept.iter().map(|(domain, _)| domain.clone()).collect::<Vec<_>>();
    assert_eq!(store.findings(&key(), names()).unwrap(), kept);
    assert_eq!(store.findings(&ContactKey::new(&Secret::new("another")), names()).unwrap(), []);
    store.keep_findings(&key(), &[("new.example".to_owned(), finding(Published::Nothing, day * 191))]).unwrap();
    assert_eq!(store.findings(&key(), names()).unwrap(), []);
}

#[test]
fn who_was_there_comes_back_in_the_order_asked_for() {
    let mut store = in_memory();
    let there = Answered { when: Duration::from_millis(1_790_000_000_123), protocol: Protocol::Xmpp };
    store.keep_answered(&key(), &Pii("sip:ben@example.org".to_owned()), there).unwrap();
    let people = ["sip:anna@example.org", "sip:ben@example.org"].map(|address| Pii(address.to_owned()));
    assert_eq!(store.answered(&key(), &people).unwrap(), [None, Some(there)]);
}

#[test]
fn what_asking_has_come_to_stays_until_something_else_is_said_and_is_forgotten_after_90_days() {
    let mut store = in_memory();
    let day = Duration::from_secs(86_400);
    let of = |name: &str| Pii(format!("sip:{name}@example.org"));
    let asked = |when, said| Inquiry { asked: when, said };
    let known = |store: &mut Store, name| store.inquiries(&key(), &[of(name)]).unwrap()[0];
    for reply in [Reply::There, Reply::NoSuchUser, Reply::NotTaken] {
        store.keep_inquiry(&key(), &of("ben"), asked(day, Some((reply, day)))).unwrap();
        assert_eq!(known(&mut store, "ben"), Some(asked(day, Some((reply, day)))));
    }
    store.keep_inquiry(&key(), &of("ben"), asked(day * 8, None)).unwrap();
    assert_eq!(known(&mut store, "ben"), Some(asked(day * 8, Some((Reply::NotTaken, day)))), "what is not known displaces nothing");
    store.keep_inquiry(&key(), &of("carl"), asked(day * 8, None)).unwrap();
    assert_eq!((known(&mut store, "carl"), known(&mut store, "dora")), (Some(asked(day * 8, None)), None));
    store.keep_inquiry(&key(), &of("dora"), asked(day * 99, None)).unwrap();
    assert_eq!((known(&mut store, "ben"), store.stored().unwrap().inquiries), (None, 1));
}

#[test]
fn whom_the_owner_called_or_marked_is_known_by_hash_and_by_the_log() {
    let mut store = in_memory();
    store.log_call(&PastCall { direction: CallDirection::Outgoing, ..call(EndReason::ShutDown) }).unwrap();
    let eve = Pii("sip:eve@example.org".to_owned());
    store.log_call(&PastCall { direction: CallDirection::Incoming, peer: eve, ..call(EndReason::ShutDown) }).unwrap();
    store.keep_mark(&key(), &[Pii("sip:carl@example.net".to_owned())], true).unwrap();
    store.keep_mark(&key(), &[Pii("sip:carl@example.net".to_owned())], false).unwrap();
    let there = Answered { when: Duration::from_secs(1), protocol: Protocol::Sip };
    store.keep_answered(&key(), &Pii("sip:dora@example.net".to_owned()), there).unwrap();
    let chosen = store.chosen().unwrap();
    let hash = |address| key().hash(Kind::Person, address);
    assert_eq!(chosen.called.into_iter().collect::<Vec<_>>(), ["ben@example.org"], "who calls is not called");
    assert_eq!(chosen.marks.into_iter().collect::<Vec<_>>(), [(hash("sip:carl@example.net"), false)], "the last word counts");
    assert_eq!(chosen.answered.into_iter().collect::<Vec<_>>(), [hash("sip:dora@example.net")]);
}

#[test]
fn the_journal_counts_by_the_hour_and_goes_back_30_days() {
    let mut store = in_memory();
    let hour = Duration::from_secs(3600);
    let asked = |whom: &str, times| (whom.to_owned(), "SRV _sips._tcp".to_owned(), times);
    store.note_asked(hour * 1000, &[asked("192.0.2.1:53", 3), asked("192.0.2.2:53", 1)]).unwrap();
    store.note_asked(hour * 1000 + Duration::from_secs(1800), &[asked("192.0.2.1:53", 4)]).unwrap();
    let lines: Vec<(Duration, u64)> = store.asked(hour * 1001).unwrap().into_iter().map(|line| (line.hour, line.times)).collect();
    assert_eq!(lines, [(hour * 1000, 7), (hour * 1000, 1)]);
    assert_eq!(store.asked(hour * (1001 + 30 * 24)).unwrap(), [], "older ones are not shown");
    store.note_asked(hour * (1001 + 30 * 24), &[asked("192.0.2.1:53", 1)]).unwrap();
    assert_eq!(store.stored().unwrap().asked, 1, "nor kept");
}

#[test]
fn no_contact_stands_in_the_file_and_nothing_is_left_of_them_after_wiping() {
    let folder = Folder::new();
    let location = in_folder(folder.path());
    let mut store = Store::open(&location).unwrap();
    store.add_account(&account(1, "anna@example.org")).unwrap();
    store.keep_findings(&key(), &[("ben-nagy.example".to_owned(), finding(Published::Refuses, Duration::from_secs(1)))]).unwrap();
    let there = Answered { when: Duration::from_secs(1), protocol: Protocol::Sip };
    store.keep_answered(&key(), &Pii("sip:benedikt@ben-nagy.example".to_owned()), there).unwrap();
    let to_address = Choice { address: Some(Pii("sip:benedikt@office.example".to_owned())), account: None };
    store.keep_choice(&key(), &[Pii("tel:+41446681800".to_owned())], &to_address).unwrap();
    let carl = Pii("sip:carl@office.example".to_owned());
    store.keep_mark(&key(), std::slice::from_ref(&carl), true).unwrap();
    store.keep_inquiry(&key(), &carl, Inquiry { asked: Duration::from_secs(1), said: None }).unwrap();
    store.note_asked(Duration::from_secs(1), &[("resolver-of-tests".to_owned(), "NAPTR".to_owned(), 1)]).unwrap();
    let octets = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        files.collect::<Vec<_>>().concat()
    };
    let has = |octets: &[u8], text: &[u8]| octets.windows(text.len()).any(|window| window == text);
    let (domain, person) = (key().hash(Kind::Domain, "ben-nagy.example"), key().hash(Kind::Person, "sip:benedikt@ben-nagy.example"));
    let (number, office) = (key().hash(Kind::Person, "tel:+41446681800"), key().hash(Kind::Person, "sip:benedikt@office.example"));
    let before = octets();
    let marked = key().hash(Kind::Person, "sip:carl@office.example");
    assert!(has(&before, &number) && has(&before, &office) && has(&before, &marked));
    assert!(has(&before, &domain) && has(&before, &person) && has(&before, b"resolver-of-tests"));
    assert!(!has(&before, b"ben-nagy") && !has(&before, b"benedikt") && !has(&before, b"6681800"));
    let rows = Stored { accounts: 1, domains: 1, people: 1, choices: 1, marks: 1, inquiries: 1, asked: 1, ..Stored::default() };
    assert_eq!(store.stored().unwrap(), rows);
    store.wipe_contacts().unwrap();
    assert_eq!(store.stored().unwrap(), Stored { accounts: 1, ..Stored::default() });
    let after = octets();
    assert!(
        !has(&after, &domain)
            && !has(&after, &person)
            && !has(&after, b"resolver-of-tests")
            && !has(&after, &number)
            && !has(&after, &office)
            && !has(&after, &marked)
    );
    store.close().unwrap();
    assert!(has(&octets(), b"anna@example.org"), "the rest is still there");
}

#[test]
fn who_reads_along_keeps_a_wipe_from_being_complete_and_it_says_so() {
    let folder = Folder::new();
    let mut store = Store::open(&in_folder(folder.path())).unwrap();
    store.note_asked(Duration::from_secs(1), &[("resolver-of-tests".to_owned(), "NAPTR".to_owned(), 1)]).unwrap();
    store.0.with(|connection| connection.busy_timeout(Duration::from_millis(1))).unwrap();
    let reader = Connection::open(folder.path().join("cooee.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM asked").unwrap();
    assert!(matches!(store.wipe_contacts(), Err(StoreError::Busy { .. })));
    assert_eq!(store.stored().unwrap().asked, 0, "what is known is gone all the same");
    reader.execute_batch("COMMIT").unwrap();
    store.wipe_contacts().unwrap();
}

#[test]
fn settings_are_set_replaced_and_forgotten() {
    let mut store = in_memory();
    for value in [Some("one"), Some("two"), None] {
        store.set_setting("ring", value).unwrap();
        assert_eq!(store.setting("ring").unwrap().as_deref(), value);
    }
}

#[test]
fn a_call_comes_back_from_the_log_with_its_reason_and_steps() {
    let mut store = in_memory();
    let reasons = [
        EndReason::HungUp(Side::Peer),
        EndReason::ServerError { status: 503, text: "Busy \u{2764}".to_owned() },
        EndReason::Login(LoginTrouble::WrongPassword),
    ];
    for reason in &reasons {
        store.log_call(&call(reason.clone())).unwrap();
    }
    assert_eq!(logged(&mut store), reasons.map(call));
    let last = store.past_calls(1, false).unwrap().remove(0);
    assert_eq!(last.reason, Some(EndReason::Login(LoginTrouble::WrongPassword)));
    assert_eq!(last.talked(), Some(Duration::from_secs(60)));
    assert_eq!(last.step(Milestone::Ringing), None);
}

/// That of the fixtures.
fn known_key() -> KnownKey {
    KnownKey {
        account: Pii("anna@example.org".to_owned()),
        peer: Pii("sip:ben@example.org".to_owned()),
        keys: MediaKeys { ours: [1; 32], theirs: [2; 32] },
        seen: Duration::from_millis(1_790_000_000_300),
        verified: Some(Duration::from_millis(1_790_000_000_400)),
    }
}

#[test]
fn a_key_that_was_compared_is_kept_and_of_the_others_the_last_ones() {
    let mut store = in_memory();
    let second = Duration::from_secs;
    let use_key = |store: &mut Store, peer: &str, key: u8, at: u64| {
        store.keep_key("anna@example.org", peer, &MediaKeys { ours: [1; 32], theirs: [key; 32] }, second(at)).unwrap();
    };
    use_key(&mut store, "sip:ben@example.org", 0, 1);
    let first = store.keys_of("ben@example.org", "anna@example.org").unwrap().remove(0);
    assert!(store.set_verified(&first, Some(second(2))).unwrap());
    for key in 1..20 {
        use_key(&mut store, "sips:ben@Example.org:5061", key, 10 + u64::from(key));
    }
    use_key(&mut store, "sip:zoe@example.org", 50, 3);
    let keys = store.keys_of("ben", "anna@example.org").unwrap();
    assert_eq!(keys.iter().map(|key| key.keys.theirs[0]).collect::<Vec<_>>(), [19, 18, 17, 16, 0], "the last first");
    assert_eq!(store.verified().unwrap(), [VerifiedKey { peer: Pii("sip:ben@example.org".to_owned()), key: [0; 32] }]);
    use_key(&mut store, "sip:ben@example.org", 0, 99);
    let keys = store.keys_of("ben", "anna@example.org").unwrap();
    assert_eq!((keys[0].keys.theirs[0], keys[0].verified), (0, Some(second(2))), "used again, still compared");
    assert!(store.set_verified(&keys[0], None).unwrap());
    assert_eq!(store.verified().unwrap(), []);
    assert!(!store.set_verified(&KnownKey { peer: Pii("sip:nobody@example.org".to_owned()), ..first }, Some(second(5))).unwrap());
}

fn story() -> Story {
    let mut story = Story::default();
    story.note(Fact::Invited, Duration::from_millis(120));
    let reason = EndReason::ServerError { status: 503, text: "Busy now".to_owned() };
    story.note(Fact::ServerFailed(reason), Duration::from_millis(340));
    story
}

#[test]
fn the_story_of_a_call_is_found_by_its_number_and_goes_with_it() {
    let mut store = in_memory();
    store.log_call(&PastCall { story: story(), ..call(EndReason::HungUp(Side::Us)) }).unwrap();
    let number = store.past_calls(1, false).unwrap()[0].number;
    assert_eq!(store.past_call(number).unwrap().map(|call| call.story), Some(story()));
    assert_eq!((store.past_call(number + 1).unwrap(), store.past_call(u64::MAX).unwrap()), (None, None));
    store.0.with(|connection| connection.execute("DELETE FROM call", [])).unwrap();
    assert_eq!(store.past_call(number).unwrap(), None);
}

#[test]
fn how_an_account_logged_in_last_is_kept_as_long_as_it_is_there() {
    let mut store = in_memory();
    store.add_account(&account(1, "anna@example.org")).unwrap();
    assert_eq!(store.account_story(AccountId(1)).unwrap(), (Duration::ZERO, Story::default()));
    for second in [5, 6] {
        store.keep_account_story(AccountId(1), Duration::from_secs(second), &story()).unwrap();
        assert_eq!(store.account_story(AccountId(1)).unwrap(), (Duration::from_secs(second), story()));
    }
    store.remove_account(AccountId(1)).unwrap();
    store.keep_account_story(AccountId(1), Duration::ZERO, &story()).unwrap();
    assert!(store.account_story(AccountId(1)).unwrap().1.steps().is_empty());
}

#[test]
fn the_legs_of_a_call_come_back_with_it_and_go_with_it() {
    let mut store = in_memory();
    store.log_call(&call_with_legs()).unwrap();
    assert_eq!(logged(&mut store), [call_with_legs()]);
    let left = |store: &mut Store| -> i64 {
        let count = "SELECT (SELECT count(*) FROM call_leg) + (SELECT count(*) FROM call_leg_argument)";
        store.0.with(|connection| connection.query_row(count, [], |row| row.get(0))).unwrap()
    };
    assert_eq!(left(&mut store), 5);
    store.0.with(|connection| connection.execute("DELETE FROM call", [])).unwrap();
    assert_eq!(left(&mut store), 0);
}

#[test]
fn what_was_chosen_for_a_person_stays_until_it_is_chosen_anew_or_forgotten() {
    let mut store = in_memory();
    for (id, address) in [(1, "anna@example.org"), (2, "anna@example.net")] {
        store.add_account(&account(id, address)).unwrap();
    }
    let addresses = ["sip:ben@example.net", "sip:ben@example.com"].map(|address| Pii(address.to_owned()));
    let chosen = |store: &mut Store| store.choice(&key(), &ben(), &addresses).unwrap();
    let account = |id| Choice { account: Some(AccountId(id)), address: None };
    store.keep_choice(&key(), &ben(), &account(1)).unwrap();
    store.keep_choice(&key(), &ben(), &Choice { account: None, address: Some(addresses[1].clone()) }).unwrap();
    store.keep_choice(&key(), &ben(), &account(2)).unwrap();
    assert_eq!(chosen(&mut store), Choice { account: Some(AccountId(2)), address: Some(addresses[1].clone()) });
    assert_eq!(store.choice(&key(), &ben(), &addresses[..1]).unwrap(), account(2), "an address is known again where it is met");
    assert_eq!(store.choice(&key(), &addresses, &addresses).unwrap(), Choice::default(), "of somebody else nothing was said");
    store.remove_account(AccountId(2)).unwrap();
    assert_eq!(chosen(&mut store).account, None, "an account that is gone is no choice");
    store.keep_choice(&key(), &[addresses[0].clone()], &account(1)).unwrap();
    store.remove_account(AccountId(1)).unwrap();
    assert_eq!(store.stored().unwrap().choices, 1, "and where nothing is left of one, there is none");
    assert!(store.forget_choice(&key(), &ben()).unwrap() && !store.forget_choice(&key(), &ben()).unwrap());
    assert_eq!(chosen(&mut store), Choice::default());
}

#[test]
fn whoever_took_a_call_of_ours_is_known_and_who_called_or_never_answered_is_not() {
    let mut store = in_memory();
    let past = |peer: &str, direction, answered: bool| {
        let mut call = PastCall { peer: Pii(peer.to_owned()), direction, ..call(EndReason::ShutDown) };
        call.steps.retain(|(name, _)| answered || name != "answered");
        call
    };
    for (peer, direction, answered) in [
        ("sip:carl@example.net", CallDirection::Outgoing, true),
        ("sip:carl@example.net", CallDirection::Outgoing, true),
        ("sip:dora@example.net", CallDirection::Outgoing, false),
        ("sip:emil@example.net", CallDirection::Incoming, true),
    ] {
        store.log_call(&past(peer, direction, answered)).unwrap();
    }
    assert_eq!(store.acquaintances().unwrap(), [Pii("sip:carl@example.net".to_owned())]);
}

#[test]
fn a_reason_that_only_a_later_version_knows_keeps_its_name() {
    let mut store = in_memory();
    store.log_call(&PastCall { reason: None, reason_id: "abducted".to_owned(), ..call(EndReason::ShutDown) }).unwrap();
    let line = store.past_calls(1, false).unwrap().remove(0);
    assert_eq!((line.reason, line.reason_id.as_str()), (None, "abducted"));
}

#[test]
fn a_database_of_each_past_version_is_brought_up_to_date_with_all_that_is_in_it() {
    let fixtures = [
        (1, include_str!("fixtures/schema-1.sql")),
        (2, include_str!("fixtures/schema-2.sql")),
        (3, include_str!("fixtures/schema-3.sql")),
        (4, include_str!("fixtures/schema-4.sql")),
        (5, include_str!("fixtures/schema-5.sql")),
        (6, include_str!("fixtures/schema-6.sql")),
        (7, include_str!("fixtures/schema-7.sql")),
        (8, include_str!("fixtures/schema-8.sql")),
        (9, include_str!("fixtures/schema-9.sql")),
        (10, include_str!("fixtures/schema-10.sql")),
        (11, include_str!("fixtures/schema-11.sql")),
        (12, include_str!("fixtures/schema-12.sql")),
        (13, include_str!("fixtures/schema-13.sql")),
        (14, include_str!("fixtures/schema-14.sql")),
        (15, include_str!("fixtures/schema-15.sql")),
    ];
    assert_eq!(fixtures.len(), STEPS.len(), "each version needs its fixture");
    let at = |milliseconds: u64| Duration::from_millis(1_790_000_000_000 + milliseconds);
    for (schema, fixture) in fixtures {
        let (folder, location) = old_database(fixture);
        assert_eq!(version(&Connection::open(folder.path().join("cooee.db")).unwrap()).unwrap(), schema);
        let mut store = Store::open(&location).unwrap();
        assert_eq!(store.0.with(|connection| version(connection)).unwrap(), NEWEST);
        let since_2 = schema >= 2;
        let mut provider = provider();
        provider.options.tls_throughout = schema >= 4;
        let accounts = [account(1, "anna@example.org")].into_iter().chain(since_2.then_some(provider)).chain((schema >= 5).then(exchange));
        assert_eq!(store.accounts().unwrap(), accounts.collect::<Vec<_>>());
        let spam = BlockRule::parse("spam.example").map(|rule| (rule, if schema >= 5 { 3 } else { 0 }));
        assert_eq!(store.blocked().unwrap(), spam.into_iter().filter(|_| since_2).collect::<Vec<_>>());
        assert_eq!(store.listed(List::Allowed).unwrap().len(), usize::from(schema >= 5));
        let texts = [
            text(3, Some("Ben"), "Hello", MessageState::Received),
            text(4, None, "Hello yourself", MessageState::Failed(Some(MessageTrouble::NoAnswer))),
        ];
        assert_eq!(store.messages(10).unwrap(), texts.into_iter().filter(|_| since_2).collect::<Vec<_>>());
        assert_eq!(store.setting("instance").unwrap().as_deref(), Some("urn:uuid:00000000-0000-4000-8000-000000000001"));
        let reason = EndReason::ServerError { status: 503, text: "Busy".to_owned() };
        let told = if schema >= 7 { story() } else { Story::default() };
        let first = PastCall { story: told.clone(), ..call(reason) };
        let calls: Vec<_> = [first].into_iter().chain((schema >= 6).then(call_with_legs)).collect();
        assert_eq!(logged(&mut store), calls);
        let known: Vec<KnownKey> = (schema >= 10).then(known_key).into_iter().collect();
        assert_eq!(store.keys_of("ben@example.org", "anna@example.org").unwrap(), known);
        let begun = if schema >= 7 { Duration::from_millis(1_790_000_000_120) } else { Duration::ZERO };
        assert_eq!(store.account_story(AccountId(1)).unwrap(), (begun, told));
        let chosen = if schema >= 6 { choice() } else { Choice::default() };
        assert_eq!(store.choice(&key(), &ben(), &[Pii("sip:ben@example.net".to_owned())]).unwrap(), chosen);
        let of_ben = "SELECT count(*) FROM call WHERE person = 'ben@example.org' AND NOT stranger";
        let known: i64 = store.0.with(|connection| connection.query_row(of_ben, [], |row| row.get(0))).unwrap();
        assert_eq!(known, 1 + i64::from(schema >= 6), "whom one has spoken with is no stranger");
        assert_eq!(store.findings(&key(), vec!["example.org".to_owned()]).unwrap().len(), usize::from(schema >= 3));
        assert_eq!(store.answered(&key(), &[Pii("sip:ben@example.org".to_owned())]).unwrap()[0].is_some(), schema >= 3);
        let said = Inquiry { asked: at(456), said: Some((Reply::There, at(123))) };
        assert_eq!(store.inquiries(&key(), &[Pii("sip:ben@example.org".to_owned())]).unwrap(), [Some(said).filter(|_| schema >= 8)]);
        assert_eq!(store.chosen().unwrap().marks.len(), usize::from(schema >= 8));
        assert_eq!(store.asked(Duration::from_millis(1_790_000_000_123)).unwrap().len(), usize::from(schema >= 3));
        store.add_account(&account(2, "ben@example.org")).unwrap();
        store.log_call(&call(EndReason::ShutDown)).unwrap();
        assert_eq!(store.forget(Table::Message, None).unwrap(), if since_2 { 2 } else { 0 });
        let next = store.add_message(&text(0, None, "Again", MessageState::Sent)).unwrap();
        assert_eq!(next, MessageId(if since_2 { 5 } else { 1 }), "no number is given again");
        store.close().unwrap();
    }
}

#[test]
fn people_of_before_there_was_a_column_for_them_are_written_as_those_since() {
    let (folder, location) = old_database(include_str!("fixtures/schema-4.sql"));
    let people = [
        ("sip:carol@Example.net:5061;transport=tls", "carol@example.net"),
        ("sips:carol@example.net", "carol@example.net"),
        ("sip:dora@[2001:DB8::1]:5070", "dora@[2001:db8::1]"),
        ("tel:+4930123;phone-context=x", "tel:+4930123;phone-context=x"),
        ("emil", "emil@example.org"),
        ("sip:frank@example.net?Subject=x", "frank@example.net"),
        ("anonymous.invalid", "anonymous.invalid"),
    ];
    let old = Connection::open(folder.path().join("cooee.db")).unwrap();
    for (id, (peer, _)) in (100..).zip(people) {
        let insert = "INSERT INTO message (id, account, peer, at, text, state) VALUES (?, 'anna@example.org', ?, 1, 'x', ?)";
        old.execute(insert, rusqlite::params![id, peer, if id == 100 { "sent" } else { "received" }]).unwrap();
    }
    drop(old);
    let mut store = Store::open(&location).unwrap();
    let written: Vec<(String, String, bool)> = store
        .0
        .with(|connection| {
            let mut statement = connection.prepare("SELECT peer, person, stranger FROM message WHERE id >= 100 ORDER BY id")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })
        .unwrap();
    let expected = people.map(|(peer, person)| (peer.to_owned(), person.to_owned(), !peer.contains("carol")));
    assert_eq!(written, expected, "and who was written to is no stranger under any spelling");
}

/// A database as an old version left it, in a folder that goes when it is dropped.
fn old_database(fixture: &str) -> (Folder, StoreLocation) {
    let folder = Folder::new();
    let location = in_folder(folder.path());
    Connection::open(folder.path().join("cooee.db")).unwrap().execute_batch(fixture).unwrap();
    (folder, location)
}

#[test]
fn what_is_stored_survives_closing() {
    let folder = Folder::new();
    let location = in_folder(folder.path());
    let mut store = Store::open(&location).unwrap();
    store.add_account(&account(1, "anna@example.org")).unwrap();
    let journal: String = store.0.with(|connection| connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))).unwrap();
    assert_eq!(journal, "wal");
    drop(store);
    assert_eq!(Store::open(&location).unwrap().accounts().unwrap().len(), 1);
}

#[test]
fn the_password_is_nowhere_in_the_database() {
    let folder = Folder::new();
    let location = in_folder(folder.path());
    let mut store = Store::open(&location).unwrap();
    store.add_account(&account(1, "anna@example.org")).unwrap();
    store.close().unwrap();
    let octets = fs::read(folder.path().join("cooee.db")).unwrap();
    let has = |text: &[u8]| octets.windows(text.len()).any(|window| window == text);
    assert!(has(b"anna@example.org") && !has(b"hunter2"));
}

#[test]
fn a_damaged_database_is_named_and_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.path().join("cooee.db");
    let location = StoreLocation::File(path.clone());
    let mut store = Store::open(&location).unwrap();
    for number in 0..500 {
        store.set_setting(&format!("setting {number}"), Some(&"x".repeat(200))).unwrap();
    }
    store.close().unwrap();
    let mut octets = fs::read(&path).unwrap();
    let middle = octets.len() / 2;
    octets[middle..middle + 8192].fill(0xa5);
    for damaged in [octets, b"This is no database, but a long enough text.".repeat(100)] {
        fs::write(&path, &damaged).unwrap();
        let error = Store::open(&location).err().unwrap();
        assert_eq!(error, StoreError::Corrupt { path: path.clone() });
        assert!(error.to_string().contains("Nothing in it was changed"));
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.path().join("cooee.db");
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("CREATE TABLE future (a TEXT) STRICT; PRAGMA user_version = 99").unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let error = Store::open(&StoreLocation::File(path.clone())).err().unwrap();
    assert_eq!(error, StoreError::TooNew { path: path.clone(), found: 99, known: NEWEST });
    assert!(error.to_string().contains("install the newer Cooee"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_full_disk_loses_nothing_that_was_stored() {
    let mut store = in_memory();
    store.set_setting("kept", Some("yes")).unwrap();
    store
        .0
        .with(|connection| {
            let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0))
        })
        .unwrap();
    let error = store.set_setting("large", Some(&"x".repeat(1 << 20))).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }) && error.to_string().contains("free some space"));
    assert_eq!(store.setting("kept").unwrap().as_deref(), Some("yes"));
    assert_eq!(store.setting("large").unwrap(), None);
}

#[test]
fn a_database_that_may_only_be_read_says_so() {
    let mut store = in_memory();
    store.0.with(|connection| connection.execute_batch("PRAGMA query_only = ON")).unwrap();
    let error = store.set_setting("any", Some("thing")).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }) && error.to_string().contains("check the permissions"));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = Folder::new();
    let error = Store::open(&in_folder(&folder.path().join("nowhere"))).err().unwrap();
    assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
}

#[test]
fn a_call_whose_process_is_no_more_stands_in_the_log_as_cut_off_and_one_that_is_over_does_not_again() {
    let mut store = in_memory();
    let open = OpenCall {
        account: Pii("anna@example.org".to_owned()),
        direction: CallDirection::Incoming,
        peer: Pii("sip:ben@example.org".to_owned()),
        peer_name: Some(Pii("Ben".to_owned())),
        begun: Duration::from_millis(1_790_000_000_123),
        answered: None,
        story: Story::default(),
    };
    store.put_open_call(CallId(1), &open).unwrap();
    store.put_open_call(CallId(2), &open).unwrap();
    let answered = OpenCall { answered: Some(Duration::from_secs(3)), ..open.clone() };
    store.put_open_call(CallId(2), &answered).unwrap();
    store.put_open_call(CallId(3), &OpenCall { direction: CallDirection::Outgoing, ..open }).unwrap();
    assert!(logged(&mut store).is_empty());
    store.log_open_call(CallId(3), &call(EndReason::HungUp(Side::Us))).unwrap();
    store.log_cut_off().unwrap();
    store.log_cut_off().unwrap();
    let log = store.past_calls(10, false).unwrap();
    let [over, log @ ..] = &log[..] else { panic!() };
    assert_eq!(over.reason, Some(EndReason::HungUp(Side::Us)));
    assert_eq!(
        log.iter().map(|call| (call.missed, call.step(Milestone::Answered))).collect::<Vec<_>>(),
        [(true, None), (false, Some(Duration::from_secs(3)))]
    );
    assert!(log.iter().all(|call| call.talked().is_none()));
    let reasons = [EndReason::CutOffUnanswered, EndReason::CutOff];
    assert_eq!(log.iter().map(|call| call.reason.clone().unwrap()).collect::<Vec<_>>(), reasons);
    let verdicts = log.iter().map(|call| call.story.verdict().unwrap().fact);
    assert_eq!(verdicts.collect::<Vec<_>>(), reasons.map(Fact::Ended));
}

#[test]
fn a_stranger_s_call_that_is_cut_off_while_it_asks_to_be_let_through_stays_a_request() {
    let mut store = in_memory();
    let mut story = Story::default();
    let request = Request::new(Some("example.org".to_owned()), Some("The keys are here"));
    story.note(Fact::Introduced { domain: request.domain.clone(), line: request.line.clone() }, Duration::ZERO);
    story.note(Fact::RangHere { silently: true }, Duration::ZERO);
    let open = OpenCall {
        account: Pii("anna@example.org".to_owned()),
        direction: CallDirection::Incoming,
        peer: Pii("sip:zoe@example.org".to_owned()),
        peer_name: None,
        begun: Duration::from_millis(1_790_000_000_123),
        answered: None,
        story,
    };
    store.put_open_call(CallId(1), &open).unwrap();
    store.log_cut_off().unwrap();
    let asked = store.requests().unwrap();
    assert_eq!(asked.iter().map(|asked| (&asked.peer, &asked.request)).collect::<Vec<_>>(), [(&open.peer, &request)]);
    let line = store.past_calls(1, true).unwrap().remove(0);
    assert_eq!(line.story.verdict().unwrap().advice, Advice::AllowCaller);
}

#[test]
fn a_call_whose_process_is_ended_just_after_it_was_logged_is_not_logged_again() {
    let mut store = in_memory();
    let logged_call = call(EndReason::HungUp(Side::Us));
    let open = OpenCall {
        account: logged_call.account.clone(),
        direction: logged_call.direction,
        peer: logged_call.peer.clone(),
        peer_name: None,
        begun: logged_call.begun,
        answered: None,
        story: Story::default(),
    };
    store.put_open_call(CallId(1), &open).unwrap();
    store.put_open_call(CallId(2), &OpenCall { begun: open.begun + Duration::from_millis(1), ..open }).unwrap();
    store.log_open_call(CallId(1), &logged_call).unwrap();
    store.log_cut_off().unwrap();
    let reasons: Vec<_> = store.past_calls(10, false).unwrap().into_iter().filter_map(|call| call.reason).collect();
    assert_eq!(reasons, [EndReason::HungUp(Side::Us), EndReason::CutOffUnanswered]);
}

#[test]
fn whoever_opens_the_store_knows_whether_others_have_it_open() {
    let folder = Folder::new();
    let enter = || Presence::enter(&in_folder(folder.path())).unwrap();
    let (first, is_alone) = enter();
    assert!(is_alone);
    first.share();
    let (second, is_alone) = enter();
    assert!(!is_alone);
    second.share();
    drop(first);
    assert!(!enter().1);
    drop(second);
    assert!(enter().1);
}

#[test]
fn of_an_open_call_nothing_stays_in_the_file_but_its_line_in_the_log() {
    let folder = Folder::new();
    let mut store = Store::open(&in_folder(folder.path())).unwrap();
    let open = OpenCall {
        account: Pii("anna@example.org".to_owned()),
        direction: CallDirection::Incoming,
        peer: Pii("sip:zoe@example.org".to_owned()),
        peer_name: None,
        begun: Duration::from_millis(1_790_000_000_123),
        answered: None,
        story: Story::default(),
    };
    store.put_open_call(CallId(1), &open).unwrap();
    store.put_open_call(CallId(1), &OpenCall { answered: Some(Duration::from_secs(3)), ..open }).unwrap();
    store.log_open_call(CallId(1), &call(EndReason::HungUp(Side::Us))).unwrap();
    store.close().unwrap();
    let octets = fs::read(folder.path().join("cooee.db")).unwrap();
    assert!(!octets.windows(3).any(|octets| octets == b"zoe"));
}
