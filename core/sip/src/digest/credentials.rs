use std::fmt;

use super::algorithm::{Algorithm, Qop};
use super::fields::{Fields, write_quoted};
use crate::grammar::quote;
use crate::message::Message;
use crate::method::Method;
use crate::uri::Uri;

/// The value of `Authorization` or `Proxy-Authorization`.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who answers.
    pub username: String,
    /// Which challenge is answered.
    pub realm: String,
    /// The challenge's nonce.
    pub nonce: String,
    /// The request-URI as the client sent it; proxies may have changed it since.
    pub uri: String,
    /// The proof, in hexadecimal.
    pub response: String,
    /// How it was hashed.
    pub algorithm: Algorithm,
    /// What the challenge asked to be sent back.
    pub opaque: Option<String>,
    /// Absent in the manner of RFC 2069.
    pub(super) proof: Option<Proof>,
    /// The client's nonce of a session variant without qop.
    pub(super) session_cnonce: Option<String>,
}

/// What comes with a qop.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) qop: Qop,
    pub(super) cnonce: String,
    pub(super) count: u32,
}

impl Credentials {
    /// Reads a value; `None` for another scheme or a malformed value.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let fields = Fields::parse(value)?;
        let algorithm = fields.value("algorithm").map_or(Some(Algorithm::MD5), |name| Algorithm::parse(&name))?;
        let proof = match fields.value("qop") {
            Some(qop) => Some(Proof {
                qop: Qop::parse(&qop)?,
                cnonce: fields.owned("cnonce")?,
                count: fields
                    .value("nc")
                    .filter(|nc| nc.len() == 8 && nc.bytes().all(|b| b.is_ascii_hexdigit()))
                    .and_then(|nc| u32::from_str_radix(&nc, 16).ok())?,
            }),
            None => None,
        };
        Some(Self {
            username: fields.owned("username")?,
            realm: fields.owned("realm")?,
            nonce: fields.owned("nonce")?,
            uri: fields.owned("uri")?,
            response: fields.owned("response")?,
            algorithm,
            opaque: fields.owned("opaque"),
            session_cnonce: proof.is_none().then(|| fields.owned("cnonce")).flatten(),
            proof,
        })
    }

    /// The nonce count, if the answer has one.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        self.proof.as_ref().map(|p| p.count)
    }

    /// The quality of protection, if the answer has one.
    #[must_use]
    pub fn qop(&self) -> Option<Qop> {
        self.proof.as_ref().map(|p| p.qop)
    }

    /// Whether they are for what `request` asks for, or were made for something else (RFC 7616 3.4.6, RFC 8760 2.6). Phones
    /// leave out parameters and ports, or write `sip` for `sips`; some name the user where a REGISTER names the domain.
    /// User and host must be the same.
    #[must_use]
    pub fn are_for(&self, request: &Message<'_>) -> bool {
        let (Some(asked), Ok(named)) = (request.request_uri(), Uri::parse(&self.uri)) else { return false };
        let is_own = request.method() == Method::Register
            && named.is_same_user(&request.to().uri())
            && asked.host().eq_ignore_ascii_case(named.host());
        asked.is_same_user(&named) || asked.is_equivalent(&named) || is_own
    }

    /// The response that proves `ha1` (hexadecimal) for these parameters (RFC 7616 3.4.1).
    pub(super) fn expected(&self, ha1: &str, method: Method<'_>, body: &[u8]) -> String {
        let hash = self.algorithm.hash;
        let nonce = self.nonce.as_bytes();
        let cnonce = self.proof.as_ref().map(|p| &p.cnonce).or(self.session_cnonce.as_ref());
        let session = self.algorithm.session.then(|| hash.hex(&[ha1.as_bytes(), nonce, cnonce.map_or(b"", |c| c.as_bytes())]));
        let ha1 = session.as_deref().unwrap_or(ha1).as_bytes();
        let ha2 = match self.qop() {
            Some(Qop::AuthInt) => hash.hex(&[method.as_bytes(), self.uri.as_bytes(), hash.hex(&[body]).as_bytes()]),
            _ => hash.hex(&[method.as_bytes(), self.uri.as_bytes()]),
        };
        match &self.proof {
            Some(Proof { qop, cnonce, count }) => {
                let count = format!("{count:08x}");
                hash.hex(&[ha1, nonce, count.as_bytes(), cnonce.as_bytes(), qop.as_str().as_bytes(), ha2.as_bytes()])
            }
            None => hash.hex(&[ha1, nonce, ha2.as_bytes()]),
        }
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest username={}", quote(&self.username))?;
        write_quoted(f, "realm", &self.realm)?;
        write_quoted(f, "nonce", &self.nonce)?;
        write_quoted(f, "uri", &self.uri)?;
        write_quoted(f, "response", &self.response)?;
        write!(f, ", algorithm={}", self.algorithm)?;
        if let Some(Proof { qop, cnonce, count }) = &self.proof {
            write_quoted(f, "cnonce", cnonce)?;
            write!(f, ", qop={}, nc={count:08x}", qop.as_str())?;
        }
        if let Some(cnonce) = &self.session_cnonce {
            write_quoted(f, "cnonce", cnonce)?;
        }
        match &self.opaque {
            Some(opaque) => write_quoted(f, "opaque", opaque),
            None => Ok(()),
        }
    }
}

/// Names neither user nor proof.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({} nc {:?})", self.algorithm, self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Framing;

    #[test]
    fn credentials_read_back_as_printed() {
        for value in [
            r#"Digest username="a\"b", realm="r", nonce="n", uri="sip:r", response="00", algorithm=SHA-256, cnonce="c", qop=auth, nc=0000000f, opaque="o""#,
            r#"Digest username="a", realm="r", nonce="n", uri="sip:r", response="00", algorithm=MD5"#,
            r#"Digest username="a", realm="r", nonce="n", uri="sip:r", response="00", algorithm=MD5-sess, cnonce="c""#,
        ] {
            assert_eq!(Credentials::parse(value.as_bytes()).unwrap().to_string(), value);
        }
    }

    fn are_for(uri: &str, method: &str, request_uri: &str) -> bool {
        let request = format!(
            "{method} {request_uri} SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK1\r\nFrom: <sip:anna@example.org>;tag=1\r\n\
             To: <sip:anna@example.org>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
        );
        let value = format!("Digest username=a, realm=r, nonce=n, uri=\"{uri}\", response=00");
        let request = Message::parse(request.as_bytes(), Framing::Stream).unwrap();
        Credentials::parse(value.as_bytes()).unwrap().are_for(&request)
    }

    #[test]
    fn credentials_are_for_their_request_however_phones_write_its_uri() {
        for (uri, method, request_uri) in [
            // As it stands there: baresip, pjsip (and asterisk with it), kamailio.
            ("sip:example.org", "REGISTER", "sip:example.org"),
            ("sip:example.org;transport=tls", "REGISTER", "sip:example.org;transport=tls"),
            ("sip:ben@example.org;transport=tls", "INVITE", "sip:ben@example.org;transport=tls"),
            // Without what the transport needs only, or with it on one side.
            ("sip:example.org", "REGISTER", "sip:example.org;transport=tcp"),
            ("sip:example.org:5061", "REGISTER", "sip:example.org"),
            ("sip:ben@Example.ORG", "INVITE", "sip:ben@example.org:5061;transport=tls;user=phone"),
            ("sip:ben@example.org", "INVITE", "sips:ben@example.org"),
            ("sip:%62en@example.org", "INVITE", "sip:ben@example.org"),
            ("sip:[2001:DB8::1]", "REGISTER", "sip:[2001:db8:0::1]"),
            // The address of record of who registers.
            ("sip:anna@example.org", "REGISTER", "sip:example.org"),
            ("tel:+1-201-555-0123", "INVITE", "tel:+12015550123"),
        ] {
            assert!(are_for(uri, method, request_uri), "{uri} for {request_uri}");
        }
    }

    #[test]
    fn credentials_for_another_user_or_host_are_not_for_the_request() {
        for (uri, method, request_uri) in [
            ("sip:ben@example.org", "INVITE", "sip:carl@example.org"),
            ("sip:Ben@example.org", "INVITE", "sip:ben@example.org"),
            ("sip:ben@example.org", "INVITE", "sip:ben@example.com"),
            ("sip:example.org", "INVITE", "sip:ben@example.org"),
            ("sip:anna@example.org", "INVITE", "sip:example.org"),
            ("sip:ben@example.org", "REGISTER", "sip:example.org"),
            ("sip:anna@example.org", "REGISTER", "sip:example.com"),
            ("sip:ben@example.org", "INVITE", "tel:+12015550123"),
            ("/", "REGISTER", "sip:example.org"),
            ("", "REGISTER", "sip:example.org"),
        ] {
            assert!(!are_for(uri, method, request_uri), "{uri} for {request_uri}");
        }
    }

    #[test]
    fn a_qop_without_count_or_with_a_broken_one_is_refused() {
        for nc in ["", ", nc=1", ", nc=0000000g", ", nc=+0000001", ", nc=000000001"] {
            let value = format!("Digest username=a, realm=r, nonce=n, uri=\"sip:r\", response=00, qop=auth, cnonce=c{nc}");
            let count = Credentials::parse(value.as_bytes());
            assert!(count.is_none(), "{nc}");
        }
        let quoted = br#"Digest username="a", realm="r", nonce="n", uri="sip:r", response="00", qop="auth", cnonce="c", nc="00000010""#;
        assert_eq!(Credentials::parse(quoted).unwrap().count(), Some(16));
    }
}
