use std::net::{IpAddr, SocketAddr};

use cooee_machine::{SocketId, StreamId};

use super::OtherDomain;
use crate::flow::FlowId;
use crate::registrar::BindingKey;

/// One end of a dialog, as a token names it.
#[derive(Clone, PartialEq, Eq)]
pub enum End {
    /// A registered device: wherever its binding points to now.
    Device {
        /// The user part of its address of record.
        user: String,
        /// The binding.
        key: BindingKey,
    },
    /// What is not registered: the flow it used, for as long as that lives.
    Flow {
        /// The run of the server it belongs to.
        epoch: u64,
        /// The flow.
        flow: FlowId,
    },
    /// Another domain: by whatever connection leads there now.
    Domain(OtherDomain),
}

impl End {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Device { user, key } => {
                let length = u8::try_from(user.len()).unwrap_or(0);
                out.extend_from_slice(&[0, length]);
                out.extend_from_slice(user.as_bytes().get(..usize::from(length)).unwrap_or_default());
                out.extend_from_slice(&key.0.to_be_bytes());
            }
            Self::Domain(OtherDomain { name, port }) => {
                let length = u8::try_from(name.len()).unwrap_or(0);
                out.extend_from_slice(&[4, length]);
                out.extend_from_slice(name.as_bytes().get(..usize::from(length)).unwrap_or_default());
                out.extend_from_slice(&port.unwrap_or(0).to_be_bytes());
            }
            Self::Flow { epoch, flow: FlowId::Stream(stream) } => {
                out.push(1);
                out.extend_from_slice(&epoch.to_be_bytes());
                out.extend_from_slice(&stream.0.to_be_bytes());
            }
            Self::Flow { epoch, flow: FlowId::Udp { socket, remote } } => {
                out.push(if remote.is_ipv4() { 2 } else { 3 });
                out.extend_from_slice(&epoch.to_be_bytes());
                out.extend_from_slice(&socket.0.to_be_bytes());
                match remote.ip() {
                    IpAddr::V4(address) => out.extend_from_slice(&address.octets()),
                    IpAddr::V6(address) => out.extend_from_slice(&address.octets()),
                }
                out.extend_from_slice(&remote.port().to_be_bytes());
            }
        }
    }

    /// Cuts the octets of one end from those that follow.
    pub(super) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        let length = match bytes {
            [0, length, ..] => 2 + usize::from(*length) + 8,
            [1, ..] => 1 + 8 + 8,
            [2, ..] => 1 + 8 + 8 + 4 + 2,
            [3, ..] => 1 + 8 + 8 + 16 + 2,
            [4, length, ..] => 2 + usize::from(*length) + 2,
            _ => return None,
        };
        bytes.split_at_checked(length)
    }

    /// Reads the octets of one end.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        if *kind == 0 {
            let (length, rest) = rest.split_first()?;
            let (user, rest) = rest.split_at_checked(usize::from(*length))?;
            return Some(Self::Device { user: std::str::from_utf8(user).ok()?.to_owned(), key: BindingKey(number(rest)?.0) });
        }
        if *kind == 4 {
            let (length, rest) = rest.split_first()?;
            let (name, rest) = rest.split_at_checked(usize::from(*length))?;
            let port = u16::from_be_bytes(*rest.first_chunk()?);
            return Some(Self::Domain(OtherDomain { name: std::str::from_utf8(name).ok()?.to_owned(), port: (port != 0).then_some(port) }));
        }
        let (epoch, rest) = number(rest)?;
        let (name, rest) = number(rest)?;
        let (address, rest): (IpAddr, _) = match kind {
            1 => return Some(Self::Flow { epoch, flow: FlowId::Stream(StreamId(name)) }),
            2 => rest.split_first_chunk::<4>().map(|(octets, rest)| (IpAddr::from(*octets), rest))?,
            _ => rest.split_first_chunk::<16>().map(|(octets, rest)| (IpAddr::from(*octets), rest))?,
        };
        let (port, _) = rest.split_first_chunk::<2>()?;
        let remote = SocketAddr::new(address, u16::from_be_bytes(*port));
        Some(Self::Flow { epoch, flow: FlowId::Udp { socket: SocketId(name), remote } })
    }
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    bytes.split_first_chunk::<8>().map(|(octets, rest)| (u64::from_be_bytes(*octets), rest))
}

/// Tells no name and no address.
impl std::fmt::Debug for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device { key, .. } => write!(f, "Device({:x})", key.0),
            Self::Flow { .. } => f.write_str("Flow"),
            Self::Domain(_) => f.write_str("Domain"),
        }
    }
}
