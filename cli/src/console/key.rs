use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Answer the call that rings; others are held.
    Answer,
    /// Answer the call that rings; others are ended.
    AnswerEnding,
    /// Hang up, or decline.
    HangUp,
    /// Put the call on hold, or take it back.
    Hold,
    /// Speak in the other call.
    Swap,
    /// Mute or unmute.
    Mute,
    /// Send a digit.
    Digit(char),
    /// Hand the call over: asks to whom.
    Transfer,
    /// Call whom the other side asks to call instead.
    Follow,
    /// Stay in the call.
    Stay,
    /// Join the two calls.
    Join,
    /// Call somebody: asks whom.
    Call,
    /// The same without showing who calls.
    CallAnonymously,
    /// Send a text: asks to whom and what.
    Message,
    /// Let no call ring, or let them ring.
    DoNotDisturb,
    /// Take little data in calls, or as much as is good.
    LowData,
    /// Block who calls: asks first.
    Block,
    /// Show how loud both sides are, or no longer.
    Meters,
    /// Say whether a call would ring here.
    Reach,
    /// Let it ring: the phone calls itself.
    RingTest,
    /// Say how everything is.
    Status,
    /// Say what the keys are.
    Help,
    /// Leave.
    Quit,
}

/// The keys as lines of help.
pub(super) const HELP: &str = "\
a answer · e end the others and answer · h hang up or decline · o hold or go on · s speak in the other call
m mute · 0-9 * # digits · c call somebody (C: anonymously) · t hand over to an address · j join two calls · w write a text
asked to call somebody else: f call them · n stay · d do not disturb · b block the caller · g little data · v loudness
r would it ring? (R: ring now) · l list · ? help · q leave";

impl Key {
    /// `None` for a key without a meaning.
    pub(super) fn of(event: KeyEvent) -> Option<Self> {
        if event.modifiers.contains(KeyModifiers::CONTROL) {
            return matches!(event.code, KeyCode::Char('c' | 'd')).then_some(Self::Quit);
        }
        Some(match event.code {
            KeyCode::Char('a') | KeyCode::Enter => Self::Answer,
            KeyCode::Char('e') => Self::AnswerEnding,
            KeyCode::Char('h') | KeyCode::Esc => Self::HangUp,
            KeyCode::Char('o') => Self::Hold,
            KeyCode::Char('s') => Self::Swap,
            KeyCode::Char('m') => Self::Mute,
            KeyCode::Char('t') => Self::Transfer,
            KeyCode::Char('f') => Self::Follow,
            KeyCode::Char('n') => Self::Stay,
            KeyCode::Char('j') => Self::Join,
            KeyCode::Char('c') => Self::Call,
            KeyCode::Char('C') => Self::CallAnonymously,
            KeyCode::Char('w') => Self::Message,
            KeyCode::Char('d') => Self::DoNotDisturb,
            KeyCode::Char('g') => Self::LowData,
            KeyCode::Char('b') => Self::Block,
            KeyCode::Char('v') => Self::Meters,
            KeyCode::Char('r') => Self::Reach,
            KeyCode::Char('R') => Self::RingTest,
            KeyCode::Char('l') => Self::Status,
            KeyCode::Char('?') => Self::Help,
            KeyCode::Char('q') => Self::Quit,
            KeyCode::Char(digit @ ('0'..='9' | '*' | '#')) => Self::Digit(digit),
            _ => return None,
        })
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
