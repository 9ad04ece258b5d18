use std::fmt::Write;
use std::time::Duration;

use cooee_call as core;
use cooee_call::{CallDirection, StoryStep as CoreStep};

use crate::words::{Advice, Fact, StorySide};

/// What happened to a call, or to the last log-in of an account: why it did not ring, why there was no sound.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Story {
    /// When it began, since the Unix epoch.
    pub begun: Duration,
    /// What happened, in its order, 64 at most. Empty for calls of old versions, and before the first log-in.
    pub steps: Vec<StoryStep>,
    /// What it comes to; none where nothing is known.
    pub verdict: Option<Verdict>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct StoryStep {
    /// How long after the beginning.
    pub after: Duration,
    /// Where.
    pub side: StorySide,
    /// What.
    pub fact: Fact,
}

/// What a story comes to: the fact that decided, whose side that is on, and what can be done.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Verdict {
    /// The fact that explains how it went; the end of the call where nothing went wrong.
    pub fact: Fact,
    /// Whose side it is on; none where nothing is wrong.
    pub side: Option<StorySide>,
    /// What can be done.
    pub advice: Advice,
}

impl Story {
    pub(crate) fn new(begun: Duration, story: &core::Story) -> Self {
        let step = |step: &CoreStep| StoryStep { after: step.after, side: step.fact.side().into(), fact: (&step.fact).into() };
        let verdict = |verdict: core::Verdict| Verdict {
            fact: (&verdict.fact).into(),
            side: verdict.side.map(StorySide::from),
            advice: verdict.advice.into(),
        };
        Self { begun, steps: story.steps().iter().map(step).collect(), verdict: story.verdict().map(verdict) }
    }
}

/// A story for others to read, in the stable names of the core: nothing in it says who called whom, when, by which server, or where in
/// the network anybody is.
pub(crate) fn report(story: &core::Story, direction: Option<CallDirection>) -> String {
    let story = story.redacted();
    let what = match direction {
        Some(CallDirection::Outgoing) => "outgoing call",
        Some(CallDirection::Incoming) => "incoming call",
        None => "log-in",
    };
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut text = format!("Cooee {}, {system} {processor}; {what}\n", env!("CARGO_PKG_VERSION"));
    for CoreStep { after, fact } in story.steps() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:>8.3} s  {:<12}  {}", after.as_secs_f64(), fact.side().as_str(), named(fact));
    }
    if let Some(core::Verdict { fact, side, advice }) = story.verdict() {
        let side = side.map_or("nobody", core::StorySide::as_str);
        let _ = writeln!(text, "verdict: {} ({side}); {}", named(&fact), advice.as_str());
    }
    text
}

fn named(fact: &core::Fact) -> String {
    let argument = |(name, argument): (&'static str, core::Argument)| format!(" {name}={}", argument.to_text());
    std::iter::once(fact.id().to_owned()).chain(fact.arguments().into_iter().map(argument)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_happened_and_not_to_whom() {
        let mut story = core::Story::default();
        for fact in core::Fact::examples("q0123456789z").into_iter().rev().take(60) {
            story.note(fact, Duration::from_millis(1234));
        }
        story.note(core::Fact::Ended(core::EndReason::ServerError { status: 503, text: "q0123456789z".into() }), Duration::ZERO);
        let text = report(&story, Some(CallDirection::Outgoing));
        assert!(!text.contains("q0123456789z"), "{text}");
        assert!(text.starts_with("Cooee ") && text.contains("outgoing call") && text.contains("   1.234 s  "), "{text}");
        assert!(text.ends_with("verdict: ended reason=server-error status=503 text=… (their-server); call-later\n"), "{text}");
        assert!(report(&core::Story::default(), None).ends_with("; log-in\n"));
    }
}
