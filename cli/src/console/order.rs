//! Commands from standard input, one JSON object a line (docs/json.md).

use std::io::{self, BufRead, Read};

use serde_json::Value;
use tokio::sync::mpsc;

use super::action::Action;

/// Longer lines are no commands.
const LONGEST_LINE: u64 = 16 * 1024;
/// Longer names of commands are not repeated in answers.
const LONGEST_ID: usize = 64;

/// A line of standard input.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    /// As it names itself, else the number of its line.
    pub(super) id: Value,
    /// What it asks for, or what is wrong with it and what to do.
    pub(super) action: Result<Action, String>,
}

/// Reads orders in a thread of its own, which sleeps until a line comes. The channel ends with standard input.
pub(super) fn read() -> mpsc::Receiver<Order> {
    let (orders, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut lines = io::stdin().lock();
        let mut number = 0_u64;
        while let Ok(Some(line)) = bounded_line(&mut lines) {
            number += 1;
            let order = match line {
                Some(line) if line.iter().all(u8::is_ascii_whitespace) => continue,
                Some(line) => Order::parse(&line, number),
                None => Order::wrong(number, format!("Line {number} is too long. A command is one JSON object of at most 16 KiB.")),
            };
            if orders.blocking_send(order).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next line: `None` at the end, `Some(None)` for one that is too long, which is skipped whole.
fn bounded_line(input: &mut impl BufRead) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut line = Vec::new();
    let taken = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if taken == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') || taken < usize::try_from(LONGEST_LINE).unwrap_or(usize::MAX) {
        return Ok(Some(Some(line)));
    }
    input.skip_until(b'\n')?;
    Ok(Some(None))
}

impl Order {
    fn wrong(number: u64, text: String) -> Self {
        Self { id: number.into(), action: Err(text) }
    }

    fn parse(line: &[u8], number: u64) -> Self {
        let mut object = match serde_json::from_slice(line) {
            Ok(Value::Object(object)) => object,
            Ok(_) => {
                return Self::wrong(number, format!("Line {number} is no JSON object. Write e.g. {{\"command\": \"status\"}}"));
            }
            Err(error) => return Self::wrong(number, format!("Line {number} is not JSON ({error}). Write one object a line.")),
        };
        let id = match object.remove("id") {
            None => Value::from(number),
            Some(id @ Value::Number(_)) => id,
            Some(Value::String(id)) if id.len() <= LONGEST_ID => id.into(),
            Some(_) => return Self::wrong(number, format!("The id of line {number} must be a number or a string of at most 64 octets.")),
        };
        let action = serde_json::from_value(Value::Object(object));
        Self { id, action: action.map_err(|error| format!("That is no command: {error}. See docs/json.md for all of them.")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Order {
        Order::parse(line.as_bytes(), 7)
    }

    #[test]
    fn a_command_is_named_by_its_id_or_else_by_its_line() {
        let dial = parse(r#"{"id":"one","command":"dial","address":"ben@example.org"}"#);
        assert_eq!(dial.id, "one");
        assert_eq!(dial.action, Ok(Action::Dial { address: "ben@example.org".to_owned(), from: None, anonymous: false, subject: None }));
        assert_eq!(parse(r#"{"command":"status"}"#), Order { id: 7.into(), action: Ok(Action::Status {}) });
        assert_eq!(parse(r#"{"command":"mute","call":4}"#).action, Ok(Action::Mute { call: Some(4), muted: true }));
        assert_eq!(parse(r##"{"command":"digit","digit":"#"}"##).action, Ok(Action::Digits { call: None, digits: "#".to_owned() }));
    }

    #[test]
    fn what_is_no_command_is_told_what_is_wrong_and_where_to_look() {
        for (line, words) in [
            ("hello", "not JSON"),
            ("[1]", "no JSON object"),
            (r#"{"command":"fly"}"#, "unknown variant `fly`"),
            (r#"{"command":"dial"}"#, "missing field `address`"),
            (r#"{"command":"dial","address":"b","adress":"c"}"#, "unknown field `adress`"),
            (r#"{"id":{},"command":"status"}"#, "number or a string"),
            ("{\"command\":\"sta\u{0}tus\"}", "not JSON"),
        ] {
            let error = parse(line).action.unwrap_err();
            assert!(error.contains(words), "{line}: {error}");
        }
        assert_eq!(parse(r#"{"id":3,"command":"fly"}"#).id, 3, "a broken command keeps its name");
    }

    #[test]
    fn a_line_without_end_is_skipped_and_not_kept() {
        let mut input = vec![b'x'; 1 << 20];
        input.extend(b"\n{}\nlast");
        let mut input = io::Cursor::new(input);
        assert_eq!(bounded_line(&mut input).unwrap(), Some(None));
        assert_eq!(bounded_line(&mut input).unwrap(), Some(Some(b"{}\n".to_vec())));
        assert_eq!(bounded_line(&mut input).unwrap(), Some(Some(b"last".to_vec())));
        assert_eq!(bounded_line(&mut input).unwrap(), None);
    }
}
