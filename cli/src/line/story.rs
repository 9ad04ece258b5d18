use serde::Serialize;

/// What happened to a call, or on the way to an account's server.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Story {
    /// The call's number in the log; absent for a log-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// When it began.
    pub at: u64,
    /// `outgoing` or `incoming`; absent for a log-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<&'static str>,
    /// The other end's address; absent in a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The own address; absent in a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is told without names, to be shown to others: the version and the system it ran on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// What it comes to; absent where nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// How long after the beginning.
    pub after_ms: u64,
    /// What: an id that stays the same between versions.
    pub fact: &'static str,
    /// Whose side it is on: `yours`, `your-server`, `network`, `their-server`, `theirs`.
    pub side: &'static str,
    /// What belongs into the sentence.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub arguments: serde_json::Map<String, serde_json::Value>,
    /// The sentence.
    pub text: String,
    /// The same side for people.
    #[serde(skip)]
    pub whose: &'static str,
}

/// What a story comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The fact that decided.
    pub fact: &'static str,
    /// Whose side it is on; absent where nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<&'static str>,
    /// What it comes to, for people.
    pub text: String,
    /// What can be done: an id that stays the same between versions; `nothing` where nothing needs doing.
    pub action: &'static str,
    /// The same for people.
    pub advice: String,
    /// The side for people.
    #[serde(skip)]
    pub whose: Option<&'static str>,
}

impl Story {
    pub(super) fn sentence(&self) -> String {
        let mut lines = vec![self.heading()];
        lines.extend(self.steps.iter().map(Step::sentence));
        if self.steps.is_empty() {
            lines.push("Nothing is known of it: an older version kept no such thing.".to_owned());
        }
        if let Some(verdict) = &self.verdict {
            let whose = verdict.whose.map_or_else(String::new, |whose| format!(" ({whose})"));
            lines.push(format!("What it comes to: {}{whose}", verdict.text));
            if !verdict.advice.is_empty() {
                lines.push(format!("What you can do: {}", verdict.advice));
            }
        }
        lines.join("\n")
    }

    fn heading(&self) -> String {
        let at = crate::time::date(self.at);
        let arrow = if self.direction == Some("incoming") { "←" } else { "→" };
        match (&self.program, &self.account, &self.peer, self.number) {
            (Some(program), ..) => format!("{program}; {}", self.direction.map_or_else(|| "log-in".to_owned(), |d| format!("{d} call"))),
            (None, Some(account), Some(peer), Some(number)) => format!("{at} #{number} {account} {arrow} {peer}"),
            (None, Some(account), ..) => format!("{at} {account} logs in"),
            _ => at,
        }
    }
}

impl Step {
    pub(super) fn sentence(&self) -> String {
        format!("{:>6}.{} s  {:<12}  {}", self.after_ms / 1000, self.after_ms % 1000 / 100, self.whose, self.text)
    }
}
