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
