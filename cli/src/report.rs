//! Where lines go: standard output, as sentences or as JSON.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::line::Line;

/// Writes lines.
#[derive(Debug)]
pub struct Reporter {
    json: bool,
    raw: AtomicBool,
}

impl Reporter {
    /// `json`: one object a line.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json, raw: AtomicBool::new(false) }
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
        let text = if self.json { serde_json::to_string(line).unwrap_or_default() } else { line.sentence() };
        if text.is_empty() {
            return;
        }
        let end = if self.raw.load(Ordering::Relaxed) { "\r\n" } else { "\n" };
        let mut out = std::io::stdout().lock();
        let _ = write!(out, "{text}{end}").and_then(|()| out.flush());
    }

    /// Tells people, not scripts.
    pub fn say(&self, text: impl Into<String>) {
        if !self.json {
            self.tell(&Line::Note { text: text.into() });
        }
    }
}
