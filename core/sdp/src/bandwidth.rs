use std::time::Duration;

/// How much a side takes in of one stream (RFC 8866 5.8). What is not said has no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bandwidth {
    /// `b=AS`, in kbit/s: with the headers of RTP, UDP and IP (RFC 3550 6.2).
    pub total: Option<u32>,
    /// `b=TIAS`, in bit/s: of payload alone, whatever carries it (RFC 3890 6.2).
    pub payload: Option<u32>,
    /// `a=maxprate`, in packets a second, rounded up (RFC 3890 6.3).
    pub packets: Option<u32>,
}

/// RTP, UDP and IPv4, in bits.
const HEADERS: u32 = 40 * 8;

impl Bandwidth {
    /// The most payload that it leaves room for, in bit/s, in packets of this length.
    #[must_use]
    pub fn for_payload(&self, packet: Duration) -> Option<u32> {
        let packets = 1000_u32.checked_div(u32::try_from(packet.as_millis()).unwrap_or(u32::MAX)).unwrap_or(0);
        let of_total = self.total.map(|total| total.saturating_mul(1000).saturating_sub(packets.saturating_mul(HEADERS)));
        [of_total, self.payload].into_iter().flatten().min()
    }

    /// Takes the value of a `b=` line.
    pub(crate) fn set(&mut self, value: &str) {
        let Some((kind, number)) = value.split_once(':') else { return };
        let number = number.trim().parse().ok();
        match kind.trim() {
            "AS" => self.total = number.or(self.total),
            "TIAS" => self.payload = number.or(self.payload),
            // RS and RR are about RTCP (RFC 3556), the rest is unknown.
            _ => {}
        }
    }

    /// Takes the value of `a=maxprate`, which may have a fraction.
    pub(crate) fn set_packets(&mut self, value: &str) {
        let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
        let is_more = fraction.bytes().any(|digit| digit != b'0');
        self.packets = whole.parse::<u32>().ok().map(|packets| packets.saturating_add(is_more.into())).or(self.packets);
    }

    /// What is said here, else there.
    pub(crate) fn or(self, other: Self) -> Self {
        let (total, payload) = (self.total.or(other.total), self.payload.or(other.payload));
        Self { total, payload, packets: self.packets.or(other.packets) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tighter_of_both_bounds_is_what_payload_may_take() {
        let at =
            |milliseconds, total, payload| Bandwidth { total, payload, packets: None }.for_payload(Duration::from_millis(milliseconds));
        assert_eq!(at(20, Some(40), None), Some(24_000));
        assert_eq!(at(60, Some(20), None), Some(14_880));
        assert_eq!(at(60, Some(20), Some(12_000)), Some(12_000));
        assert_eq!(at(20, Some(3), Some(12_000)), Some(0), "less than the headers");
        assert_eq!(at(20, None, None), None);
        assert_eq!(at(0, Some(u32::MAX), None), Some(u32::MAX));
    }

    #[test]
    fn what_is_malformed_counts_as_not_said() {
        let mut read = Bandwidth::default();
        for value in ["AS:64", "AS:-1", "TIAS:12000", "TIAS:x", "RS:0", "X-YZ:128", "AS", ""] {
            read.set(value);
        }
        read.set_packets("16.7");
        read.set_packets("many");
        assert_eq!(read, Bandwidth { total: Some(64), payload: Some(12_000), packets: Some(17) });
    }
}
