//! Keys while the phone runs, one at a time.

use std::io::IsTerminal;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal;
use tokio::sync::mpsc;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Answer the call that rings.
    Answer,
    /// Hang up, or decline.
    HangUp,
    /// Mute or unmute.
    Mute,
    /// Send a digit.
    Digit(char),
    /// Leave.
    Quit,
    /// Say what the keys are.
    Help,
}

/// The keys as one line of help.
pub const HELP: &str = "a answer · h hang up or decline · m mute · 0-9 * # digits · q leave";

/// The terminal with single keys; as it was when dropped.
pub struct Keyboard {
    raw: bool,
}

impl Keyboard {
    /// Reads keys in a thread of its own, which sleeps until one is pressed. Without a terminal there are none.
    #[must_use]
    pub fn open() -> (Self, mpsc::Receiver<Key>) {
        let (keys, receiver) = mpsc::channel(16);
        let raw = std::io::stdin().is_terminal() && terminal::enable_raw_mode().is_ok();
        if raw {
            std::thread::spawn(move || {
                while let Ok(event) = crossterm::event::read() {
                    if let Some(key) = meaning(&event)
                        && keys.blocking_send(key).is_err()
                    {
                        break;
                    }
                }
            });
        } else {
            // Kept open, so that whoever waits for a key waits for ever instead of being told again and again.
            std::mem::forget(keys);
        }
        (Self { raw }, receiver)
    }

    /// Whether lines must end in CR LF, because the terminal no longer adds the CR.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        self.raw
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        if self.raw {
            let _ = terminal::disable_raw_mode(); // leaving: there is nobody left to tell
        }
    }
}

fn meaning(event: &Event) -> Option<Key> {
    let Event::Key(key) = event else { return None };
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c' | 'd') if control => Some(Key::Quit),
        KeyCode::Char('a') | KeyCode::Enter => Some(Key::Answer),
        KeyCode::Char('h') | KeyCode::Esc => Some(Key::HangUp),
        KeyCode::Char('m') => Some(Key::Mute),
        KeyCode::Char('q') => Some(Key::Quit),
        KeyCode::Char('?') => Some(Key::Help),
        KeyCode::Char(digit @ ('0'..='9' | '*' | '#')) => Some(Key::Digit(digit)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEvent;

    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        meaning(&Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn each_key_means_one_thing() {
        assert_eq!(press(KeyCode::Char('a'), KeyModifiers::NONE), Some(Key::Answer));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(press(KeyCode::Char('#'), KeyModifiers::NONE), Some(Key::Digit('#')));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::NONE), None);
    }
}
