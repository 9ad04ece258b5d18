//! The two facts about an Opus packet (RFC 6716) that decide how a loss is played over.

/// Whether a mono packet carries redundancy for the frame before it (LBRR, RFC 6716 4.2.4): the flag sits right after the voice flags of
/// the first SILK frame.
pub fn has_redundancy(packet: &[u8]) -> bool {
    let Some((toc, rest)) = packet.split_first() else { return false };
    let config = toc >> 3;
    // Configurations 16 and up are CELT only.
    if config >= 16 {
        return false;
    }
    let voice_flags = match config {
        0..=11 if config % 4 == 2 => 2,
        0..=11 if config % 4 == 3 => 3,
        _ => 1,
    };
    let first_frame = match toc & 3 {
        0 | 1 => rest,
        2 => rest.get(if rest.first().is_some_and(|length| *length >= 252) { 2.. } else { 1.. }).unwrap_or_default(),
        // Several frames in one packet of arbitrary layout: rare in calls.
        _ => return false,
    };
    // Codes of one or two octets are silence (DTX) and hold nothing.
    first_frame.len() > 1 && first_frame.first().is_some_and(|octet| (octet >> (7 - voice_flags)) & 1 == 1)
}

/// Whether a packet only keeps the comfort noise going: the sender pauses after it (DTX).
pub(crate) fn is_pause(packet: &[u8]) -> bool {
    packet.len() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_found_in_speech_and_hybrid_packets_only() {
        // 20 ms SILK wideband mono (config 9), voice flag and redundancy flag.
        assert!(has_redundancy(&[9 << 3, 0b1100_0000, 0, 0]));
        assert!(!has_redundancy(&[9 << 3, 0b1000_0000, 0, 0]));
        // 60 ms: three voice flags come first.
        assert!(has_redundancy(&[11 << 3, 0b1111_0000, 0, 0]));
        assert!(!has_redundancy(&[11 << 3, 0b1110_0000, 0, 0]));
        // Hybrid (config 15), CELT (config 31), DTX, nothing.
        assert!(has_redundancy(&[15 << 3, 0b0100_0000, 0, 0]));
        assert!(!has_redundancy(&[31 << 3, 0xff, 0xff]));
        assert!(!has_redundancy(&[9 << 3, 0xff]) && !has_redundancy(&[9 << 3]) && !has_redundancy(&[]));
        assert!(is_pause(&[9 << 3]) && !is_pause(&[9 << 3, 0, 0]));
    }
}
