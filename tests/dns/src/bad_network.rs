use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cooee_machine::Entropy;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// How a network treats questions. Shares are of a thousand.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// What most answers take, half of them less.
    pub median: Duration,
    /// How many take `slow` instead.
    pub slow_share: u64,
    /// See there.
    pub slow: Duration,
    /// Datagrams lost, half of them questions, half answers.
    pub loss: u64,
    /// Questions that no repetition helps: the resolver says SERVFAIL…
    pub failing: u64,
    /// … after this.
    pub failing_after: Duration,
}

impl Weather {
    /// A home on a bad evening: median 30 ms, a fifth 300 ms, 2 % loss, 5 % of the questions SERVFAIL after 4 s.
    #[must_use]
    pub fn bad() -> Self {
        Self {
            median: Duration::from_millis(30),
            slow_share: 200,
            slow: Duration::from_millis(300),
            loss: 20,
            failing: 50,
            failing_after: Duration::from_secs(4),
        }
    }
}

/// A UDP relay before a resolver. Which questions fail is fixed by the seed; which datagrams are lost also depends on the order
/// in which they come.
#[derive(Debug)]
pub struct BadNetwork {
    address: SocketAddr,
    counters: Arc<Counters>,
    /// Dropped, the relay ends.
    _running: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Counters {
    datagrams: AtomicU64,
    lost: AtomicU64,
    failed: AtomicU64,
}

impl BadNetwork {
    /// Begins to relay to `upstream`, on a thread of its own.
    ///
    /// # Errors
    /// The system has no socket or thread to give.
    pub fn start(upstream: SocketAddr, weather: Weather, seed: u64) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let counters = Arc::new(Counters::default());
        let relay = Relay { upstream, weather, seed, dice: Mutex::new(Entropy::for_test(seed)), counters: Arc::clone(&counters) };
        let (running, end) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("bad-network".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    // It ends when the sender is dropped: an error is what is expected.
                    _ = end => {}
                    result = serve(socket, Arc::new(relay)) => result.unwrap_or(()),
                }
            });
        })?;
        Ok(Self { address, counters, _running: running })
    }

    /// Whom to ask.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Questions that came, repetitions counted.
    #[must_use]
    pub fn datagrams(&self) -> u64 {
        self.counters.datagrams.load(Ordering::Relaxed)
    }

    /// Datagrams lost, either way.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.counters.lost.load(Ordering::Relaxed)
    }

    /// Questions that came and are answered with SERVFAIL, repetitions counted.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.counters.failed.load(Ordering::Relaxed)
    }
}

struct Relay {
    upstream: SocketAddr,
    weather: Weather,
    seed: u64,
    dice: Mutex<Entropy>,
    counters: Arc<Counters>,
}

async fn serve(socket: std::net::UdpSocket, relay: Arc<Relay>) -> io::Result<()> {
    let socket = Arc::new(UdpSocket::from_std(socket)?);
    let mut buffer = [0; 4096];
    loop {
        // A peer that is gone shows as an error of this socket.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        relay.counters.datagrams.fetch_add(1, Ordering::Relaxed);
        let query = buffer.get(..length).unwrap_or_default().to_vec();
        let (socket, relay) = (Arc::clone(&socket), Arc::clone(&relay));
        tokio::spawn(async move {
            if let Some(answer) = relay.answer(query).await {
                let _ = socket.send_to(&answer, peer).await;
            }
        });
    }
}

impl Relay {
    async fn answer(&self, query: Vec<u8>) -> Option<Vec<u8>> {
        if self.is_lost() {
            return None;
        }
        let question = question(&query)?;
        if hash(self.seed, question) % 1000 < self.weather.failing {
            self.counters.failed.fetch_add(1, Ordering::Relaxed);
            sleep(self.weather.failing_after).await;
            return servfail(&query, question);
        }
        sleep(self.delay()).await;
        let upstream = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.ok()?;
        upstream.connect(self.upstream).await.ok()?;
        upstream.send(&query).await.ok()?;
        let mut buffer = vec![0; 4096];
        let length = timeout(Duration::from_secs(10), upstream.recv(&mut buffer)).await.ok()?.ok()?;
        buffer.truncate(length);
        (!self.is_lost()).then_some(buffer)
    }

    fn roll(&self, bound: u64) -> u64 {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).below(bound)
    }

    /// Half of the loss on each way.
    fn is_lost(&self) -> bool {
        let is_lost = self.roll(2000) < self.weather.loss;
        self.counters.lost.fetch_add(is_lost.into(), Ordering::Relaxed);
        is_lost
    }

    fn delay(&self) -> Duration {
        let middle = if self.roll(1000) < self.weather.slow_share { self.weather.slow } else { self.weather.median };
        // Twelve dice make a bell: log-normal with a spread of 0.35.
        let bell = (0..12).map(|_| self.roll(1000) as f64 / 1000.0).sum::<f64>() - 6.0;
        middle.mul_f64((0.35 * bell).exp())
    }
}

/// The first question's name, type and class, as they are on the wire.
fn question(query: &[u8]) -> Option<&[u8]> {
    let mut end = 12;
    loop {
        match query.get(end)? {
            0 => break,
            length => end += usize::from(*length) + 1,
        }
    }
    query.get(12..end + 5)
}

fn servfail(query: &[u8], question: &[u8]) -> Option<Vec<u8>> {
    let mut reply = query.get(..12)?.to_vec();
    let counts: [u8; 10] = [*query.get(2)? | 0x80, 0x82, 0, 1, 0, 0, 0, 0, 0, 0];
    reply.splice(2.., counts);
    reply.extend_from_slice(question);
    Some(reply)
}

/// FNV-1a, whatever the case of the letters.
fn hash(seed: u64, question: &[u8]) -> u64 {
    let octets = seed.to_be_bytes().into_iter().chain(question.iter().map(u8::to_ascii_lowercase));
    let sum = octets.fold(0xcbf2_9ce4_8422_2325, |sum: u64, octet| (sum ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3));
    // Its low bits alone are no good dice.
    (sum ^ (sum >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16
}
