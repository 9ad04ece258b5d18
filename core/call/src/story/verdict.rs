use cooee_rtc::OneWayCause;

use super::{Advice, Fact, LinkWeakness, SoundTrouble, Story, StorySide};
use crate::{EndReason, Side};

/// What a story comes to: the fact that decided, whose side that is on, and what can be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The fact that explains how it went; the end of the call where nothing went wrong.
    pub fact: Fact,
    /// Whose side it is on; `None` where nothing is wrong.
    pub side: Option<StorySide>,
    /// What can be done.
    pub advice: Advice,
}

impl Story {
    /// What the story comes to; `None` if there is nothing to tell.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let end = self.last(|fact| if let Fact::Ended(reason) = fact { Some(reason.clone()) } else { None });
        match end {
            Some(reason) if self.was_answered() && is_ordinary(&reason) => Some(self.sound().unwrap_or_else(|| ended(reason))),
            Some(EndReason::Cancelled(Side::Peer) | EndReason::NoAnswer(Side::Us) | EndReason::CutOffUnanswered)
                if self.rang_silently() =>
            {
                let fact = Fact::RangHere { silently: true };
                Some(Verdict { fact, side: Some(StorySide::Yours), advice: Advice::AllowCaller })
            }
            Some(reason) => Some(ended(reason)),
            None => self.login(),
        }
    }

    /// It made no sound here until its end.
    pub(crate) fn rang_silently(&self) -> bool {
        self.last(|fact| if let Fact::RangHere { silently } = fact { Some(*silently) } else { None }) == Some(true)
    }

    pub(crate) fn was_answered(&self) -> bool {
        self.has(|fact| matches!(fact, Fact::Answered(_)))
    }

    /// What was wrong with the sound of a call that came about: what stood to the end comes before what passed, nothing heard before badly
    /// heard.
    fn sound(&self) -> Option<Verdict> {
        let of = |fact: &Fact, side, advice| Some(Verdict { fact: fact.clone(), side: Some(side), advice });
        let lasting = |judge: &dyn Fn(&Fact) -> Option<bool>| {
            let mut at = None;
            for step in &self.steps {
                match judge(&step.fact) {
                    Some(true) => at = Some(&step.fact),
                    Some(false) => at = None,
                    None => {}
                }
            }
            at
        };
        let muted = lasting(&|fact| if let Fact::Muted { muted } = fact { Some(*muted) } else { None });
        let silent = lasting(&|fact| match fact {
            Fact::Sound { trouble: SoundTrouble::MicrophoneSilent, begins } => Some(*begins),
            _ => None,
        });
        let one_way = lasting(&|fact| match fact {
            Fact::OneWay(_) => Some(true),
            Fact::BothWays => Some(false),
            _ => None,
        });
        if let Some(fact @ Fact::OneWay(cause)) = one_way {
            return match cause {
                OneWayCause::Undecryptable => of(fact, StorySide::Theirs, Advice::CallAgain),
                _ => of(fact, StorySide::Network, Advice::TryAnotherNetwork),
            };
        }
        let deaf = lasting(&|fact| match fact {
            Fact::Sound { trouble: SoundTrouble::NothingArrives, begins } => Some(*begins),
            _ => None,
        });
        let found = [(silent, StorySide::Yours, Advice::CheckMicrophone), (deaf, StorySide::Theirs, Advice::AskThem)];
        let found = found.into_iter().chain([(muted, StorySide::Yours, Advice::Unmute), (self.held(), StorySide::Yours, Advice::Resume)]);
        if let Some((Some(fact), side, advice)) = found.into_iter().find(|(fact, ..)| fact.is_some()) {
            return of(fact, side, advice);
        }
        self.weak().or_else(|| self.clipped())
    }

    /// We held the call until its end.
    fn held(&self) -> Option<&Fact> {
        let last = self.steps.iter().rev().find(|step| matches!(step.fact, Fact::Held(Side::Us) | Fact::Resumed(Side::Us)))?;
        matches!(last.fact, Fact::Held(_)).then_some(&last.fact)
    }

    /// A link that was weak at some time. Where both streams suffered, or only one, does not tell whose end of it is bad.
    fn weak(&self) -> Option<Verdict> {
        let fact = self.last(|fact| matches!(fact, Fact::Weak { .. }).then(|| fact.clone()))?;
        let is_far = matches!(fact, Fact::Weak { weakness: LinkWeakness::Delay, .. });
        let advice = if is_far { Advice::Nothing } else { Advice::TryAnotherNetwork };
        Some(Verdict { fact, side: Some(StorySide::Network), advice })
    }

    fn clipped(&self) -> Option<Verdict> {
        let clipping = |fact: &Fact| matches!(fact, Fact::Sound { trouble: SoundTrouble::Clipping, begins: true }).then(|| fact.clone());
        Some(Verdict { fact: self.last(clipping)?, side: Some(StorySide::Yours), advice: Advice::TurnDownMicrophone })
    }

    /// Of an attempt to log in.
    fn login(&self) -> Option<Verdict> {
        let last = self.steps.last()?.fact.clone();
        Some(match &last {
            Fact::ServerFailed(reason) | Fact::NotConnected(reason) => {
                Verdict { side: reason.fault().side(), advice: reason.advice(), fact: last }
            }
            Fact::ServerLost => Verdict { side: Some(StorySide::Network), advice: Advice::CheckNetwork, fact: last },
            _ => Verdict { side: None, advice: Advice::Nothing, fact: last },
        })
    }
}

fn ended(reason: EndReason) -> Verdict {
    Verdict { side: reason.fault().side(), advice: reason.advice(), fact: Fact::Ended(reason) }
}

/// An end that says nothing of how the call was.
fn is_ordinary(reason: &EndReason) -> bool {
    matches!(reason, EndReason::HungUp(_) | EndReason::Transferred | EndReason::Replaced | EndReason::ShutDown)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::story::Stream;
    use crate::{LoginTrouble, TlsTrouble};

    fn verdict(facts: &[Fact]) -> (&'static str, Option<StorySide>, Advice) {
        let mut story = Story::default();
        facts.iter().for_each(|fact| story.note(fact.clone(), Duration::ZERO));
        let Verdict { fact, side, advice } = story.verdict().unwrap();
        (fact.id(), side, advice)
    }

    const OVER: Fact = Fact::Ended(EndReason::HungUp(Side::Us));

    #[test]
    fn a_call_that_did_not_come_about_is_explained_by_its_end() {
        let wrong = Fact::Ended(EndReason::Login(LoginTrouble::WrongPassword));
        assert_eq!(verdict(&[Fact::Invited, wrong]), ("ended", Some(StorySide::Yours), Advice::AddAccountAgain));
        let missed = Fact::Ended(EndReason::Cancelled(Side::Peer));
        let rang = |silently| Fact::RangHere { silently };
        assert_eq!(verdict(&[rang(false), missed.clone()]), ("ended", None, Advice::CallBack));
        let unheard = ("rang-here", Some(StorySide::Yours), Advice::AllowCaller);
        assert_eq!(verdict(&[rang(true), missed.clone()]), unheard);
        assert_eq!(verdict(&[rang(true), rang(false), missed]), ("ended", None, Advice::CallBack));
        assert_eq!(verdict(&[Fact::Answered(Side::Peer), OVER]), ("ended", None, Advice::Nothing));
    }

    #[test]
    fn a_call_without_sound_is_explained_by_what_stood_to_its_end() {
        let (answered, one_way) = (Fact::Answered(Side::Us), Fact::OneWay(OneWayCause::NotHeard));
        let network = ("one-way", Some(StorySide::Network), Advice::TryAnotherNetwork);
        assert_eq!(verdict(&[answered.clone(), one_way.clone(), OVER]), network);
        assert_eq!(verdict(&[answered.clone(), one_way, Fact::BothWays, OVER]), ("ended", None, Advice::Nothing));
        let muted = [Fact::Muted { muted: true }, Fact::Muted { muted: false }, Fact::Muted { muted: true }];
        let told: Vec<Fact> = [answered.clone()].into_iter().chain(muted.clone()).chain([OVER]).collect();
        assert_eq!(verdict(&told), ("muted", Some(StorySide::Yours), Advice::Unmute));
        let told: Vec<Fact> = [answered.clone()].into_iter().chain(muted.into_iter().take(2)).chain([OVER]).collect();
        assert_eq!(verdict(&told).0, "ended");
        let silent = Fact::Sound { trouble: SoundTrouble::MicrophoneSilent, begins: true };
        assert_eq!(verdict(&[answered.clone(), silent, OVER]), ("sound", Some(StorySide::Yours), Advice::CheckMicrophone));
        assert_eq!(verdict(&[answered, Fact::Held(Side::Us), OVER]), ("held", Some(StorySide::Yours), Advice::Resume));
    }

    #[test]
    fn a_weak_link_is_told_though_it_got_better() {
        let (loss, jitter, rtt) = (90, Duration::from_millis(20), Duration::from_millis(80));
        let weak = Fact::Weak { stream: Stream::Theirs, weakness: LinkWeakness::Loss, loss, jitter, rtt };
        let told = [Fact::Answered(Side::Peer), weak, Fact::Strong { stream: Stream::Theirs }, OVER];
        assert_eq!(verdict(&told), ("weak", Some(StorySide::Network), Advice::TryAnotherNetwork));
    }

    #[test]
    fn a_log_in_is_explained_by_where_it_came_to() {
        let failed = Fact::ServerFailed(EndReason::Untrusted(TlsTrouble::UnknownAuthority { shown: None }));
        assert_eq!(
            verdict(&[Fact::ServersFound { places: 1 }, failed]),
            ("server-failed", Some(StorySide::YourServer), Advice::TrustServer)
        );
        assert_eq!(verdict(&[Fact::LoggedIn { devices: 1 }]), ("logged-in", None, Advice::Nothing));
    }
}
