use cooee_machine::{QuestionId, SocketId, StreamId};
use cooee_sip::locate::Locate;

/// Names for what the phone opens and asks; shared by its accounts.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    streams: u64,
    sockets: u64,
    questions: u64,
}

impl Ids {
    /// Even: odd ones are the driver's.
    pub(super) fn stream(&mut self) -> StreamId {
        self.streams += 2;
        StreamId(self.streams)
    }

    pub(super) fn socket(&mut self) -> SocketId {
        self.sockets += 1;
        SocketId(self.sockets)
    }

    /// The first of as many as one plan may use.
    pub(crate) fn questions(&mut self) -> QuestionId {
        self.questions += Locate::MAX_QUESTIONS;
        QuestionId(self.questions)
    }
}
