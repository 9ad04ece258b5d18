use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cooee_machine::SocketId;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use super::incoming::{Arrival, Kind};
use super::stream::datagram;

/// Room in the kernel for bursts while the machine works.
const RECEIVE_BUFFER: usize = 1 << 20;
/// A socket that reports errors without end must not spin.
const PAUSE: Duration = Duration::from_millis(10);

/// A bound socket; one for `[::]` leaves IPv4 alone, so that both wildcards can be bound.
pub(super) fn bind(local: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(local), Type::DGRAM, Some(Protocol::UDP))?;
    if local.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&local.into())?;
    let socket = UdpSocket::from_std(socket.into())?;
    if let Err(error) = SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER) {
        tracing::debug!(%error, "the receive buffer stays as it was");
    }
    Ok(socket)
}

/// The local address, without a port, that packets to `remote` leave from; no address in particular if there is no way to it.
/// Connecting a socket sends nothing: it only makes the system look at its routes.
pub(super) fn source(remote: SocketAddr) -> SocketAddr {
    let any: SocketAddr = if remote.is_ipv4() { ([0; 4], 0).into() } else { ([0_u16; 8], 0).into() };
    let look = || -> io::Result<SocketAddr> {
        let socket = std::net::UdpSocket::bind(any)?;
        socket.connect(remote)?;
        socket.local_addr()
    };
    match look() {
        Ok(mut local) => {
            local.set_port(0);
            local
        }
        Err(error) => {
            tracing::debug!(%error, "no way is known from here");
            any
        }
    }
}

/// Reports every datagram until the driver drops the task.
pub(super) async fn receive(id: SocketId, local: SocketAddr, socket: Arc<UdpSocket>, arrivals: mpsc::Sender<Arrival>) {
    loop {
        match datagram(&socket).await {
            Ok((payload, remote)) => {
                if arrivals.send(Kind::Datagram { socket: id, local, remote, payload }.into()).await.is_err() {
                    return;
                }
            }
            // Mostly an ICMP complaint about something sent earlier.
            Err(error) => {
                tracing::debug!(%error, "a UDP socket reports an error");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
