//! The family server as a process: its machine, and its store on the host's disk.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use cooee_machine::{Entropy, Machine, Now, Secret, Transport, Wake};
use cooee_server::{
    MemoryStore, Server, ServerConfig, ServerEvent, ServerInput, ServerOutput, StoreFailure, StoreReply, StoreRequest, UserName,
};
use cooee_sim::{Desk, DiskFailure, DiskUse, HostId, Input, Node, World};

use crate::stage::{PASSWORD, SERVER, SERVER_V6};

/// One run of a server.
pub(crate) struct ServerNode {
    server: Server,
    asked: BTreeMap<u64, StoreRequest>,
    wake: Option<Wake>,
    /// What it told its operator.
    pub(crate) log: Vec<ServerEvent>,
}

impl ServerNode {
    fn pump(&mut self, desk: &mut Desk) {
        loop {
            match self.server.poll_output() {
                ServerOutput::Io(action) => desk.act(action),
                ServerOutput::Store(request) => {
                    desk.disk(request.ticket.0, if request.operation.is_write() { DiskUse::Commit } else { DiskUse::Read });
                    self.asked.insert(request.ticket.0, request);
                }
                ServerOutput::Log(event) => {
                    desk.note(format_args!("{event:?}"));
                    self.log.push(event);
                }
                ServerOutput::Wake(wake) => {
                    self.wake = wake;
                    return;
                }
            }
        }
    }

    fn stored(&mut self, ticket: u64, contents: Result<&mut dyn std::any::Any, DiskFailure>, now: Now) {
        let Some(request) = self.asked.remove(&ticket) else { return };
        let reply = match contents {
            Ok(contents) => contents.downcast_mut::<MemoryStore>().expect("the server's store").perform(request),
            Err(failure) => {
                let failure = if failure == DiskFailure::Full { StoreFailure::Full } else { StoreFailure::Gone };
                StoreReply { ticket: request.ticket, outcome: Err(failure) }
            }
        };
        self.server.handle_input(ServerInput::Stored(reply), now);
    }
}

impl Node for ServerNode {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        match input {
            Input::Started => {
                for (transport, port) in [(Transport::Tls, 5061), (Transport::Tcp, 5060)] {
                    at(port).into_iter().for_each(|local| desk.listen(transport, local));
                }
            }
            Input::Io(event) => self.server.handle_input(event.into(), now),
            // A server never sleeps.
            Input::Alarm => {}
            Input::Disk { ticket, contents } => self.stored(ticket, contents, now),
        }
        self.pump(desk);
    }

    fn next_wake(&self) -> Option<Wake> {
        self.wake
    }
}

/// A port of both its addresses.
fn at(port: u16) -> Vec<SocketAddr> {
    [SERVER, SERVER_V6].map(|address| SocketAddr::new(address.parse().unwrap(), port)).to_vec()
}

/// The users anna, ben and carl. Their passwords are hashed once for the whole test run.
fn users() -> MemoryStore {
    static USERS: OnceLock<MemoryStore> = OnceLock::new();
    let add = |mut store: MemoryStore, user| {
        let (user, password) = (UserName::parse(user).unwrap(), Secret::new(PASSWORD));
        store.add_user(user, "example.org", &password, &mut Entropy::for_test(1)).unwrap();
        store
    };
    USERS.get_or_init(|| ["anna", "ben", "carl"].into_iter().fold(MemoryStore::new(), add)).clone()
}

/// Starts a server for example.org, on UDP, TCP and TLS, with a disk of its users or with the disk that is there.
pub(crate) fn boot_server(world: &mut World, host: HostId, with_new_disk: bool) {
    if with_new_disk {
        world.host_mut(host).install_disk(users(), Duration::from_millis(1));
    }
    // Each run has its own epoch, as a server draws it from the clock.
    let mut config = ServerConfig::new("example.org", [7; 32], world.now().unix.as_secs());
    (config.udp, config.stun, config.streams) = (at(5060), at(3478), [at(5061), at(5060)].concat());
    let server = Server::new(config, world.fork_entropy());
    world.boot(host, ServerNode { server, asked: BTreeMap::new(), wake: None, log: Vec::new() });
}

/// What the server told its operator.
pub(crate) fn server_log(world: &World, host: HostId) -> &[ServerEvent] {
    &world.node::<ServerNode>(host).log
}
