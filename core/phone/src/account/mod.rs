//! One account alive: its way to the server, its user agent, and what both say about its state.

mod back_off;
mod connection;
mod connection_output;
mod heard;
mod ids;
mod opening;
mod shunned;
mod sleep;
mod stage;
mod stun;
mod trail;
mod trouble;

pub(crate) use ids::Ids;

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_call::{Fact, MediaPreferences, Story};
use cooee_machine::{Action, Entropy, Event, Now, QuestionId, Resolution, Transport, Wake};
use cooee_sip::ua::{LegEvent, LegId, MessageEvent, MessagesWaiting, QueryEvent, RefusalKind, RegistrationEvent, RegistrationFailure};
use cooee_sip::{Frame, Uri, UserAgent, UserAgentConfig, UserAgentOutput};

use crate::address::OwnAddress;
use crate::{AccountConfig, AccountState, AccountTrouble, PhoneConfig, ServerHeard};
use connection::Connection;
use connection_output::ConnectionOutput;
use heard::Told;
use stun::StunServers;
use trail::Trail;
use trouble::{is_for_another_hop, login_trouble, registration_trouble};

/// What an account wants done or known.
#[derive(Debug)]
pub(crate) enum AccountOutput {
    Action(Action),
    Changed(AccountState),
    /// Calls can be placed.
    Ready,
    /// They cannot any more.
    NotReady,
    /// There is a way to the server, which has not said anything on it yet.
    Unheard,
    /// The server has shown that it is there.
    Heard(ServerHeard),
    /// These STUN servers are to be asked: the look-up is over.
    StunKnown(Vec<SocketAddr>),
    /// They cannot, and will not soon.
    Troubled(AccountTrouble),
    /// What happened on the way to the server.
    Noted(Fact),
    /// Where that has led, and when it began.
    Told(Story, Duration),
    Leg(LegId, LegEvent),
    Message(MessageEvent),
    Query(QueryEvent),
    MessagesWaiting(MessagesWaiting),
}

/// One account alive.
pub(crate) struct Account {
    pub(crate) config: AccountConfig,
    pub(crate) own: OwnAddress,
    pub(crate) agent: UserAgent,
    connection: Connection,
    stun: StunServers,
    trail: Trail,
    told: Told,
    /// The server has said something on this flow, or its connection says as much.
    is_heard: bool,
    state: AccountState,
    /// Asked to go; given up on at this moment.
    leaving: Option<Instant>,
    is_unregistered: bool,
    outputs: VecDeque<AccountOutput>,
}

impl Account {
    /// Connects at once. `None` if its address or proxy is none.
    pub(crate) fn new(config: AccountConfig, phone: &PhoneConfig, mut entropy: Entropy, ids: &mut Ids, now: Now) -> Option<Self> {
        let own = OwnAddress::parse(config.address.reveal(), config.proxy.as_deref(), config.transport)?;
        let mut agent = UserAgentConfig {
            display_name: config.display_name.clone(),
            auth_user: config.auth_user.clone(),
            user_agent: phone.user_agent.clone(),
            ..UserAgentConfig::new(own.aor.reveal(), config.password.clone(), config.instance.clone())
        };
        agent.expires = config.expires.unwrap_or(agent.expires);
        let connection = Connection::new(
            own.target.clone(),
            own.transports(),
            config.trust.clone(),
            config.key.clone(),
            phone.reconnect,
            entropy.fork(),
        );
        let mut account = Self {
            agent: UserAgent::new(agent, entropy.fork()),
            is_unregistered: !config.register,
            config,
            own,
            connection,
            stun: StunServers::new(entropy.fork()),
            trail: Trail::default(),
            told: Told::default(),
            is_heard: false,
            state: AccountState::Connecting,
            leaving: None,
            outputs: VecDeque::from([AccountOutput::Changed(AccountState::Connecting)]),
        };
        if account.config.register {
            account.agent.register(now);
        }
        account.connection.begin(ids, now);
        account.look_for_stun(ids);
        Some(account)
    }

    pub(crate) fn state(&self) -> &AccountState {
        &self.state
    }

    /// Calls can be placed.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_heard && self.connection.flow().is_some() && self.leaving.is_none()
    }

    /// Its exchange may make us call whom it wants.
    pub(crate) fn follows_transfers(&self) -> bool {
        self.config.follow_transfers && self.transport() == Transport::Tls
    }

    /// `uri` is its own address.
    pub(crate) fn is_own(&self, uri: &str) -> bool {
        Uri::parse(uri).is_ok_and(|uri| uri.address_of_record().as_ref() == Some(self.own.aor.reveal()))
    }

    /// `host` is its domain or its server, by the name that was configured or by the address that is connected to.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        self.own.is_at(host) || address.is_some() && address == self.connection.flow().map(|flow| flow.remote.ip())
    }

    /// There is a way to the server, and nothing has come back on it yet.
    pub(crate) fn is_unheard(&self) -> bool {
        !self.is_heard && self.connection.flow().is_some()
    }

    /// Whom to ask for our public address is known, as far as it will be.
    pub(crate) fn is_stun_known(&self) -> bool {
        self.stun.is_settled()
    }

    fn look_for_stun(&mut self, ids: &mut Ids) {
        match &self.config.stun_server {
            _ if !self.config.media.stun_servers.is_empty() => {}
            Some(server) => self.stun.begin_at(server, ids),
            None if self.own.is_numeric() => {}
            None => self.stun.begin(&self.own.domain, ids),
        }
    }

    /// What a call may use: the STUN servers that were configured, else those that the domain publishes.
    pub(crate) fn media(&self) -> MediaPreferences {
        let mut media = self.config.media.clone();
        if media.stun_servers.is_empty() {
            media.stun_servers = self.stun.known().to_vec();
        }
        media
    }

    /// What its signalling runs over, or would.
    pub(crate) fn transport(&self) -> Transport {
        self.own.target.transport.unwrap_or(Transport::Tls)
    }

    /// Somebody wants to call: what is only waited for is tried now. The trouble that makes it useless, if there is one.
    pub(crate) fn hurry(&mut self, ids: &mut Ids, now: Now) -> Option<AccountTrouble> {
        match &self.state {
            AccountState::Failed { trouble, .. } if trouble.is_final() && !self.is_ready() => Some(trouble.clone()),
            _ => {
                self.connection.hurry(ids, now);
                None
            }
        }
    }

    /// Unregisters and closes, within `patience`.
    pub(crate) fn leave(&mut self, patience: Duration, now: Now) {
        if self.leaving.is_none() {
            self.leaving = Some(now.instant + patience);
            self.agent.unregister(now);
        }
    }

    /// Whether a leaving account is done: nothing is under way any more, or it took too long.
    pub(crate) fn is_gone(&self, now: Now) -> bool {
        let Some(until) = self.leaving else { return false };
        let has_nothing_to_say = self.connection.flow().is_none() || (self.agent.is_idle() && self.is_unregistered);
        has_nothing_to_say || until <= now.instant
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.is_some()
    }

    /// Closes what is open; its last outputs follow.
    pub(crate) fn close(&mut self) {
        self.connection.close();
    }

    pub(crate) fn network_changed(&mut self, lost: &[IpAddr], ids: &mut Ids, now: Now) {
        if !self.is_hopeless() && self.leaving.is_none() {
            self.connection.network_changed(lost, ids, now);
        }
    }

    /// Only a person can help.
    fn is_hopeless(&self) -> bool {
        matches!(&self.state, AccountState::Failed { trouble, .. } if trouble.is_final())
    }

    pub(crate) fn handle_resolved(&mut self, id: QuestionId, resolution: &Resolution, ids: &mut Ids, now: Now) -> bool {
        if self.connection.handle_resolved(id, resolution, ids, now) {
            return true;
        }
        let is_ours = self.stun.handle_resolved(id, resolution, ids);
        if is_ours && self.stun.is_idle() {
            self.outputs.push_back(AccountOutput::StunKnown(self.stun.known().to_vec()));
        }
        is_ours
    }

    pub(crate) fn handle_io(&mut self, event: &Event<'_>, ids: &mut Ids, now: Now) -> bool {
        self.connection.handle_io(event, ids, now)
    }

    pub(crate) fn handle_timeout(&mut self, ids: &mut Ids, now: Now) {
        self.connection.handle_timeout(ids, now);
        self.agent.handle_timeout(now);
    }

    pub(crate) fn next_wake(&self) -> Option<Wake> {
        let leaving = self.leaving.map(|until| Wake::at(until, "account: leave").with_slack(Duration::from_millis(100)));
        Wake::earlier(leaving, Wake::earlier(self.connection.next_wake(), self.agent.next_wake()))
    }

    /// The next thing to do or tell; drain until `None`.
    pub(crate) fn poll(&mut self, ids: &mut Ids, now: Now) -> Option<AccountOutput> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            if let Some(action) = self.stun.poll() {
                return Some(AccountOutput::Action(action));
            }
            if let Some(output) = self.connection.poll() {
                self.handle_connection(output, ids, now);
            } else {
                let output = self.agent.poll_output()?;
                self.handle_agent(output, ids, now);
            }
        }
    }

    fn handle_connection(&mut self, output: ConnectionOutput, ids: &mut Ids, now: Now) {
        match output {
            ConnectionOutput::Action(action) => self.outputs.push_back(AccountOutput::Action(action)),
            ConnectionOutput::Opened(flow, peer) => {
                (self.told.certificate_until, self.told.by_added_authority) = (peer.valid_until, peer.by_added_authority);
                self.agent.flow_opened(flow, now);
                if self.stun.is_idle() {
                    self.look_for_stun(ids);
                }
                // A socket is open whether or not anybody is there: the answer to REGISTER tells.
                if flow.transport != Transport::Udp || !self.config.register {
                    self.hear();
                } else {
                    self.outputs.push_back(AccountOutput::Unheard);
                }
                if !self.config.register {
                    self.connection.confirm();
                    self.tell_story();
                    self.enter(AccountState::Connected);
                }
            }
            ConnectionOutput::Lost => {
                self.note(Fact::ServerLost, now);
                self.agent.flow_closed(now);
                self.is_heard = false;
                self.outputs.push_back(AccountOutput::NotReady);
                match (&self.state, self.connection.retry_in(now)) {
                    _ if self.is_hopeless() => self.connection.close(),
                    // It has just been told why, and nothing happens before then.
                    (AccountState::Failed { trouble, .. }, Some(retry_in)) => {
                        self.enter(AccountState::Failed { trouble: trouble.clone(), retry_in: Some(retry_in) });
                    }
                    _ => self.enter(AccountState::Connecting),
                }
            }
            ConnectionOutput::Failed { trouble, retry_in } => self.fail(trouble, retry_in, now),
            ConnectionOutput::Noted(fact) => self.note(fact, now),
            ConnectionOutput::Frame(flow, Frame::Message(bytes)) => {
                self.hear();
                self.agent.handle_message(flow, &bytes, now);
            }
            ConnectionOutput::Frame(_, Frame::Ping) => self.agent.handle_ping(now),
            ConnectionOutput::Frame(_, Frame::Pong) => {
                self.agent.handle_keep_alive(now);
                self.tell_heard(now);
            }
        }
    }

    /// The server is there.
    fn hear(&mut self) {
        if !std::mem::replace(&mut self.is_heard, true) {
            self.outputs.push_back(AccountOutput::Ready);
        }
    }

    fn handle_agent(&mut self, output: UserAgentOutput, ids: &mut Ids, now: Now) {
        match output {
            UserAgentOutput::Send { flow, payload } => self.connection.send(flow, payload),
            UserAgentOutput::Leg { leg, event } => self.outputs.push_back(AccountOutput::Leg(leg, event)),
            UserAgentOutput::Registration(event) => self.handle_registration(event, ids, now),
            UserAgentOutput::Message(event) => self.outputs.push_back(AccountOutput::Message(event)),
            UserAgentOutput::Query(event) => self.outputs.push_back(AccountOutput::Query(event)),
            UserAgentOutput::MessagesWaiting(waiting) => self.outputs.push_back(AccountOutput::MessagesWaiting(waiting)),
            UserAgentOutput::FlowFailed(flow) => {
                if self.connection.flow().is_some_and(|open| open.id == flow) {
                    self.connection.fail(now);
                }
            }
        }
    }

    fn handle_registration(&mut self, event: RegistrationEvent, ids: &mut Ids, now: Now) {
        match event {
            RegistrationEvent::Registered { contacts, features, date, .. } => {
                self.learn(features, date, now);
                self.connection.confirm();
                if !self.state.is_registered() {
                    self.note(Fact::LoggedIn { devices: u32::try_from(contacts).unwrap_or(u32::MAX) }, now);
                    self.tell_story();
                }
                self.enter(AccountState::Registered { transport: self.transport(), devices: contacts });
            }
            RegistrationEvent::Refused { status, reason, kind, retry_in } => {
                // Without a password of ours, none can be wrong: the server does not take what the device proves itself by.
                let has_none = kind == RefusalKind::WrongPassword && self.config.password.reveal().is_empty();
                let kind = if has_none { RefusalKind::Forbidden } else { kind };
                self.fail(AccountTrouble::Login(login_trouble(kind, status, reason)), retry_in, now);
            }
            RegistrationEvent::Failed { cause: RegistrationFailure::FlowClosed, .. } => {}
            RegistrationEvent::Failed { cause, retry_in } => {
                let trouble = registration_trouble(cause);
                if !(self.leaving.is_none() && is_for_another_hop(cause) && self.connection.next_hop(ids, now)) {
                    self.fail(trouble, retry_in, now);
                }
            }
            RegistrationEvent::Unregistered => self.is_unregistered = true,
            _ => {}
        }
    }

    fn fail(&mut self, trouble: AccountTrouble, retry_in: Option<Duration>, now: Now) {
        self.note(Fact::ServerFailed(trouble.end_reason()), now);
        self.tell_story();
        self.outputs.push_back(AccountOutput::Troubled(trouble.clone()));
        self.enter(AccountState::Failed { trouble, retry_in });
    }

    fn enter(&mut self, state: AccountState) {
        if self.state != state && self.leaving.is_none() {
            self.state = state.clone();
            self.outputs.push_back(AccountOutput::Changed(state));
        }
    }
}

/// Its user agent knows too much about people to be printed.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("state", &self.state).field("connection", &self.connection).finish_non_exhaustive()
    }
}
