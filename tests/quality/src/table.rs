use std::fmt::Write as _;

use cooee_codec::CodecKind;

use crate::{Heard, Oracle};

/// What is known of a trace with a codec.
#[derive(Debug)]
pub struct Row {
    /// The trace, for people.
    pub title: &'static str,
    /// In files' names.
    pub id: &'static str,
    /// With which codec.
    pub kind: CodecKind,
    /// How long the trace is, in milliseconds.
    pub length: f64,
    /// From mouth to ear beyond the network's fastest, on average, in milliseconds.
    pub delay: f64,
    /// What was missing, in milliseconds.
    pub missing: f64,
    /// What the oracle with one delay misses at that delay, in milliseconds.
    pub oracle: f64,
    /// What the oracle misses that may change the delay for nothing.
    pub changing: f64,
    /// PESQ-WB, where it was computed.
    pub pesq: Scores,
}

/// PESQ-WB of the same packets, averaged over the clips.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Of ours.
    pub ours: Option<f64>,
    /// Of ours, played as late as baresip plays, where that is later.
    pub later: Option<f64>,
    /// Of a real process of ours, on a real clock.
    pub process: Option<f64>,
    /// Of baresip, averaged over the times it was heard.
    pub baresip: Option<f64>,
    /// How far its best and its worst time are apart.
    pub baresip_spread: Option<f64>,
    /// From mouth to ear with baresip, averaged over the clips, in milliseconds.
    pub baresip_delay: Option<f64>,
}

/// A thousandth of the time is nothing.
const NOTHING: f64 = 0.001;

impl Row {
    /// Of what was heard and what the oracle knows.
    #[must_use]
    pub fn new(id: &'static str, title: &'static str, kind: CodecKind, length: f64, heard: &Heard, oracle: &Oracle) -> Self {
        Self {
            title,
            id,
            kind,
            length,
            delay: heard.delay,
            missing: heard.missing,
            oracle: oracle.missing(heard.delay),
            changing: oracle.missing_with_changes(heard.delay),
            pesq: Scores::default(),
        }
    }

    /// The goal: at the same mean delay at most one and a half times what the oracle with one delay misses.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.missing <= 1.5 * self.oracle + NOTHING * self.length
    }
}

fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{score:.2}"))
}

/// What a real process scored, in Markdown; nothing if none was rated.
#[must_use]
pub fn processes(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows.iter().filter(|row| row.pesq.process.is_some()) {
        let [process, ours, baresip] = [row.pesq.process, row.pesq.ours, row.pesq.baresip].map(score);
        // Writing to a string cannot fail.
        let _written = writeln!(text, "| {} | {} | {process} | {ours} | {baresip} |", row.title, row.kind);
    }
    if text.is_empty() { text } else { format!("{}{text}", include_str!("process.md")) }
}

/// The rows as a table in Markdown.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| network | codec | delay, ms | missing, % | oracle, % | ratio | goal | changing oracle, % | PESQ | baresip's | baresip's delay, ms | PESQ at that delay |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let percent = |millis: f64| format!("{:.2}", millis / row.length * 100.0);
        let ratio = if row.oracle > 0.0 { format!("{:.2}", row.missing / row.oracle) } else { "–".to_owned() };
        // Writing to a string cannot fail.
        let _written = writeln!(
            text,
            "| {} | {} | {:.0} | {} | {} | {ratio} | {} | {} | {} | {} | {} | {} |",
            row.title,
            row.kind,
            row.delay,
            percent(row.missing),
            percent(row.oracle),
            if row.holds() { "holds" } else { "**missed**" },
            percent(row.changing),
            score(row.pesq.ours),
            score(row.pesq.baresip) + &row.pesq.baresip_spread.map_or_else(String::new, |spread| format!(" ± {:.2}", spread / 2.0)),
            row.pesq.baresip_delay.map_or_else(|| "–".to_owned(), |delay| format!("{delay:.0}")),
            score(row.pesq.later.or(row.pesq.ours)),
        );
    }
    text
}
