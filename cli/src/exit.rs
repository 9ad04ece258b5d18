//! How a command ends: an exit code for scripts and a sentence for people.

use std::fmt;
use std::process::ExitCode;

use cooee_call::EndReason;
use cooee_engine::Refused;

/// Exit codes, as `cooee --help` tells them; 2 is clap's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Something here is wrong: disk, file, port.
    Local = 1,
    /// What was typed is not understood.
    NotUnderstood = 2,
    /// The login was refused.
    Login = 3,
    /// The call did not come about, or would not ring.
    NotReached = 4,
    /// The call had no sound.
    NoSound = 5,
    /// The server could not be reached or trusted.
    Server = 6,
    /// Asked twice to end, it did not wait for anything; as shells have it for an interrupt.
    AtOnce = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that failed; [`Failure::of`] turns any error into one.
#[derive(Debug)]
pub struct Failure {
    /// The code.
    pub exit: Exit,
    /// What happened and what to do; empty if it was said already.
    pub message: String,
}

impl Failure {
    /// Something failed of which the person was told already.
    #[must_use]
    pub fn told(exit: Exit) -> Self {
        Self { exit, message: String::new() }
    }

    /// With a message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// The failure within `error`, or a local one with its words.
    #[must_use]
    pub fn of(error: anyhow::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|other| Self::new(Exit::Local, format!("{other:#}")))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The code for a call that ended for `reason`; `None` if all was well: there was sound, and somebody hung up.
#[must_use]
pub fn of_call(reason: &EndReason) -> Option<Exit> {
    match reason {
        EndReason::HungUp(_) | EndReason::ShutDown => None,
        EndReason::Login(_) => Some(Exit::Login),
        EndReason::Untrusted(_)
        | EndReason::Unreachable(_)
        | EndReason::NoSuchDomain { .. }
        | EndReason::NoService { .. }
        | EndReason::InsecureOnly { .. }
        | EndReason::ServerGone => Some(Exit::Server),
        EndReason::Media(_) | EndReason::PeerSilent | EndReason::NetworkChanged => Some(Exit::NoSound),
        EndReason::BadAddress => Some(Exit::NotUnderstood),
        EndReason::Overload | EndReason::NoAccount => Some(Exit::Local),
        _ => Some(Exit::NotReached),
    }
}

/// The code for what was refused at once.
#[must_use]
pub fn of_refusal(refused: Refused) -> Exit {
    match refused {
        Refused::BadAddress | Refused::Length => Exit::NotUnderstood,
        _ => Exit::Local,
    }
}

#[cfg(test)]
mod tests {
    use cooee_call::{LoginTrouble, MediaTrouble, Side};

    use super::*;

    #[test]
    fn each_kind_of_end_has_its_code() {
        assert_eq!(of_call(&EndReason::HungUp(Side::Peer)), None);
        assert_eq!(of_call(&EndReason::Login(LoginTrouble::WrongPassword)), Some(Exit::Login));
        assert_eq!(of_call(&EndReason::Media(MediaTrouble::NoPath)), Some(Exit::NoSound));
        assert_eq!(of_call(&EndReason::Busy(Side::Peer)), Some(Exit::NotReached));
        assert_eq!(of_call(&EndReason::ServerGone), Some(Exit::Server));
    }

    #[test]
    fn a_failure_inside_an_error_keeps_its_code() {
        let failure = Failure::of(anyhow::Error::from(Failure::new(Exit::Login, "no")).context("outside"));
        assert_eq!(failure.exit, Exit::Login);
        assert_eq!(Failure::of(anyhow::anyhow!("disk full")).exit, Exit::Local);
    }
}
