use std::sync::Arc;
use std::time::Duration;

use cooee_machine::{Now, Pii, source};
use cooee_sip::digest::{Credentials, NonceId, Verifier};
use cooee_sip::proxy::{Caller, GateRefusal, reply_flow};
use cooee_sip::registrar::{RegisterRequest, Ticket};
use cooee_sip::{Flow, Framing, Message, respond};

use super::Server;
use super::doorman::{Door, Unproven, is_nobody, unavailable};
use super::storage::Wait;
use crate::account::UserName;
use crate::event::ServerEvent;
use crate::store::{StoreFailure, StoreOperation};

/// A request whose sender has answered a challenge, until storage has said what the answer is worth.
pub(super) struct Login {
    request: Arc<Vec<u8>>,
    flow: Flow,
    user: UserName,
    credentials: Credentials,
    nonce: NonceId,
    /// `None`: it is for the registrar.
    proxy: Option<Ticket>,
}

impl Login {
    fn door(&self) -> Door {
        if self.proxy.is_some() { Door::Proxy } else { Door::Registrar }
    }

    /// Octets of the request that nobody else keeps: the proxy counts its own.
    pub(super) fn octets(&self) -> usize {
        if self.proxy.is_some() { 0 } else { self.request.len() }
    }
}

impl Server {
    /// A REGISTER is answered without a transaction: the registrar gives a copy the same answer.
    pub(super) fn handle_register(&mut self, flow: Flow, request: &Message<'_>, now: Now) {
        if !request.request_uri().is_some_and(|uri| self.doorman.names().is_us(&uri)) {
            return self.refuse(flow, request, &GateRefusal::new(403, "Only users of this domain can register here"));
        }
        match self.doorman.look(request, Door::Registrar, now) {
            Err(refusal) => self.refuse(flow, request, &refusal),
            Ok((user, credentials, nonce)) => {
                let login = Login { request: Arc::new(request.as_bytes().to_vec()), flow, user, credentials, nonce, proxy: None };
                self.begin_login(login, now);
            }
        }
    }

    /// The proxy asks whether a caller is who it says.
    pub(super) fn check_caller(&mut self, ticket: Ticket, request: Arc<Vec<u8>>, flow: Flow, now: Now) {
        let looked = match Message::parse(&request, Framing::Datagram) {
            Ok(message) => self.doorman.look(&message, Door::Proxy, now),
            Err(_) => Err(GateRefusal::new(400, "")),
        };
        match looked {
            Err(refusal) => self.proxy.handle_admitted(ticket, Err(refusal), now),
            Ok((user, credentials, nonce)) => {
                self.begin_login(Login { request, flow, user, credentials, nonce, proxy: Some(ticket) }, now);
            }
        }
    }

    fn begin_login(&mut self, login: Login, now: Now) {
        if let Err(refusal) = self.may_try(&login, now) {
            return self.finish_login(&login, Err(refusal), now);
        }
        if self.waiting.logins() >= self.config.limits.logins || self.waiting.login_octets() >= self.config.limits.login_octets {
            return self.finish_login(&login, Err(unavailable(BUSY)), now);
        }
        let operation = StoreOperation::Verifier(login.user.clone());
        self.store(operation, Wait::Login(Box::new(login)));
    }

    /// Whether one more proof may be looked at: of this user, from there.
    fn may_try(&mut self, login: &Login, now: Now) -> Result<(), GateRefusal> {
        let Some(wait) = self.guard.wait(login.flow.remote.ip(), &login.user, now.instant) else { return Ok(()) };
        let (user, remote) = (Pii(login.user.as_str().to_owned()), Pii(login.flow.remote));
        // Whoever is delayed can ask at the rate of the line: the log must not grow by that.
        if self.delays.admit(source(login.flow.remote.ip()), now.instant).is_ok() {
            self.log(ServerEvent::LoginDelayed { user, remote, wait });
        }
        Err(unavailable(wait))
    }

    pub(super) fn login_answered(&mut self, login: &Login, verifier: Result<Option<Verifier>, StoreFailure>, now: Now) {
        let outcome = match (verifier, Message::parse(&login.request, Framing::Datagram)) {
            (Err(StoreFailure::Busy), _) => Err(unavailable(BUSY)),
            (Err(_), _) => Err(GateRefusal::new(500, "Storage failed")),
            (_, Err(_)) => Err(GateRefusal::new(400, "")),
            (Ok(verifier), Ok(message)) => self.judge(login, &message, verifier.as_ref(), now),
        };
        self.finish_login(login, outcome, now);
    }

    fn judge(&mut self, login: &Login, request: &Message<'_>, verifier: Option<&Verifier>, now: Now) -> Result<(), GateRefusal> {
        // Those that waited for storage together were let in before any of them had failed.
        self.may_try(login, now)?;
        let proof = self.doorman.verify(request, login.door(), (&login.credentials, login.nonce), verifier, now);
        let address = login.flow.remote.ip();
        if let Err(unproven) = proof {
            let (user, remote) = (Pii(login.user.as_str().to_owned()), Pii(login.flow.remote));
            self.log(ServerEvent::LoginFailed { user, remote });
            return Err(match unproven {
                Unproven::Replayed(refusal) => refusal,
                Unproven::Wrong(refusal) => {
                    self.guard.failed(address, &login.user, now.instant);
                    refusal
                }
            });
        }
        self.guard.succeeded(address, &login.user, now.instant);
        // A user may register and speak for nobody else.
        let claimed = if login.proxy.is_some() { request.from() } else { request.to() };
        let claims = claimed.uri();
        if !claims.is_sip() {
            return Err(GateRefusal::new(400, "A SIP address is needed"));
        }
        let is_anonymous = login.proxy.is_some() && is_nobody(&claims);
        let is_own = || self.doorman.names().is_us(&claims) && user_of(claims.decoded_user().as_deref()) == Some(login.user.clone());
        if is_anonymous || is_own() { Ok(()) } else { Err(GateRefusal::new(403, "That is somebody else's address")) }
    }

    fn finish_login(&mut self, login: &Login, outcome: Result<(), GateRefusal>, now: Now) {
        let aor = format!("sip:{}@{}", login.user, self.config.domain);
        if outcome.is_ok() {
            self.connections.proven(login.flow.id);
        }
        match (login.proxy, outcome) {
            (Some(ticket), outcome) => self.proxy.handle_admitted(ticket, outcome.map(|()| Caller::User(aor)), now),
            (None, Ok(())) => {
                let (message, flow, epoch) = (login.request.clone(), login.flow, self.config.epoch);
                self.registrar.handle_register(RegisterRequest { aor, message, flow, epoch });
            }
            (None, Err(refusal)) => {
                if let Ok(message) = Message::parse(&login.request, Framing::Datagram) {
                    self.refuse(login.flow, &message, &refusal);
                }
            }
        }
    }

    /// Without state.
    fn refuse(&mut self, flow: Flow, request: &Message<'_>, refusal: &GateRefusal) {
        let tag = self.doorman.tag(request);
        let response = respond(request, Some(flow.remote), refusal.status, refusal.reason, Some(&tag));
        let response = refusal.headers.iter().fold(response, |response, (name, value)| response.header(*name, value));
        self.send(reply_flow(request, &flow), response.into_bytes());
    }
}

/// When storage has too much to do.
const BUSY: Duration = Duration::from_secs(10);

/// The folded user name that a URI's user part stands for.
pub(super) fn user_of(user: Option<&[u8]>) -> Option<UserName> {
    UserName::parse(std::str::from_utf8(user?).ok()?).ok()
}
