//! What the command line tells, as data: one object a line with `--json` (docs/json.md), one sentence else.

mod contact;
mod device;
mod dial;
mod key;
mod leg;
mod media;
mod past;
mod request;
mod ringing;
mod sentence;
mod status;
mod story;

pub use contact::{Asked, Contact, Probe, Stored};
pub use device::Device;
pub use dial::{EnumAnswer, Numbers, Route, Suffix, Understood};
pub use key::Key;
pub use leg::Leg;
pub use media::Media;
pub use past::Past;
pub use request::{Introduction, Request, Standing};
pub use ringing::{Reach, RingCondition, RingMend, RingTest};
pub(crate) use sentence::printable;
pub use status::{AccountStatus, CallStatus, Status};
pub use story::{Step, Story, Verdict};

use serde::Serialize;

/// One line. Times are Unix seconds, durations milliseconds, addresses as they are dialled.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Line {
    /// An account came to another state with its server.
    Account {
        /// The address.
        address: String,
        /// `connecting`, `connected`, `registered`, `failed`; `added`, `removed`, `stored` by `cooee account`.
        state: &'static str,
        /// What happened, for people; absent if all is well.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// When it is tried again by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_in_ms: Option<u64>,
    },
    /// A call came to another state.
    Call {
        /// Names the call as long as this process runs.
        call: u64,
        /// `dialing`, `ringing`, `connecting`, `active`, `held`, `reconnecting`.
        state: &'static str,
        /// `outgoing` or `incoming`.
        direction: &'static str,
        /// The other end's address.
        peer: String,
        /// The name it shows.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// It makes no sound: somebody whom you do not know asks to be let through.
        #[serde(skip_serializing_if = "Option::is_none")]
        request: Option<Introduction>,
        /// The phone calls itself, to see whether it rings.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        test: bool,
        /// Since the call began.
        after_ms: u64,
    },
    /// Packets have a way.
    Path {
        /// Which call.
        call: u64,
        /// Our socket and its kind, e.g. `192.0.2.1:4000 host`.
        local: String,
        /// The peer's.
        remote: String,
        /// Since the call began.
        after_ms: u64,
    },
    /// The keys of the sound are agreed and proven.
    Secured {
        /// Which call.
        call: u64,
        /// `not encrypted`, `encrypted to the servers`, `encrypted end to end`, `verified`.
        security: &'static str,
        /// The SRTP profile.
        cipher: Option<&'static str>,
        /// What to read to each other, where nobody has compared the keys yet.
        #[serde(skip_serializing_if = "Option::is_none")]
        words: Option<String>,
        /// Since the call began.
        after_ms: u64,
    },
    /// The key that somebody's phone proves itself with.
    Key(Key),
    /// Something is wrong with a call, or is right again.
    Warning {
        /// Which call.
        call: u64,
        /// What, as an id that stays the same between versions.
        kind: &'static str,
        /// It is right again.
        over: bool,
        /// For people.
        text: String,
    },
    /// What more is known of who is at the other end.
    Caller {
        /// Which call.
        call: u64,
        /// The caller withholds who it is.
        anonymous: bool,
        /// Who it is by word of the own server.
        #[serde(skip_serializing_if = "Option::is_none")]
        asserted: Option<String>,
        /// Who asked for this call.
        #[serde(skip_serializing_if = "Option::is_none")]
        referred_by: Option<String>,
    },
    /// The call goes on to another address.
    Redirected {
        /// Which call.
        call: u64,
        /// Where to.
        target: String,
        /// Why the address before came to nothing, as an id; absent where the called side sent the call on.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The same for people.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// How far handing a call over has come.
    Transfer {
        /// Which call.
        call: u64,
        /// `asked`, `trying`, `succeeded`, `failed`.
        state: &'static str,
        /// The SIP status behind it.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// The other side asks to call somebody else instead.
    TransferAsked {
        /// In which call.
        call: u64,
        /// Who asks.
        by: String,
        /// Whom.
        target: String,
        /// `open`, `followed`, `refused`.
        state: &'static str,
        /// While it is open: when it is refused by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        decide_in_ms: Option<u64>,
        /// The call that is made because of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        follows: Option<u64>,
    },
    /// What was asked of a call did not come about.
    Failed {
        /// Which call.
        call: u64,
        /// What was asked, e.g. `hold`.
        action: &'static str,
        /// The SIP status of the refusal.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// The microphone of a call is no longer sent, or is again.
    Muted {
        /// Which call.
        call: u64,
        /// No longer.
        muted: bool,
    },
    /// The peer pressed a digit.
    Digit {
        /// Which call.
        call: u64,
        /// Which.
        digit: char,
    },
    /// How the sound of a call has fared.
    Media(Media),
    /// A call is over.
    Ended {
        /// Which call.
        call: u64,
        /// Why, as an id that stays the same between versions.
        reason: String,
        /// Whose side it was on.
        fault: &'static str,
        /// What happened and what to do, for people.
        text: String,
        /// How long sound flowed.
        active_ms: u64,
        /// Who called, where no event had said so: nothing rang.
        #[serde(skip_serializing_if = "Option::is_none")]
        peer: Option<String>,
        /// The name that they go by.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A past call, from `cooee log`.
    Past(Past),
    /// What happened to a call or a log-in.
    Story(Story),
    /// A short text: one that came, or from `cooee messages`.
    Message {
        /// Names it; nothing if it could not be kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<u64>,
        /// The own address.
        account: String,
        /// The other end's address.
        peer: String,
        /// The name it showed.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// When it came or was sent.
        at: u64,
        /// `received`, `sent`, `delivered`, `failed`.
        state: &'static str,
        /// It came and was not looked at yet (`cooee messages seen`).
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        new: bool,
        /// It came of nobody the owner knows, or while not to be disturbed.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        silently: bool,
        /// What it says.
        text: String,
        /// Why it did not arrive.
        #[serde(skip_serializing_if = "Option::is_none")]
        trouble: Option<String>,
    },
    /// Part of the history is gone for good.
    Forgotten {
        /// `call` or `text`.
        what: &'static str,
        /// So many.
        count: usize,
    },
    /// A text arrived.
    Delivered {
        /// Which.
        message: u64,
    },
    /// A text did not arrive.
    Undelivered {
        /// Which.
        message: u64,
        /// Why and what to do, for people.
        text: String,
    },
    /// What a mailbox at the account's server holds.
    Mailbox {
        /// The account's.
        address: String,
        /// Whether there is anything to be heard.
        waiting: bool,
        /// New voice messages, where they are counted.
        #[serde(skip_serializing_if = "Option::is_none")]
        new: Option<u32>,
    },
    /// Whose calls and texts are not taken.
    Blocked {
        /// An address or a domain.
        address: String,
        /// `present`, `added`, `removed`.
        state: &'static str,
        /// So many texts of theirs came and were not told; from `cooee blocked`.
        #[serde(skip_serializing_if = "Option::is_none")]
        texts: Option<u32>,
    },
    /// Somebody who asked to be let through.
    Request(Request),
    /// One thing that ringing needs, from `cooee reach`.
    RingCondition(RingCondition),
    /// What calling the own address has shown.
    RingTest(RingTest),
    /// Whether a call would ring.
    Reach(Reach),
    /// Whose calls ring aloud.
    WhoRings {
        /// `everybody`, `own-domain`, `known`.
        who: &'static str,
    },
    /// Whose calls ring at any time.
    Allowed {
        /// An address or a domain.
        address: String,
        /// `present`, `added`, `removed`.
        state: &'static str,
    },
    /// What the owner has said about somebody.
    Standing(Standing),
    /// What a text was understood as.
    Understood(Understood),
    /// One way to call it.
    Route(Route),
    /// What a suffix says of a number.
    Suffix(Suffix),
    /// An address that a number was found to have.
    EnumAnswer(EnumAnswer),
    /// How numbers are dialled.
    Numbers(Numbers),
    /// Whether calls ring.
    Disturbance { do_not_disturb: bool },
    /// Whether calls are to take little data.
    Data { low_data: bool },
    /// A sound device, from `cooee devices`.
    Device(Device),
    /// A person of the server, from `cooee user list`.
    User {
        /// The address.
        address: String,
        /// `present`, `added`, `changed`, `removed`.
        state: &'static str,
        /// Only from `cooee localserve`, whose accounts live as long as it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    },
    /// The server is up.
    Serving {
        /// The domain.
        domain: String,
        /// Where, e.g. `tls 127.0.0.1:5061`.
        listening: Vec<String>,
        /// The file with the authority to trust; only from `cooee localserve`.
        #[serde(skip_serializing_if = "Option::is_none")]
        authority: Option<String>,
    },
    /// Something of the server's doing that its operator may want to know.
    Server {
        /// For people.
        text: String,
    },
    /// How well one side's speech arrived, from `cooee demo`.
    Arrival {
        /// Who spoke.
        from: &'static str,
        /// Who heard.
        to: &'static str,
        /// 0 to 1: the share of what is heard that is the speech spoken.
        score: f32,
        /// 0 to 1: the share of the speech that arrived recognisably.
        complete: f32,
        /// The recording.
        file: String,
    },
    /// A command from standard input is being carried out.
    Accepted {
        /// As the command names itself, else the number of its line.
        id: serde_json::Value,
        /// Which command.
        command: &'static str,
        /// The call it is about.
        #[serde(skip_serializing_if = "Option::is_none")]
        call: Option<u64>,
        /// The text that is being sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<u64>,
    },
    /// A command from standard input is not carried out.
    Refused {
        /// As the command names itself, else the number of its line.
        id: serde_json::Value,
        /// Which command.
        command: &'static str,
        /// Why, as an id that stays the same between versions.
        reason: &'static str,
        /// Why and what to do, for people.
        text: String,
    },
    /// A line of standard input is no command.
    Error {
        /// As the line names itself, else its number.
        id: serde_json::Value,
        /// What is wrong with it and what to do, for people.
        text: String,
    },
    /// How everything is, because somebody asked.
    Status(Status),
    /// Whether a contact can be called.
    Contact(Contact),
    /// Asking about contacts is over.
    Probe(Probe),
    /// Who was asked what kind of thing.
    Asked(Asked),
    /// How much is stored.
    Stored(Stored),
    /// Something that a person should know.
    Note {
        /// For people.
        text: String,
    },
}
