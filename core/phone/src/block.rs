use std::fmt;

use cooee_machine::Pii;
use cooee_sip::{Scheme, Uri};

use crate::{Address, Host, Number, Region};

/// People whose calls are not taken, or always ring.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockRule {
    /// One person: `ben@example.org`, the domain as DNS knows it.
    Address(Pii<String>),
    /// Everybody of a domain, as DNS knows it; not of the domains below it.
    Domain(String),
    /// One telephone number, whoever carries its call: `+41446681800`.
    Number(Pii<String>),
}

impl BlockRule {
    /// Reads what [`BlockRule::understand`] does, numbers only in full (`+41 …`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::understand(text, None)
    }

    /// Reads a domain (`example.org`, `@example.org`), or whatever a call can go to: `ben@example.org`, `Ben <sip:ben@example.org>`, a number
    /// as it is dialled in `region`. `None` if it is none of these, or nobody who calls by SIP.
    #[must_use]
    pub fn understand(text: &str, region: Option<Region>) -> Option<Self> {
        let text = text.trim();
        if let Some(domain) = text.strip_prefix('@') {
            return Host::parse(domain).map(|host| Self::Domain(host.to_string()));
        }
        if let Some(host) = Host::parse(text).filter(|_| text.contains(['.', '['])) {
            return Some(Self::Domain(host.to_string()));
        }
        Self::meaning_one(&Address::understand(text, region).ok()?.address)
    }

    /// The narrowest rule that means whoever has this address; `None` where that is nobody who calls by SIP.
    pub(crate) fn meaning_one(address: &Address) -> Option<Self> {
        match address {
            Address::Sip(address) => Self::of(&Uri::parse(address.uri().reveal()).ok()?).into_iter().next(),
            Address::Mailbox(mailbox) => Some(Self::Address(Pii(format!("{}@{}", mailbox.local().reveal(), mailbox.host())))),
            Address::Number(Number::International(number)) => Some(Self::Number(Pii(number.dialled()))),
            _ => None,
        }
    }

    /// Each rule that means whoever has this address, the narrowest first.
    #[must_use]
    pub fn meaning_all(address: &Address) -> Vec<Self> {
        let uri = match address {
            Address::Sip(address) => Some(address.clone()),
            Address::Mailbox(mailbox) => mailbox.sip(),
            _ => None,
        };
        uri.map_or_else(|| Self::meaning_one(address).into_iter().collect(), |sip| Self::meaning(sip.uri().reveal()))
    }

    /// Each rule that means a caller of this address, the narrowest first.
    #[must_use]
    pub fn meaning(caller: &str) -> Vec<Self> {
        Uri::parse(caller).map_or_else(|_| Vec::new(), |uri| Self::of(&uri))
    }

    fn of(uri: &Uri<'_>) -> Vec<Self> {
        let number = number(uri).map(|number| Self::Number(Pii(number)));
        if !uri.is_sip() {
            return number.into_iter().collect();
        }
        let host = Host::parse(uri.host()).map_or_else(|| uri.host().to_ascii_lowercase(), |host| host.to_string());
        let person = person(uri, &host).map(|person| Self::Address(Pii(person)));
        person.into_iter().chain(number).chain([Self::Domain(host)]).collect()
    }
}

/// `ben@example.org`, whatever port and parameters stand behind it.
fn person(uri: &Uri<'_>, host: &str) -> Option<String> {
    let address = uri.address_of_record()?;
    let bare = address.strip_prefix("sips:").or_else(|| address.strip_prefix("sip:"))?;
    let (user, _) = bare.rsplit_once('@')?;
    Some(format!("{user}@{host}"))
}

/// The number that calls, of those that are the same everywhere: `tel:+41-44-668-1800`, `sip:+41446681800@example.org`.
fn number(uri: &Uri<'_>) -> Option<String> {
    let dialled = if uri.scheme() == Scheme::Tel { uri.to_string() } else { format!("tel:{}", uri.user()?) };
    if !dialled.starts_with("tel:+") {
        return None;
    }
    match Address::understand(&dialled, None).ok()?.address {
        Address::Number(Number::International(number)) => Some(number.dialled()),
        _ => None,
    }
}

/// As [`BlockRule::parse`] reads it.
impl fmt::Display for BlockRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(text) | Self::Number(text) => f.write_str(text.reveal()),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl BlockRule {
        fn matches(&self, caller: &str) -> bool {
            Self::meaning(caller).contains(self)
        }
    }

    fn rule(text: &str) -> BlockRule {
        BlockRule::parse(text).unwrap()
    }

    #[test]
    fn one_person_is_meant_whatever_stands_around_the_address() {
        for text in ["ben@Example.org", "sip:ben@example.org", "sips:ben@example.org:5061;transport=tls"] {
            let rule = rule(text);
            assert_eq!(rule.to_string(), "ben@example.org");
            assert!(rule.matches("sip:ben@example.org;user=phone") && rule.matches("sips:ben@EXAMPLE.org:5061"));
            assert!(!rule.matches("sip:benny@example.org") && !rule.matches("sip:ben@mail.example.org") && !rule.matches("tel:+49301"));
        }
    }

    #[test]
    fn a_whole_domain_is_meant_and_none_below_it() {
        for text in ["example.org", "@example.org", "sip:example.org"] {
            let rule = rule(text);
            assert_eq!(rule, BlockRule::Domain("example.org".into()));
            assert!(rule.matches("sip:anybody@example.org") && rule.matches("sip:example.org"));
            assert!(!rule.matches("sip:ben@sub.example.org") && !rule.matches("sip:ben@notexample.org"));
        }
    }

    #[test]
    fn whatever_can_be_called_can_be_blocked() {
        for text in ["mailto:ben@example.org", "Ben <ben@example.org>", "ben@example.org.", "<sip:ben@EXAMPLE.org>"] {
            assert!(rule(text).matches("sip:ben@example.org"), "{text}");
        }
        assert!(rule("bücher.example").matches("sip:anna@xn--bcher-kva.example"));
        assert!(rule("ben@bücher.example").matches("sip:ben@xn--bcher-kva.example"));
        assert!(rule("@localhost").matches("sip:ben@localhost") && rule("[2001:db8::1]").matches("sip:ben@[2001:DB8:0::1]"));
    }

    #[test]
    fn a_number_is_meant_whoever_carries_its_call() {
        for text in ["+41446681800", "+41 44 668 18 00", "tel:+41-44-668-18-00"] {
            let number = rule(text);
            for caller in ["tel:+41446681800", "tel:+41-44-668-1800", "sip:+41446681800@sip.example;user=phone"] {
                assert!(number.matches(caller), "{text} {caller}");
            }
            assert!(!number.matches("tel:+41446681801"), "{text}");
        }
        assert_eq!(rule("+41446681800").to_string(), "+41446681800");
        let region = "CH".parse().ok();
        assert_eq!(BlockRule::understand("044 668 18 00", region), BlockRule::parse("+41446681800"));
    }

    #[test]
    fn all_that_means_somebody_is_known_however_the_address_is_written() {
        let all = |text: &str| {
            let address = Address::understand(text, "CH".parse().ok()).unwrap().address;
            BlockRule::meaning_all(&address).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        for text in ["Ben <BEN@Example.org>", "sip:BEN@example.org;transport=tls", "mailto:BEN@EXAMPLE.ORG"] {
            assert_eq!(all(text), ["BEN@example.org", "example.org"], "{text}");
        }
        assert_eq!(all("044 668 18 00"), ["+41446681800"]);
        assert_eq!(all("sip:+41446681800@sip.example"), ["+41446681800@sip.example", "+41446681800", "sip.example"]);
        assert_eq!(all("xmpp:anna@example.org"), [""; 0]);
    }

    #[test]
    fn what_is_no_address_is_no_rule() {
        for text in ["", "@", "two words", "ben@", "http://example.org", "anna", "xmpp:anna@example.org", "112"] {
            assert_eq!(BlockRule::parse(text), None, "{text}");
        }
    }
}
