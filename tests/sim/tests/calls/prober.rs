//! Whether two hosts can reach each other at all without a relay, found out by trying, with none of the code under test: each
//! side sends to every address of the other that it knows or has seen, as ICE does, and a path is a question whose answer comes
//! from where it was asked.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::{Action, Event, Now, SocketId, Wake};
use cooee_sim::{Desk, HostId, Input, Node, World};

use crate::stun;

const SOCKET: SocketId = SocketId(9);
const PERIOD: Duration = Duration::from_millis(50);

/// One of the two sides.
pub(crate) struct Prober {
    stun_server: SocketAddr,
    local: SocketAddr,
    /// Two homes may use the same inner address: what comes back from oneself does not count.
    id: u8,
    pub(crate) reflexive: Option<SocketAddr>,
    pub(crate) peers: BTreeSet<SocketAddr>,
    pub(crate) connected: bool,
    wake: Option<Wake>,
}

impl Prober {
    pub(crate) fn new(id: u8, local: SocketAddr, stun_server: SocketAddr) -> Self {
        Self { stun_server, local, id, reflexive: None, peers: BTreeSet::new(), connected: false, wake: None }
    }

    fn send(remote: SocketAddr, payload: Vec<u8>, desk: &mut Desk) {
        desk.act(Action::Send { socket: SOCKET, remote, payload });
    }

    fn hear(&mut self, remote: SocketAddr, payload: &[u8], desk: &mut Desk) {
        match payload {
            [b'?', id] if *id != self.id => {
                self.peers.insert(remote);
                Self::send(remote, vec![b'!', self.id], desk);
            }
            [b'!', id] => self.connected |= *id != self.id && self.peers.contains(&remote),
            [b'?', _] => {}
            _ => self.reflexive = stun::mapped(payload),
        }
    }
}

impl Node for Prober {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        match input {
            Input::Started => desk.act(Action::Bind { socket: SOCKET, local: self.local }),
            Input::Io(Event::Bound { .. }) => {
                Self::send(self.stun_server, stun::request([7; 12]), desk);
                self.wake = Some(Wake::at(now.instant + PERIOD, "probe"));
            }
            Input::Io(Event::Datagram { remote, payload, .. }) => self.hear(remote, payload, desk),
            Input::Io(Event::Timeout) => {
                self.peers.iter().for_each(|peer| Self::send(*peer, vec![b'?', self.id], desk));
                self.wake = Some(Wake::at(now.instant + PERIOD, "probe"));
            }
            _ => {}
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        self.wake
    }
}

/// Whether two hosts of a world find a path. Their processes are replaced.
pub(crate) fn reachable(world: &mut World, hosts: [(HostId, SocketAddr); 2], stun_server: SocketAddr) -> bool {
    for (id, (host, local)) in (0..).zip(hosts) {
        world.boot(host, Prober::new(id, local, stun_server));
    }
    world.run_for(Duration::from_secs(1));
    let [a, b] = hosts.map(|(host, local)| [Some(local), world.node::<Prober>(host).reflexive].into_iter().flatten());
    world.node_mut::<Prober>(hosts[0].0).peers = b.collect();
    world.node_mut::<Prober>(hosts[1].0).peers = a.collect();
    world.run_for(Duration::from_secs(3));
    hosts.iter().all(|(host, _)| world.node::<Prober>(*host).connected)
}
