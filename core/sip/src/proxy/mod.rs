//! The stateful forking proxy (RFC 3261 16, RFC 5393, RFC 5626 5) as a pure machine: it asks where a user is (`Locate`) and
//! whether a caller may (`Admit`), and says what to send.
//!
//! It routes to users of its own domain, over the flows they registered on; for users who have proven who they are also to other
//! domains (`Reach`), where that is wanted. It relays for nobody else. Requests inside a dialog find their way by a
//! signed token in `Record-Route` that names both ends by their bindings, so that it outlives the connections it was made on.

mod ack;
mod answer;
mod best;
mod branch;
mod check;
mod config;
mod context;
mod copy;
mod end;
mod flows;
mod fork;
mod gate;
mod hex;
mod late;
mod machine;
mod other_domain;
mod queue;
mod request;
mod response;
mod route;
mod scratch;
mod seal;
#[cfg(test)]
mod tests;

pub use answer::reply_flow;
pub use config::{Names, ProxyConfig};
pub use end::End;
pub use gate::{Caller, Gate, GateRefusal, Location};
pub use machine::{Proxy, ProxyOutput};
pub use other_domain::OtherDomain;
