use std::time::Duration;

use cooee_call::KeyTrust as CoreTrust;
use cooee_engine::KnownKey;

/// What two people compare to be sure that nobody is in between: the key that a phone of theirs proved itself with last.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct MediaKey {
    /// Whose, e.g. `sip:ben@example.org`.
    pub peer: String,
    /// The address of our account in that call.
    pub account: String,
    /// Twelve words to read to each other; the same at both ends.
    pub words: Vec<String>,
    /// For a QR code that the other phone reads: letters and digits of its alphanumeric mode. Names this very key.
    pub code: String,
    /// When it was used last, since the Unix epoch.
    pub seen: Duration,
    /// What is known of it.
    pub trust: KeyTrust,
}

/// What is known of the key of the other phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum KeyTrust {
    /// Nobody has compared it.
    Unknown,
    /// The two people have.
    Verified,
    /// They have compared another one: this is another device of theirs, a phone that was set up anew, or somebody in between.
    Changed,
}

/// What a code says that was read from another screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CodeMatch {
    /// Nobody is in between; the key is verified from now on.
    Same,
    /// Somebody may be in between, or it is of another device or call.
    Different,
    /// It is no such code.
    NoCode,
}

impl MediaKey {
    pub(crate) fn new(key: &KnownKey, trust: CoreTrust) -> Self {
        Self {
            peer: key.peer.reveal().clone(),
            account: key.account.reveal().clone(),
            words: key.keys.words().to_string().split(' ').map(str::to_owned).collect(),
            code: key.keys.to_code(),
            seen: key.seen,
            trust: trust.into(),
        }
    }
}

impl From<CoreTrust> for KeyTrust {
    fn from(trust: CoreTrust) -> Self {
        match trust {
            CoreTrust::Unknown => Self::Unknown,
            CoreTrust::Verified => Self::Verified,
            CoreTrust::Changed => Self::Changed,
        }
    }
}
