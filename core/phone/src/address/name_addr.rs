//! A name beside an address, as mail programs and headers write it.

use super::NoAddress;

/// The name, if there is one, and the address that stands beside it: `Anna <anna@example.org>`, `"Nagy, Anna" <sip:…>;tag=1`,
/// `anna@example.org (Anna)`.
pub(super) fn split(text: &str) -> Result<(Option<String>, &str), NoAddress> {
    let text = text.trim_end_matches([',', ';', ' ']);
    if let Some((before, rest)) = outside_quotes(text, '<').and_then(|at| text.split_at_checked(at)) {
        let (inner, after) = rest.get(1..).and_then(|rest| rest.split_once('>')).ok_or(NoAddress::Malformed)?;
        // Parameters behind the bracket belong to a header and not to the address.
        if !(after.is_empty() || after.trim_start().starts_with(';')) {
            return Err(if after.contains('<') { NoAddress::Several } else { NoAddress::Malformed });
        }
        return Ok((name(before), inner.trim()));
    }
    match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((address, comment)) if address.contains('@') => Ok((name(comment), address.trim())),
        _ => Ok((None, text)),
    }
}

/// Where `sign` stands first outside of quotes.
fn outside_quotes(text: &str, sign: char) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            c if c == sign && !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .map_or_else(|| text.to_owned(), |text| text.replace("\\\"", "\"").replace("\\\\", "\\"));
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_its_address() {
        for (text, found, address) in [
            ("anna@example.org", None, "anna@example.org"),
            ("<anna@example.org>", None, "anna@example.org"),
            ("Anna <anna@example.org>", Some("Anna"), "anna@example.org"),
            (r#""Nagy, \"A.\" <x>" <sip:anna@example.org>;tag=7"#, Some(r#"Nagy, "A." <x>"#), "sip:anna@example.org"),
            ("anna@example.org (Anna Nagy)", Some("Anna Nagy"), "anna@example.org"),
            ("+41 (0)44 668 18 (00)", None, "+41 (0)44 668 18 (00)"),
            (r#""anna nagy"@example.org"#, None, r#""anna nagy"@example.org"#),
            ("Anna <anna@example.org>, ", Some("Anna"), "anna@example.org"),
        ] {
            assert_eq!(split(text), Ok((found.map(str::to_owned), address)), "{text}");
        }
        assert_eq!(split("A <a@x.example>, B <b@x.example>"), Err(NoAddress::Several));
        assert_eq!(split("A <a@x.example"), Err(NoAddress::Malformed));
        assert_eq!(split("A <a@x.example> x"), Err(NoAddress::Malformed));
    }
}
