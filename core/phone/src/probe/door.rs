use std::collections::BTreeSet;
use std::fmt;

use cooee_machine::{Action, Wake};

use super::{Conditions, Finding};

/// What the prober's owner asks of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProbeCommand {
    /// The book's domains, in ASCII and lower case, in place of the former ones. Who the people are is no concern of the prober's.
    SetBook(BTreeSet<String>),
    /// What was found out earlier about domains of the book.
    Recall(Vec<(String, Finding)>),
    /// What there is to probe with, at the start and on each change.
    SetConditions(Conditions),
    /// The user typed it: ask now about everything that is not fresh. [`ProbeOutput::Done`] follows.
    Probe,
    /// Stop a burst. [`ProbeOutput::Done`] follows.
    Stop,
}

/// Without the domains: a personal domain is a person.
impl fmt::Debug for ProbeCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetBook(domains) => write!(f, "SetBook({} domains)", domains.len()),
            Self::Recall(known) => write!(f, "Recall({} findings)", known.len()),
            Self::SetConditions(conditions) => write!(f, "SetConditions({conditions:?})"),
            Self::Probe => f.write_str("Probe"),
            Self::Stop => f.write_str("Stop"),
        }
    }
}

/// What the prober asks of the world and tells its owner.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProbeOutput {
    /// Do this: always [`Action::Resolve`].
    Io(Action),
    /// Keep this and show it, in place of what was known of the domain. A failure does not come if something is known already.
    Found {
        /// Of the book.
        domain: String,
        /// What it says.
        finding: Finding,
    },
    /// How far a burst is.
    Progress {
        /// Domains done with.
        done: usize,
        /// Domains of this burst.
        total: usize,
    },
    /// A burst is over.
    Done(Burst),
    /// Somebody on this network answers in everybody's name: nothing of it is kept, and nothing more is asked until the network changes
    /// or the user types a burst.
    Captive,
    /// Nothing more for now. Come back then; `None`: only when something comes in.
    Wake(Option<Wake>),
}

/// Without the domains, as above.
impl fmt::Debug for ProbeOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("Io"),
            Self::Found { finding, .. } => write!(f, "Found({finding:?})"),
            Self::Progress { done, total } => write!(f, "Progress({done} of {total})"),
            Self::Done(burst) => write!(f, "{burst:?}"),
            Self::Captive => f.write_str("Captive"),
            Self::Wake(wake) => write!(f, "Wake({wake:?})"),
        }
    }
}

/// What a burst came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Burst {
    /// Domains of the book that may be asked about.
    pub domains: usize,
    /// Of these, what had to be asked: the rest was fresh, or known without asking.
    pub asked: usize,
    /// Questions that left.
    pub questions: usize,
    /// The most of them under way at once.
    pub most_in_flight: usize,
    /// Somebody on this network answers in everybody's name: nothing was kept.
    pub is_captive: bool,
    /// It ended before everything was asked: it was stopped, or there is nobody to ask.
    pub is_partial: bool,
}
