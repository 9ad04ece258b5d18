//! One question to one server in the clear: a datagram, repeated, then TCP if the answer was cut.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use cooee_machine::ResolveFailure;
use hickory_proto::op::Message;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::answer::Ask;
use super::{RawDns, frame};

/// Datagrams for one question; the answer to any of them counts.
const TRIES: u32 = 3;

/// A datagram to `server`, and TCP if the answer was cut.
pub(super) async fn plain(server: SocketAddr, ask: &Ask, patience: Duration) -> Result<Message, ResolveFailure> {
    let all = async {
        let message = over_udp(server, ask, patience).await?;
        if message.metadata.truncation { over_tcp(server, ask).await } else { Ok(message) }
    };
    bounded(patience, all).await
}

/// By the platform, which matches ids by itself and may have changed ours; the question is still ours to check.
pub(super) async fn raw(raw: &dyn RawDns, ask: &Ask, patience: Duration) -> Result<Message, ResolveFailure> {
    let all = async {
        let (_, octets) = encode(ask)?;
        let message = Message::from_vec(&raw.exchange(octets).await?).map_err(io::Error::other)?;
        checked(ask, message.metadata.id, message)
    };
    bounded(patience, all).await
}

async fn bounded(patience: Duration, all: impl Future<Output = io::Result<Message>>) -> Result<Message, ResolveFailure> {
    match timeout(patience, all).await {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a DNS question failed");
            Err(if is_there(&error) { ResolveFailure::Refused } else { ResolveFailure::NoResolver })
        }
        Err(_) => Err(ResolveFailure::Timeout),
    }
}

/// Whether a resolver said something, if nothing that helps.
fn is_there(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    !matches!(error.kind(), K::ConnectionRefused | K::NetworkUnreachable | K::HostUnreachable | K::NetworkDown | K::AddrNotAvailable)
}

/// A fresh socket, so that the port is as hard to guess as the id (RFC 5452); wrong answers are waited through.
async fn over_udp(server: SocketAddr, ask: &Ask, patience: Duration) -> io::Result<Message> {
    let socket = match server {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?,
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await?,
    };
    socket.connect(server).await?;
    let (id, octets) = encode(ask)?;
    let mut buffer = vec![0; 4096];
    for _ in 0..TRIES {
        socket.send(&octets).await?;
        let answer = timeout(patience / TRIES, async {
            loop {
                let length = socket.recv(&mut buffer).await?;
                let Ok(message) = Message::from_vec(buffer.get(..length).unwrap_or_default()) else { continue };
                if ask.is_answered_by(&message, id) {
                    return io::Result::Ok(message);
                }
            }
        });
        if let Ok(answer) = answer.await {
            return answer;
        }
    }
    std::future::pending().await
}

async fn over_tcp(server: SocketAddr, ask: &Ask) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let (id, octets) = encode(ask)?;
    frame::write(&mut stream, &octets).await?;
    let octets = frame::read(&mut stream).await?;
    checked(ask, id, Message::from_vec(&octets).map_err(io::Error::other)?)
}

fn checked(ask: &Ask, id: u16, message: Message) -> io::Result<Message> {
    if ask.is_answered_by(&message, id) && !message.metadata.truncation {
        Ok(message)
    } else {
        Err(io::Error::other("the answer is to another question"))
    }
}

fn encode(ask: &Ask) -> io::Result<(u16, Vec<u8>)> {
    let id = crate::seed()?.u32() as u16;
    let octets = ask.request(id).to_vec().map_err(io::Error::other)?;
    Ok((id, octets))
}
