use serde::Deserialize;

/// What a person's key or a script's line asks for. In JSON `command` names it; without `call` it is about the call that
/// rings (answer, decline) or the one that is spoken in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Action {
    /// Call somebody, from one of the own addresses.
    Dial { address: String, from: Option<String> },
    /// Take a call.
    Answer { call: Option<u64> },
    /// Refuse a call.
    Decline { call: Option<u64> },
    /// End a call.
    HangUp { call: Option<u64> },
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
    /// Say how everything is.
    Status {},
    /// Hang up everything and leave.
    Quit {},
}

fn yes() -> bool {
    true
}

impl Action {
    /// The name it has in JSON.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Dial { .. } => "dial",
            Self::Answer { .. } => "answer",
            Self::Decline { .. } => "decline",
            Self::HangUp { .. } => "hang_up",
            Self::Mute { .. } => "mute",
            Self::Digits { .. } => "digits",
            Self::Status {} => "status",
            Self::Quit {} => "quit",
        }
    }
}
