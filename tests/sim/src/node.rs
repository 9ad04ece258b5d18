use std::any::Any;
use std::fmt;
use std::net::SocketAddr;

use cooee_machine::{Action, Event, Now, SocketId, Transport, Wake};

/// What the world tells a [`Node`].
pub enum Input<'a> {
    /// It runs now: at its host's start, or again after a crash. Its sockets and connections of before are gone; the disk is not.
    Started,
    /// Its device slept, and this alarm woke it: see [`Nap`].
    Alarm,
    /// Something came from the network, or its wake-up is due ([`Event::Timeout`]).
    Io(Event<'a>),
    /// A disk operation asked for by [`Desk::disk`] is done.
    Disk {
        /// Which.
        ticket: u64,
        /// The disk's contents, to be read or changed now; or why not.
        contents: Result<&'a mut dyn Any, DiskFailure>,
    },
}

/// Why a disk did not do what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFailure {
    /// No space left: nothing can be written. Reading works.
    Full,
    /// The host has no disk.
    Missing,
}

/// What a disk operation does, for its time and its failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskUse {
    /// Looks only.
    Read,
    /// Changes the contents; lost in a crash until the next sync is done.
    Write,
    /// Changes the contents and makes them last, as a committed transaction does.
    Commit,
}

/// Whether a process lets its device sleep, where the device does that ([`World::let_sleep`](crate::World::let_sleep)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nap {
    /// No: its timers are to run.
    Awake,
    /// Yes, until this alarm, or until something comes in. No timer runs meanwhile.
    Asleep(Option<Wake>),
}

/// A process on a host: whatever speaks [`Event`], [`Action`] and [`Wake`]. A phone with the media of its calls is one, a
/// server another, a few lines of test a third. A root machine becomes one by calling it for every [`Input`] and putting what
/// it asks for on the [`Desk`].
pub trait Node: Any {
    /// Takes what happened.
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now);

    /// When it wants [`Event::Timeout`]. Asked after every `handle` and every script.
    fn next_wake(&self) -> Option<Wake>;

    /// Whether its device may sleep. Asked as often.
    fn nap(&self) -> Nap {
        Nap::Awake
    }
}

#[derive(Debug)]
pub(crate) enum Request {
    Io(Action),
    Bind(SocketId, SocketAddr),
    Listen(Transport, SocketAddr),
    Disk(u64, DiskUse),
    Note(String),
}

/// Where a node puts down what it wants from the world. It is done as soon as the node returns, in order.
#[derive(Debug, Default)]
pub struct Desk(pub(crate) Vec<Request>);

impl Desk {
    /// Performs an action, as core/net's driver would.
    pub fn act(&mut self, action: Action) {
        self.0.push(Request::Io(action));
    }

    /// Binds a UDP socket by a name of the driver's choosing, as a listener does; [`Event::Bound`] follows.
    pub fn bind(&mut self, socket: SocketId, local: SocketAddr) {
        self.0.push(Request::Bind(socket, local));
    }

    /// Accepts connections: `local` may have an unspecified address. [`Transport::Udp`] means nothing here.
    pub fn listen(&mut self, transport: Transport, local: SocketAddr) {
        self.0.push(Request::Listen(transport, local));
    }

    /// Asks for the disk; [`Input::Disk`] with the same ticket follows, after the disk's latency and in order.
    pub fn disk(&mut self, ticket: u64, usage: DiskUse) {
        self.0.push(Request::Disk(ticket, usage));
    }

    /// Writes a line into the trace: what the machine told its owner.
    pub fn note(&mut self, text: impl fmt::Display) {
        self.0.push(Request::Note(text.to_string()));
    }
}
