//! What is done to a text before it is read: signs that nobody sees go, escapes are undone, letters come to one form.

use icu_normalizer::ComposingNormalizer;

/// Composed (NFC, RFC 6531 3.1 and RFC 8265 3.3.2).
pub(super) fn composed(text: &str) -> String {
    ComposingNormalizer::new_nfc().normalize(text).into_owned()
}

/// Full- and half-width letters as usual ones (RFC 8265 3.3.2, rule 1).
pub(super) fn usual_width(text: &str) -> String {
    let compatible = ComposingNormalizer::new_nfkc();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\u{3000}' | '\u{ff00}'..='\u{ffef}') {
            out.push_str(&compatible.normalize(c.encode_utf8(&mut [0; 4])));
        } else {
            out.push(c);
        }
    }
    out
}

/// Without the signs that steer how text is laid out: they come along when addresses are copied from other programs.
pub(super) fn visible(text: &str) -> String {
    let is_unseen = |c: char| matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars().filter(|c| !is_unseen(*c)).collect::<String>().trim().to_owned()
}

/// `%C3%B6` as `ö`. `None` where that gives no text; a percent sign without two hexadecimal digits stands for itself.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        match after {
            [high, low, behind @ ..] if *first == b'%' && hex(*high).is_some() && hex(*low).is_some() => {
                octets.push((hex(*high)? << 4) | hex(*low)?);
                rest = behind;
            }
            _ => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once_and_only_if_they_give_text() {
        assert_eq!(unescaped("j%C3%B6rg%2525").as_deref(), Some("jörg%25"));
        assert_eq!(unescaped("100%").as_deref(), Some("100%"));
        assert_eq!(unescaped("%ff"), None);
    }

    #[test]
    fn signs_of_layout_vanish_and_letters_come_to_one_form() {
        assert_eq!(visible("\u{202a}+41 44\u{202c}\u{feff} "), "+41 44");
        assert_eq!(composed("jo\u{308}rg"), "jörg");
        assert_eq!(usual_width("ａｎｎａ＠ｋ"), "anna@k");
    }
}
