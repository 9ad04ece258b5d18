use serde::Serialize;

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
