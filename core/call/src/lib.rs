//! One call, blind to protocol: legs, forks, one winner, media attachment, end reasons.
#![forbid(unsafe_code)]

mod call;
mod end;
mod id;
mod leg;
mod media;
mod state;
mod timeline;
mod times;

pub use call::{Call, CallOutput, CallSetup};
pub use end::{EndReason, Explanation, Fault, LoginTrouble, MediaTrouble, NetworkTrouble, Side, TlsTrouble};
pub use id::{CallId, DialogId};
pub use leg::{Leg, LegCommand, LegEvent};
pub use media::{MediaEvent, MediaPreferences, MediaRequest};
pub use state::{CallDirection, CallSnapshot, CallState, LogEntry, Peer};
pub use timeline::{Milestone, Step, Timeline};
pub use times::CallTimes;
