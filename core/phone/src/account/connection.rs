use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_call::NetworkTrouble;
use cooee_machine::{
    Action, CloseReason, Entropy, Event, Now, OpenStream, QuestionId, Resolution, ServerTrust, SocketId, StreamEvent, StreamId, Transport,
    Wake,
};
use cooee_sip::locate::{Hop, Locate, LocateOutput, LocatePolicy, LocateTarget, Located};
use cooee_sip::{Flow, FlowId, Frame, Framer};

use super::back_off::BackOff;
use super::ids::Ids;
use crate::{AccountTrouble, ReconnectTimes};

/// What a connection wants done or known.
#[derive(Debug)]
pub(super) enum ConnectionOutput {
    Action(Action),
    /// There is a way to the server.
    Opened(Flow),
    /// The way is gone; another is looked for at once, or soon.
    Lost,
    /// No way was found.
    Failed {
        trouble: AccountTrouble,
        retry_in: Option<Duration>,
    },
    /// One thing off the stream, or one datagram as a message.
    Frame(FlowId, Frame),
}

#[derive(Debug)]
enum Stage {
    /// Not wanted (any more).
    Closed,
    /// Waits before the next attempt; `None`: until something changes.
    Waiting(Option<Instant>),
    Locating(Box<Locate>),
    Opening {
        id: Id,
        hop: Hop,
        until: Instant,
    },
    Open {
        flow: Flow,
        framer: Box<Framer>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Id {
    Stream(StreamId),
    Socket(SocketId),
}

/// The way from one account to its server: located (RFC 3263), opened hop by hop, and opened again when it is lost.
#[derive(Debug)]
pub(super) struct Connection {
    target: LocateTarget,
    policy: LocatePolicy,
    trust: ServerTrust,
    times: ReconnectTimes,
    back_off: BackOff,
    entropy: Entropy,
    stage: Stage,
    hops: VecDeque<Hop>,
    /// Of this attempt: the first, unless a later hop's is about trust.
    trouble: Option<AccountTrouble>,
    outputs: VecDeque<ConnectionOutput>,
}

impl Connection {
    pub(super) fn new(
        target: LocateTarget,
        transports: Vec<Transport>,
        trust: ServerTrust,
        times: ReconnectTimes,
        mut entropy: Entropy,
    ) -> Self {
        let policy = LocatePolicy { transports, ..LocatePolicy::default() };
        let back_off = BackOff::new(times, entropy.fork());
        let (stage, hops, outputs) = (Stage::Closed, VecDeque::new(), VecDeque::new());
        Self { target, policy, trust, times, back_off, entropy, stage, hops, trouble: None, outputs }
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
    }

    /// The server behind this flow is no good: try the next hop, or `false` if there is none.
    pub(super) fn next_hop(&mut self, ids: &mut Ids, now: Now) -> bool {
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
                Some(LocateOutput::Found(Located { hops, .. })) => {
                    self.hops = hops.into();
                    self.open_next(ids, now);
                }
            }
        }
    }

    fn open_next(&mut self, ids: &mut Ids, now: Now) {
        let Some(hop) = self.hops.pop_front() else { return self.give_up(now) };
        let id = if hop.transport == Transport::Udp { Id::Socket(ids.socket()) } else { Id::Stream(ids.stream()) };
        match id {
            Id::Socket(socket) => self.act(Action::BindToward { socket, remote: hop.address }),
            Id::Stream(stream) => {
                self.act(Action::Open {
                    stream,
                    target: OpenStream { remote: hop.address, tls: hop.tls_name.clone(), trust: self.trust.clone() },
                });
            }
        }
        let patience = if self.hops.is_empty() { self.times.connect } else { self.times.connect_before_next.min(self.times.connect) };
        self.stage = Stage::Opening { id, hop, until: now.instant + patience };
    }

    fn give_up(&mut self, now: Now) {
        let trouble = self.trouble.take().unwrap_or(AccountTrouble::Unreachable(NetworkTrouble::Timeout));
        let retry_in = (!trouble.is_final()).then(|| self.back_off.next());
        self.stage = Stage::Waiting(retry_in.map(|delay| now.instant + delay));
        self.outputs.push_back(ConnectionOutput::Failed { trouble, retry_in });
    }

    fn hop_failed(&mut self, trouble: AccountTrouble, ids: &mut Ids, now: Now) {
        let is_worse = matches!(trouble, AccountTrouble::Untrusted(_));
        if self.trouble.is_none() || is_worse {
            self.trouble = Some(trouble);
        }
        self.open_next(ids, now);
    }

    /// `false` if the event was about none of its sockets and streams.
    pub(super) fn handle_io(&mut self, event: &Event<'_>, ids: &mut Ids, now: Now) -> bool {
        match event {
            Event::Stream { stream, event } if self.id() == Some(Id::Stream(*stream)) => self.handle_stream(event, ids, now),
            Event::Bound { socket, local } if self.id() == Some(Id::Socket(*socket)) => self.handle_bound(local, ids, now),
            Event::Datagram { socket, remote, payload, .. } if self.id() == Some(Id::Socket(*socket)) => {
                self.handle_datagram(*remote, payload);
            }
            _ => return false,
        }
        true
    }

    fn id(&self) -> Option<Id> {
        match &self.stage {
            Stage::Opening { id, .. } => Some(*id),
            Stage::Open { flow, .. } => Some(id_of(flow.id)),
            _ => None,
        }
    }

    fn handle_stream(&mut self, event: &StreamEvent<'_>, ids: &mut Ids, now: Now) {
        match event {
            StreamEvent::Opened { local, remote, .. } => self.opened(*local, *remote),
            StreamEvent::Bytes(bytes) => self.handle_bytes(bytes, now),
            StreamEvent::Blocked => {}
            StreamEvent::Closed(reason) => self.closed(reason, ids, now),
        }
    }

    fn opened(&mut self, local: SocketAddr, remote: SocketAddr) {
        let Stage::Opening { id, hop, .. } = &self.stage else { return };
        let id = match *id {
            Id::Stream(stream) => FlowId::Stream(stream),
            Id::Socket(socket) => FlowId::Udp { socket, remote },
        };
        let flow = Flow { id, transport: hop.transport, local, remote };
        self.stage = Stage::Open { flow, framer: Box::default() };
        self.outputs.push_back(ConnectionOutput::Opened(flow));
    }

    fn closed(&mut self, reason: &CloseReason, ids: &mut Ids, now: Now) {
        if matches!(self.stage, Stage::Open { .. }) {
            self.outputs.push_back(ConnectionOutput::Lost);
            self.stage = Stage::Waiting(Some(now.instant + self.back_off.next()));
        } else {
            self.hop_failed(reason.into(), ids, now);
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

    fn handle_bound(&mut self, local: &Result<SocketAddr, String>, ids: &mut Ids, now: Now) {
        let Stage::Opening { hop, .. } = &self.stage else { return };
        let remote = hop.address;
        match local {
            Ok(local) => self.opened(*local, remote),
            Err(text) => {
                let text = text.clone();
                self.hop_failed(AccountTrouble::Unreachable(NetworkTrouble::Network { text }), ids, now);
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
        match &self.stage {
            Stage::Waiting(Some(at)) if *at <= now.instant => self.begin(ids, now),
            Stage::Opening { until, .. } if *until <= now.instant => {
                self.abandon();
                self.hop_failed(AccountTrouble::Unreachable(NetworkTrouble::Timeout), ids, now);
            }
            _ => {}
        }
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        match &self.stage {
            Stage::Waiting(Some(at)) => Some(Wake::at(*at, "account: reconnect").with_slack(Duration::from_millis(500))),
            Stage::Opening { until, .. } => Some(Wake::at(*until, "account: connect").with_slack(Duration::from_millis(500))),
            _ => None,
        }
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
        match self.id() {
            Some(Id::Stream(stream)) => self.act(Action::Close(stream)),
            Some(Id::Socket(socket)) => self.act(Action::Unbind(socket)),
            None => {}
        }
        self.stage = Stage::Closed;
    }

    fn act(&mut self, action: Action) {
        self.outputs.push_back(ConnectionOutput::Action(action));
    }
}

fn id_of(flow: FlowId) -> Id {
    match flow {
        FlowId::Udp { socket, .. } => Id::Socket(socket),
        FlowId::Stream(stream) => Id::Stream(stream),
    }
}
