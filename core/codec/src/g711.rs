//! G.711: the two laws, exact by the decision values of ITU-T G.711 tables 1a to 2b (and the ITU's reference in G.191).

/// µ-law works on 14 bits of magnitude and adds this before it looks for the segment.
const ULAW_BIAS: u16 = 33;

/// A sample's magnitude as the ITU's reference takes it: one's complement for negative ones, so that -1 mirrors 0.
fn magnitude(sample: i16) -> u16 {
    (if sample < 0 { !sample } else { sample }).unsigned_abs()
}

/// One sample to A-law (even bits inverted, as sent).
#[must_use]
pub fn alaw_encode(sample: i16) -> u8 {
    let magnitude = magnitude(sample) >> 4;
    let (segment, step) = if magnitude < 32 {
        ((magnitude >> 4) as u8, magnitude & 15)
    } else {
        let segment = 12 - magnitude.leading_zeros() as u8;
        (segment, (magnitude >> (segment - 1)) & 15)
    };
    let sign = if sample < 0 { 0 } else { 0x80 };
    (sign | (segment << 4) | step as u8) ^ 0x55
}

/// One octet of A-law to a sample.
#[must_use]
pub const fn alaw_decode(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, (code & 15) as i16);
    let magnitude = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

/// One sample to µ-law (all bits inverted, as sent).
#[must_use]
pub fn ulaw_encode(sample: i16) -> u8 {
    let biased = ((magnitude(sample) >> 2) + ULAW_BIAS).min(0x1fff);
    let segment = 10 - biased.leading_zeros() as u8;
    let step = (biased >> (segment + 1)) & 15;
    let sign = if sample < 0 { 0x80 } else { 0 };
    !(sign | (segment << 4) | step as u8)
}

/// One octet of µ-law to a sample.
#[must_use]
pub const fn ulaw_decode(code: u8) -> i16 {
    let code = !code;
    let (segment, step) = ((code >> 4) & 7, (code & 15) as i16);
    let magnitude = (((step << 3) + 0x84) << segment) - 0x84;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ITU-T G.711 table 5 and 6: 1 kHz at 0 dBm0, which is 3.14 (A) and 3.17 dB (µ) below the largest sine.
    const ALAW_MILLIWATT: [u8; 8] = [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4];
    const ULAW_MILLIWATT: [u8; 8] = [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e];

    fn below_largest_sine(codes: [u8; 8], decode: fn(u8) -> i16, largest: f64) -> f64 {
        let square = codes.iter().map(|code| f64::from(decode(*code)).powi(2)).sum::<f64>() / 8.0;
        20.0 * (largest / 2f64.sqrt() / square.sqrt()).log10()
    }

    #[test]
    fn the_digital_milliwatt_has_the_level_the_standard_says() {
        assert!((below_largest_sine(ALAW_MILLIWATT, alaw_decode, 32_768.0) - 3.139).abs() < 0.02);
        assert!((below_largest_sine(ULAW_MILLIWATT, ulaw_decode, 8_159.0 * 4.0) - 3.172).abs() < 0.02);
    }

    #[test]
    fn known_codes_have_the_values_of_the_tables() {
        for (code, sample) in [(0xd5, 8), (0x55, -8), (0xaa, 32256), (0x2a, -32256), (0xd4, 24), (0xc5, 264), (0x85, 4224)] {
            assert_eq!(alaw_decode(code), sample, "A-law {code:#x}");
        }
        for (code, sample) in [(0xff, 0), (0x7f, 0), (0x80, 32124), (0x00, -32124), (0xfe, 8), (0xef, 132), (0x8f, 16764)] {
            assert_eq!(ulaw_decode(code), sample, "µ-law {code:#x}");
        }
    }

    #[test]
    fn every_code_survives_decoding_and_encoding() {
        for code in 0..=255 {
            assert_eq!(alaw_encode(alaw_decode(code)), code);
            // µ-law has two zeros; the negative one becomes the positive one.
            assert_eq!(ulaw_encode(ulaw_decode(code)), if code == 0x7f { 0xff } else { code });
        }
    }

    #[test]
    fn intervals_begin_and_end_at_the_decision_values_of_the_tables() {
        // Step of each segment, in 16-bit units: A-law's first two are alike, µ-law's double from the start.
        let steps_a = [16, 16, 32, 64, 128, 256, 512, 1024];
        let steps_u = [8, 16, 32, 64, 128, 256, 512, 1024];
        for level in 0..128_u8 {
            let segment = usize::from(level >> 4);
            let a = (level | 0x80) ^ 0x55;
            let (value, half) = (alaw_decode(a), steps_a[segment] / 2);
            for sample in [value - half, value.saturating_add(half - 1)] {
                assert_eq!((alaw_encode(sample), alaw_encode(!sample)), (a, a ^ 0x80), "A-law {sample}");
            }
            let u = !level;
            let (value, half) = (ulaw_decode(u), steps_u[segment] / 2);
            for sample in [(value - half).max(0), value.saturating_add(half - 1)] {
                assert_eq!((ulaw_encode(sample), ulaw_encode(!sample)), (u, u ^ 0x80), "µ-law {sample}");
            }
        }
    }

    #[test]
    fn extremes_do_not_wrap() {
        assert_eq!(alaw_decode(alaw_encode(i16::MIN)), -32256);
        assert_eq!(ulaw_decode(ulaw_encode(i16::MAX)), 32124);
        assert_eq!(ulaw_decode(ulaw_encode(i16::MIN)), -32124);
    }
}
