use cooee_machine::Pii;
use cooee_sip::{Scheme, Uri};

use super::{Host, NoAddress};

/// A `sip:` or `sips:` address (RFC 3261 19.1): a whole URI without password and headers, its host in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipAddress {
    uri: Pii<String>,
    host: Host,
    user: Option<Pii<String>>,
    is_secure: bool,
}

impl SipAddress {
    /// Reads the address behind `sip:` or `sips:`. Letters beyond ASCII are escaped in the user, and the host is mapped to ASCII.
    pub(super) fn parse(scheme: &str, rest: &str) -> Result<Self, NoAddress> {
        // `sip://…` is wrong and widespread.
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let end = if place.starts_with('[') { place.find(']').map(|at| at + 1) } else { place.find([':', ';', '?']) };
        let (host, tail) = place.split_at_checked(end.unwrap_or(place.len())).unwrap_or((place, ""));
        let host = Host::parse(host).ok_or(NoAddress::Domain)?;
        let user = user.map_or_else(String::new, |user| format!("{}@", escaped(user)));
        Self::from_uri(&format!("{scheme}:{user}{host}{tail}"), host)
    }

    /// `user` is any text.
    pub(super) fn new(user: &str, host: Host) -> Result<Self, NoAddress> {
        Self::from_uri(&format!("sip:{}@{host}", cooee_sip::encode_user(user.as_bytes())), host)
    }

    fn from_uri(text: &str, host: Host) -> Result<Self, NoAddress> {
        let uri = Uri::parse(text).ok().filter(Uri::is_sip).ok_or(NoAddress::Malformed)?;
        if uri.password().is_some() || uri.has_headers() {
            return Err(NoAddress::TooMuch);
        }
        let user = uri.decoded_user().map(|user| Pii(String::from_utf8_lossy(&user).into_owned()));
        Ok(Self { uri: Pii(text.to_owned()), host, user, is_secure: uri.scheme() == Scheme::Sips })
    }

    /// The URI that is dialled, ASCII throughout.
    #[must_use]
    pub fn uri(&self) -> &Pii<String> {
        &self.uri
    }

    /// Where it belongs.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Who it is there, escapes undone; what is no UTF-8 is replaced.
    #[must_use]
    pub fn user(&self) -> Option<&Pii<String>> {
        self.user.as_ref()
    }

    /// `sips:`: never over anything but TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// `sip:user@host` with the user to the octet and the host folded (RFC 3261 10.3); port, parameters and `sips` aside.
    pub(super) fn canonical(&self) -> String {
        Uri::parse(self.uri.reveal()).ok().and_then(|uri| uri.address_of_record()).unwrap_or_default()
    }
}

/// Octets beyond ASCII as escapes; whoever wrote escapes meant them.
fn escaped(user: &str) -> String {
    user.chars().map(|c| if c.is_ascii() { c.to_string() } else { cooee_sip::encode_user(c.encode_utf8(&mut [0; 4]).as_bytes()) }).collect()
}
