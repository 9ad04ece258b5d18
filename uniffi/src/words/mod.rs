//! What people read, as data: a name and typed arguments. The wording is the reader's, in its language.

mod cause;
mod end;
mod trouble;

pub use cause::{LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, TlsTrouble};
pub use end::{EndReason, Fault};
pub use trouble::{AccountTrouble, DeviceTrouble, MessageTrouble, Trouble};
