use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Poll, ready};
use std::time::Duration;

use cooee_machine::{CloseReason, OpenStream, PeerIdentity, ServerTrust, StreamId, StreamOrigin, TlsFailure};
use rustls::ClientConfig;
use rustls::pki_types::{ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::incoming::{Arrival, Kind};
use super::limits::Limits;
use crate::tls::{self, Trust};

/// After our own close we still listen this long for the peer's: a socket closed with unread octets in it is reset, and
/// what we wrote last may never be read.
const LINGER: Duration = Duration::from_millis(500);

/// The driver's end of a connection.
#[derive(Debug)]
pub(super) struct Line {
    /// Gone after a close: the task writes what is left and ends.
    writes: Option<mpsc::UnboundedSender<Vec<u8>>>,
    backlog: Arc<Backlog>,
    kill: Option<oneshot::Sender<CloseReason>>,
    pub(super) opened: bool,
    blocked: bool,
}

/// The task's end of it.
pub(super) struct Duty {
    writes: mpsc::UnboundedReceiver<Vec<u8>>,
    backlog: Arc<Backlog>,
    kill: oneshot::Receiver<CloseReason>,
}

/// What a connection has given the machine to do and what waits to leave by it: reading goes on when the machine is done with
/// what was read and half of the room for writing is free, so that a peer that asks faster than it listens is slowed down.
#[derive(Debug, Default)]
struct Backlog {
    /// Octets to be written.
    queued: AtomicUsize,
    /// Octets were read that the machine has not dealt with.
    pending: AtomicBool,
    eased: Notify,
}

impl Backlog {
    /// Waits until more may be read.
    async fn room(&self, limit: usize) {
        while self.pending.load(Ordering::Acquire) || self.queued.load(Ordering::Acquire) > limit / 2 {
            self.eased.notified().await;
        }
    }

    fn written(&self, length: usize) {
        self.queued.fetch_sub(length, Ordering::Release);
        self.eased.notify_one();
    }
}

pub(super) fn line(opened: bool) -> (Line, Duty) {
    let (writes, writes_out) = mpsc::unbounded_channel();
    let (kill, killed) = oneshot::channel();
    let backlog = Arc::new(Backlog::default());
    let line = Line { writes: Some(writes), backlog: Arc::clone(&backlog), kill: Some(kill), opened, blocked: false };
    (line, Duty { writes: writes_out, backlog, kill: killed })
}

impl Line {
    /// Hands octets to the task; true if the machine should now hold back.
    pub(super) fn write(&mut self, payload: Vec<u8>, limit: usize) -> bool {
        let Some(writes) = &self.writes else { return false };
        let length = payload.len();
        let queued = self.backlog.queued.fetch_add(length, Ordering::Relaxed).saturating_add(length);
        if queued > limit {
            self.end(CloseReason::Overflow);
            return false;
        }
        // A task that has ended has its last word, `Closed`, on the way.
        let _ = writes.send(payload);
        let was_blocked = self.blocked;
        self.blocked = queued > limit / 2;
        self.blocked && !was_blocked
    }

    /// The machine has dealt with what was read.
    pub(super) fn handled(&self) {
        self.backlog.pending.store(false, Ordering::Release);
        self.backlog.eased.notify_one();
    }

    pub(super) fn close(&mut self) {
        if self.opened {
            self.writes = None;
        } else {
            self.end(CloseReason::ByUs);
        }
    }

    fn end(&mut self, reason: CloseReason) {
        self.writes = None;
        if let Some(kill) = self.kill.take() {
            let _ = kill.send(reason);
        }
    }
}

/// What every connection's task needs.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) arrivals: mpsc::Sender<Arrival>,
    pub(super) limits: Limits,
}

/// A connection we open, from the first packet to its `Closed`.
pub(super) async fn open(id: StreamId, target: OpenStream, (config, trust): (Arc<ClientConfig>, Trust), duty: Duty, around: Surroundings) {
    let Duty { writes, backlog, kill } = duty;
    let talk = async {
        let tcp = match timeout(around.limits.connect, TcpStream::connect(target.remote)).await {
            Ok(Ok(tcp)) => tcp,
            Ok(Err(error)) => return tls::failure(&error),
            Err(_) => return CloseReason::Timeout,
        };
        let (local, remote) = match ends(&tcp) {
            Ok(ends) => ends,
            Err(error) => return tls::failure(&error),
        };
        let opened = |peer| Kind::Opened { stream: id, local, remote, peer, origin: StreamOrigin::Opened };
        let Some(domain) = target.tls else {
            return converse(tcp, opened(PeerIdentity::default()).into(), id, writes, &backlog, &around).await;
        };
        let name = domain.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_owned();
        let Ok(name) = ServerName::try_from(name) else {
            return CloseReason::Tls(TlsFailure::Other(format!("{domain:?} is no name a certificate could be for")));
        };
        let handshake = timeout(around.limits.handshake, TlsConnector::from(config).connect(name, tcp));
        let shaken = if target.key.is_some() { elsewhere(handshake, around.limits.handshake).await } else { Box::pin(handshake).await };
        let stream = match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tls::failure(&error),
            Err(_) => return CloseReason::Tls(TlsFailure::NoTls),
        };
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let certificate = chain.first();
        let domains = certificate.map(tls::sip_domains).unwrap_or_default();
        let peer = PeerIdentity {
            domains,
            fingerprint: certificate.map(|certificate| tls::sha256(certificate)),
            valid_until: certificate.and_then(tls::valid_until),
            by_added_authority: target.trust == ServerTrust::Known && trust.is_by_added(chain, UnixTime::now()),
        };
        converse(stream, opened(peer).into(), id, writes, &backlog, &around).await
    };
    until_killed(id, kill, talk, &around.arrivals).await;
}

/// A connection that came to us, after its handshake.
pub(super) async fn accepted<S>(id: StreamId, stream: S, opened: Arrival, duty: Duty, around: Surroundings)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Duty { writes, backlog, kill } = duty;
    let talk = converse(stream, opened, id, writes, &backlog, &around);
    until_killed(id, kill, talk, &around.arrivals).await;
}

/// The handshake's own limit comes first wherever it can fire, and says more.
const SPARE: Duration = Duration::from_millis(500);

/// Runs a handshake on a thread that may wait: rustls wants a signature at once, and a key that lies elsewhere takes its time. What of it
/// concerns the socket is driven by the runtime as ever. While it waits for a signature, its limit cannot fire: that is done here.
async fn elsewhere<T: Send + 'static>(
    handshake: impl Future<Output = Result<io::Result<T>, Elapsed>> + Send + 'static,
    limit: Duration,
) -> Result<io::Result<T>, Elapsed> {
    let runtime = Handle::current();
    let shaken = tokio::task::spawn_blocking(move || runtime.block_on(handshake));
    match timeout(limit + SPARE, shaken).await {
        Ok(done) => done.unwrap_or_else(|error| Ok(Err(io::Error::other(error)))),
        Err(_) => Ok(Err(tls::not_signed("this device did not answer in time"))),
    }
}

/// Local and remote address of a fresh connection, which from now on sends without delay.
pub(super) fn ends(tcp: &TcpStream) -> io::Result<(SocketAddr, SocketAddr)> {
    tcp.set_nodelay(true)?;
    Ok((tcp.local_addr()?, tcp.peer_addr()?))
}

async fn until_killed(
    id: StreamId,
    kill: oneshot::Receiver<CloseReason>,
    talk: impl Future<Output = CloseReason>,
    arrivals: &mpsc::Sender<Arrival>,
) {
    let killed = async {
        match kill.await {
            Ok(reason) => reason,
            Err(_) => pending().await,
        }
    };
    let reason = tokio::select! {
        biased;
        reason = killed => reason,
        reason = talk => reason,
    };
    let _ = arrivals.send(Kind::Closed(id, reason).into()).await;
}

/// Reads and writes side by side: a peer that waits for us to read before it reads must not stop both.
async fn converse<S>(
    stream: S,
    opened: Arrival,
    id: StreamId,
    writes: mpsc::UnboundedReceiver<Vec<u8>>,
    backlog: &Backlog,
    around: &Surroundings,
) -> CloseReason
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if around.arrivals.send(opened).await.is_err() {
        return CloseReason::ByUs;
    }
    let (reader, writer) = tokio::io::split(stream);
    let closing = AtomicBool::new(false);
    let reason = tokio::select! {
        reason = read(reader, id, backlog, around) => reason,
        reason = write(writer, writes, backlog, around.limits.write, &closing) => reason,
    };
    if closing.load(Ordering::Relaxed) { CloseReason::ByUs } else { reason }
}

async fn read(mut reader: impl AsyncRead + Unpin, id: StreamId, backlog: &Backlog, around: &Surroundings) -> CloseReason {
    loop {
        backlog.room(around.limits.queued).await;
        match some(&mut reader).await {
            Ok(payload) if payload.is_empty() => return CloseReason::ByPeer,
            Ok(payload) => {
                backlog.pending.store(true, Ordering::Release);
                if around.arrivals.send(Kind::Bytes { stream: id, payload }.into()).await.is_err() {
                    return CloseReason::ByUs;
                }
            }
            Err(error) => return tls::failure(&error),
        }
    }
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut writes: mpsc::UnboundedReceiver<Vec<u8>>,
    backlog: &Backlog,
    patience: Duration,
    closing: &AtomicBool,
) -> CloseReason {
    while let Some(payload) = writes.recv().await {
        let mut rest = payload.as_slice();
        while !rest.is_empty() {
            match timeout(patience, writer.write(rest)).await {
                Ok(Ok(0)) => return CloseReason::ByPeer,
                Ok(Ok(written)) => rest = rest.get(written..).unwrap_or_default(),
                Ok(Err(error)) => return tls::failure(&error),
                Err(_) => return CloseReason::Overflow,
            }
        }
        match timeout(patience, writer.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return tls::failure(&error),
            Err(_) => return CloseReason::Overflow,
        }
        backlog.written(payload.len());
    }
    closing.store(true, Ordering::Relaxed);
    let _ = timeout(LINGER, writer.shutdown()).await;
    tokio::time::sleep(LINGER).await;
    CloseReason::ByUs
}

thread_local! {
    /// One buffer for all reads of a thread: an idle connection holds none.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; 64 * 1024].into_boxed_slice());
}

/// At most one TLS record's worth at a time, so that one busy peer does not fill the queue.
const CHUNK: usize = 16 * 1024;

async fn some(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    poll_fn(|context| {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch.get_mut(..CHUNK).unwrap_or_default());
            ready!(Pin::new(&mut *reader).poll_read(context, &mut buffer))?;
            Poll::Ready(Ok(buffer.filled().to_vec()))
        })
    })
    .await
}

/// The next datagram of `socket`, of any length.
pub(super) async fn datagram(socket: &tokio::net::UdpSocket) -> io::Result<(Vec<u8>, SocketAddr)> {
    poll_fn(|context| {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            let remote = ready!(socket.poll_recv_from(context, &mut buffer))?;
            Poll::Ready(Ok((buffer.filled().to_vec(), remote)))
        })
    })
    .await
}
