use std::net::{IpAddr, SocketAddr};

use crate::{Candidate, CandidateKind};

impl Candidate {
    /// Reads the value of `a=candidate` (RFC 8839 5.1): `foundation component transport priority address port typ kind …`.
    /// `None` for what Cooee cannot use: TCP, host names (mDNS), components beyond 2, unknown kinds.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split_ascii_whitespace();
        let foundation = fields.next().filter(|foundation| foundation.len() <= 32)?.to_owned();
        let component = fields.next()?.parse().ok().filter(|component| matches!(component, 1 | 2))?;
        if !fields.next()?.eq_ignore_ascii_case("udp") {
            return None;
        }
        let priority = fields.next()?.parse().ok()?;
        let address = socket_address(fields.next()?, fields.next()?).filter(|address| address.port() != 0)?;
        if fields.next()? != "typ" {
            return None;
        }
        let kind = CandidateKind::from_token(fields.next()?)?;
        let related = related(fields);
        Some(Self { foundation, component, priority, address, kind, related })
    }
}

/// The extensions after the kind come in pairs; `raddr` and `rport` among them.
fn related<'a>(mut extensions: impl Iterator<Item = &'a str>) -> Option<SocketAddr> {
    let (mut address, mut port) = (None, "0");
    while let (Some(name), Some(value)) = (extensions.next(), extensions.next()) {
        match name {
            "raddr" => address = Some(value),
            "rport" => port = value,
            _ => {}
        }
    }
    socket_address(address?, port)
}

fn socket_address(address: &str, port: &str) -> Option<SocketAddr> {
    Some(SocketAddr::new(address.parse::<IpAddr>().ok()?, port.parse().ok()?))
}

impl CandidateKind {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Host, Self::ServerReflexive, Self::PeerReflexive, Self::Relayed];

    fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == token)
    }

    /// As it stands after `typ`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::ServerReflexive => "srflx",
            Self::PeerReflexive => "prflx",
            Self::Relayed => "relay",
        }
    }
}
