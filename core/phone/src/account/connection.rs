use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cooee_call::NetworkTrouble;
use cooee_machine::{
    Action, ClientKey, CloseReason, Entropy, Event, Now, OpenStream, PeerIdentity, QuestionId, Resolution, ServerTrust, StreamEvent,
    Transport, Wake,
};
use cooee_sip::locate::{Hop, Locate, LocateOutput, LocatePolicy, LocateTarget, Located};
use cooee_sip::{Flow, FlowId, Frame};

use super::back_off::BackOff;
use super::connection_output::ConnectionOutput;
use super::ids::Ids;
use super::opening::{Id, Opening, STAGGER};
use super::shunned::Shunned;
use super::stage::Stage;
use crate::{AccountTrouble, ReconnectTimes};

/// The way from one account to its server: located (RFC 3263), opened hop by hop, and opened again when it is lost.
#[derive(Debug)]
pub(super) struct Connection {
    target: LocateTarget,
    policy: LocatePolicy,
    trust: ServerTrust,
    key: Option<ClientKey>,
    times: ReconnectTimes,
    back_off: BackOff,
    entropy: Entropy,
    stage: Stage,
    hops: VecDeque<Hop>,
    shunned: Shunned,
    /// Of this attempt: the first, unless a later hop's is about trust.
    trouble: Option<AccountTrouble>,
    outputs: VecDeque<ConnectionOutput>,
}

impl Connection {
    pub(super) fn new(
        target: LocateTarget,
        transports: Vec<Transport>,
        trust: ServerTrust,
        key: Option<ClientKey>,
        times: ReconnectTimes,
        mut entropy: Entropy,
    ) -> Self {
        let policy = LocatePolicy { transports, ..LocatePolicy::default() };
        let back_off = BackOff::new(times, entropy.fork());
        let (stage, hops, shunned, outputs) = (Stage::Closed, VecDeque::new(), Shunned::default(), VecDeque::new());
        Self { target, policy, trust, key, times, back_off, entropy, stage, hops, shunned, trouble: None, outputs }
    }

    pub(super) fn flow(&self) -> Option<&Flow> {
        if let Stage::Open { flow, .. } = &self.stage { Some(flow) } else { None }
    }

    /// How long until the next attempt, where one is waited for.
    pub(super) fn retry_in(&self, now: Now) -> Option<Duration> {
        let Stage::Waiting(Some(at)) = &self.stage else { return None };
        Some(at.saturating_duration_since(now.instant))
    }

    /// Begins anew at once, whatever it was doing.
    pub(super) fn begin(&mut self, ids: &mut Ids, now: Now) {
        self.abandon();
        self.trouble = None;
        self.hops.clear();
        let plan = Locate::new(self.target.clone(), self.policy.clone(), ids.questions(), self.entropy.fork());
        self.stage = Stage::Locating(Box::new(plan));
        self.outputs.push_back(ConnectionOutput::looking_up(&self.target.host));
        self.follow_plan(ids, now);
    }

    /// Ends it for good, or until [`Connection::begin`].
    pub(super) fn close(&mut self) {
        self.abandon();
        self.stage = Stage::Closed;
    }

    /// It proved good: the next failure is a first one.
    pub(super) fn confirm(&mut self) {
        self.back_off.reset();
        if let Some(Flow { transport, remote, .. }) = self.flow().copied() {
            self.shunned.forgive(transport, remote);
        }
    }

    /// The server behind this flow is no good: try the next hop, or `false` if there is none.
    pub(super) fn next_hop(&mut self, ids: &mut Ids, now: Now) -> bool {
        if let Some(Flow { transport, remote, .. }) = self.flow().copied() {
            self.shunned.add(transport, remote, now.instant);
        }
        let has_next = !self.hops.is_empty();
        if has_next {
            self.lose();
            self.open_next(ids, now);
        }
        has_next
    }

    /// The flow is dead, though nothing has closed it.
    pub(super) fn fail(&mut self, now: Now) {
        self.lose();
        self.stage = Stage::Waiting(Some(now.instant + self.back_off.next()));
    }

    pub(super) fn stage(&self) -> &Stage {
        &self.stage
    }

    /// A person is waiting: an attempt that is only waited for begins now.
    pub(super) fn hurry(&mut self, ids: &mut Ids, now: Now) {
        if matches!(self.stage, Stage::Waiting(_)) {
            self.begin(ids, now);
        }
    }

    /// The networks changed: a flow whose own address is gone is dead, and waiting makes no sense any more.
    pub(super) fn network_changed(&mut self, lost: &[IpAddr], ids: &mut Ids, now: Now) {
        match &self.stage {
            Stage::Closed => return,
            // A socket on no address in particular may have sent from any.
            Stage::Open { flow, .. } if !lost.contains(&flow.local.ip()) && !flow.local.ip().is_unspecified() => return,
            _ => {}
        }
        self.lose();
        self.back_off.reset();
        self.shunned.clear();
        self.begin(ids, now);
    }

    /// `false` if the question was none of its.
    pub(super) fn handle_resolved(&mut self, id: QuestionId, resolution: &Resolution, ids: &mut Ids, now: Now) -> bool {
        let Stage::Locating(plan) = &mut self.stage else { return false };
        let is_ours = plan.handle_resolved(id, resolution.clone());
        if is_ours {
            self.follow_plan(ids, now);
        }
        is_ours
    }

    fn follow_plan(&mut self, ids: &mut Ids, now: Now) {
        while let Stage::Locating(plan) = &mut self.stage {
            match plan.poll_output() {
                None => return,
                Some(LocateOutput::Resolve { id, question }) => self.act(Action::Resolve { id, question }),
                Some(LocateOutput::Failed(failure)) => {
                    self.trouble = Some(failure.into());
                    self.give_up(now);
                }
                Some(LocateOutput::Found(Located { mut hops, .. })) => {
                    self.shunned.order(&mut hops, now.instant);
                    self.outputs.push_back(ConnectionOutput::found(hops.len()));
                    self.hops = hops.into();
                    self.open_next(ids, now);
                }
            }
        }
    }

    /// Tries the next hop, beside what is being tried.
    fn open_next(&mut self, ids: &mut Ids, now: Now) {
        let mut opening = match std::mem::replace(&mut self.stage, Stage::Closed) {
            Stage::Opening(opening) => opening,
            _ => Opening::default(),
        };
        let Some(hop) = self.hops.pop_front() else {
            self.stage = Stage::Opening(opening);
            return self.give_up_unless_opening(now);
        };
        self.outputs.push_back(ConnectionOutput::connecting(&hop, &self.target.host));
        let id = if hop.transport == Transport::Udp { Id::Socket(ids.socket()) } else { Id::Stream(ids.stream()) };
        match id {
            Id::Socket(socket) => self.act(Action::BindToward { socket, remote: hop.address }),
            Id::Stream(stream) => {
                self.act(Action::Open {
                    stream,
                    target: OpenStream { remote: hop.address, tls: hop.tls_name.clone(), trust: self.trust.clone(), key: self.key.clone() },
                });
            }
        }
        let patience = if self.hops.is_empty() { self.times.connect } else { self.times.connect_before_next.min(self.times.connect) };
        let next_at = self.is_of_same_server_as_next(&hop).then(|| now.instant + STAGGER);
        opening.add(id, hop, now.instant + patience, next_at);
        self.stage = Stage::Opening(opening);
    }

    /// Whether the next hop is another address of the same server.
    fn is_of_same_server_as_next(&self, hop: &Hop) -> bool {
        self.hops.front().is_some_and(|next| (next.server, next.transport) == (hop.server, hop.transport))
    }

    fn give_up_unless_opening(&mut self, now: Now) {
        if !matches!(&self.stage, Stage::Opening(opening) if !opening.is_empty()) {
            self.give_up(now);
        }
    }

    fn give_up(&mut self, now: Now) {
        let trouble = self.trouble.take().unwrap_or(AccountTrouble::Unreachable(NetworkTrouble::Timeout));
        let retry_in = (!trouble.is_final()).then(|| self.back_off.next());
        self.stage = Stage::Waiting(retry_in.map(|delay| now.instant + delay));
        self.outputs.push_back(ConnectionOutput::Failed { trouble, retry_in });
    }

    fn hop_failed(&mut self, hop: &Hop, trouble: AccountTrouble, ids: &mut Ids, now: Now) {
        self.shunned.add(hop.transport, hop.address, now.instant);
        self.outputs.push_back(ConnectionOutput::not_connected(&trouble));
        let is_worse = matches!(trouble, AccountTrouble::Untrusted(_));
        if self.trouble.is_none() || is_worse {
            self.trouble = Some(trouble);
        }
        // Another server waits for all addresses of this one; another address does not wait (RFC 8305 5).
        let is_alone = !matches!(&self.stage, Stage::Opening(opening) if !opening.is_empty());
        if is_alone || self.is_of_same_server_as_next(hop) {
            self.open_next(ids, now);
        }
    }

    /// `false` if the event was about none of its sockets and streams.
    pub(super) fn handle_io(&mut self, event: &Event<'_>, ids: &mut Ids, now: Now) -> bool {
        match event {
            Event::Stream { stream, event } if self.has(Id::Stream(*stream)) => self.handle_stream(Id::Stream(*stream), event, ids, now),
            Event::Bound { socket, local } if self.has(Id::Socket(*socket)) => self.handle_bound(Id::Socket(*socket), local, ids, now),
            Event::Datagram { socket, remote, payload, .. } if self.has(Id::Socket(*socket)) => {
                self.handle_datagram(*remote, payload);
            }
            _ => return false,
        }
        true
    }

    fn has(&self, id: Id) -> bool {
        match &self.stage {
            Stage::Opening(opening) => opening.hop(id).is_some(),
            Stage::Open { flow, .. } => Id::from(flow.id) == id,
            _ => false,
        }
    }

    fn handle_stream(&mut self, id: Id, event: &StreamEvent<'_>, ids: &mut Ids, now: Now) {
        match event {
            StreamEvent::Opened { local, remote, peer, .. } => self.opened(id, *local, *remote, peer),
            StreamEvent::Bytes(bytes) => self.handle_bytes(bytes, now),
            StreamEvent::Blocked => {}
            StreamEvent::Closed(reason) => self.closed(id, reason, ids, now),
        }
    }

    fn opened(&mut self, id: Id, local: SocketAddr, remote: SocketAddr, peer: &PeerIdentity) {
        let Stage::Opening(opening) = &mut self.stage else { return };
        let Some(hop) = opening.take(id) else { return };
        // Those that were as good and slower.
        self.abandon();
        let id = match id {
            Id::Stream(stream) => FlowId::Stream(stream),
            Id::Socket(socket) => FlowId::Udp { socket, remote },
        };
        let flow = Flow { id, transport: hop.transport, local, remote };
        self.stage = Stage::Open { flow, framer: Box::default() };
        self.outputs.extend([ConnectionOutput::connected(hop.transport), ConnectionOutput::Opened(flow, Box::new(peer.clone()))]);
    }

    fn closed(&mut self, id: Id, reason: &CloseReason, ids: &mut Ids, now: Now) {
        match &mut self.stage {
            Stage::Open { .. } => {
                self.outputs.push_back(ConnectionOutput::Lost);
                self.stage = Stage::Waiting(Some(now.instant + self.back_off.next()));
            }
            Stage::Opening(opening) => {
                if let Some(hop) = opening.take(id) {
                    self.hop_failed(&hop, reason.into(), ids, now);
                }
            }
            _ => {}
        }
    }

    fn handle_bytes(&mut self, bytes: &[u8], now: Now) {
        let Stage::Open { flow, framer } = &mut self.stage else { return };
        let mut is_broken = false;
        framer.push(bytes);
        while let Some(frame) = framer.poll() {
            match frame {
                Ok(frame) => self.outputs.push_back(ConnectionOutput::Frame(flow.id, frame)),
                Err(_) => {
                    is_broken = true;
                    break;
                }
            }
        }
        if is_broken {
            self.fail(now);
        }
    }

    fn handle_bound(&mut self, id: Id, local: &Result<SocketAddr, String>, ids: &mut Ids, now: Now) {
        let Stage::Opening(opening) = &mut self.stage else { return };
        match local {
            Ok(local) => {
                if let Some(remote) = opening.hop(id).map(|hop| hop.address) {
                    self.opened(id, *local, remote, &PeerIdentity::default());
                }
            }
            Err(text) => {
                if let Some(hop) = opening.take(id) {
                    let text = text.clone();
                    self.hop_failed(&hop, AccountTrouble::Unreachable(NetworkTrouble::Network { text }), ids, now);
                }
            }
        }
    }

    /// Only the server speaks to us: anybody else's datagrams are not even looked at.
    fn handle_datagram(&mut self, remote: SocketAddr, payload: &[u8]) {
        if let Stage::Open { flow, .. } = &self.stage
            && flow.remote == remote
        {
            self.outputs.push_back(ConnectionOutput::Frame(flow.id, Frame::Message(payload.to_vec())));
        }
    }

    /// Puts octets on the flow, if it is still this one.
    pub(super) fn send(&mut self, flow: FlowId, payload: Vec<u8>) {
        if self.flow().is_some_and(|open| open.id == flow) {
            self.act(match flow {
                FlowId::Udp { socket, remote } => Action::Send { socket, remote, payload },
                FlowId::Stream(stream) => Action::Write { stream, payload },
            });
        }
    }

    pub(super) fn handle_timeout(&mut self, ids: &mut Ids, now: Now) {
        match &mut self.stage {
            Stage::Waiting(Some(at)) if *at <= now.instant => self.begin(ids, now),
            Stage::Opening(opening) => {
                let (expired, is_next_due) = (opening.take_expired(now.instant), opening.take_next(now.instant));
                for (id, hop) in expired {
                    self.drop_id(id);
                    self.hop_failed(&hop, AccountTrouble::Unreachable(NetworkTrouble::Timeout), ids, now);
                }
                if is_next_due && matches!(self.stage, Stage::Opening(_)) {
                    self.open_next(ids, now);
                }
            }
            _ => {}
        }
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        self.stage.next_wake()
    }

    pub(super) fn poll(&mut self) -> Option<ConnectionOutput> {
        self.outputs.pop_front()
    }

    fn lose(&mut self) {
        if matches!(self.stage, Stage::Open { .. }) {
            self.outputs.push_back(ConnectionOutput::Lost);
        }
        self.abandon();
    }

    /// Closes what is open or being opened.
    fn abandon(&mut self) {
        let ids: Vec<Id> = match &self.stage {
            Stage::Opening(opening) => opening.ids().collect(),
            Stage::Open { flow, .. } => vec![flow.id.into()],
            _ => Vec::new(),
        };
        ids.into_iter().for_each(|id| self.drop_id(id));
        self.stage = Stage::Closed;
    }

    fn drop_id(&mut self, id: Id) {
        self.act(match id {
            Id::Stream(stream) => Action::Close(stream),
            Id::Socket(socket) => Action::Unbind(socket),
        });
    }

    fn act(&mut self, action: Action) {
        self.outputs.push_back(ConnectionOutput::Action(action));
    }
}
