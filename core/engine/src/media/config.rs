use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use super::Identities;
use cooee_audio::OpenDevice;
use cooee_codec::{EncoderConfig, Tone};
use cooee_rtc::{Certificate, Timing};

use super::CallSound;

/// More addresses than this make checks slow and find no better path.
const MOST: usize = 12;

/// Which addresses of this machine carry media.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Interfaces {
    /// Those of all networks that are up; loopback only if there is no other.
    #[default]
    All,
    /// Loopback alone: for calls within one machine.
    Loopback,
    /// These.
    Only(Vec<IpAddr>),
}

impl Interfaces {
    /// The addresses to bind, best first.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut found = match self {
            Self::All => cooee_net::interfaces()
                .inspect_err(|error| tracing::warn!(%error, "the system does not tell its addresses"))
                .unwrap_or_default()
                .into_iter()
                .map(|interface| interface.address)
                .collect(),
            Self::Loopback => vec![loopback],
            Self::Only(addresses) => addresses.clone(),
        };
        if found.is_empty() {
            found.push(loopback);
        }
        found.truncate(MOST);
        found
    }
}

/// Whose telephone tones are played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Region {
    /// 425 Hz.
    #[default]
    Europe,
    /// Pairs of frequencies.
    NorthAmerica,
}

impl Region {
    pub(super) fn tone(self, sound: CallSound) -> Tone {
        match (sound, self) {
            (CallSound::Ringing, _) => Tone::Ringing,
            (CallSound::Waiting, Self::Europe) => Tone::WaitingEurope,
            (CallSound::Waiting, Self::NorthAmerica) => Tone::WaitingUs,
            (CallSound::Ringback, Self::Europe) => Tone::RingbackEurope,
            (CallSound::Ringback, Self::NorthAmerica) => Tone::RingbackUs,
            (CallSound::Busy, Self::Europe) => Tone::BusyEurope,
            (CallSound::Busy, Self::NorthAmerica) => Tone::BusyUs,
        }
    }
}

/// What the media thread starts with.
#[derive(Clone)]
pub struct MediaConfig {
    /// Which addresses carry media.
    pub interfaces: Interfaces,
    /// The sound device, opened when a call needs it and closed after the last.
    pub device: Arc<dyn OpenDevice>,
    /// For DTLS, where an account has none; made once an engine.
    pub certificate: Certificate,
    /// For DTLS, by account.
    pub identities: Identities,
    /// How to encode, where the peer leaves the choice.
    pub encoder: EncoderConfig,
    /// Whose tones.
    pub region: Region,
    /// How long to wait for STUN servers.
    pub gathering_budget: Duration,
    /// Timers of sessions.
    pub timing: Timing,
}

impl MediaConfig {
    /// With this device and certificate, and what is usual for the rest.
    #[must_use]
    pub fn new(device: Arc<dyn OpenDevice>, certificate: Certificate) -> Self {
        Self {
            interfaces: Interfaces::default(),
            device,
            certificate,
            identities: Identities::default(),
            encoder: EncoderConfig::default(),
            region: Region::default(),
            gathering_budget: Duration::from_millis(500),
            timing: Timing::default(),
        }
    }
}

impl std::fmt::Debug for MediaConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaConfig").field("interfaces", &self.interfaces).field("encoder", &self.encoder).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_used_when_asked_for_and_never_beside_others() {
        assert_eq!(Interfaces::Loopback.addresses(), [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        assert_eq!(Interfaces::Only(Vec::new()).addresses(), [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        let all = Interfaces::All.addresses();
        assert!(all.len() == 1 || all.iter().all(|address| !address.is_loopback()), "{all:?}");
    }
}
