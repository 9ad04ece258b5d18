use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};

use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

/// One socket: the runtime waits on one handle, what is sent goes through another, past the runtime's idea of readiness (which
/// says "not yet" until the runtime has looked for the first time).
struct Bound {
    local: SocketAddr,
    receiver: UdpSocket,
    sender: std::net::UdpSocket,
}

/// The UDP sockets of one call.
pub(super) struct Sockets {
    bound: Vec<Bound>,
    /// Where the next look for datagrams begins, so that no socket starves.
    turn: usize,
    /// Datagrams that the system did not take.
    pub(super) unsent: u64,
}

impl Sockets {
    /// Binds a socket on each address, any port. Addresses that cannot be bound are left out.
    ///
    /// # Errors
    /// None could be bound: the last one's trouble.
    pub(super) fn bind(addresses: &[IpAddr]) -> io::Result<Self> {
        let mut bound = Vec::new();
        let mut trouble = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match bind_even(*address) {
                Ok(socket) => bound.push(socket),
                Err(error) => {
                    tracing::debug!(%error, "an address carries no media");
                    trouble = error;
                }
            }
        }
        if bound.is_empty() { Err(trouble) } else { Ok(Self { bound, turn: 0, unsent: 0 }) }
    }

    /// Binds one more socket, at just this address; if that is taken, there is none.
    pub(super) fn open(&mut self, address: SocketAddr) {
        match bind(address) {
            Ok(socket) => self.bound.push(socket),
            Err(error) => tracing::debug!(%error, "no port for the other side's reports"),
        }
    }

    /// The local addresses.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.bound.iter().map(|bound| bound.local).collect()
    }

    /// Sends; what the system does not take at once is lost, as on any network.
    pub(super) fn send(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8]) {
        let at = |local: SocketAddr| self.bound.iter().find(|bound| bound.local == local);
        let below = || SocketAddr::new(local.ip(), local.port().wrapping_sub(1));
        let sent = at(local).or_else(|| at(below())).map(|bound| bound.sender.send_to(payload, remote));
        if !matches!(sent, Some(Ok(_))) {
            self.unsent += 1;
        }
    }

    /// Waits for a datagram on any socket: the local and remote address; the octets are in `buffer`.
    pub(super) fn poll_receive(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<(SocketAddr, SocketAddr)> {
        let count = self.bound.len();
        self.turn = (self.turn + 1) % count.max(1);
        let (before, from) = self.bound.split_at(self.turn);
        for Bound { local, receiver, .. } in from.iter().chain(before) {
            // An error is an ICMP message about something sent earlier: look again, for there may be more behind it.
            for _ in 0..8 {
                match receiver.poll_recv_from(context, buffer) {
                    Poll::Ready(Ok(remote)) => return Poll::Ready((*local, remote)),
                    Poll::Ready(Err(error)) => tracing::trace!(%error, "a datagram of ours met no one"),
                    Poll::Pending => break,
                }
            }
        }
        Poll::Pending
    }
}

/// Any port, an even one if a few tries find it: reports of peers without rtcp-mux have the odd one above (RFC 3550 11).
fn bind_even(address: IpAddr) -> io::Result<Bound> {
    for _ in 0..4 {
        let socket = bind((address, 0).into())?;
        if socket.local.port().is_multiple_of(2) {
            return Ok(socket);
        }
    }
    bind((address, 0).into())
}

fn bind(address: SocketAddr) -> io::Result<Bound> {
    let sender = std::net::UdpSocket::bind(address)?;
    sender.set_nonblocking(true)?;
    let receiver = UdpSocket::from_std(sender.try_clone()?)?;
    Ok(Bound { local: sender.local_addr()?, receiver, sender })
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn datagrams_come_from_every_socket_and_are_told_with_both_addresses() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (mut one, mut other) = (Sockets::bind(&[loopback, loopback]).unwrap(), Sockets::bind(&[loopback]).unwrap());
        let from = other.addresses()[0];
        for to in one.addresses() {
            other.send(from, to, b"hello");
        }
        let mut heard = Vec::new();
        for _ in 0..2 {
            let mut octets = [0; 64];
            let mut buffer = ReadBuf::new(&mut octets);
            let (local, remote) = poll_fn(|context| one.poll_receive(context, &mut buffer)).await;
            assert_eq!((remote, buffer.filled()), (from, &b"hello"[..]));
            heard.push(local);
        }
        heard.sort();
        let mut all = one.addresses();
        all.sort();
        assert_eq!((heard, other.unsent), (all, 0));
    }

    #[tokio::test]
    async fn a_socket_for_reports_is_opened_above_and_what_has_none_leaves_from_below() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (mut one, mut other) = (Sockets::bind(&[loopback]).unwrap(), Sockets::bind(&[loopback]).unwrap());
        let (below, to) = (one.addresses()[0], other.addresses()[0]);
        let above = SocketAddr::new(below.ip(), below.port() + 1);
        for expected in [below, above] {
            one.send(above, to, b"report");
            let mut octets = [0; 64];
            let (_, remote) = poll_fn(|context| other.poll_receive(context, &mut ReadBuf::new(&mut octets))).await;
            if expected == below {
                assert_eq!(remote, below);
                one.open(above);
            } else {
                // Another process may have that port.
                assert_eq!(remote, if one.addresses().contains(&above) { above } else { below });
            }
        }
        assert_eq!(one.unsent, 0);
    }

    #[tokio::test]
    async fn addresses_that_are_not_ours_are_left_out_and_none_at_all_is_an_error() {
        let (ours, foreign) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        assert_eq!(Sockets::bind(&[foreign, ours]).unwrap().addresses().len(), 1);
        assert!(Sockets::bind(&[foreign]).is_err());
        let mut sockets = Sockets::bind(&[ours]).unwrap();
        sockets.send("192.0.2.1:5".parse().unwrap(), "127.0.0.1:5".parse().unwrap(), b"x");
        assert_eq!(sockets.unsent, 1);
    }
}
