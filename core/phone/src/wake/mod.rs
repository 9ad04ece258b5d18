//! Sleep: a device's timers stand still while it sleeps, and so does everything that counts on them.

mod announcement;

pub(crate) use announcement::{Announcement, CallIds};

use std::fmt;

use cooee_machine::{Pii, Wake};

/// Names one wake-up, for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WakeId(pub u64);

/// Why the device is awake.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WakeReason {
    /// An alarm that was asked for has come, or comes late.
    Alarm,
    /// Its networks have changed, or may have.
    Network,
    /// It was switched on, or the phone was replaced by a new version.
    Boot,
    /// A push came with these octets, decrypted. Where they are header fields of an INVITE, as `message/sipfrag` has them (RFC 3420:
    /// `From`, `To`, and `Session-ID` or `Call-ID`), that call is announced; else nothing is known but that something waits (RFC 8599).
    Push(Pii<Vec<u8>>),
}

/// By its kind: a payload tells who calls.
impl fmt::Debug for WakeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alarm => "Alarm",
            Self::Network => "Network",
            Self::Boot => "Boot",
            Self::Push(_) => "Push",
        })
    }
}

/// What a wake-up came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Woken {
    /// All that was due is done, or has had its time: as far as this wake-up goes, the device may sleep.
    Done,
    /// A call rings here.
    Ringing,
}

/// Whether the device may sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It may not: something is under way, and the timers of that would stand still.
    Awake,
    /// It may, and is to be woken then; `None`: only by what comes in. Of the accounts' keep-alives and registrations as many as possible
    /// share this alarm.
    Asleep(Option<Wake>),
}
