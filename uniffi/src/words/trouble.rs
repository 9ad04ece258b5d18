use cooee_audio::DeviceError;
use cooee_phone::{AccountTrouble as CoreAccountTrouble, MessageTrouble as CoreMessageTrouble};

use super::{EndReason, Fault};

/// Why an account does not work.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct AccountTrouble {
    /// In the words of a call that ends because of it.
    pub reason: EndReason,
    /// Whose side it is on.
    pub fault: Fault,
    /// Trying again by itself cannot help: a person has to change something first.
    pub needs_person: bool,
}

impl From<&CoreAccountTrouble> for AccountTrouble {
    fn from(trouble: &CoreAccountTrouble) -> Self {
        let reason = trouble.end_reason();
        Self { reason: EndReason::from(&reason), fault: reason.fault().into(), needs_person: trouble.is_final() }
    }
}

/// Why a text did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum MessageTrouble {
    /// There is no account, or not that one.
    NoAccount,
    /// What it is addressed to is no address.
    BadAddress,
    /// A `sips:` address, and the account's signalling is not encrypted.
    NotSecure,
    /// Empty, or more than fits into one message.
    Length,
    /// The account's server cannot be reached.
    NotConnected,
    /// As many as may be are under way.
    TooMany,
    /// Nobody answered for it.
    NoAnswer,
    /// The other side refused it.
    Refused {
        /// SIP status; 0 for what only a later version has a word for.
        status: u16,
    },
}

impl From<CoreMessageTrouble> for MessageTrouble {
    fn from(trouble: CoreMessageTrouble) -> Self {
        match trouble {
            CoreMessageTrouble::NoAccount => Self::NoAccount,
            CoreMessageTrouble::BadAddress => Self::BadAddress,
            CoreMessageTrouble::NotSecure => Self::NotSecure,
            CoreMessageTrouble::Length => Self::Length,
            CoreMessageTrouble::NotConnected => Self::NotConnected,
            CoreMessageTrouble::TooMany => Self::TooMany,
            CoreMessageTrouble::NoAnswer => Self::NoAnswer,
            CoreMessageTrouble::Refused(status) => Self::Refused { status },
            _ => Self::Refused { status: 0 },
        }
    }
}

/// Why the sound device cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum DeviceTrouble {
    /// There is no microphone.
    NoMicrophone,
    /// There is no speaker.
    NoSpeaker,
    /// The system does not let us: a permission is missing.
    Denied,
    /// Another program has it.
    Busy,
    /// Anything else.
    Failed {
        /// The sound system's words.
        text: String,
    },
}

impl From<&DeviceError> for DeviceTrouble {
    fn from(error: &DeviceError) -> Self {
        match error {
            DeviceError::NoMicrophone => Self::NoMicrophone,
            DeviceError::NoSpeaker => Self::NoSpeaker,
            DeviceError::Denied(_) => Self::Denied,
            DeviceError::Busy(_) => Self::Busy,
            other => Self::Failed { text: other.to_string() },
        }
    }
}

/// What went wrong behind the scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum Trouble {
    /// Something could not be read from disk or written to it.
    Storage,
    /// The platform did not do what it was asked for.
    Platform,
    /// The account's secret is gone: sign in again.
    NoSecret,
}

impl From<&cooee_engine::Trouble> for Trouble {
    fn from(trouble: &cooee_engine::Trouble) -> Self {
        match trouble {
            cooee_engine::Trouble::Store(_) => Self::Storage,
            cooee_engine::Trouble::NoPassword => Self::NoSecret,
            _ => Self::Platform,
        }
    }
}
