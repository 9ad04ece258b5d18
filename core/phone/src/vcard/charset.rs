use std::borrow::Cow;

/// A file in UTF-16 comes to UTF-8, and a byte order mark goes. Two octets a letter are also recognised without a mark: a vCard begins with
/// ASCII.
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        [first, 0, ..] if *first != 0 => Cow::Owned(utf16(bytes, u16::from_le_bytes)),
        [0, second, ..] if *second != 0 => Cow::Owned(utf16(bytes, u16::from_be_bytes)),
        bytes => Cow::Borrowed(bytes),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
}

/// The text of a value. `charset` is what its property says; where that is missing or wrong, octets that are no UTF-8 are taken for
/// Windows-1252, which older phones and Outlook write. Other charsets give replacement characters beyond ASCII.
pub(super) fn text(octets: &[u8], charset: Option<&str>) -> String {
    let is_latin = charset.is_none_or(|charset| {
        ["utf-8", "utf8", "us-ascii", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(charset))
    });
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) if is_latin => octets.iter().map(|octet| windows_1252(*octet)).collect(),
        Err(_) => String::from_utf8_lossy(octets).into_owned(),
    }
}

fn windows_1252(octet: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}', '‘', '’', '“',
        '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    octet.checked_sub(0x80).and_then(|place| FROM_80.get(usize::from(place)).copied()).unwrap_or(char::from(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_two_octets_a_letter_are_read_with_and_without_a_mark() {
        let le: Vec<u8> = "BEGIN:é".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "BEGIN:é".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            le.clone(),
            be.clone(),
            [vec![0xff, 0xfe], le].concat(),
            [vec![0xfe, 0xff], be].concat(),
            b"\xef\xbb\xbfBEGIN:\xc3\xa9".to_vec(),
        ] {
            assert_eq!(utf8(&bytes).as_ref(), "BEGIN:é".as_bytes());
        }
        assert_eq!(utf8(b"\xff\xfeB").as_ref(), b"", "half a letter");
    }

    #[test]
    fn values_that_are_no_utf8_are_taken_for_windows_1252() {
        assert_eq!(text(b"J\xf6rg \x80", None), "Jörg €");
        assert_eq!(text(b"J\xf6rg", Some("ISO-8859-1")), "Jörg");
        assert_eq!(text("Jörg".as_bytes(), Some("ISO-8859-1")), "Jörg", "UTF-8 is told from all others");
        assert_eq!(text(b"\x82\xb3 x", Some("SHIFT_JIS")), "\u{fffd}\u{fffd} x");
    }
}
