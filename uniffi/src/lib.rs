//! What Kotlin and Swift see of the engine: [`Phone`].
//!
//! The facade converts and never decides. Commands never block and answer an id or [`Refused`]; state comes as streams whose first
//! value is there at once and whose latest value wins; moments come through the one [`Phone::next_event`]. What people read crosses as
//! data with typed arguments ([`EndReason`] and its like), never as text. Sound never crosses. Nothing unwinds across: what panics in
//! here is answered by [`Refused::Broken`].
//!
//! Times are durations since the Unix epoch, ids are the engine's own.
#![allow(clippy::needless_pass_by_value, reason = "what crosses is handed over whole")]

mod account;
mod board;
mod call;
mod config;
mod credentials;
mod door;
mod event;
mod history;
mod media_key;
mod numbering;
mod person;
mod phone;
mod picture;
mod platform;
mod reach;
mod refused;
mod request;
mod ringing;
mod room;
mod standing;
mod status;
mod story;
mod stream;
mod system_call;
mod understanding;
mod wake;
mod wakefulness;
mod words;

pub use account::{AccountOptions, MediaProtection, NewAccount, ServerTrust, Transport};
pub use call::{Call, CallAction, CallDirection, CallRoute, CallState, Figures, MediaSecurity, OneWayCause, Side, SoundTrouble};
pub use config::{Audio, Config, Dns};
pub use credentials::Credentials;
pub use event::{Event, TransferDecision, TransferProgress};
pub use history::{LogPage, PastCall, PastLeg, TextFate, TextMessage, TextPage};
pub use media_key::{CodeMatch, KeyTrust, MediaKey};
pub use numbering::{Blocked, Numbering};
pub use person::Person;
pub use phone::Phone;
pub use picture::read_code;
pub use platform::{CertificateRoot, Conditions, NetworkAddress, Platform, PlatformError, RootOrigin, Roots};
pub use reach::{AddressReach, ReachState, Service};
pub use refused::{Refused, StartError};
pub use request::{CallRequest, Introduction, WhoRings};
pub use ringing::{RingCondition, RingFigure, RingLevel, RingLine, RingMend, RingProof, RingTest};
pub use standing::{Rule, RuleScope, Standing};
pub use status::{Account, AccountState, Mailbox, Status};
pub use story::{Story, StoryStep, Verdict};
pub use stream::{CallStream, PeopleStream, StatusStream};
pub use system_call::SystemCall;
pub use understanding::{AddressKind, Meaning, NoAddress, Obstacle, Remark, Route, RouteReason, Understanding, Way};
pub use wake::{WakeReason, Woken};
pub use words::{
    AccountTrouble, Advice, CandidateKind, DeviceTrouble, EndReason, Fact, Fault, LinkWeakness, LoginTrouble, MediaTrouble, MessageTrouble,
    NetworkPlace, NetworkTrouble, RedirectTrouble, StorySide, Stream, TlsTrouble, Trouble,
};

uniffi::setup_scaffolding!();
