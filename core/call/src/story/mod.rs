//! What happened to a call, or to the log-in of an account, as facts in their order: why it did not ring, why there is no sound.

mod address_kind;
mod advice;
mod examples;
mod fact;
mod link;
mod parts;
mod side;
mod text;
mod verdict;

pub use address_kind::AddressKind;
pub use advice::Advice;
pub use fact::{Fact, LinkWeakness, SoundTrouble, Stream};
pub use link::{LinkQuality, LinkWatch};
pub use parts::Argument;
pub use side::StorySide;
pub use verdict::Verdict;

use std::time::Duration;

/// So many facts are kept of one story: the first, which tell how it came about, and the last, which tell how it ended.
const MOST: usize = 64;
const FIRST: usize = 40;

/// One thing that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryStep {
    /// How long after the beginning of the call, or of the attempt to log in.
    pub after: Duration,
    /// What.
    pub fact: Fact,
}

/// What happened, in the order in which it was noticed. At most 64 steps; where there were more, [`Fact::Omitted`] stands for those
/// in the middle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    steps: Vec<StoryStep>,
}

impl Story {
    /// Notes what has happened. What is only said again is no news.
    pub fn note(&mut self, fact: Fact, after: Duration) {
        if self.steps.last().is_some_and(|last| last.fact == fact) {
            return;
        }
        if self.steps.len() >= MOST {
            self.omit();
        }
        self.steps.push(StoryStep { after, fact });
    }

    fn omit(&mut self) {
        let Some(first) = self.steps.get_mut(FIRST) else { return };
        if let Fact::Omitted { facts } = &mut first.fact {
            *facts = facts.saturating_add(1);
        } else {
            first.fact = Fact::Omitted { facts: 2 };
        }
        self.steps.remove(FIRST + 1);
    }

    /// All of it.
    #[must_use]
    pub fn steps(&self) -> &[StoryStep] {
        &self.steps
    }

    /// What the sound of a call took of the network: octets a second that were sent and received, on average. `None` if it had none.
    #[must_use]
    pub fn traffic(&self) -> Option<(u32, u32)> {
        self.last(|fact| if let Fact::Traffic { sent, received } = fact { Some((*sent, *received)) } else { None })
    }

    /// The same for others to read: nothing in it says who called whom, by which server, or where in the network anybody is. Words of
    /// servers and systems are left out, because anything may stand in them.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let steps = self.steps.iter().map(|step| StoryStep { after: step.after, fact: step.fact.redacted() });
        Self { steps: steps.collect() }
    }

    pub(crate) fn has(&self, is_it: impl Fn(&Fact) -> bool) -> bool {
        self.steps.iter().any(|step| is_it(&step.fact))
    }

    /// The last fact that this says something about.
    pub(crate) fn last<T>(&self, judge: impl Fn(&Fact) -> Option<T>) -> Option<T> {
        self.steps.iter().rev().find_map(|step| judge(&step.fact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_story_keeps_its_beginning_and_its_end() {
        let mut story = Story::default();
        for status in 0..1000 {
            story.note(Fact::Progress { status }, Duration::from_secs(u64::from(status)));
        }
        let facts: Vec<&Fact> = story.steps().iter().map(|step| &step.fact).collect();
        assert_eq!(facts.len(), MOST);
        assert_eq!(
            (facts[0], facts[39], facts[63]),
            (&Fact::Progress { status: 0 }, &Fact::Progress { status: 39 }, &Fact::Progress { status: 999 })
        );
        assert_eq!(facts[40], &Fact::Omitted { facts: 1000 - 63 });
    }

    #[test]
    fn what_is_said_again_is_told_once() {
        let mut story = Story::default();
        for fact in [Fact::RangThere, Fact::RangThere, Fact::Invited, Fact::RangThere] {
            story.note(fact, Duration::ZERO);
        }
        assert_eq!(story.steps().len(), 3);
    }
}
