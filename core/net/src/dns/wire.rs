//! One question to one server: a datagram, repeated, then TCP if the answer was cut.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cooee_machine::ResolveFailure;
use hickory_proto::op::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::answer::Ask;
use super::resolver::RawDns;

/// Datagrams for one question; the answer to any of them counts.
const TRIES: u32 = 3;

/// Whom to ask.
pub(super) enum Server {
    At(SocketAddr),
    Raw(Arc<dyn RawDns>),
}

/// The server's message, which answers exactly this question. All of it takes at most `patience`.
pub(super) async fn exchange(server: &Server, ask: &Ask, patience: Duration) -> Result<Message, ResolveFailure> {
    let all = async {
        match server {
            Server::At(server) => {
                let message = over_udp(*server, ask, patience).await?;
                if message.metadata.truncation { over_tcp(*server, ask).await } else { Ok(message) }
            }
            Server::Raw(raw) => over_raw(raw.as_ref(), ask).await,
        }
    };
    match timeout(patience, all).await {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a DNS question failed");
            Err(ResolveFailure::Refused)
        }
        Err(_) => Err(ResolveFailure::Timeout),
    }
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
    let length = u16::try_from(octets.len()).map_err(io::Error::other)?;
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(&octets);
    stream.write_all(&framed).await?;
    let length = stream.read_u16().await?;
    let mut octets = vec![0; length.into()];
    stream.read_exact(&mut octets).await?;
    checked(ask, id, Message::from_vec(&octets).map_err(io::Error::other)?)
}

/// The platform matches ids by itself, and may have changed ours; the question is still ours to check.
async fn over_raw(raw: &dyn RawDns, ask: &Ask) -> io::Result<Message> {
    let (_, octets) = encode(ask)?;
    let message = Message::from_vec(&raw.exchange(octets).await?).map_err(io::Error::other)?;
    checked(ask, message.metadata.id, message)
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
