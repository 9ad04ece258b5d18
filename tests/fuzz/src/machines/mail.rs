use std::net::SocketAddr;

use cooee_call::{CallId, MediaEvent};
use cooee_machine::{CloseReason, Event, Interface, PeerIdentity, QuestionId, Resolution, SocketId, StreamEvent, StreamId, StreamOrigin};
use cooee_phone::Input;
use cooee_server::{ServerInput, StoreReply};

/// For whom something is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whom {
    Server,
    Phone(usize),
}

/// Something on its way.
#[derive(Debug)]
pub(super) enum Mail {
    Opened { stream: StreamId, local: SocketAddr, remote: SocketAddr, origin: StreamOrigin },
    Bytes(StreamId, Vec<u8>),
    Blocked(StreamId),
    Closed(StreamId, CloseReason),
    Datagram { socket: SocketId, local: SocketAddr, remote: SocketAddr, payload: Vec<u8> },
    Resolved(QuestionId, Resolution),
    Bound(SocketId, Result<SocketAddr, String>),
    Networks(Vec<Interface>),
    Timeout,
    Stored(StoreReply),
    Media(CallId, MediaEvent),
}

impl Mail {
    /// Octets that a peer sent.
    pub(super) fn octets(&self) -> usize {
        match self {
            Self::Bytes(_, payload) | Self::Datagram { payload, .. } => payload.len(),
            _ => 0,
        }
    }

    fn event(&self) -> Option<Event<'_>> {
        let stream = |stream: &StreamId, event| Event::Stream { stream: *stream, event };
        Some(match self {
            Self::Opened { stream: id, local, remote, origin } => {
                let (peer, origin) = (PeerIdentity::default(), *origin);
                stream(id, StreamEvent::Opened { local: *local, remote: *remote, peer, origin })
            }
            Self::Bytes(id, octets) => stream(id, StreamEvent::Bytes(octets)),
            Self::Blocked(id) => stream(id, StreamEvent::Blocked),
            Self::Closed(id, reason) => stream(id, StreamEvent::Closed(reason.clone())),
            Self::Datagram { socket, local, remote, payload } => {
                Event::Datagram { socket: *socket, local: *local, remote: *remote, payload }
            }
            Self::Resolved(id, resolution) => Event::Resolved { id: *id, resolution: resolution.clone() },
            Self::Bound(socket, local) => Event::Bound { socket: *socket, local: local.clone() },
            Self::Networks(interfaces) => Event::NetworkChanged(interfaces.clone()),
            Self::Timeout => Event::Timeout,
            Self::Stored(_) | Self::Media(..) => return None,
        })
    }

    pub(super) fn for_server(&self) -> Option<ServerInput<'_>> {
        match self {
            Self::Stored(reply) => Some(ServerInput::Stored(reply.clone())),
            other => other.event().map(ServerInput::Io),
        }
    }

    pub(super) fn for_phone(&self) -> Option<Input<'_>> {
        match self {
            Self::Media(call, event) => Some(Input::Media { call: *call, event: event.clone() }),
            other => other.event().map(Input::Io),
        }
    }
}
