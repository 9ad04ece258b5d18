//! SIP as values: messages, transactions, dialogs, user agents, location, registrar and proxy.
#![forbid(unsafe_code)]

pub mod locate;

mod flow;
pub mod transaction;
pub mod ua;
pub use flow::{Flow, FlowId};
pub use ua::{UserAgent, UserAgentConfig, UserAgentOutput};
