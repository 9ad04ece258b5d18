use std::net::SocketAddr;

/// Octets on the network, of sound and reports, with what carries them: SRTP, RTP, UDP, IP. What finds the path and agrees on keys is not
/// counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    pub(super) sent: u64,
    pub(super) received: u64,
}

impl Traffic {
    pub(super) fn sends(&mut self, remote: SocketAddr, payload: usize) {
        self.sent += on_the_network(remote, payload);
    }

    pub(super) fn receives(&mut self, remote: SocketAddr, payload: usize) {
        self.received += on_the_network(remote, payload);
    }
}

fn on_the_network(remote: SocketAddr, payload: usize) -> u64 {
    payload as u64 + u64::from(headers(remote))
}

/// The octets of UDP's header, and of IP's without options.
pub(super) fn headers(remote: SocketAddr) -> u16 {
    let ip = if remote.ip().to_canonical().is_ipv4() { 20 } else { 40 };
    ip + 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_counts_with_the_headers_of_its_ip() {
        let mut traffic = Traffic::default();
        traffic.sends("192.0.2.1:4000".parse().unwrap(), 100);
        traffic.sends("[2001:db8::1]:4000".parse().unwrap(), 100);
        traffic.receives("[::ffff:192.0.2.1]:4000".parse().unwrap(), 0);
        assert_eq!((traffic.sent, traffic.received), (128 + 148, 28));
    }
}
