mod build;
mod fate;
mod perform;
mod tell;
mod travel;

pub use fate::Orphans;

use std::fmt;
use std::time::Duration;

use cooee_machine::{Entropy, Now};

use crate::agenda::Agenda;
use crate::clock::Clock;
use crate::dice::Dice;
use crate::dns::Dns;
use crate::gateway::{Gateway, GatewayId};
use crate::host::{Ends, Host, HostId, Notice};
use crate::network::{Network, NetworkId};
use crate::packet::Packet;
use crate::trace::Trace;

/// What is on the agenda.
enum Entry {
    /// A packet comes out of a link into a network.
    AtNetwork(NetworkId, Packet),
    /// A packet comes to the outer side of a gateway.
    AtGateway(GatewayId, Packet),
    /// A packet comes to a host.
    AtHost(HostId, Packet),
    /// Something is told to the process of that boot.
    Tell(HostId, u32, Notice),
    /// A process wanted to be woken at this moment.
    Wake(HostId, u32),
    /// A device that sleeps wanted to be woken at this moment.
    Alarm(HostId, u32),
    /// A connection has something to do at this moment.
    StreamTimer(HostId, Ends),
    /// The test's own doing.
    Script(Box<dyn FnOnce(&mut World)>),
}

/// A network in virtual time, with everything in it.
///
/// It is single-threaded and draws all chance from one seed, so that one seed gives one [`Trace`]. Time stands still while a
/// node works; it moves from one entry of the agenda to the next. When a test panics, the world prints its seed and the end of
/// its trace (`COOEE_SIM_TRACE=1` for all of it).
pub struct World {
    /// The name service.
    pub dns: Dns,
    /// Whether wake-ups come as late as their slack allows, rather than at once.
    pub uses_slack: bool,
    clock: Clock,
    agenda: Agenda<Entry>,
    trace: Trace,
    networks: Vec<Network>,
    gateways: Vec<Gateway>,
    hosts: Vec<Host>,
    entropy: Entropy,
    cuts: Dice,
}

impl World {
    /// An empty Internet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut entropy = Entropy::for_test(seed);
        Self {
            dns: Dns::new(entropy.fork()),
            uses_slack: false,
            clock: Clock::start(),
            agenda: Agenda::new(),
            trace: Trace::new(seed),
            networks: vec![Network::new("internet", None)],
            gateways: Vec::new(),
            hosts: Vec::new(),
            cuts: Dice::new(entropy.fork()),
            entropy,
        }
    }

    /// The network everything public is attached to.
    #[must_use]
    pub fn internet(&self) -> NetworkId {
        NetworkId(0)
    }

    /// Time since the world began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// The moment as nodes are told it.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// The clock, to place instants of machines.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What has happened so far.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// A stream of randomness of the world's seed, for a node.
    pub fn fork_entropy(&mut self) -> Entropy {
        self.entropy.fork()
    }

    /// A host.
    #[must_use]
    pub fn host(&self, host: HostId) -> &Host {
        &self.hosts[host.0]
    }

    /// A host, to change what it trusts, shows or stores.
    pub fn host_mut(&mut self, host: HostId) -> &mut Host {
        &mut self.hosts[host.0]
    }

    /// A gateway, to change its line, its firewall or its mappings.
    pub fn gateway_mut(&mut self, gateway: GatewayId) -> &mut Gateway {
        &mut self.gateways[gateway.0]
    }

    /// Writes a line of the test's own into the trace.
    pub fn note(&mut self, who: &str, what: impl fmt::Display) {
        self.trace.line(self.clock.elapsed(), who, format_args!("* {what}"));
    }

    /// Does something at a moment to come; at once if it is past.
    pub fn at(&mut self, at: Duration, script: impl FnOnce(&mut Self) + 'static) {
        self.agenda.add(at.max(self.elapsed()), Entry::Script(Box::new(script)));
    }

    /// Does something this much later.
    pub fn after(&mut self, delay: Duration, script: impl FnOnce(&mut Self) + 'static) {
        self.at(self.elapsed() + delay, script);
    }

    /// Takes the next entry off the agenda; false when there is none.
    pub fn step(&mut self) -> bool {
        let Some((at, entry)) = self.agenda.take() else { return false };
        self.clock.advance_to(at);
        match entry {
            Entry::AtNetwork(network, packet) => self.route(network, packet),
            Entry::AtGateway(gateway, packet) => self.enter_gateway(gateway, &packet),
            Entry::AtHost(host, packet) => self.reach_host(host, packet),
            Entry::Tell(host, boot, notice) => self.tell(host, boot, notice),
            Entry::Wake(host, boot) => self.wake(host, boot),
            Entry::Alarm(host, boot) => self.alarm(host, boot),
            Entry::StreamTimer(host, ends) => self.stream_timeout(host, ends),
            Entry::Script(script) => script(self),
        }
        true
    }

    /// Runs up to and including this moment, and stands there then.
    pub fn run_until(&mut self, end: Duration) {
        while self.agenda.next_at().is_some_and(|at| at <= end) {
            self.step();
        }
        self.clock.advance_to(end);
    }

    /// Runs for this long.
    pub fn run_for(&mut self, time: Duration) {
        self.run_until(self.elapsed() + time);
    }

    /// Runs until `reached` holds, looking after every step, for at most `limit`. The moment it was reached.
    pub fn run_to(&mut self, limit: Duration, mut reached: impl FnMut(&Self) -> bool) -> Option<Duration> {
        let end = self.elapsed() + limit;
        while !reached(self) {
            if self.agenda.next_at().is_none_or(|at| at > end) {
                self.clock.advance_to(end);
                return None;
            }
            self.step();
        }
        Some(self.elapsed())
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("seed", &self.trace.seed()).field("elapsed", &self.elapsed()).finish_non_exhaustive()
    }
}

impl Drop for World {
    #[allow(clippy::print_stderr, reason = "a failed test shows its seed and what led to it")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lines = if std::env::var_os("COOEE_SIM_TRACE").is_some() { usize::MAX } else { 120 };
            eprintln!("world of seed {}, at {:?}:\n{}", self.trace.seed(), self.elapsed(), self.trace.tail(lines));
        }
    }
}
