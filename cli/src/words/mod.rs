//! Plain words for what the core names by types. The same word for the same thing everywhere.

pub mod ringing;
pub mod story;

use cooee_call::Fault;
use cooee_engine::SoundTrouble;
use cooee_machine::ResolveFailure;
use cooee_net::DnsServers;
use cooee_phone::probe::{ReachState, Source, Unknown};
use cooee_rtc::{MediaSecurity, OneWayCause};
use cooee_sdp::CandidateKind;

use crate::args::Common;

/// Who can hear the call; these words and no stronger ones.
#[must_use]
pub fn security(security: MediaSecurity) -> &'static str {
    match security {
        MediaSecurity::None => "not encrypted",
        MediaSecurity::ToServers => "encrypted to the servers",
        MediaSecurity::EndToEnd => "encrypted end to end",
        MediaSecurity::Verified => "verified",
    }
}

/// How an address was found.
#[must_use]
pub fn candidate(kind: CandidateKind) -> &'static str {
    match kind {
        CandidateKind::Host => "host",
        CandidateKind::ServerReflexive => "server-reflexive",
        CandidateKind::PeerReflexive => "peer-reflexive",
        CandidateKind::Relayed => "relayed",
    }
}

/// Whose side it was on.
#[must_use]
pub fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Ours => "ours",
        Fault::Theirs => "theirs",
        Fault::TheirServer => "their-server",
        Fault::OurServer => "our-server",
        Fault::Network => "network",
        Fault::Nobody => "nobody",
    }
}

/// The same as an id for scripts.
#[must_use]
pub fn one_way_id(cause: OneWayCause) -> &'static str {
    match cause {
        OneWayCause::NothingReceived => "one-way.nothing-received",
        OneWayCause::Undecryptable => "one-way.undecryptable",
        OneWayCause::NotHeard => "one-way.not-heard",
        _ => "one-way",
    }
}

/// Why sound may flow one way only, and what to do.
#[must_use]
pub fn one_way(cause: OneWayCause) -> &'static str {
    match cause {
        OneWayCause::NothingReceived => "Nothing arrives from them: they are silent, or a firewall on the way drops it.",
        OneWayCause::Undecryptable => "Their sound arrives but cannot be decrypted. Call again.",
        OneWayCause::NotHeard => "You hear them, but nothing shows that they hear you: a firewall on the way?",
        _ => "No sound either way yet: a firewall on the way?",
    }
}

/// What is right again.
#[must_use]
pub fn sound_again(trouble: SoundTrouble) -> &'static str {
    match trouble {
        SoundTrouble::MicrophoneSilent => "The microphone gives sound again.",
        SoundTrouble::Clipping => "The microphone is no longer too loud.",
        SoundTrouble::NothingArrives => "Their sound arrives again.",
        _ => "The sound is right again.",
    }
}
/// Whom questions about names go to.
#[must_use]
pub fn resolver(common: &Common) -> String {
    match &common.dns {
        None | Some(DnsServers::System) => "your system's resolver".to_owned(),
        Some(servers) => servers.to_string(),
    }
}

/// Why it is not known whether an address can be called, or who says so if not its domain.
#[must_use]
pub fn why(state: ReachState, source: Option<Source>) -> Option<&'static str> {
    let failure = match state {
        ReachState::Unknown(Unknown::Resolver(failure)) => failure,
        ReachState::Unknown(Unknown::NotAsked) => return Some("not asked yet"),
        ReachState::Unknown(_) => return Some("the same answer to everything"),
        ReachState::NotPublished if source == Some(Source::KnownProvider) => return Some("known mail provider"),
        _ => return None,
    };
    Some(self::failure(failure))
}

/// Why a resolver has no answer.
#[must_use]
pub fn failure(failure: ResolveFailure) -> &'static str {
    match failure {
        ResolveFailure::Timeout => "no answer",
        ResolveFailure::ServerFailure => "its name servers fail",
        ResolveFailure::Bogus => "wrong signatures",
        ResolveFailure::Refused => "refused by the resolver",
        ResolveFailure::NoResolver => "no resolver",
        ResolveFailure::Captive => "the network answers in everybody's name",
        ResolveFailure::Untrusted => "resolver not trusted",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cooee_call::{Advice, EndReason, Fact};

    /// The words that the app has texts for: of all that is said here, of each example there is a sentence.
    const WORDS: &str = include_str!("../../../uniffi/words.txt");

    fn listed(prefixes: &[&str]) -> BTreeSet<&'static str> {
        let names = WORDS.lines().filter_map(|line| line.split(' ').next());
        names.filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)) && !name.ends_with("_without")).collect()
    }

    /// As the app names it: the troubles that a reason holds have the names of their own enums.
    fn name(id: &str) -> String {
        match id {
            "emergency-number" => return "end_emergency".to_owned(),
            "redirected" => return "redirect_trouble_nowhere".to_owned(),
            _ => {}
        }
        let holders = [("login", "login_trouble"), ("untrusted", "tls_trouble"), ("unreachable", "network_trouble")];
        let mut holders = holders.into_iter().chain([("media", "media_trouble"), ("redirected", "redirect_trouble")]);
        let held = holders.find_map(|(of, name)| id.strip_prefix(of)?.strip_prefix('.').map(|rest| format!("{name}_{rest}")));
        held.unwrap_or_else(|| format!("end_{id}")).replace(['-', '.'], "_")
    }

    #[test]
    fn the_app_and_the_command_line_say_the_same_reasons() {
        let mut said: BTreeSet<String> = EndReason::examples("its words").iter().map(|reason| name(reason.id())).collect();
        // The app's word for what only a later core knows.
        said.insert("end_other".to_owned());
        let prefixes = ["end_", "login_trouble_", "tls_trouble_", "network_trouble_", "media_trouble_", "redirect_trouble_"];
        assert_eq!(said.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed(&prefixes));
    }

    #[test]
    fn the_app_and_the_command_line_say_the_same_facts() {
        let said: BTreeSet<String> =
            Fact::examples("its words").iter().map(|fact| format!("fact_{}", fact.id().replace('-', "_"))).collect();
        // These two have the words of what they hold.
        let held = ["fact_ended", "fact_one_way"];
        // `fact_other` is the app's word for what only a later core knows.
        for name in listed(&["fact_"]).into_iter().filter(|name| *name != "fact_other") {
            assert!(said.iter().any(|said| name == said || name.starts_with(&format!("{said}_"))), "{name} is not said here");
        }
        for said in said.iter().filter(|said| !held.contains(&said.as_str())) {
            assert!(listed(&["fact_"]).iter().any(|name| name.starts_with(said.as_str())), "the app has no text for {said}");
        }
    }

    #[test]
    fn the_app_and_the_command_line_give_the_same_advice() {
        let said: BTreeSet<String> = EndReason::examples("its words").iter().map(|reason| advice(reason.advice())).collect();
        assert!(said.iter().all(|name| listed(&["advice_"]).contains(name.as_str())), "{said:?}");
    }

    fn advice(advice: Advice) -> String {
        format!("advice_{}", advice.as_str().replace('-', "_"))
    }
}
