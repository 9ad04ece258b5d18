//! A story as text, for the store: a line a step.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::{Fact, Story, StoryStep};

/// A longer argument is cut: a peer chooses some of them.
const LONGEST: usize = 256;

impl Story {
    /// Stands for what is left out of a story for others to read.
    pub const LEFT_OUT: &'static str = "…";

    /// As it is stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for StoryStep { after, fact } in &self.steps {
            let arguments = fact.arguments().into_iter().map(|(name, value)| format!(" {name}={}", escape(&value.to_text())));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{} {}{}", after.as_millis(), fact.id(), arguments.collect::<String>());
        }
        text
    }

    /// Reads what [`Story::to_text`] wrote. Lines of later versions, and damaged ones, are left out.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self { steps: text.lines().filter_map(read).take(super::MOST).collect() }
    }
}

fn read(line: &str) -> Option<StoryStep> {
    let mut words = line.split(' ');
    let after = Duration::from_millis(words.next()?.parse().ok()?);
    let id = words.next()?;
    let arguments: BTreeMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
    let fact = Fact::from_parts(id, |name| arguments.get(name).map(|value| unescape(value)))?;
    Some(StoryStep { after, fact })
}

/// Without spaces and whatever else could end an argument or a line.
fn escape(text: &str) -> String {
    let cut = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let mut escaped = String::with_capacity(cut.len());
    for c in cut.chars() {
        if c == '%' || c.is_whitespace() || c.is_control() {
            let _ = write!(escaped, "%{:x};", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut parts = text.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once(';').unwrap_or(("", part));
        plain.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
        plain.push_str(rest);
    }
    plain
}

#[cfg(test)]
mod tests {
    use cooee_machine::Entropy;

    use super::*;
    use crate::Side;

    fn story(facts: impl IntoIterator<Item = Fact>) -> Story {
        let steps = facts.into_iter().zip(0..).map(|(fact, second)| StoryStep { after: Duration::from_secs(second), fact });
        Story { steps: steps.collect() }
    }

    #[test]
    fn every_fact_survives_the_store() {
        for text in ["sip:ben@example.org", "500 Fel\u{85}\n = 100 %; ä", ""] {
            for fact in Fact::examples(text) {
                let told = story([fact]);
                assert_eq!(Story::from_text(&told.to_text()), told, "{}", told.to_text());
                assert_eq!(told.to_text().lines().count(), 1);
            }
        }
    }

    #[test]
    fn what_a_later_version_tells_is_left_out_and_damage_does_no_harm() {
        let told = "0 invited\n5 teleported to=mars\n9 held side=us\nx\n10 held side=nobody\n11 progress status=99999\n";
        let facts: Vec<Fact> = Story::from_text(told).steps.into_iter().map(|step| step.fact).collect();
        assert_eq!(facts, [Fact::Invited, Fact::Held(Side::Us)]);
        let mut entropy = Entropy::for_test(3);
        let whole = story(Fact::examples("ben")).to_text();
        for _ in 0..500 {
            let mut octets = whole.clone().into_bytes();
            let place = usize::try_from(entropy.u64()).unwrap_or(0) % octets.len();
            octets[place] = entropy.u64().to_be_bytes()[0];
            assert!(Story::from_text(&String::from_utf8_lossy(&octets)).steps.len() <= super::super::MOST);
        }
    }

    #[test]
    fn nothing_that_identifies_somebody_survives_redaction() {
        let mut entropy = Entropy::for_test(11);
        for _ in 0..200 {
            // Neither a word of this program's nor anything that could come about by itself.
            let secret = format!("q{:016x}z", entropy.u64());
            let facts = Fact::examples(&secret);
            let picked = (0..40).filter_map(|_| facts.get(usize::try_from(entropy.u64()).unwrap_or(0) % facts.len()).cloned());
            let told = story(picked);
            let redacted = told.redacted();
            assert!(!redacted.to_text().contains(&secret) && !format!("{redacted:?}").contains(&secret), "{}", redacted.to_text());
            let ids = |story: &Story| story.steps.iter().map(|step| (step.after, step.fact.id())).collect::<Vec<_>>();
            assert_eq!(ids(&redacted), ids(&told), "what happened stays");
        }
    }

    #[test]
    fn a_cut_argument_stays_readable() {
        let told = story([Fact::LookingUp { domain: "ä".repeat(1000) }]);
        assert_eq!(Story::from_text(&told.to_text()), story([Fact::LookingUp { domain: "ä".repeat(256) }]));
    }
}
