use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Longer answers are no addresses and no short texts.
const LONGEST: usize = 1000;

/// A question with the line that a person types in answer, key by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prompt<T> {
    /// What is done with the answer.
    pub(super) purpose: T,
    question: String,
    answer: String,
}

/// What became of a prompt with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It goes on.
    More,
    /// Enter: the answer is complete.
    Done,
    /// The question is withdrawn.
    Cancelled,
}

impl<T> Prompt<T> {
    pub(super) fn new(purpose: T, question: String) -> Self {
        Self { purpose, question, answer: String::new() }
    }

    pub(super) fn press(&mut self, key: KeyEvent) -> Typed {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Typed::Cancelled,
            KeyCode::Char('c' | 'd') if control => return Typed::Cancelled,
            KeyCode::Char('u') if control => self.answer.clear(),
            KeyCode::Enter => return Typed::Done,
            KeyCode::Backspace => _ = self.answer.pop(),
            KeyCode::Char(c) if !control && !c.is_control() && self.answer.len() < LONGEST => self.answer.push(c),
            _ => {}
        }
        Typed::More
    }

    /// Without spaces around it; empty if nothing was typed.
    pub(super) fn answer(&self) -> &str {
        self.answer.trim()
    }

    /// The line as it stands on the screen.
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.question, self.answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[KeyCode]) -> (Prompt<()>, Typed) {
        let mut prompt = Prompt::new((), "call:".to_owned());
        let mut last = Typed::More;
        for key in keys {
            last = prompt.press(KeyEvent::new(*key, KeyModifiers::NONE));
        }
        (prompt, last)
    }

    #[test]
    fn an_answer_is_typed_mended_and_sent() {
        let (prompt, last) = typed(&[KeyCode::Char('b'), KeyCode::Char('e'), KeyCode::Char('m'), KeyCode::Backspace, KeyCode::Enter]);
        assert_eq!((prompt.answer(), last), ("be", Typed::Done));
        assert_eq!(prompt.line(), "call: be");
    }

    #[test]
    fn escape_withdraws_the_question_and_an_answer_has_an_end() {
        assert_eq!(typed(&[KeyCode::Char('b'), KeyCode::Esc]).1, Typed::Cancelled);
        assert_eq!(typed(&vec![KeyCode::Char('x'); 5000]).0.answer().len(), LONGEST);
    }
}
