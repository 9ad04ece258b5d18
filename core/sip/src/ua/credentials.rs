use cooee_machine::{Entropy, Pii, Secret};

use super::UserAgentConfig;
use crate::build::RequestBuilder;
use crate::digest::{Challenge, Login};
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
use crate::uri::Uri;

/// How many servers on the way may each want credentials.
const REALMS: usize = 4;
/// How often one request may be tried again, all realms together; a server that calls every nonce stale ends here.
const ROUNDS: u8 = 5;

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
}

/// The tries of one request, challenges included.
#[derive(Clone, Default)]
pub(super) struct Attempt {
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
}

impl Credentials {
    pub(super) fn new(config: &UserAgentConfig, entropy: Entropy) -> Self {
        let user = Uri::parse(config.aor.reveal()).ok().and_then(|aor| aor.decoded_user());
        let user = user.map(|user| String::from_utf8_lossy(&user).into_owned()).unwrap_or_default();
        Self {
            username: config.auth_user.clone().unwrap_or(Pii(user)),
            password: config.password.clone(),
            only_realm: config.realm.clone(),
            entropy,
            realms: Vec::new(),
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
                    Some(Verdict::Refused) => return Verdict::Refused,
                    Some(Verdict::Retry) => retry = true,
                    None => {}
                }
            }
        }
        if retry { Verdict::Retry } else { Verdict::Refused }
    }

    fn take(&mut self, proxy: bool, challenge: Challenge, attempt: &mut Attempt) -> Option<Verdict> {
        if self.only_realm.as_ref().is_some_and(|only| *only != challenge.realm) {
            return None;
        }
        let key = (proxy, challenge.realm.clone());
        let known = self.realms.iter().position(|realm| realm.proxy == proxy && realm.challenge.realm == key.1);
        let last = known.map(|at| self.realms.remove(at));
        let same_nonce = last.is_some_and(|last| last.challenge.nonce == challenge.nonce && last.used > 0);
        let answered = attempt.answered.contains(&key);
        // A nonce is answered once for a request: what was refused would be refused again.
        if same_nonce || (answered && !challenge.stale) {
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

    /// Adds credentials for every realm that has asked for them so far.
    pub(super) fn authorize(&mut self, mut request: RequestBuilder, method: Method<'_>, uri: &str, body: &[u8]) -> RequestBuilder {
        for realm in &mut self.realms {
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
