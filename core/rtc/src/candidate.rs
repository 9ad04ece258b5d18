use std::net::IpAddr;

use cooee_sdp::{Candidate, CandidateKind};

use crate::LocalTransport;
use crate::gather::default_of;

/// Which of our addresses the peer may learn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CandidatePolicy {
    /// All.
    #[default]
    All,
    /// No addresses of this machine itself in signalling, only what servers see (strangers, before the answer). Checks are still sent from
    /// them: a peer on the same network sees where they come from.
    NoHost,
    /// Only relayed ones: the peer learns nothing. Without a relay there is no path.
    RelayOnly,
}

impl LocalTransport {
    /// What of it may be told under a policy. A call needs some address: where servers see none but this machine's own, `NoHost` leaves
    /// those that are public anyway, and without such a one all.
    #[must_use]
    pub fn under(&self, policy: CandidatePolicy) -> Self {
        let only =
            |wanted: fn(&Candidate) -> bool| self.candidates.iter().filter(|candidate| wanted(candidate)).cloned().collect::<Vec<_>>();
        let candidates = match policy {
            CandidatePolicy::All => return self.clone(),
            CandidatePolicy::RelayOnly => only(|candidate| candidate.kind == CandidateKind::Relayed),
            CandidatePolicy::NoHost => {
                let seen = [only(|candidate| candidate.kind != CandidateKind::Host), only(|candidate| is_public(candidate.address.ip()))];
                match seen.into_iter().find(|candidates| !candidates.is_empty()) {
                    Some(candidates) => candidates,
                    None => return self.clone(),
                }
            }
        };
        Self { address: default_of(&candidates, 1), rtcp: self.rtcp.map(|_| default_of(&candidates, 2)), candidates, ..self.clone() }
    }
}

/// Whether an address is the same for everybody (RFC 6890, 4291): not of a private network, a carrier's NAT or one link.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_carriers = first == 100 && second & 0xc0 == 64;
            !(address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified() || is_carriers)
        }
        IpAddr::V6(address) => address.segments().first().is_some_and(|first| first & 0xe000 == 0x2000),
    }
}

#[cfg(test)]
mod tests {
    use cooee_sdp::{Fingerprint, IceCredentials};

    use super::*;

    fn transport(candidates: &[(&str, CandidateKind)]) -> LocalTransport {
        let candidate = |(address, kind): &(&str, CandidateKind)| Candidate {
            foundation: "1".into(),
            component: 1,
            priority: 1,
            address: address.parse().unwrap(),
            kind: *kind,
            related: None,
        };
        let candidates: Vec<Candidate> = candidates.iter().map(candidate).collect();
        LocalTransport {
            address: default_of(&candidates, 1),
            rtcp: None,
            candidates,
            ice: IceCredentials { ufrag: "u".into(), pwd: "p".into() },
            fingerprint: Fingerprint { hash: "sha-256".into(), digest: vec![0; 32] },
        }
    }

    /// What is told under a policy, the default address first.
    fn told(candidates: &[(&str, CandidateKind)], policy: CandidatePolicy) -> Vec<String> {
        let told = transport(candidates).under(policy);
        std::iter::once(told.address).chain(told.candidates.iter().map(|candidate| candidate.address)).map(|at| at.to_string()).collect()
    }

    #[test]
    fn strangers_are_told_what_servers_see_and_not_where_in_its_network_the_phone_is() {
        use CandidateKind::{Host, ServerReflexive};
        let behind_nat = [("192.168.1.2:4000", Host), ("[2001:db8::2]:4000", Host), ("203.0.113.9:7000", ServerReflexive)];
        assert_eq!(told(&behind_nat, CandidatePolicy::NoHost), ["203.0.113.9:7000"; 2]);
        assert_eq!(told(&behind_nat, CandidatePolicy::All).len(), 4);
        assert_eq!(told(&behind_nat, CandidatePolicy::RelayOnly), ["0.0.0.0:9"]);
        let only_six = [("192.168.1.2:4000", Host), ("[2001:db8::2]:7000", ServerReflexive)];
        assert_eq!(told(&only_six, CandidatePolicy::NoHost), ["[2001:db8::2]:7000"; 2]);
    }

    #[test]
    fn a_phone_that_knows_no_other_address_tells_the_public_ones_of_its_own_or_else_all() {
        use CandidateKind::Host;
        let public = [("10.0.0.2:4000", Host), ("172.17.0.1:4000", Host), ("198.51.100.7:4000", Host), ("[fe80::1]:4000", Host)];
        assert_eq!(told(&public, CandidatePolicy::NoHost), ["198.51.100.7:4000"; 2]);
        let lan = [("10.0.0.2:4000", Host), ("100.64.0.9:4000", Host), ("[fd00::1]:4000", Host)];
        assert_eq!(told(&lan, CandidatePolicy::NoHost), told(&lan, CandidatePolicy::All));
    }
}
