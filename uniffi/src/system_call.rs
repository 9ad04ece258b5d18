use cooee_phone as core;

/// What a call of the device's own does to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SystemCall {
    /// There is none.
    None,
    /// There is one, and the sound is ours nevertheless.
    Busy,
    /// It has the sound.
    Held,
}

impl From<SystemCall> for core::SystemCall {
    fn from(call: SystemCall) -> Self {
        match call {
            SystemCall::None => Self::None,
            SystemCall::Busy => Self::Busy,
            SystemCall::Held => Self::Held,
        }
    }
}
