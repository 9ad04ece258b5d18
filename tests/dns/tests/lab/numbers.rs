use cooee_machine::{DnsSecurity, QuestionId};
use cooee_net::now;
use cooee_phone::{E164, EnumLookup, EnumOutput, EnumResult, RuleFault, SuffixState};

use crate::LAB;

/// Looks `+41 44 668 18…` up below these suffixes, one question after the other.
async fn look_up(end: &str, suffixes: &[&str]) -> EnumResult {
    let resolver = LAB.resolver(&LAB.over_tls()).unwrap();
    let suffixes = suffixes.iter().map(|suffix| suffix.parse().unwrap()).collect();
    let mut lookup = EnumLookup::new(E164::new(&format!("414466818{end}")).unwrap(), suffixes, QuestionId(0), now());
    loop {
        match lookup.poll_output().expect("a lookup that was answered goes on") {
            EnumOutput::Resolve { id, question } => drop(lookup.handle_resolved(id, resolver.resolve(question).await, now())),
            EnumOutput::Done(result) => return result,
        }
    }
}

fn addresses(result: &EnumResult) -> Vec<String> {
    result.answers.iter().map(|answer| answer.address.canonical().0).collect()
}

#[tokio::test]
async fn a_signed_zone_knows_a_number_by_every_protocol() {
    for (end, is_led_on) in [("00", false), ("01", true)] {
        let result = look_up(end, &["plain.lab", "enum.lab"]).await;
        let number = if is_led_on { "tel:+41446681801" } else { "tel:+41446681800" };
        assert_eq!(addresses(&result), ["sip:anna@secure.lab", "xmpp:anna@secure.lab", number]);
        assert!(result.answers.iter().all(|answer| answer.security == DnsSecurity::Secure));
        let states: Vec<SuffixState> = result.suffixes.iter().map(|asked| asked.state).collect();
        assert_eq!(states, [SuffixState::NoSuchNumber(DnsSecurity::Insecure), SuffixState::Known(DnsSecurity::Secure)]);
    }
}

#[tokio::test]
async fn a_whole_range_of_numbers_can_have_one_rule() {
    let result = look_up("047", &["enum.lab"]).await;
    assert_eq!(addresses(&result), ["sip:414466818047@secure.lab"]);
    assert_eq!(result.answers[0].security, DnsSecurity::Secure);
}

#[tokio::test]
async fn circles_and_expressions_that_grow_lead_nowhere() {
    for (end, fault) in [("02", RuleFault::Circle), ("03", RuleFault::TooLarge)] {
        let result = look_up(end, &["enum.lab"]).await;
        assert_eq!((addresses(&result), &result.suffixes[0].faults), (vec![], &vec![fault]));
    }
}
