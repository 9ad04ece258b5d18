use cooee_machine::Pii;

use crate::{Fact, Story};

/// A longer line is cut.
const LONGEST_LINE: usize = 120;

/// How somebody asks to be let through whose calls do not ring aloud here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The domain that stands for who calls, where that is proven; `None`: it may be anybody.
    pub domain: Option<String>,
    /// One line of the caller's own (`Subject`, RFC 3261 20.36).
    pub line: Option<Pii<String>>,
}

impl Request {
    /// `subject` is the caller's word: of it a single line is left, without what could pass for anything else.
    #[must_use]
    pub fn new(domain: Option<String>, subject: Option<&str>) -> Self {
        let one_line = |text: &str| {
            let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join(" ").chars().take(LONGEST_LINE).collect::<String>()
        };
        Self { domain, line: subject.map(one_line).filter(|line| !line.is_empty()).map(Pii) }
    }
}

impl Story {
    /// How somebody asked to be let through and was not; `None` for any other call.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let is_open = self.rang_silently() && !self.was_answered();
        let asked = |fact: &Fact| match fact {
            Fact::Introduced { domain, line } => Some(Request { domain: domain.clone(), line: line.clone() }),
            _ => None,
        };
        self.last(asked).filter(|_| is_open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_says_is_one_short_line() {
        let line = |subject: &str| Request::new(None, Some(subject)).line.map(|line| line.0);
        assert_eq!(line("  The\tkeys\r\n are here "), Some("The keys are here".into()));
        assert_eq!(line(&"x".repeat(5000)).unwrap().len(), LONGEST_LINE);
        assert_eq!(line(" \u{1}\r\n"), None);
    }
}
