//! Datagrams, with the moment they came: the kernel notes it, so nobody needs to be awake for it.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// Whether the kernel tells when datagrams came. Where it does not, they must be read as they come.
pub(super) const TIMES_ARE_NOTED: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// A datagram that was read.
pub(super) struct Datagram {
    pub(super) remote: SocketAddr,
    /// So many octets of the buffer.
    pub(super) length: usize,
    /// When it came, as time since the Unix epoch; unknown where the system does not tell.
    pub(super) came: Option<Duration>,
}

/// Lets the kernel note when datagrams come to this socket. Without that they count as having come when they are read.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn note_times(socket: &UdpSocket) {
    use nix::sys::socket::{setsockopt, sockopt::ReceiveTimestampns};
    if let Err(error) = setsockopt(socket, ReceiveTimestampns, &true) {
        tracing::debug!(%error, "the kernel does not tell when datagrams come");
    }
}

/// The next datagram that is there; the octets are in `buffer`.
///
/// # Errors
/// None is there ([`io::ErrorKind::WouldBlock`]), or something sent earlier met no one.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn read(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Datagram> {
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};
    use nix::sys::time::TimeSpec;

    let mut control = nix::cmsg_space!(TimeSpec);
    let mut octets = [io::IoSliceMut::new(buffer)];
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut octets, Some(&mut control), MsgFlags::MSG_DONTWAIT)?;
    let came = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => Some(Duration::from(time)),
        _ => None,
    });
    let sender = message.address.as_ref();
    let remote = sender
        .and_then(|address| address.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into())))
        .or_else(|| sender.and_then(|address| address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into()))));
    let remote = remote.ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok(Datagram { remote, length: message.bytes, came })
}

/// Lets the kernel note when datagrams come to this socket; here nobody knows how.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn note_times(_: &UdpSocket) {}

/// The next datagram that is there; the octets are in `buffer`.
///
/// # Errors
/// None is there ([`io::ErrorKind::WouldBlock`]), or something sent earlier met no one.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn read(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Datagram> {
    let (length, remote) = socket.recv_from(buffer)?;
    Ok(Datagram { remote, length, came: None })
}
