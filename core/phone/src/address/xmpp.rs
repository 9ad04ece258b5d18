use cooee_machine::Pii;

use super::text::{composed, unescaped, usual_width};
use super::{Host, NoAddress};

/// An `xmpp:` address (RFC 7622), without resource: people are called, not their devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmppAddress {
    local: Option<Pii<String>>,
    host: Host,
}

impl XmppAddress {
    /// Reads what stands behind `xmpp:` (RFC 5122 2.2): an account to log in with, resource, query and fragment are left out.
    pub(super) fn parse(rest: &str) -> Result<Self, NoAddress> {
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let rest = match rest.strip_prefix("//") {
            Some(authority) => authority.split_once('/').map_or(authority, |(_, target)| target),
            None => rest,
        };
        let bare = rest.split('/').next().unwrap_or_default();
        let bare = unescaped(bare).ok_or(NoAddress::Malformed)?;
        let (local, host) = bare.rsplit_once('@').map_or((None, bare.as_str()), |(local, host)| (Some(local), host));
        Self::new(local, Host::parse(host).ok_or(NoAddress::Domain)?)
    }

    pub(super) fn new(local: Option<&str>, host: Host) -> Result<Self, NoAddress> {
        let local = local.map(|local| prepared(local).map(Pii).ok_or(NoAddress::Malformed)).transpose()?;
        Ok(Self { local, host })
    }

    /// Where it belongs.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Who it is there, prepared for comparison; `None` for a server itself.
    #[must_use]
    pub fn local(&self) -> Option<&Pii<String>> {
        self.local.as_ref()
    }

    pub(super) fn canonical(&self) -> String {
        match &self.local {
            Some(local) => format!("xmpp:{}@{}", local.reveal(), self.host),
            None => format!("xmpp:{}", self.host),
        }
    }
}

/// The local part as XMPP compares it: UsernameCaseMapped (RFC 8265 3.3) and the signs that RFC 7622 3.3.1 bars.
fn prepared(local: &str) -> Option<String> {
    let mapped = composed(&usual_width(local).to_lowercase());
    let is_barred = |c: char| c.is_whitespace() || c.is_control() || "\"&'/:<>@".contains(c);
    (!mapped.is_empty() && mapped.len() <= 1023 && !mapped.contains(is_barred)).then_some(mapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(rest: &str) -> Option<String> {
        XmppAddress::parse(rest).ok().map(|address| address.canonical())
    }

    #[test]
    fn what_is_not_the_person_is_left_out() {
        for text in [
            "anna@example.org",
            "anna@example.org/balcony",
            "anna@example.org?message;subject=x",
            "//me@home.example/anna@example.org",
            "//anna@example.org",
        ] {
            assert_eq!(canonical(text).as_deref(), Some("xmpp:anna@example.org"), "{text}");
        }
        assert_eq!(canonical("example.org").as_deref(), Some("xmpp:example.org"));
    }

    #[test]
    fn local_parts_are_compared_without_case_and_width() {
        for text in ["JÖRG@example.org", "jo\u{308}rg@EXAMPLE.org", "j%C3%B6rg@example.org", "ｊörg@example.org"] {
            assert_eq!(canonical(text).as_deref(), Some("xmpp:jörg@example.org"), "{text}");
        }
        for wrong in ["an na@example.org", "@example.org", "a&b@example.org", "a%ff@example.org", "anna@"] {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
    }
}
