//! The phone as one value: accounts, registration, dialling, calls.
#![forbid(unsafe_code)]

mod account;
mod address;
mod block;
mod code;
mod command;
mod config;
mod dial;
mod dial_plan;
mod door;
mod enum_lookup;
mod event;
mod inquiry;
mod message;
mod number;
mod phone;
pub mod probe;
mod ringing;
mod settings;
mod state;
mod system_call;
mod trouble;
pub mod vcard;
mod verified;
mod wake;
mod who_rings;
mod xmpp_location;

pub use address::{Address, Host, LookAlike, Mailbox, NoAddress, Remark, SipAddress, Understood, XmppAddress};
pub use block::BlockRule;
pub use code::{MOST_PIXELS, Picture};
pub use command::Command;
pub use config::AccountConfig;
pub use dial::{DialRefusal, LookedUp};
pub use dial_plan::{Caller, Choice, DialPlan, Numbering, Obstacle, Readiness, Reason, Route, Way};
pub use door::{Input, Output, Recalled};
pub use enum_lookup::{
    AskedSuffix, E164_ARPA, EnumAnswer, EnumLookup, EnumOutput, EnumResult, EnumService, EnumSuffix, NoSuffix, RuleFault, SuffixState,
};
pub use event::{PhoneEvent, TransferDecision};
pub use inquiry::{Inquiry, InquiryConfig, Person, Reply};
pub use message::{MAX_TEXT, MessageId, MessageTrouble};
pub use number::{E164, NoRegion, Number, Region};
pub use phone::Phone;
pub use ringing::{
    AccountSituation, RingCondition, RingFigure, RingLevel, RingLine, RingProof, RingSituation, RingTestResult, ServerHeard, would_ring,
};
pub use settings::{PhoneConfig, ReconnectTimes};
pub use state::AccountState;
pub use system_call::SystemCall;
pub use trouble::AccountTrouble;
pub use verified::VerifiedKey;
pub use wake::{Rest, WakeId, WakeReason, Woken};
pub use who_rings::{UnknownCircle, WhoRings};
pub use xmpp_location::{NoXmppServer, XmppLocation, XmppLocationOutput, XmppServer};

pub use cooee_call::AccountId;
pub use cooee_sip::ua::MessagesWaiting;
