use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::{GatheringOutput, SessionEvent, SessionId};

/// The one queue of everything a gathering and its sessions have to say, so that no session starves another.
#[derive(Debug, Default)]
pub(crate) struct Outbox(VecDeque<GatheringOutput>);

/// Outputs that one event of a settled call leads to, at most.
const KEPT: usize = 4;

impl Outbox {
    pub(crate) fn transmit(&mut self, local: SocketAddr, remote: SocketAddr, payload: Bytes) {
        self.0.push_back(GatheringOutput::Transmit { local, remote, payload });
    }

    pub(crate) fn event(&mut self, session: SessionId, event: SessionEvent) {
        self.0.push_back(GatheringOutput::Session(session, event));
    }

    pub(crate) fn push(&mut self, output: GatheringOutput) {
        self.0.push_back(output);
    }

    pub(crate) fn pop(&mut self) -> Option<GatheringOutput> {
        let output = self.0.pop_front();
        if output.is_none() && self.0.capacity() > KEPT {
            // A busy beginning must not cost memory for the whole call.
            self.0 = VecDeque::with_capacity(KEPT);
        }
        output
    }
}
