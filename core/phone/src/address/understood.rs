use cooee_machine::Pii;

use super::text::visible;
use super::{Address, Host, LookAlike, MAX_LENGTH, Mailbox, SipAddress, XmppAddress, name_addr};
use crate::Region;
use crate::number::Reading;

/// What a text was understood as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// What it is taken for.
    pub address: Address,
    /// The name that stood beside it.
    pub name: Option<Pii<String>>,
    /// What was not said and is assumed, what was left out, and what to look at twice.
    pub remarks: Vec<Remark>,
    /// What else it could be, and is not taken for.
    pub or_else: Vec<Address>,
}

/// Something to know about how a text was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// Written without a protocol: all that the domain publishes are tried.
    AnyProtocol,
    /// A bare user: whoever that is in the calling account's domain.
    OwnDomain,
    /// The domain in the form that DNS is asked for.
    AsciiDomain(String),
    /// The domain or the user can be taken for another.
    LookAlike(LookAlike),
    /// Parts that say how or about what to call were left out (resource, subject).
    PartsLeftOut,
    /// The number is for the exchange of the account alone: no region is set that would make it a number of the whole world.
    NoRegion,
    /// A number as it is dialled in that region.
    NumberOf(Region),
    /// It begins with what is dialled in that region before a country code.
    InternationalPrefix(Region),
    /// It begins with that region's country code, without a plus sign.
    CountryCodeOf(Region),
    /// The zero or the like that is only dialled inside a country was left out: `+41 (0)44 …`.
    TrunkPrefixLeftOut,
    /// No number of that region is dialled like this: it is left to the exchange of the account.
    NoNumberOf(Region),
    /// No country has such a number.
    NoSuchNumber,
    /// The number is only meant inside this domain, or below this number.
    Context(String),
    /// To be dialled once somebody answered.
    DialAfterwards(Pii<String>),
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoAddress {
    /// There is nothing.
    #[error("there is nothing")]
    Empty,
    /// More than 512 octets.
    #[error("that is too long for an address")]
    TooLong,
    /// More than one address.
    #[error("these are several addresses")]
    Several,
    /// A scheme that nobody is called by, e.g. `https`.
    #[error("nobody is called by {0}:")]
    Scheme(String),
    /// What should be the domain is none.
    #[error("the domain is none")]
    Domain,
    /// What should be a number has no digits, or other signs.
    #[error("the number is none")]
    Number,
    /// A password or headers, which an address that is called has not.
    #[error("a password or headers are in it")]
    TooMuch,
    /// Anything else.
    #[error("that is no address")]
    Malformed,
}

pub(super) fn understand(text: &str, region: Option<Region>) -> Result<Understood, NoAddress> {
    if text.len() > MAX_LENGTH {
        return Err(NoAddress::TooLong);
    }
    let text = visible(text);
    let (name, inner) = name_addr::split(&text)?;
    if inner.is_empty() {
        return Err(NoAddress::Empty);
    }
    if inner.contains(char::is_control) {
        return Err(NoAddress::Malformed);
    }
    let mut understood = read(inner, region)?;
    understood.name = name.map(Pii);
    understood.look_twice();
    Ok(understood)
}

fn read(text: &str, region: Option<Region>) -> Result<Understood, NoAddress> {
    let Some((scheme, rest)) = scheme(text) else { return without_scheme(text, region) };
    match scheme.to_ascii_lowercase().as_str() {
        "sip" | "sips" => Ok(Understood::of(Address::Sip(SipAddress::parse(scheme, rest)?))),
        "tel" => Reading::of_tel(rest, region).ok_or(NoAddress::Number).map(Understood::number),
        "xmpp" => {
            let is_more = rest.trim_start_matches('/').contains(['/', '?', '#']);
            Ok(Understood::of(Address::Xmpp(XmppAddress::parse(rest)?)).with(is_more.then_some(Remark::PartsLeftOut)))
        }
        "mailto" => {
            let is_more = rest.contains('?');
            Ok(Understood::mailbox(Mailbox::parse_mailto(rest)?).with(is_more.then_some(Remark::PartsLeftOut)))
        }
        _ => Err(NoAddress::Scheme(scheme.to_owned())),
    }
}

/// The scheme and what stands behind it; `host:5060` has none.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let is_port =
        || rest.starts_with(|c: char| c.is_ascii_digit()) && rest.split([';', '?']).next().is_some_and(|port| port.parse::<u16>().is_ok());
    let is_known = ["sip", "sips", "tel", "xmpp", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (is_scheme && (is_known || !is_port())).then_some((scheme, rest))
}

fn without_scheme(text: &str, region: Option<Region>) -> Result<Understood, NoAddress> {
    if let Some(reading) = Reading::of(text, region) {
        return Ok(Understood::number(reading).or_else_host(text));
    }
    let Some((_, place)) = text.rsplit_once('@') else {
        return if text.contains([':', '[']) { sip(text) } else { user(text) };
    };
    match Mailbox::parse(text) {
        Ok(mailbox) if mailbox.host().domain().is_some() => Ok(Understood::mailbox(mailbox)),
        // Ports, parameters and numeric hosts are SIP's alone.
        Ok(_) => sip(text),
        Err(_) if place.contains([':', ';', '[']) || !text.contains(char::is_whitespace) => sip(text),
        Err(error) => Err(error),
    }
}

fn sip(text: &str) -> Result<Understood, NoAddress> {
    SipAddress::parse("sip", text).map(|address| Understood::of(Address::Sip(address)))
}

fn user(text: &str) -> Result<Understood, NoAddress> {
    if text.contains(char::is_whitespace) {
        return Err(NoAddress::Malformed);
    }
    Ok(Understood::of(Address::User(Pii(text.to_owned()))).with(Some(Remark::OwnDomain)).or_else_host(text))
}

impl Understood {
    fn of(address: Address) -> Self {
        Self { address, name: None, remarks: Vec::new(), or_else: Vec::new() }
    }

    fn mailbox(mailbox: Mailbox) -> Self {
        Self::of(Address::Mailbox(mailbox)).with(Some(Remark::AnyProtocol))
    }

    fn number(reading: Reading) -> Self {
        Self { remarks: reading.remarks, ..Self::of(Address::Number(reading.number)) }
    }

    fn with(mut self, remark: Option<Remark>) -> Self {
        self.remarks.extend(remark);
        self
    }

    /// `example.org` or `192.0.2.1` by itself is taken for a user or a number, and could be a host.
    fn or_else_host(mut self, text: &str) -> Self {
        let host = Some(text).filter(|text| text.contains('.')).and_then(Host::parse);
        self.or_else.extend(host.and_then(|_| SipAddress::parse("sip", text).ok()).map(Address::Sip));
        self
    }

    fn look_twice(&mut self) {
        let host = self.address.host().filter(|host| host.domain().is_some());
        let ascii = host.filter(|host| host.unicode() != host.to_string()).map(|host| Remark::AsciiDomain(host.to_string()));
        let user = match &self.address {
            Address::Sip(address) => address.user(),
            Address::Xmpp(address) => address.local(),
            Address::Mailbox(address) => Some(address.local()),
            Address::User(user) => Some(user),
            Address::Number(_) => None,
        };
        let look_alike = host.and_then(LookAlike::in_host).or_else(|| LookAlike::in_name(user?.reveal())).map(Remark::LookAlike);
        self.remarks.extend([ascii, look_alike].into_iter().flatten());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Understood {
        Address::understand(text, None).unwrap()
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_its_fault() {
        for (text, fault) in [
            (" ", NoAddress::Empty),
            ("<>", NoAddress::Empty),
            ("https://example.org", NoAddress::Scheme("https".to_owned())),
            ("skype:anna", NoAddress::Scheme("skype".to_owned())),
            ("anna@", NoAddress::Domain),
            ("anna@exam ple", NoAddress::Domain),
            ("anna@@example.org", NoAddress::Malformed),
            ("an na", NoAddress::Malformed),
            ("tel:anna", NoAddress::Number),
            ("sip:anna:secret@example.org", NoAddress::TooMuch),
            ("sip:anna@example.org?subject=x", NoAddress::TooMuch),
            ("mailto:anna@example.org,ben@example.org", NoAddress::Several),
            ("anna\u{7}@example.org", NoAddress::Malformed),
            (&"a".repeat(513), NoAddress::TooLong),
        ] {
            assert_eq!(Address::understand(text, None), Err(fault), "{text}");
        }
    }

    #[test]
    fn what_could_be_something_else_is_said() {
        let host = Address::understand("sip:example.org", None).unwrap().address;
        assert_eq!((read("example.org").address, read("example.org").or_else), (Address::User(Pii("example.org".to_owned())), vec![host]));
        assert!(matches!(read("192.0.2.1").address, Address::Number(_)) && read("192.0.2.1").or_else.len() == 1);
        assert!(read("ben").or_else.is_empty());
    }

    #[test]
    fn what_was_assumed_left_out_or_is_suspicious_is_said() {
        assert_eq!(read("anna@example.org").remarks, [Remark::AnyProtocol]);
        assert_eq!(read("anna").remarks, [Remark::OwnDomain]);
        assert_eq!(read("044 668 18 00").remarks, [Remark::NoRegion]);
        assert_eq!(read("xmpp:anna@example.org/desk").remarks, [Remark::PartsLeftOut]);
        assert_eq!(read("sip:anna@bücher.example").remarks, [Remark::AsciiDomain("xn--bcher-kva.example".to_owned())]);
        let lookalike = &read("anna@exаmple.org").remarks;
        assert!(lookalike.contains(&Remark::LookAlike(LookAlike::MixedScripts)), "{lookalike:?}");
        assert_eq!(read("sip:anna@example.org").remarks, []);
    }

    #[test]
    fn letters_of_every_script_may_stand_before_the_at_sign() {
        let Address::Mailbox(mailbox) = read("jörg@bücher.example").address else { panic!("no mailbox") };
        assert_eq!(mailbox.sip().unwrap().uri().reveal(), "sip:j%C3%B6rg@xn--bcher-kva.example");
        let Address::Sip(address) = read("sip:jörg@bücher.example;transport=tcp").address else { panic!("not SIP") };
        assert_eq!(address.uri().reveal(), "sip:j%C3%B6rg@xn--bcher-kva.example;transport=tcp");
        let Address::Mailbox(mailbox) = read(r#""anna nagy"@example.org"#).address else { panic!("no mailbox") };
        assert_eq!(mailbox.sip().unwrap().uri().reveal(), "sip:anna%20nagy@example.org");
        assert_eq!(mailbox.xmpp(), None, "XMPP has no spaces in names");
    }
}
