use std::collections::{BTreeMap, VecDeque};

use cooee_machine::{Entropy, Question, QuestionId, Resolution};

use super::search::{Search, Stop};
use super::{LocateFailure, LocatePolicy, LocateTarget, Located};

/// What a plan wants or has found. After [`LocateOutput::Found`] or [`LocateOutput::Failed`] nothing follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocateOutput {
    /// Ask the resolver; every question needs its [`Locate::handle_resolved`], in any order.
    Resolve {
        /// `first.0 .. first.0 + MAX_QUESTIONS`, `first` being what [`Locate::new`] was given.
        id: QuestionId,
        /// What to ask.
        question: Question,
    },
    /// The list to walk.
    Found(Located),
    /// There is nowhere to go.
    Failed(LocateFailure),
}

/// One search. It is worked out afresh from all answers known whenever the last open question is answered, so there is no
/// state to get wrong; the seed is fixed at the start, so the weighted draw comes out the same each time.
#[derive(Debug)]
pub struct Locate {
    target: LocateTarget,
    policy: LocatePolicy,
    entropy: Entropy,
    first: QuestionId,
    asked: Vec<Question>,
    answers: BTreeMap<Question, Resolution>,
    outputs: VecDeque<LocateOutput>,
    is_over: bool,
}

impl Locate {
    /// No plan asks more than this, whatever the records say.
    pub const MAX_QUESTIONS: u64 = 64;

    /// Begins. Poll at once: a numeric target is found without a question. Give plans that run side by side a `first`
    /// that is [`Locate::MAX_QUESTIONS`] apart, so that ids tell them apart.
    #[must_use]
    pub fn new(target: LocateTarget, policy: LocatePolicy, first: QuestionId, entropy: Entropy) -> Self {
        let (asked, answers, outputs) = (Vec::new(), BTreeMap::new(), VecDeque::new());
        let mut plan = Self { target, policy, entropy, first, asked, answers, outputs, is_over: false };
        plan.advance();
        plan
    }

    /// What was asked for.
    #[must_use]
    pub fn target(&self) -> &LocateTarget {
        &self.target
    }

    /// Takes an answer. `false` if the question is not this plan's (or was answered before): offer it to the next plan.
    pub fn handle_resolved(&mut self, id: QuestionId, resolution: Resolution) -> bool {
        let place = id.0.checked_sub(self.first.0).and_then(|offset| usize::try_from(offset).ok());
        let Some(question) = place.and_then(|place| self.asked.get(place)) else { return false };
        if self.answers.contains_key(question) {
            return false;
        }
        self.answers.insert(question.clone(), resolution);
        if self.answers.len() == self.asked.len() {
            self.advance();
        }
        true
    }

    /// The next thing to do; `None` until further answers come.
    pub fn poll_output(&mut self) -> Option<LocateOutput> {
        self.outputs.pop_front()
    }

    fn advance(&mut self) {
        if self.is_over {
            return;
        }
        let mut search = Search::new(&self.target, &self.policy, &self.answers, self.entropy.clone());
        let outcome = search.run();
        let wanted = search.into_wanted();
        match outcome {
            Ok(located) => self.finish(LocateOutput::Found(located)),
            Err(Stop::Failed(failure)) => self.finish(LocateOutput::Failed(failure)),
            Err(Stop::Wait) => self.ask(wanted),
        }
    }

    fn finish(&mut self, output: LocateOutput) {
        self.is_over = true;
        self.outputs.push_back(output);
    }

    /// Questions beyond the bound count as answered with "no such record": the search then ends with what it has.
    fn ask(&mut self, wanted: Vec<Question>) {
        for question in wanted {
            let number = self.asked.len() as u64;
            if number >= Self::MAX_QUESTIONS {
                return self.finish(LocateOutput::Failed(LocateFailure::NoAddress(self.target.host.clone())));
            }
            self.asked.push(question.clone());
            self.outputs.push_back(LocateOutput::Resolve { id: QuestionId(self.first.0 + number), question });
        }
    }
}
