//! The contract between pure machines and the drivers that lend them time, packets, DNS and storage; and what all of them judge strangers
//! by: addresses, names, how often something happens.
//!
//! A machine reads no clock, opens no socket and draws no randomness of its own. A driver calls one of the `handle_*`
//! functions with a [`Now`], then [`Machine::poll_output`] until it answers with the next wake-up. Two phones and their
//! server therefore run inside one test, in virtual time.
#![forbid(unsafe_code)]

mod calendar;
mod dns;
mod entropy;
mod hexadecimal;
mod host_name;
mod io;
mod pii;
mod public;
mod source;
pub mod srv;
mod throttle;
mod time;

pub use calendar::civil_date;
pub use dns::{DnsSecurity, NaptrRecord, Question, QuestionId, Record, RecordType, Resolution, ResolveFailure, SrvRecord};
pub use entropy::Entropy;
pub use hexadecimal::hexadecimal;
pub use host_name::is_host_name;
pub use io::{
    Action, ClientKey, CloseReason, Event, Interface, OpenStream, PeerIdentity, ServerTrust, SocketId, StreamEvent, StreamId, StreamOrigin,
    TlsFailure, Transport,
};
pub use pii::{Pii, Secret};
pub use public::is_public;
pub use source::{site, source};
pub use throttle::{Rate, Throttle};
pub use time::{Now, Wake};

/// A root machine: the phone, the server. Machines inside it have the same manners without the trait.
pub trait Machine {
    /// What its owner asks of it.
    type Command;
    /// What the world tells it: [`Event`] and whatever else is lent to it.
    type Input<'a>;
    /// What it asks of the world and tells its owner; one variant is the next [`Wake`].
    type Output;

    /// Takes a command. Never blocks; the answer comes out of [`Machine::poll_output`].
    fn handle_command(&mut self, command: Self::Command, now: Now);
    /// Takes what happened in the world.
    fn handle_input(&mut self, input: Self::Input<'_>, now: Now);
    /// Call after every `handle_*` until it answers with the next wake-up.
    fn poll_output(&mut self) -> Self::Output;
}
