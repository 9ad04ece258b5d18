use cooee_machine::Pii;
use cooee_sip::encode_user;

use super::Address;
use crate::Number;

/// Where a call goes by SIP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// `sip:ben@example.org`, or `sips:`; a user or number alone where there is no domain.
    uri: Pii<String>,
    /// Domain or numeric host; `None` for a bare user or number, which belongs to the calling account's domain.
    pub(crate) domain: Option<String>,
    /// `sips:`: never over an account that does not use TLS.
    pub(crate) is_secure: bool,
    /// A telephone number.
    pub(crate) is_number: bool,
}

impl Target {
    /// Reads what people write, as far as SIP reaches it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of(&Address::understand(text, None).ok()?.address)
    }

    /// `None` for XMPP, and for calls for help, which never leave by an account.
    pub(crate) fn of(address: &Address) -> Option<Self> {
        let bare = |uri: String, is_number| Self { uri: Pii(uri), domain: None, is_secure: false, is_number };
        let sip = match address {
            Address::Sip(address) => address.clone(),
            Address::Mailbox(mailbox) => mailbox.sip()?,
            Address::Number(Number::Emergency(_)) => return None,
            Address::Number(number) => return Some(bare(number_user(number), true)),
            Address::User(user) => return Some(bare(encode_user(user.reveal().as_bytes()), false)),
            Address::Xmpp(_) => return None,
        };
        let domain = Some(sip.host().to_string());
        Some(Self { uri: sip.uri().clone(), domain, is_secure: sip.is_secure(), is_number: false })
    }

    /// The whole URI, when called from an account of this domain. Numbers of the whole world are marked as such
    /// (RFC 3261 19.1.6); what only an exchange understands is left as it is.
    pub(crate) fn within(self, own_domain: &str) -> String {
        match (&self.domain, self.is_number && self.uri.reveal().starts_with('+')) {
            (Some(_), _) => self.uri.0,
            (None, true) => format!("sip:{}@{own_domain};user=phone", self.uri.0),
            (None, false) => format!("sip:{}@{own_domain}", self.uri.0),
        }
    }
}

/// What stands before the `@` (RFC 3261 19.1.6).
fn number_user(number: &Number) -> String {
    // The hash sign is no part of a user as it stands.
    let dialled = number.dialled().replace('#', "%23");
    match number {
        Number::Local { context: Some(context), .. } => format!("{dialled};phone-context={context}"),
        _ => dialled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_address_a_uri_or_a_user_of_the_own_domain() {
        let uri = |text: &str| Target::parse(text).map(|target| target.within("home.example"));
        assert_eq!(uri("ben@example.org").as_deref(), Some("sip:ben@example.org"));
        assert_eq!(uri("sip:ben@example.org;user=phone").as_deref(), Some("sip:ben@example.org;user=phone"));
        assert_eq!(uri("SIPS:ben@example.org").as_deref(), Some("SIPS:ben@example.org"));
        assert_eq!(uri("ben").as_deref(), Some("sip:ben@home.example"));
        for number in ["+49301234", "+49 (30) 12-34", "tel:+49-30-1234", "TEL:+49301234;isub=1"] {
            assert_eq!(uri(number).as_deref(), Some("sip:+49301234@home.example;user=phone"), "{number}");
            assert!(Target::parse(number).unwrap().is_number);
        }
        assert_eq!(uri("030/1234").as_deref(), Some("sip:0301234@home.example"));
        assert_eq!(uri("*21#").as_deref(), Some("sip:*21%23@home.example"));
        assert!(!Target::parse("ben2").unwrap().is_number && !Target::parse("1@example.org").unwrap().is_number);
        assert_eq!(uri("jörg").as_deref(), Some("sip:j%C3%B6rg@home.example"));
        for wrong in [
            "",
            " ",
            "ben ben",
            "tel:",
            "tel:ben",
            "http://example.org",
            "ben@",
            "ben@exam ple",
            "sip:ben@example.org?Subject=x",
            "sip:ben:pw@example.org",
        ] {
            assert_eq!(uri(wrong), None, "{wrong}");
        }
        assert!(Target::parse("sips:ben@example.org").unwrap().is_secure);
    }
}
