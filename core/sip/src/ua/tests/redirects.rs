//! Redirections: RFC 3261 8.1.3.4, 21.3.

use cooee_machine::Transport;

use super::super::*;
use super::script::Script;

fn targets(status: u16, lines: &str) -> Vec<String> {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, status, "p", lines, b"");
    let Some(LegEvent::Ended(ended)) = script.events.last() else { panic!("{:?}", script.events) };
    assert_eq!((ended.kind, ended.status), (EndKind::Redirected, Some(status)));
    ended.contacts.iter().map(|contact| contact.reveal().clone()).collect()
}

#[test]
fn every_kind_of_redirection_tells_its_targets_by_preference() {
    for status in [300, 301, 302, 305, 380] {
        let lines = "Contact: <sip:c@example.org>;q=0.2, <sip:a@example.org>, <sips:b@example.org>;q=0.7\nContact: <tel:+4930123>;q=0.1";
        assert_eq!(targets(status, lines), ["sip:a@example.org", "sips:b@example.org", "sip:c@example.org", "tel:+4930123"]);
    }
}

#[test]
fn what_cannot_be_called_is_no_target_and_neither_is_the_same_twice() {
    let lines = "Contact: <mailto:a@example.org>, <http://example.org/>, <sip:a@example.org?Subject=x>, <sip:b@example.org>\n\
        Contact: <sip:b@example.org>;q=0.5";
    assert_eq!(targets(302, lines), ["sip:b@example.org"]);
    assert_eq!(targets(302, "Server: x"), [""; 0]);
}

#[test]
fn no_more_than_eight_targets_are_told() {
    let many: Vec<String> = (0..500).map(|number| format!("<sip:u{number}@example.org>")).collect();
    assert_eq!(targets(300, &format!("Contact: {}", many.join(", "))).len(), 8);
    let long = format!("Contact: <sip:{}@example.org>", "x".repeat(2000));
    assert_eq!(targets(300, &long), [""; 0]);
}
