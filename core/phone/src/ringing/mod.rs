//! What it takes that a call rings here: each condition with its state, and what mends it.

mod condition;
mod line;
mod situation;
mod test;

pub use condition::RingCondition;
pub use line::{RingFigure, RingLevel, RingLine, would_ring};
pub use situation::{AccountSituation, RingSituation, ServerHeard};
pub use test::{RingProof, RingTestResult};
