//! One call, blind to protocol: legs, forks, one winner, media attachment, end reasons.
#![forbid(unsafe_code)]

mod action;
mod call;
mod end;
mod id;
mod leg;
mod low_data;
mod media;
mod offer_table;
mod placed_leg;
mod protection;
mod redirect;
mod request;
mod safety_words;
mod state;
mod story;
mod timeline;
mod times;
mod transfer;

pub use action::CallAction;
pub use call::{Call, CallOutput, CallSetup, Caller, Detour, Elsewhere, IncomingOffer, Screened, TransferRequest, TransferTarget};
pub use end::{EndReason, Explanation, Fault, LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, Side, TlsTrouble};
pub use id::{AccountId, CallId, DialogId};
pub use leg::{Leg, LegCommand, LegEvent};
pub use media::{MediaEvent, MediaPreferences, MediaRequest};
pub use offer_table::{OfferRow, OfferTable, Signalling, TargetKind};
pub use placed_leg::{LegOutcome, PlacedLeg};
pub use protection::{MediaProtection, UnknownProtection};
pub use request::Request;
pub use safety_words::{Fingerprint256, KeyTrust, MediaKeys, SafetyWords};
pub use state::{CallDirection, CallSnapshot, CallState, Held, LogEntry, Peer};
pub use story::{
    AddressKind, Advice, Argument, Fact, LinkQuality, LinkWatch, LinkWeakness, SoundTrouble, Story, StorySide, StoryStep, Stream, Verdict,
};
pub use timeline::{Milestone, Step, Timeline};
pub use times::CallTimes;
pub use transfer::TransferProgress;

/// How somebody knows of an address of theirs.
pub use cooee_sdp::CandidateKind;
