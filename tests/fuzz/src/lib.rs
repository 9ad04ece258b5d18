//! Seeded mutants against everything a peer can send. A mutant is a function of target, seed and number, so that a crash is
//! found again without keeping it; those found are kept under `tests/fixtures/crashers` all the same, and run with the tests.

mod corpus;
mod dictionary;
mod mutate;
mod sdp;
mod sip;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use corpus::fixtures;
pub use mutate::mutant;

/// What is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Message parser, typed headers, forwarding, answers, framer, digest.
    Sip,
    /// Session descriptions, offer and answer.
    Sdp,
}

impl Target {
    /// All targets.
    pub const ALL: [Self; 2] = [Self::Sip, Self::Sdp];

    /// Its name on the command line and in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Sdp => "sdp",
        }
    }

    /// The target of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// What mutants are made from.
    #[must_use]
    pub fn corpus(self) -> Vec<Vec<u8>> {
        match self {
            Self::Sip => corpus::sip(),
            Self::Sdp => corpus::sdp(),
        }
    }

    /// Feeds `input` and checks what must hold for any input.
    ///
    /// # Panics
    /// That is what is looked for.
    pub fn run(self, input: &[u8]) {
        match self {
            Self::Sip => sip::run(input),
            Self::Sdp => sdp::run(input),
        }
    }

    /// Feeds `input`; the words of the panic, if there was one.
    ///
    /// # Errors
    /// The panic's message.
    pub fn survives(self, input: &[u8]) -> Result<(), String> {
        catch_unwind(AssertUnwindSafe(|| self.run(input))).map_err(|panic| {
            let words = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            words.unwrap_or_else(|| "a panic without words".to_owned())
        })
    }
}
