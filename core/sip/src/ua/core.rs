use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use cooee_machine::{Entropy, Now};

use super::credentials::{Asker, Credentials, Scope};
use super::identity::Identity;
use super::pace::Pace;
use super::query::Asked;
use super::request::DialogRequest;
use super::standalone::Standalone;
use super::{LegEvent, LegId, UserAgentConfig, UserAgentOutput};
use crate::build::RequestBuilder;
use crate::dialog::{Dialog, DialogKey};
use crate::flow::Flow;
use crate::header::{HeaderName, MAGIC_COOKIE};
use crate::message::{Framing, Message};
use crate::session_id::new_session_id;
use crate::transaction::{TransactionId, TransactionOutput, Transactions};
use crate::uri::Uri;

/// What a client transaction is about.
pub(super) enum Purpose {
    Register,
    Invite(LegId),
    Reinvite(LegId),
    Bye(LegId),
    /// Its outcome changes nothing.
    Cancel,
    /// PRACK, UPDATE, REFER, NOTIFY.
    Request(Box<DialogRequest>),
    /// MESSAGE, OPTIONS.
    Standalone(Box<Standalone>),
    /// BYE to a fork that lost, or to a leg nobody wants any more.
    StrayBye(Box<StrayBye>),
}

/// A dialog to be hung up, which no leg has.
pub(super) struct StrayBye {
    pub(super) dialog: Dialog,
    pub(super) attempt: super::credentials::Attempt,
}

/// What all parts of a user agent share.
pub(super) struct Core {
    pub(super) config: UserAgentConfig,
    pub(super) identity: Identity,
    pub(super) entropy: Entropy,
    pub(super) flow: Option<Flow>,
    /// The current flow, or the one before it: what we are called until there is another.
    pub(super) last_flow: Option<Flow>,
    pub(super) transactions: Transactions,
    pub(super) purposes: BTreeMap<TransactionId, Purpose>,
    /// For everything but REGISTER.
    pub(super) credentials: Credentials,
    /// RFC 3608.
    pub(super) service_route: Vec<String>,
    /// ACKs to every 2xx of an INVITE, by the tag of the fork, as long as copies of it may come (RFC 3261 13.2.2.4).
    pub(super) acks: BTreeMap<TransactionId, BTreeMap<String, Vec<u8>>>,
    /// The last dialogs that are over (RFC 3891 3).
    pub(super) ended: VecDeque<DialogKey>,
    /// The last texts that were told, by Call-ID, CSeq and `From` tag.
    pub(super) texts: VecDeque<String>,
    /// How many more of them are taken now.
    pub(super) text_pace: Pace,
    /// Who asks whether we are there, and is not answered yet.
    pub(super) asked: VecDeque<Asked>,
    pub(super) outputs: VecDeque<UserAgentOutput>,
}

/// How many dialogs are remembered that are over.
const ENDED: usize = 16;

impl Core {
    pub(super) fn new(config: UserAgentConfig, mut entropy: Entropy) -> Self {
        Self {
            identity: Identity::new(&config),
            transactions: Transactions::new(config.timers, config.limits.transactions),
            credentials: Credentials::new(&config, Asker::Anybody, entropy.fork()),
            config,
            entropy,
            flow: None,
            last_flow: None,
            purposes: BTreeMap::new(),
            service_route: Vec::new(),
            acks: BTreeMap::new(),
            ended: VecDeque::new(),
            texts: VecDeque::new(),
            text_pace: Pace::default(),
            asked: VecDeque::new(),
            outputs: VecDeque::new(),
        }
    }

    pub(super) fn tell(&mut self, leg: LegId, event: LegEvent) {
        self.outputs.push_back(UserAgentOutput::Leg { leg, event });
    }

    /// Remembers dialogs that are over.
    pub(super) fn remember(&mut self, keys: Vec<DialogKey>) {
        self.ended.extend(keys);
        self.ended.drain(..self.ended.len().saturating_sub(ENDED));
    }

    /// Sends octets outside of any transaction: an ACK to a 2xx, an answer without state, a keep-alive.
    pub(super) fn send(&mut self, payload: Vec<u8>) {
        if let Some(flow) = self.flow {
            self.outputs.push_back(UserAgentOutput::Send { flow: flow.id, payload });
        }
    }

    /// Sends a request on a new client transaction. `None`: no flow or no room.
    pub(super) fn request(&mut self, request: Vec<u8>, purpose: Purpose, now: Now) -> Option<TransactionId> {
        let id = self.transactions.request(self.flow?.id, request, now).ok()?;
        self.purposes.insert(id, purpose);
        Some(id)
    }

    /// The dialog that a response to an INVITE of ours founds.
    pub(super) fn dialog_of(&self, invite: TransactionId, response: &Message<'_>, session: Option<&str>) -> Option<Dialog> {
        let invite = Message::parse(self.transactions.sent_request(invite)?, Framing::Datagram).ok()?;
        Some(Dialog::of_caller(&invite, response, session))
    }

    /// Sends the ACK to a 2xx, and keeps it for copies of the response. It bears the credentials of its INVITE (22.1).
    pub(super) fn acknowledge(&mut self, invite: TransactionId, dialog: &Dialog, response: &Message<'_>) {
        let Some(flow) = self.flow else { return };
        let branch = self.branch();
        let sent = self.transactions.sent_request(invite).and_then(|sent| Message::parse(sent, Framing::Datagram).ok());
        let Some(sent) = sent else { return };
        let mut ack = dialog.ack(sent.cseq().number, &flow, &branch);
        for header in sent.headers() {
            if matches!(header.name, HeaderName::Authorization | HeaderName::ProxyAuthorization) {
                ack = ack.header(header.name, header.value);
            }
        }
        let ack = self.identity.sign(ack, HeaderName::UserAgent).into_bytes();
        let tag = response.to().tag().unwrap_or_default().to_owned();
        self.acks.entry(invite).or_default().insert(tag, ack.clone());
        self.send(ack);
    }

    /// Repeats the ACK if the 2xx is a copy. Also true, without an ACK, for forks beyond the limit.
    pub(super) fn acknowledge_again(&mut self, invite: TransactionId, response: &Message<'_>) -> bool {
        let Some(acks) = self.acks.get(&invite) else { return false };
        let ack = acks.get(response.to().tag().unwrap_or_default()).cloned();
        let beyond = ack.is_none() && acks.len() >= self.config.limits.forks;
        let known = ack.is_some();
        if let Some(ack) = ack {
            self.send(ack);
        }
        known || beyond
    }

    /// A response to a request of ours tells where the server has it from (RFC 3261 18.2.1, RFC 3581): beyond a NAT, another address than
    /// our own system knows. From then on that is what stands in `Via` and `Contact`: it is where the server can reach us, be it that
    /// it finds the connection by it, and nobody beyond learns what the network inside the NAT looks like. Whether this one has told
    /// anything new.
    pub(super) fn learn_own_address(&mut self, response: &Message<'_>) -> bool {
        let Some(flow) = self.flow.as_mut() else { return false };
        let via = response.via();
        let address = via.received().unwrap_or(flow.local.ip());
        let port = via.rport().filter(|port| *port != 0).unwrap_or(flow.local.port());
        let seen = SocketAddr::new(address, port);
        let is_news = !address.is_unspecified() && seen != flow.local;
        if is_news {
            flow.local = seen;
        }
        is_news
    }

    /// How far a request outside of any dialog goes.
    pub(super) fn scope(&self, target: &str) -> Scope {
        if Uri::parse(target).is_ok_and(|uri| self.is_own_server(uri.host())) { Scope::OwnServer } else { Scope::Beyond }
    }

    /// How far a request within a dialog goes. What its peer has said of itself is believed only together with the way there.
    pub(super) fn scope_within(&self, dialog: &Dialog) -> Scope {
        if dialog.passes_only(|host| self.is_own_server(host)) { Scope::OwnServer } else { Scope::Peer }
    }

    fn is_own_server(&self, host: &str) -> bool {
        let address = host.trim_matches(['[', ']']).parse().ok();
        self.identity.is_of_own_domain(host) || address.is_some() && address == self.flow.map(|flow| flow.remote.ip())
    }

    /// Answers a server transaction.
    pub(super) fn respond(&mut self, transaction: TransactionId, status: u16, response: Vec<u8>, now: Now) {
        self.transactions.respond(transaction, status, response, now);
    }

    /// A branch nobody can guess (RFC 3261 8.1.1.7).
    pub(super) fn branch(&mut self) -> String {
        format!("{MAGIC_COOKIE}{}", self.entropy.token(20))
    }

    /// A new half of a Session-ID (RFC 7989): 32 hexadecimal digits.
    pub(super) fn session_id(&mut self) -> String {
        new_session_id(&mut self.entropy)
    }

    /// Whether the server has said that it finds us by our flow (RFC 5626 6), and nobody needs our address.
    pub(super) fn is_found_by_flow(&mut self, is_found: bool) {
        if is_found != self.identity.alias.is_some() {
            self.identity.alias = is_found.then(|| format!("{}.invalid", self.entropy.token(16)));
        }
    }

    /// Takes what the transactions want sent over into our own output, and hands back the rest.
    pub(super) fn next_from_transactions(&mut self) -> Option<TransactionOutput> {
        loop {
            match self.transactions.poll_output()? {
                TransactionOutput::Send { flow, payload } => {
                    // What belongs to a flow that is gone has nowhere to go; copies follow on the next one.
                    if self.flow.is_some_and(|current| current.id == flow) {
                        self.outputs.push_back(UserAgentOutput::Send { flow, payload });
                    }
                }
                other => return Some(other),
            }
        }
    }

    /// Adds the way our requests outside of dialogs take (RFC 3608).
    pub(super) fn routed(&self, mut request: RequestBuilder) -> RequestBuilder {
        for route in &self.service_route {
            request = request.header(HeaderName::Route, route);
        }
        request
    }
}

/// Words of a peer, cut to a sane length.
pub(super) fn words(octets: &[u8]) -> Option<String> {
    const LONGEST: usize = 200;
    let text: String = String::from_utf8_lossy(octets).chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
