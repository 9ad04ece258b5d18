use std::fmt;

use cooee_machine::Secret;

use super::algorithm::{Algorithm, Hash, Qop};
use super::credentials::{Credentials, Proof};
use super::fields::{Fields, write_quoted};
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;

/// One value of `WWW-Authenticate` or `Proxy-Authenticate`.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Whose password is asked for.
    pub realm: String,
    /// To be hashed with it.
    pub nonce: String,
    /// To be sent back.
    pub opaque: Option<String>,
    /// How to hash.
    pub algorithm: Algorithm,
    /// `auth` was offered, or nothing was ([`Challenge::has_qop`]).
    pub auth: bool,
    /// `auth-int` was offered.
    pub auth_int: bool,
    /// The password was right, the nonce was old.
    pub stale: bool,
}

/// Who answers a challenge.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// The user's name in the realm.
    pub username: &'a str,
    /// The password.
    pub password: &'a Secret,
}

impl Challenge {
    /// A challenge as a server of ours makes it: `qop="auth"`.
    #[must_use]
    pub fn new(realm: &str, nonce: &str, algorithm: Algorithm, stale: bool) -> Self {
        Self { realm: realm.to_owned(), nonce: nonce.to_owned(), opaque: None, algorithm, auth: true, auth_int: false, stale }
    }

    /// Reads a value; `None` for another scheme, an algorithm or only qops we do not know, or a malformed value: all of them
    /// to be ignored (RFC 8760 2.4).
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let fields = Fields::parse(value)?;
        let algorithm = fields.value("algorithm").map_or(Some(Algorithm::MD5), |name| Algorithm::parse(&name))?;
        let qop = fields.value("qop");
        let offers = |wanted| qop.as_deref().is_some_and(|list| list.split(',').any(|q| Qop::parse(q) == Some(wanted)));
        let (auth, auth_int) = (offers(Qop::Auth), offers(Qop::AuthInt));
        if qop.as_deref().is_some_and(|list| !list.trim().is_empty()) && !auth && !auth_int {
            return None;
        }
        Some(Self {
            realm: fields.owned("realm")?,
            nonce: fields.owned("nonce")?,
            opaque: fields.owned("opaque"),
            algorithm,
            auth,
            auth_int,
            stale: fields.value("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")),
        })
    }

    /// Whether a qop was offered; without one the answer has neither count nor client nonce (RFC 2069).
    #[must_use]
    pub fn has_qop(&self) -> bool {
        self.auth || self.auth_int
    }

    /// The value of `Authorization` or `Proxy-Authorization` that answers this challenge for a request of `method` to `uri`
    /// (the request-URI) with `body`. `count` is 1 for the first request with this nonce and grows by one; `cnonce` is random.
    #[must_use]
    pub fn answer(&self, login: Login<'_>, method: Method<'_>, uri: &str, body: &[u8], count: u32, cnonce: &str) -> String {
        let Login { username, password } = login;
        let ha1 = self.algorithm.hash.hex(&[username.as_bytes(), self.realm.as_bytes(), password.reveal().as_bytes()]);
        let qop = self.has_qop().then_some(if self.auth { Qop::Auth } else { Qop::AuthInt });
        let mut credentials = Credentials {
            username: username.to_owned(),
            realm: self.realm.clone(),
            nonce: self.nonce.clone(),
            uri: uri.to_owned(),
            response: String::new(),
            algorithm: self.algorithm,
            opaque: self.opaque.clone(),
            proof: qop.map(|qop| Proof { qop, cnonce: cnonce.to_owned(), count }),
            session_cnonce: (qop.is_none() && self.algorithm.session).then(|| cnonce.to_owned()),
        };
        credentials.response = credentials.expected(&ha1, method, body);
        credentials.to_string()
    }
}

/// The challenges of a 401 or 407 that we understand, in order.
#[must_use]
pub fn challenges(response: &Message<'_>) -> Vec<Challenge> {
    let name = if response.status() == Some(407) { HeaderName::ProxyAuthenticate } else { HeaderName::WwwAuthenticate };
    response.header_values(name).filter_map(Challenge::parse).take(MAX_CHALLENGES).collect()
}

/// More than any server sends.
const MAX_CHALLENGES: usize = 16;

/// The challenge with the strongest hash, the topmost among equals.
#[must_use]
pub fn strongest(challenges: Vec<Challenge>) -> Option<Challenge> {
    let best: Option<Hash> = challenges.iter().map(|c| c.algorithm.hash).max();
    challenges.into_iter().find(|c| Some(c.algorithm.hash) == best)
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest realm={}", crate::grammar::quote(&self.realm))?;
        write_quoted(f, "nonce", &self.nonce)?;
        if let Some(opaque) = &self.opaque {
            write_quoted(f, "opaque", opaque)?;
        }
        match (self.auth, self.auth_int) {
            (true, true) => write_quoted(f, "qop", "auth,auth-int")?,
            (true, false) => write_quoted(f, "qop", "auth")?,
            (false, true) => write_quoted(f, "qop", "auth-int")?,
            (false, false) => {}
        }
        write!(f, ", algorithm={}", self.algorithm)?;
        f.write_str(if self.stale { ", stale=true" } else { "" })
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({} stale {})", self.algorithm, self.stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Framing;

    fn challenge(algorithm: &str) -> Challenge {
        let value = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        Challenge::parse(value.as_bytes()).unwrap()
    }

    fn response(algorithm: &str) -> String {
        let password = Secret::new("Circle of Life");
        let login = Login { username: "Mufasa", password: &password };
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let answer = challenge(algorithm).answer(login, Method::Other(b"GET"), "/dir/index.html", b"", 1, cnonce);
        Credentials::parse(answer.as_bytes()).unwrap().response
    }

    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        assert_eq!(response("MD5"), "8ca523f5e9506fed4657c9700eebdbec");
        assert_eq!(response("SHA-256"), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    }

    #[test]
    fn a_challenge_without_qop_is_answered_as_rfc_2069_says() {
        let challenge = Challenge::parse(b"Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"").unwrap();
        let password = Secret::new("CircleOfLife");
        let login = Login { username: "Mufasa", password: &password };
        let answer = challenge.answer(login, Method::Other(b"GET"), "/dir/index.html", b"", 1, "c");
        assert!(answer.contains("response=\"1949323746fe6a43ef61f9606e7febea\""), "{answer}");
        assert!(!answer.contains("nc=") && !answer.contains("cnonce") && !answer.contains("qop"));
    }

    #[test]
    fn what_we_do_not_understand_is_ignored() {
        for ignored in [
            "Basic realm=\"x\"",
            "Digest realm=\"x\", nonce=\"n\", algorithm=BLAKE3",
            "Digest realm=\"x\", nonce=\"n\", qop=\"auth-x\"",
            "Digest realm=\"x\"",
            "Digest nonce=\"x\"",
        ] {
            assert!(Challenge::parse(ignored.as_bytes()).is_none(), "{ignored}");
        }
        assert!(!Challenge::parse(b"Digest realm=x, nonce=n, qop=\"\"").unwrap().has_qop());
    }

    #[test]
    fn the_strongest_challenge_is_chosen_wherever_it_stands() {
        let response =
            b"SIP/2.0 407 x\r\nVia: SIP/2.0/UDP a\r\nTo: <sip:a@b>;tag=1\r\nFrom: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\
            Proxy-Authenticate: Digest realm=\"r\", nonce=\"1\", algorithm=MD5\r\n\
            Proxy-Authenticate: NoOneKnows a=b\r\n\
            Proxy-Authenticate: Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256, qop=\"auth\", stale=TRUE\r\n\
            Proxy-Authenticate: Digest realm=\"s\", nonce=\"3\", algorithm=SHA-256\r\n\r\n";
        let found = challenges(&Message::parse(response, Framing::Datagram).unwrap());
        assert_eq!(found.len(), 3);
        let best = strongest(found).unwrap();
        assert_eq!((best.nonce.as_str(), best.stale), ("2", true));
        assert_eq!(strongest(Vec::new()), None);
    }

    #[test]
    fn a_challenge_reads_back_as_printed() {
        let ours = Challenge::new("exa\"mple.org", "n", Algorithm::SHA_256, true);
        assert_eq!(Challenge::parse(ours.to_string().as_bytes()).unwrap(), ours);
    }
}
