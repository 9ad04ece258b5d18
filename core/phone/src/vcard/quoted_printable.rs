/// The octets of a value in quoted-printable (RFC 2045 6.7), its soft line breaks taken out before. A sign of equality without two hexadecimal
/// digits stands for itself.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    while let Some((first, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, behind @ ..] if *first == b'=' => hex(*high).zip(hex(*low)).map(|(high, low)| ((high << 4) | low, behind)),
            _ => None,
        };
        let (octet, behind) = escaped.unwrap_or((*first, after));
        out.push(octet);
        rest = behind;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_undone_and_nonsense_is_kept() {
        assert_eq!(decode(b"J=C3=B6rg=20=3d=0D=0A"), "Jörg =\r\n".as_bytes());
        assert_eq!(decode(b"a=b=4"), b"a=b=4");
    }
}
