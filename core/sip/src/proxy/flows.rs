use std::collections::BTreeMap;
use std::net::SocketAddr;

use cooee_machine::{SocketId, StreamId, Transport};

use crate::flow::{Flow, FlowId};

/// What is open: sockets by their address, connections by their name.
#[derive(Debug, Default)]
pub(super) struct Flows {
    sockets: BTreeMap<SocketId, SocketAddr>,
    streams: BTreeMap<StreamId, Flow>,
}

impl Flows {
    pub(super) fn bound(&mut self, socket: SocketId, local: SocketAddr) {
        self.sockets.insert(socket, local);
    }

    pub(super) fn opened(&mut self, flow: Flow) {
        if let FlowId::Stream(stream) = flow.id {
            self.streams.insert(stream, flow);
        }
    }

    pub(super) fn closed(&mut self, flow: FlowId) {
        if let FlowId::Stream(stream) = flow {
            self.streams.remove(&stream);
        }
    }

    /// A flow by its name, if it is open in this run of the server.
    pub(super) fn named(&self, id: FlowId) -> Option<Flow> {
        match id {
            FlowId::Stream(stream) => self.streams.get(&stream).copied(),
            FlowId::Udp { socket, remote } => Some(Flow { id, transport: Transport::Udp, local: *self.sockets.get(&socket)?, remote }),
        }
    }

    /// A flow as storage has it: a connection must be of this run and still open, a UDP socket may have another name now.
    pub(super) fn stored(&self, flow: &Flow, is_this_run: bool) -> Option<Flow> {
        match flow.id {
            FlowId::Stream(_) => self.named(flow.id).filter(|_| is_this_run),
            FlowId::Udp { remote, .. } => {
                let (socket, local) = self.sockets.iter().find(|(_, local)| **local == flow.local)?;
                let id = FlowId::Udp { socket: *socket, remote };
                Some(Flow { id, transport: Transport::Udp, local: *local, remote })
            }
        }
    }
}
