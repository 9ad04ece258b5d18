use cooee_call::{Argument, Story, Verdict};
use serde_json::{Map, Value};

use super::milliseconds;
use crate::line;
use crate::words::story::{advice, fact, side};

/// The steps of a story.
#[must_use]
pub fn steps(story: &Story) -> Vec<line::Step> {
    let step = |step: &cooee_call::StoryStep| line::Step {
        after_ms: milliseconds(step.after),
        fact: step.fact.id(),
        side: step.fact.side().as_str(),
        arguments: step.fact.arguments().into_iter().map(|(name, argument)| (name.to_owned(), value(argument))).collect::<Map<_, _>>(),
        text: fact(&step.fact),
        whose: side(step.fact.side()),
    };
    story.steps().iter().map(step).collect()
}

/// What it comes to; `peer`: whom the advice is about, if that may be said.
#[must_use]
pub fn verdict(story: &Story, peer: Option<&str>) -> Option<line::Verdict> {
    let Verdict { fact: decided, side: whose, advice: action } = story.verdict()?;
    Some(line::Verdict {
        fact: decided.id(),
        side: whose.map(cooee_call::StorySide::as_str),
        text: fact(&decided),
        action: action.as_str(),
        advice: advice(action, peer),
        whose: whose.map(side),
    })
}

fn value(argument: Argument) -> Value {
    match argument {
        Argument::Number(number) | Argument::Milliseconds(number) => number.into(),
        Argument::Flag(flag) => flag.into(),
        text => text.to_text().into(),
    }
}
