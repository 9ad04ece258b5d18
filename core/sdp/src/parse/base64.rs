const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648 4, with padding.
pub(crate) fn encode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for chunk in octets.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, i| (bits << 8) | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for position in 0..4 {
            let sextet = (bits >> (18 - 6 * position)) & 63;
            let symbol = if position <= chunk.len() { ALPHABET.get(sextet as usize).copied().unwrap_or(b'=') } else { b'=' };
            text.push(char::from(symbol));
        }
    }
    text
}

/// Takes text with or without its padding; `None` for any other symbol or an impossible length.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let symbols = text.trim_end_matches('=').as_bytes();
    if symbols.len() % 4 == 1 || text.len() - symbols.len() > 2 {
        return None;
    }
    let mut octets = Vec::with_capacity(symbols.len() * 3 / 4);
    for chunk in symbols.chunks(4) {
        let mut bits = 0_u32;
        for position in 0..4 {
            let sextet = match chunk.get(position) {
                Some(symbol) => u32::try_from(ALPHABET.iter().position(|known| known == symbol)?).ok()?,
                None => 0,
            };
            bits = (bits << 6) | sextet;
        }
        let [_, a, b, c] = bits.to_be_bytes();
        octets.extend([a, b, c].into_iter().take(chunk.len() * 3 / 4));
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_go_both_ways() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded).as_deref(), Some(plain.as_bytes()));
            assert_eq!(decode(coded.trim_end_matches('=')).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(decode("Z"), None);
        assert_eq!(decode("Zm9v!mFy"), None);
        assert_eq!(decode("Zm9v===="), None);
    }
}
