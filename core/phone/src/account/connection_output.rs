use std::time::Duration;

use cooee_machine::Action;
use cooee_sip::{Flow, FlowId, Frame};

use crate::AccountTrouble;

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
