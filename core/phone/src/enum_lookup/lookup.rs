use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use cooee_machine::{DnsSecurity, Now, Question, QuestionId, RecordType, Resolution, Wake};

use super::walk::Walk;
use super::{AskedSuffix, EnumAnswer, EnumResult, EnumSuffix, SuffixState};
use crate::E164;

/// What a lookup wants or has found. After [`EnumOutput::Done`] nothing follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnumOutput {
    /// Ask the resolver; [`EnumLookup::handle_resolved`] takes the answer, early, late or never.
    Resolve {
        /// `first.0 .. first.0 + MAX_QUESTIONS`, `first` being what [`EnumLookup::new`] was given.
        id: QuestionId,
        /// What to ask.
        question: Question,
    },
    /// What was found.
    Done(EnumResult),
}

/// One number on its way through the suffixes.
#[derive(Debug)]
pub struct EnumLookup {
    number: E164,
    suffixes: Vec<EnumSuffix>,
    first: QuestionId,
    /// So many of them were asked.
    turn: usize,
    /// Names in the order in which they were asked for.
    asked: Vec<String>,
    known: BTreeMap<String, Resolution>,
    /// When the last name was asked for.
    last: Instant,
    deadline: Instant,
    outputs: VecDeque<EnumOutput>,
    is_over: bool,
}

impl EnumLookup {
    /// No lookup asks more than this, whatever the records say.
    pub const MAX_QUESTIONS: u64 = 16;
    /// No lookup takes longer, whatever the resolver does.
    pub const PATIENCE: Duration = Duration::from_secs(2);
    /// A suffix that has not answered by then is not waited for before the next is asked.
    pub const TURN: Duration = Duration::from_millis(300);

    /// Begins. `suffixes` stand in the order of trust: one that answers keeps those behind it from learning the number. Give lookups that
    /// run side by side a `first` that is [`EnumLookup::MAX_QUESTIONS`] apart.
    #[must_use]
    pub fn new(number: E164, suffixes: Vec<EnumSuffix>, first: QuestionId, now: Now) -> Self {
        let (last, deadline) = (now.instant, now.instant + Self::PATIENCE);
        let (asked, known, outputs) = (Vec::new(), BTreeMap::new(), VecDeque::new());
        let mut lookup = Self { number, suffixes, first, turn: 0, asked, known, last, deadline, outputs, is_over: false };
        lookup.advance(now);
        lookup
    }

    /// Is over by this moment at the latest, if that is before [`EnumLookup::PATIENCE`] runs out.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.deadline = self.deadline.min(deadline);
        self
    }

    /// What is looked up.
    #[must_use]
    pub fn number(&self) -> &E164 {
        &self.number
    }

    /// Takes an answer. `false` if the question is not this lookup's, or was answered before.
    pub fn handle_resolved(&mut self, id: QuestionId, resolution: Resolution, now: Now) -> bool {
        let place = id.0.checked_sub(self.first.0).and_then(|offset| usize::try_from(offset).ok());
        let Some(name) = place.and_then(|place| self.asked.get(place)).filter(|name| !self.known.contains_key(*name)) else { return false };
        self.known.insert(name.clone(), resolution);
        self.advance(now);
        true
    }

    /// The moment of [`EnumLookup::next_wake`] has come; harmless before.
    pub fn handle_timeout(&mut self, now: Now) {
        self.advance(now);
    }

    /// The next thing to do; drain until `None`.
    pub fn poll_output(&mut self) -> Option<EnumOutput> {
        self.outputs.pop_front()
    }

    /// When it wants to be called again at the latest; `None` once it is over.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        let has_next = self.turn < self.suffixes.len();
        let turn = has_next.then(|| Wake::at(self.last + Self::TURN, "enum: next suffix"));
        let over = Wake::at(self.deadline, "enum: give up");
        Wake::earlier(turn, Some(over)).filter(|_| !self.is_over)
    }

    fn advance(&mut self, now: Now) {
        while !self.is_over {
            let walks: Vec<Walk<'_>> =
                self.suffixes.iter().take(self.turn).map(|suffix| Walk::new(&self.number, suffix, &self.known)).collect();
            let is_settled = walks.iter().all(|walk| walk.wanted.is_empty());
            let is_turn_over = is_settled || now.instant >= self.last + Self::TURN;
            // What a rule leads on to is not waited for longer than a suffix is.
            let is_found = walks.iter().any(|walk| !walk.answers.is_empty() && (walk.wanted.is_empty() || is_turn_over));
            let wanted: Vec<String> = walks.into_iter().flat_map(|walk| walk.wanted).filter(|name| !self.asked.contains(name)).collect();
            if is_found || now.instant >= self.deadline || (is_settled && self.turn == self.suffixes.len()) {
                self.finish();
            } else if !wanted.is_empty() {
                self.ask(wanted, now);
            } else if is_turn_over && self.turn < self.suffixes.len() {
                self.turn += 1;
                self.last = now.instant;
            } else {
                return;
            }
        }
    }

    /// Names beyond the bound count as names without records.
    fn ask(&mut self, names: Vec<String>, now: Now) {
        for name in names {
            let number = self.asked.len() as u64;
            self.asked.push(name.clone());
            if number < Self::MAX_QUESTIONS {
                let question = Question { name, kind: RecordType::Naptr };
                self.outputs.push_back(EnumOutput::Resolve { id: QuestionId(self.first.0 + number), question });
            } else {
                let nothing = Resolution::Nothing { no_such_name: true, ttl: Duration::ZERO, security: DnsSecurity::Insecure };
                self.known.insert(name, nothing);
            }
        }
        self.last = now.instant;
    }

    fn finish(&mut self) {
        self.is_over = true;
        let mut answers: Vec<EnumAnswer> = Vec::new();
        let mut suffixes = Vec::new();
        for (place, suffix) in self.suffixes.iter().enumerate() {
            let walk = Walk::new(&self.number, suffix, &self.known);
            let state = if place < self.turn { self.state(suffix) } else { SuffixState::NotAsked };
            answers.extend(walk.answers);
            suffixes.push(AskedSuffix { suffix: suffix.clone(), state, faults: walk.faults });
        }
        self.outputs.push_back(EnumOutput::Done(EnumResult { answers, suffixes }));
    }

    fn state(&self, suffix: &EnumSuffix) -> SuffixState {
        match self.known.get(&suffix.name(&self.number)) {
            None => SuffixState::Unanswered,
            Some(Resolution::Records { security, .. }) => SuffixState::Known(*security),
            Some(Resolution::Nothing { security, .. }) => SuffixState::NoSuchNumber(*security),
            Some(Resolution::Failed(failure)) => SuffixState::Failed(*failure),
        }
    }
}
