//! What people read, as data: a name and typed arguments. The wording is the reader's, in its language.

mod advice;
mod cause;
mod end;
mod fact;
mod network;
mod trouble;

pub use advice::{Advice, StorySide};
pub use cause::{LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, TlsTrouble};
pub use end::{EndReason, Fault};
pub use fact::Fact;
pub use network::{CandidateKind, LinkWeakness, NetworkPlace, Stream};
pub use trouble::{AccountTrouble, DeviceTrouble, MessageTrouble, Trouble};
