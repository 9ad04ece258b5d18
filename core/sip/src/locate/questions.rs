use std::collections::BTreeMap;

use cooee_machine::{Question, QuestionId, Resolution};

/// What a plan has asked and heard. Its ids are `first.0 .. first.0 + MAX`.
#[derive(Debug)]
pub(super) struct Questions {
    first: QuestionId,
    asked: Vec<Question>,
    answers: BTreeMap<Question, Resolution>,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It was not asked for, or came before.
    NotOurs,
    /// Others are still open.
    Kept,
    /// It was the last open one.
    Complete,
}

impl Questions {
    /// No plan asks more than this, whatever the records say.
    pub(super) const MAX: u64 = 64;

    pub(super) fn new(first: QuestionId) -> Self {
        Self { first, asked: Vec::new(), answers: BTreeMap::new() }
    }

    pub(super) fn answers(&self) -> &BTreeMap<Question, Resolution> {
        &self.answers
    }

    pub(super) fn take(&mut self, id: QuestionId, resolution: Resolution) -> Taken {
        let place = id.0.checked_sub(self.first.0).and_then(|offset| usize::try_from(offset).ok());
        let Some(question) = place.and_then(|place| self.asked.get(place)) else { return Taken::NotOurs };
        if self.answers.contains_key(question) {
            return Taken::NotOurs;
        }
        self.answers.insert(question.clone(), resolution);
        if self.answers.len() == self.asked.len() { Taken::Complete } else { Taken::Kept }
    }

    /// The id under which `question` is asked; `None` beyond the bound.
    pub(super) fn ask(&mut self, question: &Question) -> Option<QuestionId> {
        let number = self.asked.len() as u64;
        (number < Self::MAX).then(|| {
            self.asked.push(question.clone());
            QuestionId(self.first.0 + number)
        })
    }
}
