use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::{Entropy, Now, Secret, StreamId};
use cooee_sip::digest::{Algorithm, Challenge, Credentials, Hash, Nonces, Verifier};
use cooee_sip::{Forward, Frame, Framer, Framing, HeaderName, Message, Method, forward_request, forward_response, response_to};

type Place = (usize, StreamId);

/// How the server treats REGISTER and INVITE.
#[derive(Clone, Debug, PartialEq)]
pub enum Login {
    /// Everybody is who they say.
    Open,
    /// Digest; every user's password is this.
    Password(String),
    /// This status, whatever they send.
    Refuse(u16),
    /// No answer at all.
    Silent,
}

/// A stateless relay with a table of who is where.
pub struct Server {
    pub login: Login,
    /// It finds phones by their flows alone, and says so (RFC 5626).
    pub outbound: bool,
    /// What it can do beyond the standards, as it tells who registers.
    pub features: &'static [&'static str],
    /// Puts a token for the flow into its Record-Route (RFC 5626 5.3).
    pub tokens: bool,
    /// Answers of single addresses, in place of `login`.
    pub at: BTreeMap<SocketAddr, Login>,
    /// What new INVITEs for a user are answered with, one after the other, before they are relayed: a status, and where it points to.
    pub scripted: BTreeMap<String, Vec<(u16, Vec<&'static str>)>>,
    /// What came, as `METHOD user`.
    pub seen: Vec<String>,
    /// Everything that came, as text.
    pub messages: Vec<String>,
    places: BTreeMap<String, Vec<Place>>,
    framers: BTreeMap<Place, Framer>,
    branches: BTreeMap<String, Place>,
    nonces: Nonces,
    entropy: Entropy,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            login: Login::Open,
            outbound: false,
            features: &[],
            tokens: false,
            at: BTreeMap::new(),
            scripted: BTreeMap::new(),
            seen: Vec::new(),
            messages: Vec::new(),
            places: BTreeMap::new(),
            framers: BTreeMap::new(),
            branches: BTreeMap::new(),
            nonces: Nonces::new(&[7; 32], "example.org", Duration::from_secs(300)),
            entropy: Entropy::for_test(9),
        }
    }
}

impl Server {
    pub fn take(&mut self, from: Place, at: SocketAddr, octets: &[u8], now: Now) -> Vec<(usize, StreamId, Vec<u8>)> {
        let mut framer = self.framers.remove(&from).unwrap_or_default();
        framer.push(octets);
        let mut out = Vec::new();
        while let Some(frame) = framer.poll() {
            match frame.expect("a phone speaks SIP") {
                Frame::Message(message) => self.message(from, at, &message, now, &mut out),
                Frame::Ping if self.login != Login::Silent => out.push((from.0, from.1, Frame::PONG.to_vec())),
                Frame::Ping | Frame::Pong => {}
            }
        }
        self.framers.insert(from, framer);
        out
    }

    pub fn gone(&mut self, phone: usize, stream: StreamId) {
        self.framers.remove(&(phone, stream));
        for places in self.places.values_mut() {
            places.retain(|place| *place != (phone, stream));
        }
    }

    pub fn count(&self, what: &str) -> usize {
        self.seen.iter().filter(|seen| *seen == what).count()
    }

    fn message(&mut self, from: Place, at: SocketAddr, octets: &[u8], now: Now, out: &mut Vec<(usize, StreamId, Vec<u8>)>) {
        self.messages.push(String::from_utf8_lossy(octets).into_owned());
        let message = match Message::parse(octets, Framing::Stream) {
            // The refusal of a mutant repeats its broken headers.
            Err(_) if octets.starts_with(b"SIP/2.0") => return,
            parsed => parsed.expect("a phone writes valid SIP"),
        };
        if !message.is_request() {
            let mut forwarded = Vec::new();
            if let Some(place) = message.via().branch().and_then(|branch| self.branches.get(branch))
                && forward_response(&message, &mut forwarded).is_ok()
            {
                out.push((place.0, place.1, forwarded));
            }
            return;
        }
        let user = message.request_uri().and_then(|uri| uri.user()).unwrap_or("").to_owned();
        self.seen.push(format!("{} {user}", String::from_utf8_lossy(message.method().as_bytes())));
        if message.method() == Method::Invite && message.to().tag().is_none() {
            let script = self.scripted.entry(user.clone()).or_default();
            if !script.is_empty() {
                let (status, contacts) = script.remove(0);
                let mut response = response_to(&message, status, "", Some("server"));
                for contact in contacts {
                    response = response.header(HeaderName::Contact, format!("<{contact}>"));
                }
                return out.push((from.0, from.1, response.into_bytes()));
            }
        }
        let login = self.at.get(&at).unwrap_or(&self.login).clone();
        let mut answer = |status: u16, extra: &[(HeaderName<'_>, String)]| {
            let mut response = response_to(&message, status, "", Some("server"));
            for (name, value) in extra {
                response = response.header(*name, value);
            }
            out.push((from.0, from.1, response.into_bytes()));
        };
        let is_new = message.to().tag().is_none();
        match (message.method(), &login) {
            (_, Login::Silent) => {}
            (Method::Register, Login::Refuse(status)) => answer(*status, &[]),
            (Method::Register | Method::Invite, Login::Password(password)) if is_new && !is_proven(&message, password) => {
                let nonce = self.nonces.issue(now, &mut self.entropy);
                let challenge = Challenge::new("example.org", &nonce, Algorithm { hash: Hash::Sha256, session: false }, false);
                match message.method() {
                    Method::Register => answer(401, &[(HeaderName::WwwAuthenticate, challenge.to_string())]),
                    _ => answer(407, &[(HeaderName::ProxyAuthenticate, challenge.to_string())]),
                }
            }
            (Method::Register, _) => {
                let asked = message.expires().unwrap_or(3600);
                let owner = message.to().uri().user().unwrap_or("").to_owned();
                let places = self.places.entry(owner).or_default();
                places.retain(|place| *place != from);
                let mut extra: Vec<_> = self.outbound.then(|| (HeaderName::Require, "outbound".to_owned())).into_iter().collect();
                if !self.features.is_empty() {
                    extra.push((HeaderName::FeatureCaps, cooee_sip::feature::feature_caps(self.features)));
                }
                if asked > 0 {
                    places.push(from);
                    let contact = message.header_text(HeaderName::Contact).unwrap_or_default();
                    let contact = contact.split(";expires").next().unwrap_or_default();
                    extra.push((HeaderName::Contact, format!("{contact};expires={asked}")));
                }
                answer(200, &extra);
            }
            (method, _) => {
                match self.places.get(&user).cloned().or_else(|| self.at_contact(&message)).filter(|places| !places.is_empty()) {
                    None if method == Method::Ack => {}
                    None => answer(404, &[]),
                    Some(places) => self.relay(from, &message, &places, out),
                }
            }
        }
    }

    /// Where a phone is that goes by another name within a call.
    fn at_contact(&self, message: &Message<'_>) -> Option<Vec<Place>> {
        let phone = message.request_uri()?.host().rsplit('.').next()?.parse::<usize>().ok()?.checked_sub(10)?;
        let place = self.places.values().flatten().find(|place| place.0 == phone)?;
        message.to().tag().map(|_| vec![*place])
    }

    fn relay(&mut self, from: Place, message: &Message<'_>, places: &[Place], out: &mut Vec<(usize, StreamId, Vec<u8>)>) {
        for (index, place) in places.iter().enumerate() {
            let branch = format!("{}-{index}", message.via().branch().unwrap_or("z9hG4bK"));
            let via = format!("SIP/2.0/TLS example.org;branch={branch}");
            let mut forwarded = Vec::new();
            let record: &[&str] = match (self.outbound, self.tokens) {
                (true, true) => &["<sip:token@example.org;transport=tls;lr>"],
                (true, false) => &["<sip:example.org;transport=tls;lr>"],
                (false, _) => &[],
            };
            forward_request(message, &Forward { via: &via, record_routes: record, ..Forward::default() }, &mut forwarded)
                .expect("hops are left");
            self.branches.insert(branch, from);
            out.push((place.0, place.1, forwarded));
        }
    }
}

fn is_proven(message: &Message<'_>, password: &str) -> bool {
    let name = if message.method() == Method::Register { HeaderName::Authorization } else { HeaderName::ProxyAuthorization };
    let Some(credentials) = message.header(name).and_then(Credentials::parse) else { return false };
    let user = message.from().uri().user().unwrap_or("").to_owned();
    Verifier::new(&user, "example.org", &Secret::new(password)).verify(&credentials, message.method(), message.body()).is_ok()
}
