use std::ops::Range;

/// The parts of an RTP header (RFC 3550 5.1) that a phone acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) marker: bool,
    /// 0..=127.
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

const FIXED: usize = 12;
const VERSION_2: u8 = 0x80;

/// A packet with this payload.
pub(crate) fn packet(header: &Header, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(FIXED + payload.len());
    octets.extend_from_slice(&[VERSION_2, (u8::from(header.marker) << 7) | (header.payload_type & 0x7f)]);
    octets.extend_from_slice(&header.sequence.to_be_bytes());
    octets.extend_from_slice(&header.timestamp.to_be_bytes());
    octets.extend_from_slice(&header.ssrc.to_be_bytes());
    octets.extend_from_slice(payload);
    octets
}

/// The header, and where the payload is: contributing sources, header extension and padding are skipped. `None` if it is no RTP.
pub(crate) fn parse(packet: &[u8]) -> Option<(Header, Range<usize>)> {
    let [first, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *packet.first_chunk::<FIXED>()?;
    if first & 0xc0 != VERSION_2 {
        return None;
    }
    let mut begin = FIXED + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let [_, _, high, low] = *packet.get(begin..)?.first_chunk::<4>()?;
        begin += 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
    }
    let padding = if first & 0x20 != 0 { usize::from(*packet.last()?).max(1) } else { 0 };
    let end = packet.len().checked_sub(padding)?;
    let header = Header {
        marker: second & 0x80 != 0,
        payload_type: second & 0x7f,
        sequence: u16::from_be_bytes([s0, s1]),
        timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
    };
    (begin <= end).then_some((header, begin..end))
}

#[cfg(test)]
mod tests {
    use rtc_shared::marshal::{Marshal, Unmarshal};

    use super::*;

    const HEADER: Header = Header { marker: true, payload_type: 111, sequence: 0xfffe, timestamp: 0x0102_0304, ssrc: 0xdead_beef };

    #[test]
    fn what_is_written_is_read_again_by_us_and_by_another_implementation() {
        let octets = packet(&HEADER, b"sound");
        let (header, payload) = parse(&octets).unwrap();
        assert_eq!((header, &octets[payload]), (HEADER, &b"sound"[..]));
        let other = rtc_rtp::Packet::unmarshal(&mut &octets[..]).unwrap();
        assert_eq!((other.header.sequence_number, other.header.timestamp, other.header.ssrc), (0xfffe, 0x0102_0304, 0xdead_beef));
        assert!(other.header.marker && other.header.payload_type == 111 && &other.payload[..] == b"sound");
    }

    #[test]
    fn sources_extension_and_padding_are_skipped() {
        let mut other = rtc_rtp::Packet::default();
        other.header.version = 2;
        other.header.csrc = vec![1, 2, 3];
        other.header.extension = true;
        other.header.extension_profile = 0xBEDE;
        other.header.set_extension(1, bytes::Bytes::from_static(&[9, 9, 9])).unwrap();
        other.payload = bytes::Bytes::from_static(b"sound");
        let mut octets = other.marshal().unwrap().to_vec();
        octets[0] |= 0x20;
        octets.extend_from_slice(&[0, 0, 3]);
        assert_eq!(&octets[parse(&octets).unwrap().1], b"sound");
    }

    #[test]
    fn truncated_and_foreign_packets_are_refused() {
        let mut octets = packet(&HEADER, b"sound");
        assert!(parse(&octets[..11]).is_none());
        octets[0] = 0x40;
        assert!(parse(&octets).is_none());
        octets[0] = 0x8f;
        assert!(parse(&octets).is_none());
        octets[0] = 0x90;
        assert!(parse(&octets[..13]).is_none());
        octets[0] = 0xa0;
        *octets.last_mut().unwrap() = 200;
        assert!(parse(&octets).is_none());
    }
}
