//! What a person dials, taken out of how it is written.

/// A written number taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    /// Digits, `*` and `#`, with a plus sign before them if there was one.
    pub(super) dialled: String,
    /// What is dialled once somebody answered: an extension, or what stood behind a pause.
    pub(super) afterwards: Option<String>,
}

impl Signs {
    /// Leaves out the signs that only make a number readable (RFC 3966 5.1.1). `None` if it is no number.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().map(ascii).collect();
        if let Some(dialled) = plain(&text) {
            return Some(Self { dialled, afterwards: None });
        }
        let at = text.find(|c: char| ",;xXeEpPwW".contains(c))?;
        let (number, rest) = text.split_at_checked(at)?;
        let rest = rest.trim_start_matches([',', ';', ' ']).to_ascii_lowercase();
        let marks = ["extension", "ext", "x", "p", "w"];
        let rest = marks.iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(&rest).trim_start_matches(['.', '=', ':', ' ']);
        let dialled = plain(number).filter(|dialled| dialled.len() >= MIN_BEFORE_EXTENSION)?;
        Some(Self { dialled, afterwards: Some(plain(rest).filter(|rest| !rest.starts_with('+'))?) })
    }
}

/// Shorter numbers have no extensions; users like `user7x2` are no numbers anyhow.
const MIN_BEFORE_EXTENSION: usize = 5;

/// The digits of a text that has nothing but digits and readable signs.
fn plain(text: &str) -> Option<String> {
    let dialled: String = text.chars().filter(|c| !is_visual(*c)).collect();
    let rest = dialled.strip_prefix('+').unwrap_or(&dialled);
    let is_number = rest.chars().any(|c| c.is_ascii_digit()) && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#'));
    is_number.then_some(dialled)
}

fn is_visual(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}')
}

/// Digits of other scripts and full-width signs as ASCII has them.
fn ascii(c: char) -> char {
    // The zeros of the scripts whose digits stand in phone books; nine more follow each.
    const ZEROS: &[char] = &['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{1040}', '\u{17e0}', '\u{ff10}'];
    let digit = |zero: &char| u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10);
    match ZEROS.iter().find_map(digit).and_then(|value| char::from_digit(value, 10)) {
        Some(digit) => digit,
        None => match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<String>)> {
        Signs::read(text).map(|signs| (signs.dialled, signs.afterwards))
    }

    #[test]
    fn signs_that_make_a_number_readable_are_left_out() {
        for text in [
            "+41 44 668 18 00",
            "+41-44-668-18-00",
            "+41.44.668.18.00",
            "+41\u{a0}(44) 668/1800",
            "+41\u{2011}44\u{2013}6681800",
            "＋４１ ４４６６８１８００",
            "+٤١٤٤٦٦٨١٨٠٠",
        ] {
            assert_eq!(read(text), Some(("+41446681800".to_owned(), None)), "{text}");
        }
        assert_eq!(read("*21#"), Some(("*21#".to_owned(), None)));
        for text in ["", "+", "*#", "anna", "ben2", "1-800-FLOWERS", "+41 44 668 18 00 or 01", "41x", "user7x2"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_dialled_after_the_answer_is_kept_apart() {
        for text in
            ["044 668 18 00 ext. 12", "044 668 18 00x12", "0446681800,12", "0446681800;ext=12", "0446681800p12", "0446681800, ext 12"]
        {
            assert_eq!(read(text), Some(("0446681800".to_owned(), Some("12".to_owned()))), "{text}");
        }
    }
}
