use std::io::IsTerminal;

use crossterm::event::{Event, KeyEvent, KeyEventKind};
use crossterm::terminal;
use tokio::sync::mpsc;

/// The terminal with single keys; as it was when dropped.
pub(super) struct Keyboard {
    raw: bool,
}

impl Keyboard {
    /// Reads keys in a thread of its own, which sleeps until one is pressed. Without a terminal, or where commands are read
    /// instead, there are none.
    pub(super) fn open(wanted: bool) -> (Self, mpsc::Receiver<KeyEvent>) {
        let (keys, receiver) = mpsc::channel(16);
        let raw = wanted && std::io::stdin().is_terminal() && terminal::enable_raw_mode().is_ok();
        if raw {
            std::thread::spawn(move || {
                while let Ok(event) = crossterm::event::read() {
                    let Event::Key(key) = event else { continue };
                    if key.kind != KeyEventKind::Release && keys.blocking_send(key).is_err() {
                        break;
                    }
                }
            });
        }
        (Self { raw }, receiver)
    }

    /// Whether lines must end in CR LF, because the terminal no longer adds the CR.
    pub(super) fn is_raw(&self) -> bool {
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
