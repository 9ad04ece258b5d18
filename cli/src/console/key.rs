use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Answer the call that rings.
    Answer,
    /// Hang up, or decline.
    HangUp,
    /// Mute or unmute.
    Mute,
    /// Send a digit.
    Digit(char),
    /// Call somebody: asks whom.
    Call,
    /// Say how everything is.
    Status,
    /// Say what the keys are.
    Help,
    /// Leave.
    Quit,
}

/// The keys as lines of help.
pub(super) const HELP: &str = "a answer · h hang up or decline · m mute · 0-9 * # digits · c call somebody · l list · ? help · q leave";

impl Key {
    /// `None` for a key without a meaning.
    pub(super) fn of(event: KeyEvent) -> Option<Self> {
        if event.modifiers.contains(KeyModifiers::CONTROL) {
            return matches!(event.code, KeyCode::Char('c' | 'd')).then_some(Self::Quit);
        }
        match event.code {
            KeyCode::Char('a') | KeyCode::Enter => Some(Self::Answer),
            KeyCode::Char('h') | KeyCode::Esc => Some(Self::HangUp),
            KeyCode::Char('m') => Some(Self::Mute),
            KeyCode::Char('c') => Some(Self::Call),
            KeyCode::Char('l') => Some(Self::Status),
            KeyCode::Char('?') => Some(Self::Help),
            KeyCode::Char('q') => Some(Self::Quit),
            KeyCode::Char(digit @ ('0'..='9' | '*' | '#')) => Some(Self::Digit(digit)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: char, modifiers: KeyModifiers) -> Option<Key> {
        Key::of(KeyEvent::new(KeyCode::Char(code), modifiers))
    }

    #[test]
    fn each_key_means_one_thing() {
        assert_eq!(press('a', KeyModifiers::NONE), Some(Key::Answer));
        assert_eq!(press('c', KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(press('c', KeyModifiers::NONE), Some(Key::Call));
        assert_eq!(press('#', KeyModifiers::NONE), Some(Key::Digit('#')));
        assert_eq!(press('a', KeyModifiers::CONTROL), None);
    }
}
