use cooee_machine::{Entropy, Pii, Secret};

use super::UserAgentConfig;
use crate::build::RequestBuilder;
use crate::digest::{Challenge, Hash, Login};
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
use crate::uri::Uri;

/// How many servers on the way may each want credentials.
const REALMS: usize = 4;
/// How often one request may be tried again, all realms together; a server that calls every nonce stale ends here.
const ROUNDS: u8 = 5;

/// A realm of the account's own servers.
struct OwnRealm {
    name: String,
    /// The strongest that it has asked for.
    hash: Hash,
}

/// Who may have challenged a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// The account's own server and what stands before it: REGISTER goes no further.
    OwnServer,
    /// Whoever is on the way, the called phone at its end included: it must not have the digest of a password that is none of its
    /// business, to guess the password from.
    Anybody,
}

/// How far a request goes, and so who may answer it by a challenge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scope {
    /// To the account's own servers and no further.
    OwnServer,
    /// To somebody elsewhere. What comes from there looks like what our own proxy says.
    #[default]
    Beyond,
    /// To the other end of a dialog, the same, but that the own proxies have let pass what began it.
    Peer,
}

/// A realm that has challenged us, by its latest challenge.
struct Realm {
    proxy: bool,
    challenge: Challenge,
    /// How many requests this nonce has been used for.
    used: u32,
}

/// The account's credentials and what servers have asked of them. A nonce is used again for later requests (RFC 7616 3.3),
/// which saves a round trip each.
pub(super) struct Credentials {
    username: Pii<String>,
    password: Secret,
    only_realm: Option<String>,
    entropy: Entropy,
    realms: Vec<Realm>,
    asker: Asker,
    own: Vec<OwnRealm>,
    /// The own server lets us in without asking: whoever asks is somebody else.
    is_let_in: bool,
    /// The account's domain, in lower case.
    domain: String,
}

/// The tries of one request, challenges included.
#[derive(Clone, Default)]
pub(super) struct Attempt {
    /// How far it was sent last.
    scope: Scope,
    rounds: u8,
    /// Realms (of proxies or not) whose challenge to this very request has been answered.
    answered: Vec<(bool, String)>,
}

/// What to do about a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Send the request again, with credentials.
    Retry,
    /// Credentials fresh for this request were refused, or the server wants a kind of proof we do not have.
    Refused,
    /// Who asks may be whoever is called, and gets no digest of the password.
    Withheld,
}

impl Credentials {
    pub(super) fn new(config: &UserAgentConfig, asker: Asker, entropy: Entropy) -> Self {
        let aor = Uri::parse(config.aor.reveal()).ok();
        let user = aor.and_then(|aor| aor.decoded_user());
        let user = user.map(|user| String::from_utf8_lossy(&user).into_owned()).unwrap_or_default();
        Self {
            username: config.auth_user.clone().unwrap_or(Pii(user)),
            password: config.password.clone(),
            only_realm: config.realm.clone(),
            entropy,
            realms: Vec::new(),
            asker,
            own: Vec::new(),
            is_let_in: false,
            domain: aor.map(|aor| aor.host().to_ascii_lowercase()).unwrap_or_default(),
        }
    }

    /// Reads the challenges of a 401 or 407.
    pub(super) fn challenged(&mut self, response: &Message<'_>, attempt: &mut Attempt) -> Verdict {
        attempt.rounds += 1;
        if attempt.rounds > ROUNDS {
            return Verdict::Refused;
        }
        let mut retry = false;
        for proxy in [false, true] {
            let name = if proxy { HeaderName::ProxyAuthenticate } else { HeaderName::WwwAuthenticate };
            for challenge in strongest_of_each_realm(response, name) {
                match self.take(proxy, challenge, attempt) {
                    Some(Verdict::Retry) => retry = true,
                    Some(refused) => return refused,
                    None => {}
                }
            }
        }
        match retry {
            true => Verdict::Retry,
            false if self.is_beyond(attempt) => Verdict::Withheld,
            false => Verdict::Refused,
        }
    }

    fn take(&mut self, proxy: bool, challenge: Challenge, attempt: &mut Attempt) -> Option<Verdict> {
        if self.only_realm.as_ref().is_some_and(|only| *only != challenge.realm) {
            return None;
        }
        // Whoever is called speaks for itself (401); from beyond only a proxy is answered, which may be ours (407).
        let is_beyond = self.is_beyond(attempt);
        if is_beyond && !proxy || !self.is_own(&challenge, attempt.scope) {
            return None;
        }
        let key = (proxy, challenge.realm.clone());
        let known = self.realms.iter().position(|realm| realm.proxy == proxy && realm.challenge.realm == key.1);
        let last = known.map(|at| self.realms.remove(at));
        let same_nonce = last.is_some_and(|last| last.challenge.nonce == challenge.nonce && last.used > 0);
        let answered = attempt.answered.contains(&key);
        // A nonce is answered once for a request: what was refused would be refused again. The own proxy has had its answer and let the
        // request pass: what comes then comes from beyond, however stale it calls that.
        if same_nonce || (answered && (is_beyond || !challenge.stale)) {
            return Some(Verdict::Refused);
        }
        if self.realms.len() >= REALMS {
            return None;
        }
        self.realms.push(Realm { proxy, challenge, used: 0 });
        if !answered {
            attempt.answered.push(key);
        }
        Some(Verdict::Retry)
    }

    /// Whether a challenge to this request may come from beyond the own servers.
    fn is_beyond(&self, attempt: &Attempt) -> bool {
        self.asker == Asker::Anybody && attempt.scope != Scope::OwnServer
    }

    /// Whether the password is for this realm, and whether it asks for no weaker hash than it did before (RFC 8760 3: whoever is on
    /// the way could take the stronger one out). Others than the registrar may ask in the realms that it has used and in the account's
    /// domain. Where it has used none, the own servers say by the first realm which is theirs. Nobody beyond does, but for who never
    /// registers and calls another domain at once: there a proxy may ask in the account's domain, for a strong hash.
    fn is_own(&mut self, challenge: &Challenge, scope: Scope) -> bool {
        let hash = challenge.algorithm.hash;
        if let Some(known) = self.own.iter_mut().find(|own| own.name == challenge.realm) {
            // Only the own server says what is strong enough: a peer that asks for more must not shut it out.
            if self.asker == Asker::OwnServer {
                known.hash = known.hash.max(hash);
            }
            return hash >= known.hash;
        }
        let may = match (self.asker, scope, self.own.is_empty()) {
            (Asker::OwnServer, ..) | (Asker::Anybody, Scope::OwnServer, true) => true,
            (Asker::Anybody, Scope::Peer, true) => false,
            (Asker::Anybody, Scope::Beyond, true) => !self.is_let_in && hash >= Hash::Sha256 && self.is_domain(challenge),
            (Asker::Anybody, _, false) => self.is_domain(challenge),
        };
        let is_new = may && self.own.len() < REALMS;
        if is_new {
            self.own.push(OwnRealm { name: challenge.realm.clone(), hash });
        }
        is_new
    }

    fn is_domain(&self, challenge: &Challenge) -> bool {
        self.domain == challenge.realm.to_ascii_lowercase()
    }

    /// The own server has registered us, with what it has asked for.
    pub(super) fn registered(&mut self, by: &Self) {
        self.is_let_in = by.own.is_empty();
    }

    /// Takes over what the own server has asked another one for.
    pub(super) fn learn(&mut self, from: &Self) {
        for own in &from.own {
            if let Some(known) = self.own.iter_mut().find(|known| known.name == own.name) {
                known.hash = known.hash.max(own.hash);
            } else if self.own.len() < REALMS {
                self.own.push(OwnRealm { name: own.name.clone(), hash: own.hash });
            }
        }
    }

    /// Adds credentials for every realm that has asked for them so far, and lies within this scope: what the own server has asked for
    /// itself is of no use to anybody beyond. What begins there does not use a nonce again: the own proxy is to ask first, so that whoever
    /// asks next is known to be beyond it. The attempt remembers how far it goes, for the challenge that may follow.
    pub(super) fn authorize(
        &mut self,
        mut request: RequestBuilder,
        attempt: &mut Attempt,
        scope: Scope,
        method: Method<'_>,
        uri: &str,
        body: &[u8],
    ) -> RequestBuilder {
        attempt.scope = scope;
        let is_beyond = self.is_beyond(attempt);
        let asks_first = is_beyond && scope == Scope::Beyond;
        let has_asked = |realm: &Realm| attempt.answered.iter().any(|(proxy, name)| *proxy && *name == realm.challenge.realm);
        let is_for = |realm: &&mut Realm| (realm.proxy || !is_beyond) && (!asks_first || has_asked(realm));
        for realm in self.realms.iter_mut().filter(is_for) {
            realm.used = realm.used.saturating_add(1);
            let login = Login { username: self.username.reveal(), password: &self.password };
            let answer = realm.challenge.answer(login, method, uri, body, realm.used, &self.entropy.token(16));
            let name = if realm.proxy { HeaderName::ProxyAuthorization } else { HeaderName::Authorization };
            request = request.header(name, answer);
        }
        request
    }
}

/// One challenge a realm, the strongest that we can answer (RFC 8760 2.4).
fn strongest_of_each_realm(response: &Message<'_>, name: HeaderName<'_>) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    for challenge in response.header_values(name).filter_map(Challenge::parse) {
        if let Some(known) = found.iter_mut().find(|other| other.realm == challenge.realm) {
            if known.algorithm.hash < challenge.algorithm.hash {
                *known = challenge;
            }
        } else if found.len() < REALMS {
            found.push(challenge);
        }
    }
    found
}
