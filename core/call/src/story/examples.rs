use std::time::Duration;

use cooee_machine::{Pii, Transport};
use cooee_rtc::{MediaSecurity, OneWayCause};
use cooee_sdp::CandidateKind;

use super::{AddressKind, Fact, LinkWeakness, SoundTrouble, Stream};
use crate::{EndReason, Side};

impl Fact {
    /// One of each that has a sentence of its own, with `words` wherever a name or somebody else's words stand: for who translates them, and
    /// for tests that none is left out.
    #[must_use]
    pub fn examples(words: &str) -> Vec<Self> {
        let of_reasons = [Self::NotConnected, Self::ServerFailed, Self::LegFailed, Self::Ended] as [fn(EndReason) -> Self; 4];
        let reasons = of_reasons.into_iter().flat_map(|of| EndReason::examples(words).into_iter().map(of));
        way_to_the_server(words).into_iter().chain(way_to_them(words)).chain(call()).chain(sound()).chain(reasons).collect()
    }
}

fn way_to_the_server(words: &str) -> Vec<Fact> {
    let (name, since) = (|| words.to_owned(), Duration::from_secs(90));
    vec![
        Fact::LookingUp { domain: name() },
        Fact::ServersFound { places: 1 },
        Fact::ServersFound { places: 3 },
        Fact::Connecting { server: name(), transport: Transport::Tls, at: AddressKind::PublicV6 },
        Fact::Connected { transport: Transport::Tls },
        Fact::Connected { transport: Transport::Tcp },
        Fact::LoggedIn { devices: 0 },
        Fact::LoggedIn { devices: 2 },
        Fact::ServerLost,
        Fact::ServerReady { server: name(), transport: Transport::Udp, since },
    ]
}

fn way_to_them(words: &str) -> Vec<Fact> {
    let address = || Pii(words.to_owned());
    vec![
        Fact::NumberLookedUp { found: 0 },
        Fact::NumberLookedUp { found: 1 },
        Fact::Dialled { address: address() },
        Fact::Called { address: address() },
        Fact::Gathered { own: 2, seen: 1, relayed: 0 },
        Fact::Gathered { own: 0, seen: 0, relayed: 0 },
        Fact::Invited,
        Fact::ServerTook,
        Fact::Progress { status: 181 },
        Fact::Progress { status: 182 },
        Fact::Progress { status: 183 },
        Fact::RangThere,
        Fact::EarlySound,
        Fact::OfferedOtherwise,
        Fact::Redirected { address: address() },
        Fact::NextTried { address: address() },
        Fact::Introduced { domain: Some(words.to_owned()), line: Some(address()) },
        Fact::Introduced { domain: None, line: None },
        Fact::Returned,
        Fact::RangHere { silently: true },
        Fact::RangHere { silently: false },
    ]
}

fn call() -> Vec<Fact> {
    let (local, remote) = (AddressKind::PrivateV4, AddressKind::SharedV4);
    let (local_kind, remote_kind) = (CandidateKind::Host, CandidateKind::PeerReflexive);
    let secured = |security, cipher: &str| Fact::Secured { security, cipher: cipher.to_owned() };
    let mut facts = vec![
        Fact::PathFound { local, local_kind, remote, remote_kind, rtt: Some(Duration::from_millis(31)) },
        Fact::PathFound { local, local_kind, remote, remote_kind, rtt: None },
        Fact::PathLost,
        Fact::NetworkLost,
        secured(MediaSecurity::None, "none"),
        secured(MediaSecurity::ToServers, "AES_CM_128_HMAC_SHA1_80"),
        secured(MediaSecurity::EndToEnd, "AEAD_AES_128_GCM"),
        secured(MediaSecurity::Verified, "AEAD_AES_128_GCM"),
        Fact::KeyVerified,
        Fact::KeyChanged,
        Fact::Traffic { sent: 2_480, received: 11_300 },
        Fact::Omitted { facts: 7 },
    ];
    facts.extend([Side::Us, Side::Peer].into_iter().flat_map(|side| [Fact::Answered(side), Fact::Held(side), Fact::Resumed(side)]));
    facts.extend([true, false].map(|muted| Fact::Muted { muted }));
    facts
}

fn sound() -> Vec<Fact> {
    let mut facts = vec![Fact::SoundCame, Fact::SoundArrived, Fact::BothWays];
    facts.extend([OneWayCause::NothingReceived, OneWayCause::Undecryptable, OneWayCause::NotHeard, OneWayCause::Neither].map(Fact::OneWay));
    let (jitter, rtt) = (Duration::from_millis(80), Duration::from_millis(210));
    for stream in [Stream::Theirs, Stream::Ours] {
        facts.push(Fact::Strong { stream });
        let weaknesses = [LinkWeakness::Loss, LinkWeakness::Jitter, LinkWeakness::LossAndJitter, LinkWeakness::Delay];
        facts.extend(weaknesses.map(|weakness| Fact::Weak { stream, weakness, loss: 71, jitter, rtt }));
    }
    for trouble in [SoundTrouble::MicrophoneSilent, SoundTrouble::Clipping, SoundTrouble::NothingArrives] {
        facts.extend([true, false].map(|begins| Fact::Sound { trouble, begins }));
    }
    facts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_is_an_example_of_every_fact() {
        let of_fact = include_str!("parts.rs").split("pub fn id(&self)").nth(1).and_then(|rest| rest.split("pub fn").next()).unwrap();
        let names: BTreeSet<&str> = of_fact.lines().filter_map(|line| line.trim().strip_suffix("\",")?.split('"').nth(1)).collect();
        assert!(names.len() > 30, "{names:?}");
        assert_eq!(Fact::examples("x").iter().map(Fact::id).collect::<BTreeSet<_>>(), names);
    }
}
