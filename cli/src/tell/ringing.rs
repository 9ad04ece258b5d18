use cooee_call::Advice;
use cooee_phone::{RingLine, RingTestResult, would_ring};

use super::{milliseconds, steps};
use crate::line::{Line, Reach, RingCondition, RingMend, RingTest};
use crate::words::ringing::{condition, proven};
use crate::words::story::advice;

/// What ringing needs, a line each, and last whether a call would ring.
#[must_use]
pub fn ring_lines(lines: &[RingLine]) -> Vec<Line> {
    let unix = cooee_net::now().unix.as_secs();
    let of = |line: &RingLine| {
        let mend = (line.advice != Advice::Nothing).then(|| RingMend { action: line.advice.as_str(), advice: advice(line.advice, None) });
        Line::RingCondition(RingCondition {
            condition: line.condition.as_str(),
            account: line.account.as_ref().map(|account| account.reveal().clone()),
            level: line.level.as_str(),
            text: condition(line, unix),
            mend,
        })
    };
    lines.iter().map(of).chain([Line::Reach(Reach { rings: would_ring(lines) })]).collect()
}

/// What calling oneself has shown.
#[must_use]
pub fn ring_test_line(result: &RingTestResult) -> Line {
    Line::RingTest(RingTest {
        proof: result.proof().as_str(),
        took_ms: result.took.map(milliseconds),
        waited_ms: Some(result.waited).filter(|waited| !waited.is_zero()).map(milliseconds),
        text: proven(result),
        steps: steps(&result.story),
    })
}
