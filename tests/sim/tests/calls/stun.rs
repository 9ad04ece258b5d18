//! A STUN server (RFC 8489) of the fewest possible words.

use std::net::{IpAddr, SocketAddr};

use cooee_machine::{Action, Event, Now, SocketId, Wake};
use cooee_sim::{Desk, Input, Node};

const MAGIC: u32 = 0x2112_A442;

/// Answers binding requests on a port.
pub(crate) struct StunServer(pub(crate) u16);

impl Node for StunServer {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, _: Now) {
        match input {
            Input::Started => desk.bind(SocketId(0), SocketAddr::from(([0, 0, 0, 0], self.0))),
            Input::Io(Event::Datagram { socket, remote, payload, .. }) => {
                if let Some(payload) = answer(payload, remote) {
                    desk.act(Action::Send { socket, remote, payload });
                }
            }
            _ => {}
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        None
    }
}

/// The binding response with XOR-MAPPED-ADDRESS to a binding request; `None` to anything else.
pub(crate) fn answer(request: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    let (head, id) = (request.get(..8)?, request.get(4..20)?);
    if head[..2] != [0, 1] || head[4..8] != MAGIC.to_be_bytes() {
        return None;
    }
    let IpAddr::V4(address) = from.ip() else { return None };
    let mut response = vec![0x01, 0x01, 0, 12];
    response.extend_from_slice(id);
    response.extend_from_slice(&[0, 0x20, 0, 8, 0, 1]);
    response.extend_from_slice(&(from.port() ^ (MAGIC >> 16) as u16).to_be_bytes());
    response.extend_from_slice(&(u32::from(address) ^ MAGIC).to_be_bytes());
    Some(response)
}

/// A binding request with this transaction id.
pub(crate) fn request(id: [u8; 12]) -> Vec<u8> {
    [&[0, 1, 0, 0][..], &MAGIC.to_be_bytes(), &id].concat()
}

/// The address a binding response tells.
pub(crate) fn mapped(response: &[u8]) -> Option<SocketAddr> {
    let &[1, 1, 0, 12, .., high, low, a, b, c, d] = response else { return None };
    let port = u16::from_be_bytes([high, low]) ^ (MAGIC >> 16) as u16;
    let address = u32::from_be_bytes([a, b, c, d]) ^ MAGIC;
    Some(SocketAddr::new(IpAddr::V4(address.into()), port))
}
