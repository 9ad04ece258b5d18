use std::collections::VecDeque;

use cooee_machine::{Entropy, Question, QuestionId, Resolution};

use super::answers::{Answers, Stop};
use super::publication::{Publication, publication};
use super::questions::{Questions, Taken};
use super::search::Search;
use super::{LocateFailure, LocatePolicy, LocateTarget, Located};

/// What a plan wants or has found; `F` is what is looked for. After `Found` or `Failed` nothing follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanOutput<F> {
    /// Ask the resolver; every question needs its `handle_resolved`, in any order.
    Resolve {
        /// `first.0 .. first.0 + MAX_QUESTIONS`, `first` being what the plan was given.
        id: QuestionId,
        /// What to ask.
        question: Question,
    },
    /// The end of the search.
    Found(F),
    /// There is nowhere to go.
    Failed(LocateFailure),
}

/// Of [`Locate`]: the list to walk.
pub type LocateOutput = PlanOutput<Located>;
/// Of [`Predict`].
pub type PredictOutput = PlanOutput<Publication>;

/// One search. It is worked out afresh from all answers known whenever the last open question is answered, so there is no
/// state to get wrong; the seed is fixed at the start, so the weighted draw comes out the same each time.
#[derive(Debug)]
pub struct Locate {
    target: LocateTarget,
    policy: LocatePolicy,
    entropy: Entropy,
    plan: Plan<Located>,
}

impl Locate {
    /// No plan asks more than this, whatever the records say.
    pub const MAX_QUESTIONS: u64 = Questions::MAX;

    /// Begins. Poll at once: a numeric target is found without a question. Give plans that run side by side a `first`
    /// that is [`Locate::MAX_QUESTIONS`] apart, so that ids tell them apart.
    #[must_use]
    pub fn new(target: LocateTarget, policy: LocatePolicy, first: QuestionId, entropy: Entropy) -> Self {
        let mut locate = Self { target, policy, entropy, plan: Plan::new(first) };
        locate.advance();
        locate
    }

    /// What was asked for.
    #[must_use]
    pub fn target(&self) -> &LocateTarget {
        &self.target
    }

    /// Takes an answer. `false` if the question is not this plan's (or was answered before): offer it to the next plan.
    pub fn handle_resolved(&mut self, id: QuestionId, resolution: Resolution) -> bool {
        let taken = self.plan.questions.take(id, resolution);
        if taken == Taken::Complete {
            self.advance();
        }
        taken != Taken::NotOurs
    }

    /// The next thing to do; `None` until further answers come.
    pub fn poll_output(&mut self) -> Option<LocateOutput> {
        self.plan.outputs.pop_front()
    }

    fn advance(&mut self) {
        let Self { target, policy, entropy, plan } = self;
        plan.advance(&target.host, |answers| Search::new(target, policy, answers, entropy.clone()).run());
    }
}

/// What a domain publishes, in at most a handful of questions: NAPTR and the services, never an address.
#[derive(Debug)]
pub struct Predict {
    domain: String,
    policy: LocatePolicy,
    plan: Plan<Publication>,
}

impl Predict {
    /// Begins. Poll at once. Of the policy only the transports count; ids are given as to [`Locate::new`].
    #[must_use]
    pub fn new(domain: impl Into<String>, policy: LocatePolicy, first: QuestionId) -> Self {
        let mut predict = Self { domain: domain.into(), policy, plan: Plan::new(first) };
        predict.advance();
        predict
    }

    /// Takes an answer, as [`Locate::handle_resolved`].
    pub fn handle_resolved(&mut self, id: QuestionId, resolution: Resolution) -> bool {
        let taken = self.plan.questions.take(id, resolution);
        if taken == Taken::Complete {
            self.advance();
        }
        taken != Taken::NotOurs
    }

    /// The next thing to do; `None` until further answers come.
    pub fn poll_output(&mut self) -> Option<PredictOutput> {
        self.plan.outputs.pop_front()
    }

    fn advance(&mut self) {
        let Self { domain, policy, plan } = self;
        plan.advance(domain, |answers| publication(domain, policy, answers));
    }
}

/// What both have in common.
#[derive(Debug)]
struct Plan<F> {
    questions: Questions,
    outputs: VecDeque<PlanOutput<F>>,
    is_over: bool,
}

impl<F> Plan<F> {
    fn new(first: QuestionId) -> Self {
        Self { questions: Questions::new(first), outputs: VecDeque::new(), is_over: false }
    }

    fn advance(&mut self, host: &str, search: impl for<'a> FnOnce(&mut Answers<'a>) -> Result<F, Stop>) {
        if self.is_over {
            return;
        }
        let mut answers = Answers::new(self.questions.answers());
        let outcome = search(&mut answers);
        let wanted = answers.into_wanted();
        match outcome {
            Ok(found) => self.finish(PlanOutput::Found(found)),
            Err(Stop::Failed(failure)) => self.finish(PlanOutput::Failed(failure)),
            Err(Stop::Wait) => self.ask(wanted, host),
        }
    }

    fn finish(&mut self, output: PlanOutput<F>) {
        self.is_over = true;
        self.outputs.push_back(output);
    }

    fn ask(&mut self, wanted: Vec<Question>, host: &str) {
        for question in wanted {
            match self.questions.ask(&question) {
                Some(id) => self.outputs.push_back(PlanOutput::Resolve { id, question }),
                None => return self.finish(PlanOutput::Failed(LocateFailure::NoAddress(host.to_owned()))),
            }
        }
    }
}
