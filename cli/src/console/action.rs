use cooee_phone::{SystemCall, WhoRings};
use serde::{Deserialize, Deserializer};

/// What a person's key or a script's line asks for. In JSON `command` names it; without `call` it is about the call that
/// rings (answer, decline), the one whose other side asks something (follow and refuse a transfer), or the one that is spoken in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Action {
    /// Call somebody, from one of the own addresses, or without showing it.
    Dial {
        address: String,
        from: Option<String>,
        #[serde(default)]
        anonymous: bool,
        subject: Option<String>,
    },
    /// Take a call; others are held.
    Answer { call: Option<u64> },
    /// Take a call; others are ended.
    AnswerEnding { call: Option<u64> },
    /// Refuse a call: as busy on this device only, or declined on all.
    Decline {
        call: Option<u64>,
        #[serde(default)]
        busy: bool,
    },
    /// End a call.
    HangUp { call: Option<u64> },
    /// Put a call on hold.
    Hold { call: Option<u64> },
    /// Take a call back from hold; others are held.
    Resume { call: Option<u64> },
    /// Ask the other side to call somebody else instead.
    Transfer { call: Option<u64>, address: String },
    /// Join the other sides of two calls.
    TransferTo { call: Option<u64>, other: Option<u64> },
    /// Call whom the other side asks to call instead.
    FollowTransfer { call: Option<u64> },
    /// Stay in the call.
    RefuseTransfer { call: Option<u64> },
    /// Send silence, or the microphone again.
    Mute {
        call: Option<u64>,
        #[serde(default = "yes")]
        muted: bool,
    },
    /// Send digits, one after the other.
    #[serde(alias = "digit")]
    Digits {
        call: Option<u64>,
        #[serde(alias = "digit")]
        digits: String,
    },
    /// Send a short text, from one of the own addresses.
    Message { address: String, text: String, from: Option<String> },
    /// Let no call ring, or let them ring again.
    #[serde(rename = "dnd")]
    DoNotDisturb {
        #[serde(default = "yes")]
        on: bool,
    },
    /// Take little data in calls, or as much as is good.
    LowData {
        #[serde(default = "yes")]
        on: bool,
    },
    /// What a call of the device's own does: `none`, `busy` (there is one), `held` (it has the sound).
    SystemCall {
        #[serde(deserialize_with = "system_call")]
        state: SystemCall,
    },
    /// Open microphone and speaker anew.
    RouteChanged {},
    /// Take no more calls and texts of an address or a domain.
    Block { address: String },
    /// Take them again.
    Unblock { address: String },
    /// Let calls of an address or a domain ring at any time.
    Allow { address: String },
    /// No longer.
    Disallow { address: String },
    /// Say what was said about somebody: blocked, allowed, or nothing.
    Standing { address: String },
    /// Let calls ring aloud of `everybody`, of the `own-domain` and `known` people, or of these alone.
    WhoRings {
        #[serde(deserialize_with = "circle")]
        who: WhoRings,
    },
    /// Call the own address, to see whether it rings; after so many seconds, if the server can wait.
    RingTest {
        from: Option<String>,
        #[serde(default, rename = "in")]
        after: u32,
    },
    /// Say whether a call would ring, and what keeps it from that.
    Reach {},
    /// Say how everything is.
    Status {},
    /// Hang up everything and leave.
    Quit {},
}

fn yes() -> bool {
    true
}

fn circle<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WhoRings, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn system_call<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemCall, D::Error> {
    let state = String::deserialize(deserializer)?;
    let found = SystemCall::ALL.into_iter().find(|call| call.as_str() == state);
    found.ok_or_else(|| serde::de::Error::custom("a system call is none, busy or held"))
}

impl Action {
    /// The name it has in JSON.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Dial { .. } => "dial",
            Self::Answer { .. } => "answer",
            Self::AnswerEnding { .. } => "answer_ending",
            Self::Decline { .. } => "decline",
            Self::HangUp { .. } => "hang_up",
            Self::Hold { .. } => "hold",
            Self::Resume { .. } => "resume",
            Self::Transfer { .. } => "transfer",
            Self::TransferTo { .. } => "transfer_to",
            Self::FollowTransfer { .. } => "follow_transfer",
            Self::RefuseTransfer { .. } => "refuse_transfer",
            Self::Mute { .. } => "mute",
            Self::Digits { .. } => "digits",
            Self::Message { .. } => "message",
            Self::DoNotDisturb { .. } => "dnd",
            Self::LowData { .. } => "low_data",
            Self::SystemCall { .. } => "system_call",
            Self::RouteChanged {} => "route_changed",
            Self::Block { .. } => "block",
            Self::Unblock { .. } => "unblock",
            Self::Allow { .. } => "allow",
            Self::Disallow { .. } => "disallow",
            Self::Standing { .. } => "standing",
            Self::WhoRings { .. } => "who_rings",
            Self::RingTest { .. } => "ring_test",
            Self::Reach {} => "reach",
            Self::Status {} => "status",
            Self::Quit {} => "quit",
        }
    }
}
