use crate::grammar::text;

/// `N` hexadecimal digits, kept without an allocation.
#[derive(Clone, Copy)]
pub(super) struct Hex<const N: usize>([u8; N]);

impl<const N: usize> Hex<N> {
    /// The first octets, two digits each.
    pub(super) fn of(octets: &[u8]) -> Self {
        let mut digits = [b'0'; N];
        let (pairs, _) = digits.as_chunks_mut::<2>();
        for ([high, low], octet) in pairs.iter_mut().zip(octets) {
            (*high, *low) = (digit(octet >> 4), digit(octet & 15));
        }
        Self(digits)
    }

    pub(super) fn as_str(&self) -> &str {
        text(&self.0)
    }
}

fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + (value - 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_is_two_digits() {
        assert_eq!(Hex::<8>::of(&[0x00, 0x9a, 0xbf, 0xff, 1]).as_str(), "009abfff");
    }
}
