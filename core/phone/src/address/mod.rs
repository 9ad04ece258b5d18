//! What people write when they mean somebody, understood: one type for every kind of address.

#[cfg(test)]
mod golden;
mod host;
mod look_alike;
mod mailbox;
mod name_addr;
mod own;
mod sip;
mod target;
mod text;
mod understood;
mod xmpp;

pub use host::Host;
pub use look_alike::LookAlike;
pub use mailbox::Mailbox;
pub(crate) use own::OwnAddress;
pub use sip::SipAddress;
pub(crate) use target::Target;
pub use understood::{NoAddress, Remark, Understood};
pub use xmpp::XmppAddress;

use cooee_machine::Pii;

use crate::{Number, Region};

/// Longer is no address; in octets.
pub(crate) const MAX_LENGTH: usize = 512;

/// Somebody, or some place, that can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// By SIP and nothing else: somebody wrote `sip:` or `sips:`, a port, a numeric host.
    Sip(SipAddress),
    /// By XMPP and nothing else.
    Xmpp(XmppAddress),
    /// `anna@example.org`, by whatever its domain publishes.
    Mailbox(Mailbox),
    /// A telephone number.
    Number(Number),
    /// A bare user of the calling account's own domain.
    User(Pii<String>),
}

impl Address {
    /// Reads whatever people write; [`Understood`] says how it was read and what else it could be. `region` is where its writer
    /// telephones from; without it a number is only understood in full (`+41 …`).
    ///
    /// # Errors
    /// [`NoAddress`] says what is wrong with it.
    pub fn understand(text: &str, region: Option<Region>) -> Result<Understood, NoAddress> {
        understood::understand(text, region)
    }

    /// The domain that is asked about it: ASCII, lower case, no final dot. Numbers, bare users and numeric hosts have none.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.host()?.domain()
    }

    /// Whether it is an emergency number: that is neither looked up nor remembered, and nothing may hold it up.
    #[must_use]
    pub fn is_for_help(&self) -> bool {
        matches!(self, Self::Number(Number::Emergency(_)))
    }

    /// Its right half.
    #[must_use]
    pub fn host(&self) -> Option<&Host> {
        match self {
            Self::Sip(address) => Some(address.host()),
            Self::Xmpp(address) => Some(address.host()),
            Self::Mailbox(address) => Some(address.host()),
            Self::Number(_) | Self::User(_) => None,
        }
    }

    /// One text for all ways to write it; two addresses are the same exactly if these are. Local parts are compared as their
    /// protocol says: SIP users and mailboxes to the letter, XMPP without case; domains always without.
    #[must_use]
    pub fn canonical(&self) -> Pii<String> {
        Pii(match self {
            Self::Sip(address) => address.canonical(),
            Self::Xmpp(address) => address.canonical(),
            Self::Mailbox(address) => address.canonical(),
            Self::Number(number) => number.tel_uri().0,
            Self::User(user) => format!("user:{}", user.reveal()),
        })
    }

    /// As people write it: `anna@example.org`, `+41446681800`, `ben`; with its protocol where it names one.
    #[must_use]
    pub fn written(&self) -> Pii<String> {
        Pii(match self {
            Self::Mailbox(_) => self.canonical().0.trim_start_matches("mailto:").to_owned(),
            Self::Number(number) => number.dialled().into_owned(),
            Self::User(user) => user.reveal().clone(),
            Self::Sip(_) | Self::Xmpp(_) => self.canonical().0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Address::understand(text, None).unwrap().address.canonical().0
    }

    #[test]
    fn local_parts_are_compared_as_their_protocol_says_and_domains_without_case() {
        assert_eq!(canonical("sip:Anna@EXAMPLE.org;transport=tcp"), "sip:Anna@example.org");
        assert_eq!(canonical("sips:anna@example.org:5061"), canonical("sip:%61nna@example.org"));
        assert_ne!(canonical("sip:Anna@example.org"), canonical("sip:anna@example.org"));
        assert_eq!(canonical("xmpp:Anna@EXAMPLE.org/desk"), "xmpp:anna@example.org");
        assert_eq!(canonical("Anna <Anna@Example.org>"), "mailto:Anna@example.org");
        assert_eq!(canonical("mailto:Anna@example.org?subject=x"), "mailto:Anna@example.org");
        assert_eq!(canonical("anna@bücher.example"), canonical("anna@xn--bcher-kva.example"));
        assert_eq!(canonical("+41 44 668-18-00"), "tel:+41446681800");
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for text in ["anna@example.org", "sip:anna@example.org", "xmpp:anna@example.org", "+41446681800", "ben"] {
            let address = Address::understand(text, None).unwrap().address;
            assert_eq!(address.written().reveal(), text);
        }
        assert_eq!(Address::understand("Anna <mailto:anna@Example.org>", None).unwrap().address.written().0, "anna@example.org");
    }

    #[test]
    fn only_what_names_a_domain_has_one() {
        let domain = |text: &str| Address::understand(text, None).unwrap().address.domain().map(str::to_owned);
        assert_eq!(domain("anna@Bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(domain("sip:example.org:5061").as_deref(), Some("example.org"));
        for text in ["ben", "+41446681800", "tel:117", "sip:ben@192.0.2.1", "ben@[2001:db8::1]"] {
            assert_eq!(domain(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_of_an_address_is_printed_by_accident() {
        for text in ["sip:anna@example.org", "xmpp:anna@example.org", "anna@example.org", "+41446681800", "anna", "Anna <anna@example.org>"]
        {
            let printed = format!("{:?}", Address::understand(text, None).unwrap());
            assert!(!printed.contains("nna") && !printed.contains("4466"), "{printed}");
        }
    }
}
