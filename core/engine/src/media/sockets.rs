use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};

use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::arrival::{self, Datagram};

/// One socket. What is sent goes past the runtime's idea of readiness (which says "not yet" until the runtime has looked for the first time).
struct Bound {
    local: SocketAddr,
    socket: std::net::UdpSocket,
    /// The same socket, while the runtime wakes the thread for what comes.
    watched: Option<UdpSocket>,
}

/// The UDP sockets of one call.
pub(super) struct Sockets {
    bound: Vec<Bound>,
    watched: bool,
    /// Where the next look for datagrams begins, so that no socket starves.
    turn: usize,
    /// Datagrams that the system did not take.
    pub(super) unsent: u64,
}

impl Sockets {
    /// Binds a socket on each address, any port, and watches them. Addresses that cannot be bound are left out.
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
        if bound.is_empty() { Err(trouble) } else { Ok(Self { bound, watched: true, turn: 0, unsent: 0 }) }
    }

    /// Binds one more socket, at just this address; if that is taken, there is none.
    pub(super) fn open(&mut self, address: SocketAddr) {
        match bind(address) {
            Ok(socket) => {
                self.bound.push(socket);
                self.watch(self.watched);
            }
            Err(error) => tracing::debug!(%error, "no port for the other side's reports"),
        }
    }

    /// Binds one more on each of the addresses that there are: at the port above, or where that is taken at any. Where they are.
    pub(super) fn open_for_rtcp(&mut self) -> Vec<SocketAddr> {
        let above = |local: SocketAddr| local.port().checked_add(1).map(|port| SocketAddr::new(local.ip(), port));
        let open = |local: SocketAddr| above(local).and_then(|above| bind(above).ok()).map_or_else(|| bind((local.ip(), 0).into()), Ok);
        let opened = self
            .addresses()
            .into_iter()
            .filter_map(|local| open(local).inspect_err(|error| tracing::debug!(%error, "no port for the other side's reports")).ok());
        let opened: Vec<_> = opened.collect();
        let addresses = opened.iter().map(|bound| bound.local).collect();
        self.bound.extend(opened);
        self.watch(self.watched);
        addresses
    }

    /// Whether what comes wakes the thread from now on. Otherwise somebody must look with [`Sockets::receive`] now and then.
    pub(super) fn watch(&mut self, watched: bool) {
        self.watched = watched;
        for bound in &mut self.bound {
            if watched != bound.watched.is_some() {
                let socket = watched.then(|| watch(&bound.socket)).transpose();
                bound.watched = socket.inspect_err(|error| tracing::warn!(%error, "nothing wakes us for a socket")).ok().flatten();
            }
        }
    }

    /// Whether what comes wakes the thread.
    pub(super) fn is_watched(&self) -> bool {
        self.watched
    }

    /// The local addresses.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.bound.iter().map(|bound| bound.local).collect()
    }

    /// Sends; what the system does not take at once is lost, as on any network.
    pub(super) fn send(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8]) {
        let at = |local: SocketAddr| self.bound.iter().find(|bound| bound.local == local);
        let below = || SocketAddr::new(local.ip(), local.port().wrapping_sub(1));
        let sent = at(local).or_else(|| at(below())).map(|bound| bound.socket.send_to(payload, remote));
        if !matches!(sent, Some(Ok(_))) {
            self.unsent += 1;
        }
    }

    /// Waits until there may be a datagram on a watched socket.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        let watched = self.bound.iter().filter_map(|bound| bound.watched.as_ref());
        let mut ready = Poll::Pending;
        for socket in watched {
            // What is wrong with it is found when it is read.
            if socket.poll_recv_ready(context).is_ready() {
                ready = Poll::Ready(());
            }
        }
        ready
    }

    /// The next datagram that is there, and the address it came to; the octets are in `buffer`.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> Option<(SocketAddr, Datagram)> {
        self.turn = (self.turn + 1) % self.bound.len().max(1);
        let (before, from) = self.bound.split_at(self.turn);
        for Bound { local, socket, watched } in from.iter().chain(before) {
            // An error is an ICMP message about something sent earlier: look again, for there may be more behind it.
            for _ in 0..8 {
                let mut read = || arrival::read(socket, buffer);
                let read = match watched {
                    Some(watched) => watched.try_io(Interest::READABLE, read),
                    None => read(),
                };
                match read {
                    Ok(datagram) => return Some((*local, datagram)),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => tracing::trace!(%error, "a datagram of ours met no one"),
                }
            }
        }
        None
    }
}

/// Lets the runtime wake the thread for what comes to a socket.
fn watch(socket: &std::net::UdpSocket) -> io::Result<UdpSocket> {
    UdpSocket::from_std(socket.try_clone()?)
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
    let socket = std::net::UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    arrival::note_times(&socket);
    Ok(Bound { local: socket.local_addr()?, watched: Some(watch(&socket)?), socket })
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::Ipv4Addr;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// Waits for the next datagram: the address it came to, the one it is from, and its octets.
    async fn next(sockets: &mut Sockets) -> (SocketAddr, SocketAddr, Vec<u8>) {
        let mut octets = [0; 64];
        loop {
            poll_fn(|context| sockets.poll_ready(context)).await;
            if let Some((local, datagram)) = sockets.receive(&mut octets) {
                return (local, datagram.remote, octets[..datagram.length].to_vec());
            }
        }
    }

    #[tokio::test]
    async fn datagrams_come_from_every_socket_and_are_told_with_both_addresses() {
        let (mut one, mut other) = (Sockets::bind(&[LOOPBACK, LOOPBACK]).unwrap(), Sockets::bind(&[LOOPBACK]).unwrap());
        let from = other.addresses()[0];
        for to in one.addresses() {
            other.send(from, to, b"hello");
        }
        let mut heard = Vec::new();
        for _ in 0..2 {
            let (local, remote, octets) = next(&mut one).await;
            assert_eq!((remote, &octets[..]), (from, &b"hello"[..]));
            heard.push(local);
        }
        heard.sort();
        let mut all = one.addresses();
        all.sort();
        assert_eq!((heard, other.unsent), (all, 0));
    }

    #[tokio::test]
    async fn an_unwatched_socket_wakes_nobody_and_still_tells_when_its_datagrams_came() {
        let (mut one, mut other) = (Sockets::bind(&[LOOPBACK]).unwrap(), Sockets::bind(&[LOOPBACK]).unwrap());
        let (to, from, mut octets) = (one.addresses()[0], other.addresses()[0], [0; 64]);
        one.watch(false);
        // The kernel begins to note times a moment after it is asked to.
        loop {
            other.send(from, to, b"hello");
            assert!(tokio::time::timeout(Duration::from_millis(30), poll_fn(|context| one.poll_ready(context))).await.is_err());
            let datagram = one.receive(&mut octets).unwrap().1;
            assert_eq!((datagram.remote, datagram.length), (from, 5));
            assert!(one.receive(&mut octets).is_none());
            let waited = datagram.came.map(|came| SystemTime::now().duration_since(UNIX_EPOCH).unwrap() - came);
            if waited.is_none_or(|waited| waited >= Duration::from_millis(29)) {
                break;
            }
        }
        one.watch(true);
        other.send(from, to, b"again");
        assert_eq!(next(&mut one).await.2, b"again");
    }

    #[tokio::test]
    async fn a_socket_for_reports_is_opened_above_and_what_has_none_leaves_from_below() {
        let (mut one, mut other) = (Sockets::bind(&[LOOPBACK]).unwrap(), Sockets::bind(&[LOOPBACK]).unwrap());
        let (below, to) = (one.addresses()[0], other.addresses()[0]);
        let above = SocketAddr::new(below.ip(), below.port() + 1);
        for expected in [below, above] {
            one.send(above, to, b"report");
            let (_, remote, _) = next(&mut other).await;
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
    async fn each_socket_has_one_more_for_reports_whatever_ports_are_taken() {
        let mut one = Sockets::bind(&[LOOPBACK, LOOPBACK]).unwrap();
        let first = one.addresses();
        let mut ports: Vec<u16> = first.iter().chain(&one.open_for_rtcp()).chain(&one.open_for_rtcp()).map(SocketAddr::port).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 2 + 2 + 4);
        assert_eq!(one.addresses().len(), 8);
    }

    #[tokio::test]
    async fn addresses_that_are_not_ours_are_left_out_and_none_at_all_is_an_error() {
        let foreign = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        assert_eq!(Sockets::bind(&[foreign, LOOPBACK]).unwrap().addresses().len(), 1);
        assert!(Sockets::bind(&[foreign]).is_err());
        let mut sockets = Sockets::bind(&[LOOPBACK]).unwrap();
        sockets.send("192.0.2.1:5".parse().unwrap(), "127.0.0.1:5".parse().unwrap(), b"x");
        assert_eq!(sockets.unsent, 1);
    }
}
