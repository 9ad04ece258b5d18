use std::fmt::{self, Write};
use std::time::Duration;

/// Everything that happened, one line an event, with virtual time: `    1.250000 anna < udp 192.0.2.1:5060 SIP/2.0 200 OK`.
///
/// It holds events and never ciphertext, so that the same seed gives the same trace although keys and signatures differ.
#[derive(Debug)]
pub struct Trace {
    seed: u64,
    text: String,
    digest: u64,
}

impl Trace {
    const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, text: String::new(), digest: Self::FNV_OFFSET }
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, at: Duration, who: &str, what: fmt::Arguments<'_>) {
        let start = self.text.len();
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:>5}.{:06} {who} {what}", at.as_secs(), at.subsec_micros());
        for byte in self.text.bytes().skip(start) {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(Self::FNV_PRIME);
        }
    }

    /// The seed the world was made from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A number that two equal traces share (FNV-1a, 64 bits).
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// All lines.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text.lines()
    }

    /// Lines with `needle` in them.
    pub fn matching<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines().filter(move |line| line.contains(needle))
    }

    /// How many lines have `needle` in them.
    #[must_use]
    pub fn count(&self, needle: &str) -> usize {
        self.matching(needle).count()
    }

    /// Where two traces part, for a message: the first line that differs, of each.
    #[must_use]
    pub fn first_difference<'a>(&'a self, other: &'a Self) -> Option<(&'a str, &'a str)> {
        let (mut ours, mut theirs) = (self.lines(), other.lines());
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return None,
                (a, b) if a != b => return Some((a.unwrap_or("(end)"), b.unwrap_or("(end)"))),
                _ => {}
            }
        }
    }

    /// The last `count` lines as one text.
    #[must_use]
    pub fn tail(&self, count: usize) -> String {
        let mut lines: Vec<_> = self.lines().rev().take(count).collect();
        lines.reverse();
        lines.join("\n")
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(lines: &[&str]) -> Trace {
        let mut trace = Trace::new(7);
        for (index, line) in lines.iter().enumerate() {
            trace.line(Duration::from_millis(index as u64), "anna", format_args!("{line}"));
        }
        trace
    }

    #[test]
    fn lines_carry_time_and_host_and_the_whole_prints_with_its_seed() {
        assert_eq!(trace(&["< a", "> b"]).to_string(), "seed 7\n    0.000000 anna < a\n    0.001000 anna > b\n");
        assert_eq!(trace(&["< a", "> b"]).tail(1), "    0.001000 anna > b");
    }

    #[test]
    fn equal_traces_share_a_digest_and_different_ones_show_where_they_part() {
        let (one, same, other) = (trace(&["a", "b"]), trace(&["a", "b"]), trace(&["a", "c", "d"]));
        assert_eq!(one.digest(), same.digest());
        assert_eq!(one.first_difference(&same), None);
        assert_ne!(one.digest(), other.digest());
        assert_eq!(one.first_difference(&other), Some(("    0.001000 anna b", "    0.001000 anna c")));
        assert_eq!(other.count("anna"), 3);
    }
}
