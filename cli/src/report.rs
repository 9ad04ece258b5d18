//! Where lines go: standard output, as sentences or as JSON.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::line::Line;

/// Writes lines.
#[derive(Debug)]
pub struct Reporter {
    json: bool,
    raw: AtomicBool,
    /// The first line that could not be written, though somebody reads: a disk is full.
    failure: OnceLock<std::io::Error>,
    /// What stands below all lines and changes: a question, a meter. Only in a raw terminal.
    live: Mutex<Option<String>>,
}

/// To the beginning of the line, and nothing in it.
const ERASED: &str = "\r\u{1b}[2K";

impl Reporter {
    /// `json`: one object a line.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json, raw: AtomicBool::new(false), failure: OnceLock::new(), live: Mutex::new(None) }
    }

    /// Whether scripts listen.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// The terminal hands out single keys now and wants CR LF.
    pub fn set_raw(&self, raw: bool) {
        self.raw.store(raw, Ordering::Relaxed);
    }

    /// Tells a line. That nobody reads any more is no reason to drop a call.
    pub fn tell(&self, line: &Line) {
        self.tell_of(None, line);
    }

    /// Tells a line about the call that people know by this number.
    pub fn tell_of(&self, number: Option<usize>, line: &Line) {
        let text = if self.json { json(line) } else { line.sentence() };
        match number {
            _ if text.is_empty() => {}
            Some(number) if !self.json => self.write(&format!("[{number}] {text}")),
            _ => self.write(&text),
        }
    }

    /// From now on the last line is this one, below whatever is told; `None`: no more.
    pub fn set_live(&self, line: Option<String>) {
        if !self.raw.load(Ordering::Relaxed) {
            return;
        }
        let line = line.map(|line| cut(&line, width()));
        let mut out = std::io::stdout().lock();
        let mut live = self.live();
        if *live != line {
            let _ = write!(out, "{ERASED}{}", line.as_deref().unwrap_or_default()).and_then(|()| out.flush());
            *live = line;
        }
    }

    fn write(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let written = if self.raw.load(Ordering::Relaxed) {
            let live = self.live();
            let (before, after) = live.as_deref().map_or(("", ""), |live| (ERASED, live));
            write!(out, "{before}{}\r\n{after}", text.replace('\n', "\r\n"))
        } else {
            writeln!(out, "{text}")
        }
        .and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => drop(self.failure.set(error)),
            _ => {}
        }
    }

    /// Why something told was lost, if it was.
    pub fn failure(&self) -> Option<&std::io::Error> {
        self.failure.get()
    }

    fn live(&self) -> MutexGuard<'_, Option<String>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells people, not scripts.
    pub fn say(&self, text: impl Into<String>) {
        if !self.json {
            self.tell(&Line::Note { text: text.into() });
        }
    }
}

/// As JSON, in which no control character stands for itself: those of terminals beyond ASCII's (DEL, C1) are escaped as well.
fn json(line: &Line) -> String {
    let text = serde_json::to_string(line).unwrap_or_default();
    let is_control = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    if !text.contains(is_control) {
        return text;
    }
    text.chars().map(|c| if is_control(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

/// How wide the terminal is now; one that does not know is taken for an ordinary one.
#[must_use]
pub fn width() -> usize {
    crossterm::terminal::size().ok().filter(|(columns, _)| *columns > 0).map_or(80, |(columns, _)| usize::from(columns))
}

/// So much of a line that it never wraps: a wrapped one could not be erased. Of a long one the end is what changes.
fn cut(line: &str, width: usize) -> String {
    let room = width.saturating_sub(1);
    let mut left = room;
    let fits = |c: &char| {
        let wide = if u32::from(*c) < 0x1100 { 1 } else { 2 };
        left.checked_sub(wide).inspect(|rest| left = *rest).is_some()
    };
    let mut kept: Vec<char> = line.chars().filter(|c| !c.is_control()).rev().take_while(fits).collect();
    kept.reverse();
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_of_a_peer_s_reaches_a_terminal_by_json() {
        let said = "a\u{7f}\u{9b}2J\u{85}\u{a0}\u{1b}é";
        let written = json(&Line::Note { text: said.to_owned() });
        assert!(!written.contains(char::is_control), "{written}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap()["text"], said);
    }

    #[test]
    fn a_live_line_never_wraps_whatever_is_in_it() {
        assert_eq!(cut("call: ben", 80), "call: ben");
        assert_eq!(cut("call: ben@example.org", 10), "ample.org");
        assert_eq!(cut("日本語", 6), "本語");
        assert_eq!(cut("a\u{1b}[2Jb", 80), "a[2Jb");
        assert_eq!(cut("anything", 0), "");
    }
}
