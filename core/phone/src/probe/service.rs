use cooee_machine::{Question, RecordType};

/// What a call to an address is signalled by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// RFC 3261.
    Sip,
    /// RFC 6120, with Jingle (XEP-0166).
    Xmpp,
}

/// A service by which strangers reach the people of a domain. The best is the least.
///
/// Left out on purpose: `_sip._tls` and `_sipfederationtls._tcp`, which Microsoft's domains publish and which lead nowhere; and a
/// bare address record, which every web site has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// SIP over TLS (RFC 3263).
    Sips,
    /// XMPP between servers, TLS from the start (XEP-0368).
    XmppsServer,
    /// XMPP between servers (RFC 6120 3.2).
    XmppServer,
    /// SIP over TCP (RFC 3263).
    SipTcp,
    /// SIP over UDP (RFC 3263).
    SipUdp,
}

impl Service {
    /// All, the best first.
    pub const ALL: [Self; 5] = [Self::Sips, Self::XmppsServer, Self::XmppServer, Self::SipTcp, Self::SipUdp];

    /// Those of XMPP. TLS from the start is the better one of equals.
    pub const XMPP: [Self; 2] = [Self::XmppsServer, Self::XmppServer];

    /// What is asked about a domain.
    pub(crate) fn question(self, domain: &str) -> Question {
        Question { name: format!("{}.{domain}", self.label()), kind: RecordType::Srv }
    }

    /// The name of its SRV records, before the domain (RFC 2782).
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Sips => "_sips._tcp",
            Self::XmppsServer => "_xmpps-server._tcp",
            Self::XmppServer => "_xmpp-server._tcp",
            Self::SipTcp => "_sip._tcp",
            Self::SipUdp => "_sip._udp",
        }
    }

    /// The service of that label.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.label() == label)
    }

    /// What a call over it is signalled by.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Sips | Self::SipTcp | Self::SipUdp => Protocol::Sip,
            Self::XmppsServer | Self::XmppServer => Protocol::Xmpp,
        }
    }
}
