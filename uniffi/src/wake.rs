use cooee_machine::Pii;
use cooee_phone as core;

/// Why the device is awake.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum WakeReason {
    /// The alarm of [`Platform::wake_at`](crate::Platform::wake_at) has come, or comes late.
    Alarm,
    /// Its networks have changed, or may have.
    Network,
    /// It was switched on, or the app was replaced by a new version.
    Boot,
    /// A push came.
    Push {
        /// What it bore, decrypted; anything, as it comes from outside.
        payload: Vec<u8>,
    },
}

/// What a wake-up came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Woken {
    /// All that was due is done, or has had its time: as far as this wake-up goes, the device may sleep.
    Done,
    /// A call rings here.
    Ringing,
}

impl From<WakeReason> for core::WakeReason {
    fn from(reason: WakeReason) -> Self {
        match reason {
            WakeReason::Alarm => Self::Alarm,
            WakeReason::Network => Self::Network,
            WakeReason::Boot => Self::Boot,
            WakeReason::Push { payload } => Self::Push(Pii(payload)),
        }
    }
}

impl From<core::Woken> for Woken {
    fn from(woken: core::Woken) -> Self {
        match woken {
            core::Woken::Done => Self::Done,
            core::Woken::Ringing => Self::Ringing,
        }
    }
}
