use serde::Serialize;

use super::Step;

/// One thing that ringing needs, as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RingCondition {
    /// Its name.
    pub condition: &'static str,
    /// Of which account; absent for the whole phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// `met`, `limited`, `unmet`.
    pub level: &'static str,
    /// For people.
    pub text: String,
    /// What mends it; absent where nothing needs mending.
    #[serde(flatten)]
    pub mend: Option<RingMend>,
}

/// Whether a call would ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reach {
    /// It would.
    pub rings: bool,
}

/// What mends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RingMend {
    /// As a name, one of a story's `action`.
    pub action: &'static str,
    /// For people.
    pub advice: String,
}

impl RingCondition {
    pub(super) fn sentence(&self) -> String {
        let mark = match self.level {
            "met" => "✓",
            "limited" => "~",
            _ => "✗",
        };
        let account = self.account.as_ref().map_or_else(String::new, |account| format!("{account}: "));
        let mend = self.mend.as_ref().map_or_else(String::new, |mend| format!("\n    {}", mend.advice));
        format!("{mark} {account}{}{mend}", self.text)
    }
}

/// What calling the own address has shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RingTest {
    /// `nothing`, `path`, `later`.
    pub proof: &'static str,
    /// How long it took from when it was to ring until it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
    /// The server has waited so long first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
    /// What it comes to, for people.
    pub text: String,
    /// What happened.
    pub steps: Vec<Step>,
}

impl RingTest {
    pub(super) fn sentence(&self) -> String {
        let steps = self.steps.iter().map(Step::sentence);
        steps.chain([self.text.clone()]).collect::<Vec<_>>().join("\n")
    }
}
