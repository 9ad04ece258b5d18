use std::collections::BTreeMap;

use cooee_machine::Now;
use cooee_sip::Uri;
use cooee_sip::proxy::Location;
use cooee_sip::registrar::{Binding, BindingKey, Lending, Ticket};

use super::login::{Login, user_of};
use super::{Server, ServerOutput};
use crate::account::UserName;
use crate::event::ServerEvent;
use crate::store::{StoreAnswer, StoreFailure, StoreOperation, StoreReply, StoreRequest, StoreTicket};

/// Who waits for a reply.
pub(super) enum Wait {
    Login(Box<Login>),
    Registrar(Ticket),
    Persist(Ticket),
    Proxy(Ticket),
}

/// Everybody who waits. Bounded by what logins, registrar and proxy each allow themselves.
#[derive(Default)]
pub(super) struct Waiting {
    waits: BTreeMap<StoreTicket, Wait>,
    next: u64,
    logins: usize,
    login_octets: usize,
}

impl Waiting {
    pub(super) fn logins(&self) -> usize {
        self.logins
    }

    pub(super) fn login_octets(&self) -> usize {
        self.login_octets
    }

    fn add(&mut self, wait: Wait) -> StoreTicket {
        self.next += 1;
        if let Wait::Login(login) = &wait {
            self.logins += 1;
            self.login_octets += login.octets();
        }
        self.waits.insert(StoreTicket(self.next), wait);
        StoreTicket(self.next)
    }

    fn take(&mut self, ticket: StoreTicket) -> Option<Wait> {
        let wait = self.waits.remove(&ticket)?;
        if let Wait::Login(login) = &wait {
            self.logins -= 1;
            self.login_octets -= login.octets();
        }
        Some(wait)
    }
}

impl Server {
    pub(super) fn store(&mut self, operation: StoreOperation, wait: Wait) {
        let ticket = self.waiting.add(wait);
        self.outputs.push_back(ServerOutput::Store(StoreRequest { ticket, operation }));
    }

    pub(super) fn locate_for_registrar(&mut self, ticket: Ticket, aor: &str, now: Now) {
        match user_in(aor) {
            Some(user) => self.store(StoreOperation::Bindings(user), Wait::Registrar(ticket)),
            None => self.registrar.handle_located(ticket, Err(Lending::Failed), now),
        }
    }

    pub(super) fn persist(&mut self, ticket: Ticket, aor: &str, put: Vec<Binding>, remove: Vec<BindingKey>, now: Now) {
        match user_in(aor) {
            Some(user) => self.store(StoreOperation::Rebind { user, put, remove }, Wait::Persist(ticket)),
            None => self.registrar.handle_persisted(ticket, Err(Lending::Failed), now),
        }
    }

    pub(super) fn locate_for_proxy(&mut self, ticket: Ticket, aor: &str, now: Now) {
        match user_in(aor) {
            Some(user) => self.store(StoreOperation::Bindings(user), Wait::Proxy(ticket)),
            None => self.proxy.handle_located(ticket, Ok(Location::Unknown), now),
        }
    }

    pub(super) fn handle_stored(&mut self, reply: StoreReply, now: Now) {
        let Some(wait) = self.waiting.take(reply.ticket) else { return };
        if let Err(failure) = &reply.outcome {
            self.log(ServerEvent::StorageFailed(failure.clone()));
        }
        match (wait, reply.outcome) {
            (Wait::Login(login), outcome) => {
                let verifier = outcome.and_then(|answer| match answer {
                    StoreAnswer::Verifier(verifier) => Ok(verifier),
                    _ => Err(mistaken()),
                });
                self.login_answered(&login, verifier, now);
            }
            (Wait::Registrar(ticket), outcome) => {
                let bindings = bindings(outcome).map(Option::unwrap_or_default);
                self.registrar.handle_located(ticket, bindings.map_err(|failure| lending(&failure)), now);
            }
            (Wait::Persist(ticket), outcome) => {
                let outcome = outcome.map(|_| ()).map_err(|failure| lending(&failure));
                self.registrar.handle_persisted(ticket, outcome, now);
            }
            (Wait::Proxy(ticket), outcome) => {
                let location = bindings(outcome).map(|bindings| bindings.map_or(Location::Unknown, Location::Bindings));
                self.proxy.handle_located(ticket, location.map_err(|failure| lending(&failure)), now);
            }
        }
    }
}

fn bindings(outcome: Result<StoreAnswer, StoreFailure>) -> Result<Option<Vec<Binding>>, StoreFailure> {
    match outcome? {
        StoreAnswer::Bindings(bindings) => Ok(bindings),
        _ => Err(mistaken()),
    }
}

/// Storage answered another question than was asked.
fn mistaken() -> StoreFailure {
    StoreFailure::Other("an answer of the wrong kind".to_owned())
}

fn lending(failure: &StoreFailure) -> Lending {
    if *failure == StoreFailure::Busy { Lending::Busy } else { Lending::Failed }
}

fn user_in(aor: &str) -> Option<UserName> {
    let uri = Uri::parse(aor).ok()?;
    user_of(uri.decoded_user().as_deref())
}
