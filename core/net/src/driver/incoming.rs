use std::net::SocketAddr;

use cooee_machine::{CloseReason, Event, PeerIdentity, QuestionId, Resolution, SocketId, StreamEvent, StreamId, StreamOrigin};

use super::stream::Line;

/// Something that happened, with its octets; [`Incoming::event`] shows it as a machine takes it.
#[derive(Debug)]
pub struct Incoming(pub(super) Kind);

#[derive(Debug)]
pub(super) enum Kind {
    Bound { socket: SocketId, local: Result<SocketAddr, String> },
    Datagram { socket: SocketId, local: SocketAddr, remote: SocketAddr, payload: Vec<u8> },
    Opened { stream: StreamId, local: SocketAddr, remote: SocketAddr, peer: PeerIdentity, origin: StreamOrigin },
    Bytes { stream: StreamId, payload: Vec<u8> },
    Blocked(StreamId),
    Closed(StreamId, CloseReason),
    Resolved { id: QuestionId, resolution: Resolution },
}

impl Incoming {
    /// The event, borrowing the octets.
    #[must_use]
    pub fn event(&self) -> Event<'_> {
        match &self.0 {
            Kind::Bound { socket, local } => Event::Bound { socket: *socket, local: local.clone() },
            Kind::Datagram { socket, local, remote, payload } => {
                Event::Datagram { socket: *socket, local: *local, remote: *remote, payload }
            }
            Kind::Opened { stream, local, remote, peer, origin } => {
                let event = StreamEvent::Opened { local: *local, remote: *remote, peer: peer.clone(), origin: *origin };
                Event::Stream { stream: *stream, event }
            }
            Kind::Bytes { stream, payload } => Event::Stream { stream: *stream, event: StreamEvent::Bytes(payload) },
            Kind::Blocked(stream) => Event::Stream { stream: *stream, event: StreamEvent::Blocked },
            Kind::Closed(stream, reason) => Event::Stream { stream: *stream, event: StreamEvent::Closed(reason.clone()) },
            Kind::Resolved { id, resolution } => Event::Resolved { id: *id, resolution: resolution.clone() },
        }
    }
}

/// What a task reports to the driver; an accepted connection brings the driver's end of it along.
pub(super) struct Arrival {
    pub(super) kind: Kind,
    pub(super) line: Option<Line>,
}

impl From<Kind> for Arrival {
    fn from(kind: Kind) -> Self {
        Self { kind, line: None }
    }
}
