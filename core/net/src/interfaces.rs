use std::io;
use std::net::IpAddr;
use std::time::Duration;

use cooee_machine::Interface;

/// The addresses of this machine on networks that are up, sorted; without loopback, and without IPv6 link-local addresses,
/// which mean nothing without a zone.
///
/// # Errors
/// The system does not tell.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let link_local = |address: &IpAddr| matches!(address, IpAddr::V6(six) if six.is_unicast_link_local());
    let mut found: Vec<Interface> = if_addrs::get_if_addrs()?
        .into_iter()
        .filter(|one| one.is_oper_up() && !one.is_loopback() && !link_local(&one.ip()))
        .map(|one| Interface { address: one.ip(), name: one.name })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// One change of network comes as several messages; they are waited out.
const SETTLE: Duration = Duration::from_millis(250);
/// Where the system cannot tell us, we look this often.
const LOOK: Duration = Duration::from_secs(30);

/// Tells when [`interfaces`] would answer otherwise. On Linux the kernel tells (rtnetlink) and an idle watch costs no
/// wake-up; elsewhere, or where the kernel refuses (Android), it looks twice a minute.
pub struct InterfaceWatch {
    last: Option<Vec<Interface>>,
    kernel: Option<kernel::Messages>,
}

impl InterfaceWatch {
    /// Call it within a tokio runtime with IO and time.
    #[must_use]
    pub fn new() -> Self {
        let kernel =
            kernel::Messages::open().inspect_err(|error| tracing::debug!(%error, "the kernel does not tell of network changes")).ok();
        Self { last: None, kernel }
    }

    /// What is up, at once the first time, then at each change. Whoever gives up waiting misses nothing.
    pub async fn changed(&mut self) -> Vec<Interface> {
        loop {
            match interfaces() {
                Ok(found) if self.last.as_ref() != Some(&found) => {
                    self.last = Some(found.clone());
                    return found;
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "the system does not tell its addresses"),
            }
            match &self.kernel {
                Some(kernel) => {
                    if let Err(error) = kernel.next().await {
                        tracing::debug!(%error, "the kernel no longer tells of network changes");
                        self.kernel = None;
                    }
                    tokio::time::sleep(SETTLE).await;
                }
                None => tokio::time::sleep(LOOK).await,
            }
        }
    }
}

impl Default for InterfaceWatch {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod kernel {
    use std::io;

    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
    use tokio::net::UdpSocket;

    /// `RTMGRP_LINK`, `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV6_IFADDR` of rtnetlink(7).
    const GROUPS: u32 = 0x1 | 0x10 | 0x100;

    /// A socket on which the kernel says that links or addresses changed. What it says is not read: we look ourselves.
    /// To tokio it is a socket that receives datagrams, no matter of which family.
    pub(super) struct Messages(UdpSocket);

    impl Messages {
        pub(super) fn open() -> io::Result<Self> {
            let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
            // No protocol is protocol 0: `NETLINK_ROUTE`.
            let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
            bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
            Ok(Self(UdpSocket::from_std(socket.into())?))
        }

        /// Waits for a message and takes all there are.
        pub(super) async fn next(&self) -> io::Result<()> {
            let mut buffer = vec![0; 8192];
            match self.0.recv(&mut buffer).await {
                Ok(_) => {}
                // Some were lost, which is a change as well.
                Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NOBUFS.raw_os_error()) => {}
                Err(error) => return Err(error),
            }
            while self.0.try_recv(&mut buffer).is_ok() {}
            Ok(())
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod kernel {
    use std::io;

    pub(super) struct Messages;

    impl Messages {
        pub(super) fn open() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) async fn next(&self) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_link_local_addresses_are_left_out() {
        for one in interfaces().unwrap() {
            assert!(!one.address.is_loopback(), "{one:?}");
            assert!(!matches!(one.address, IpAddr::V6(six) if six.is_unicast_link_local()), "{one:?}");
        }
    }

    #[tokio::test]
    async fn a_watch_says_at_first_how_it_is() {
        assert_eq!(InterfaceWatch::new().changed().await, interfaces().unwrap());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_kernel_is_asked_to_tell() {
        assert!(InterfaceWatch::new().kernel.is_some());
    }
}
