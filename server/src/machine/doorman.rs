use std::net::IpAddr;
use std::time::Duration;

use cooee_machine::{Entropy, Now, Throttle, source};
use cooee_sip::digest::{Algorithm, Challenge, Credentials, DigestError, NonceId, Nonces, Replays, Verifier};
use cooee_sip::proxy::{Caller, Gate, GateRefusal, Names, OtherDomain};
use cooee_sip::{HeaderName, Message, Method, Uri};
use ring::hmac;

use super::copies::Copies;
use crate::account::UserName;
use crate::config::ServerConfig;

/// Nonces whose counts are remembered, so that a request cannot be played again.
const REMEMBERED: usize = 20_000;

/// Other domains whose requests are counted.
const GUESTS: usize = 10_000;

/// What a login proves itself against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// 401, `Authorization`: the registrar.
    Registrar,
    /// 407, `Proxy-Authorization`: the proxy.
    Proxy,
}

impl Door {
    fn credentials(self) -> HeaderName<'static> {
        match self {
            Self::Registrar => HeaderName::Authorization,
            Self::Proxy => HeaderName::ProxyAuthorization,
        }
    }
}

/// Why a proof is worth nothing; with the challenge to answer it with.
pub(super) enum Unproven {
    /// Made with another password, or there is no such user.
    Wrong(GateRefusal),
    /// It was right once.
    Replayed(GateRefusal),
}

/// Asks who somebody is, and checks the answer. It never tells whether a user exists: names that do not are challenged and
/// checked exactly like those that do.
pub(super) struct Doorman {
    names: Names,
    nonces: Nonces,
    replays: Replays,
    copies: Copies,
    md5_agents: Vec<String>,
    open_to_strangers: bool,
    is_federated: bool,
    /// Requests of other domains.
    guests: Throttle<String>,
    guests_from: Throttle<IpAddr>,
    key: hmac::Key,
    entropy: Entropy,
}

impl Doorman {
    pub(super) fn new(config: &ServerConfig, secret: [u8; 32], entropy: Entropy) -> Self {
        let mut addresses = config.streams.clone();
        addresses.extend(&config.udp);
        let host = config.host.clone().unwrap_or_else(|| config.domain.clone());
        Self {
            names: Names { domain: config.domain.clone(), host, addresses },
            nonces: Nonces::new(&secret, &config.domain, config.nonce_lifetime),
            replays: Replays::new(REMEMBERED, config.nonce_lifetime),
            copies: Copies::new(REMEMBERED),
            md5_agents: config.md5_agents.clone(),
            open_to_strangers: config.open_to_strangers,
            is_federated: config.federation.is_some(),
            guests: Throttle::new(config.limits.guests, GUESTS),
            guests_from: Throttle::new(config.limits.guests_from_one, GUESTS),
            key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
            entropy,
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// A tag for `To`, the same for a copy of the request.
    pub(super) fn tag(&self, request: &Message<'_>) -> String {
        use std::fmt::Write;
        let mut context = hmac::Context::with_key(&self.key);
        [request.call_id(), request.via().branch().unwrap_or_default()].iter().for_each(|part| context.update(part.as_bytes()));
        context.sign().as_ref().iter().take(6).fold(String::new(), |mut tag, octet| {
            // Writing to a String cannot fail.
            let _ = write!(tag, "{octet:02x}");
            tag
        })
    }

    /// The first look at a request to a user of the domain, or of a user to another domain (house rule: no relaying for strangers). It
    /// came from an address, over a connection whose other end has `proven` to speak for these domains.
    pub(super) fn gate(&mut self, request: &Message<'_>, from: IpAddr, proven: &[String], now: Now) -> Gate {
        let has_credentials = self.credentials(request, Door::Proxy).is_some();
        if !has_credentials && !self.claims_to_be_ours(request) {
            return match OtherDomain::of(&request.from().uri()).filter(|domain| self.is_federated && proven.contains(&domain.name)) {
                Some(domain) => self.welcome(domain, source(from), now),
                None if self.open_to_strangers => Gate::Admit(Caller::Stranger),
                None if self.is_federated => Gate::Refuse(GateRefusal::new(403, "Only the server of the caller's domain can call here")),
                None => Gate::Refuse(GateRefusal::new(403, "Calls from other domains are not taken here")),
            };
        }
        match self.look(request, Door::Proxy, now) {
            Ok(_) => Gate::Ask,
            Err(refusal) => Gate::Refuse(refusal),
        }
    }

    /// Another domain's server brings a request of one of its people; each domain has its measure, and each address.
    fn welcome(&mut self, domain: OtherDomain, from: IpAddr, now: Now) -> Gate {
        let wait = self.guests.wait(&domain.name, now.instant).max(self.guests_from.wait(&from, now.instant));
        if let Some(wait) = wait {
            return Gate::Refuse(unavailable(wait));
        }
        self.guests.count(domain.name.clone(), now.instant);
        self.guests_from.count(from, now.instant);
        // A port in `From` says nothing about where the domain is.
        Gate::Admit(Caller::Domain(OtherDomain { port: None, ..domain }))
    }

    /// Whose domain `From` names; nobody in particular (RFC 3323) may still be one of ours.
    fn claims_to_be_ours(&self, request: &Message<'_>) -> bool {
        let from = request.from().uri();
        self.names.is_us(&from) || is_nobody(&from)
    }

    fn credentials(&self, request: &Message<'_>, door: Door) -> Option<Credentials> {
        let all = request.header_values(door.credentials()).take(8).filter_map(Credentials::parse);
        all.into_iter().find(|credentials| credentials.realm.eq_ignore_ascii_case(&self.names.domain))
    }

    /// Whether a request bears an answer to a challenge of ours that is worth looking its user up.
    ///
    /// # Errors
    /// The challenge to send instead.
    pub(super) fn look(&mut self, request: &Message<'_>, door: Door, now: Now) -> Result<(UserName, Credentials, NonceId), GateRefusal> {
        let Some(credentials) = self.credentials(request, door) else { return Err(self.challenge(request, door, false, now)) };
        if !credentials.are_for(request) {
            return Err(GateRefusal::new(400, "The credentials are for another address"));
        }
        // Without a count it could be replayed for ever; all phones of this century have one.
        if credentials.count().is_none() {
            return Err(self.challenge(request, door, false, now));
        }
        match (self.nonces.check(&credentials.nonce, now), UserName::parse(&credentials.username)) {
            (Ok(nonce), Ok(user)) => Ok((user, credentials, nonce)),
            (Err(DigestError::Stale), _) => Err(self.challenge(request, door, true, now)),
            _ => Err(self.challenge(request, door, false, now)),
        }
    }

    /// Checks the proof, once storage has said what it has of the user.
    ///
    /// # Errors
    /// Why it is worth nothing, with the challenge to send instead.
    pub(super) fn verify(
        &mut self,
        request: &Message<'_>,
        door: Door,
        (credentials, nonce): (&Credentials, NonceId),
        verifier: Option<&Verifier>,
        now: Now,
    ) -> Result<(), Unproven> {
        // Somebody nobody knows the password of, so that an unknown user takes as long as a known one.
        let nobody = Verifier::stored(&self.names.domain, [0; 16], [0; 32]);
        let proof = verifier.unwrap_or(&nobody).verify(credentials, request.method(), request.body());
        if verifier.is_none() || proof.is_err() {
            return Err(Unproven::Wrong(self.challenge(request, door, false, now)));
        }
        let count = credentials.count().unwrap_or(0);
        let is_register = request.method() == Method::Register;
        if is_register && self.copies.is_copy(nonce, count, request.as_bytes()) {
            return Ok(());
        }
        self.replays.admit(nonce, count, now).map_err(|_| Unproven::Replayed(self.challenge(request, door, true, now)))?;
        if is_register {
            self.copies.keep(nonce, count, request.as_bytes());
        }
        Ok(())
    }

    /// SHA-256 before MD5 (RFC 8760), and MD5 alone for phones that stumble over anything else. Who asks for whom plays no
    /// part, or the challenge would tell who exists.
    pub(super) fn challenge(&mut self, request: &Message<'_>, door: Door, stale: bool, now: Now) -> GateRefusal {
        let agent = request.header_text(HeaderName::UserAgent).unwrap_or_default();
        let is_md5_only =
            self.md5_agents.iter().any(|known| agent.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known)));
        let algorithms: &[Algorithm] = if is_md5_only { &[Algorithm::MD5] } else { &[Algorithm::SHA_256, Algorithm::MD5] };
        let nonce = self.nonces.issue(now, &mut self.entropy);
        let (status, name) = match door {
            Door::Registrar => (401, HeaderName::WwwAuthenticate),
            Door::Proxy => (407, HeaderName::ProxyAuthenticate),
        };
        let challenge = |algorithm: &Algorithm| Challenge::new(&self.names.domain, &nonce, *algorithm, stale).to_string();
        GateRefusal { status, reason: "", headers: algorithms.iter().map(|algorithm| (name, challenge(algorithm))).collect() }
    }
}

/// There is too much to do: come back then.
pub(super) fn unavailable(wait: Duration) -> GateRefusal {
    let seconds = (wait.as_millis().div_ceil(1000)).to_string();
    GateRefusal { status: 503, reason: "", headers: vec![(HeaderName::RetryAfter, seconds)] }
}

/// Whether a URI names nobody in particular (RFC 3323 4.1.1.3).
pub(super) fn is_nobody(uri: &Uri<'_>) -> bool {
    uri.host().eq_ignore_ascii_case("anonymous.invalid")
}
