//! A family server at example.org, and phones around it.

use std::time::Duration;

use cooee_call::{CallId, CallState, EndReason};
use cooee_machine::{Secret, Transport};
use cooee_phone::{AccountConfig, Command};
use cooee_sim::{Certificate, GatewayId, HostId, NatConfig, Quality, World};

use crate::phone::{Manners, PhoneNode};
use crate::server::boot_server;

/// Where the server is.
pub(crate) const SERVER: &str = "192.0.2.1";

/// Where it is for those who know: no name points there unless a scenario adds one.
pub(crate) const SERVER_V6: &str = "2001:db8::1";

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The usual manners of a called phone.
pub(crate) const ANSWER_AT_ONCE: Manners = Manners::AnswerAfter(Duration::from_millis(500));

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The seeds of a sweep: so many by themselves, and `COOEE_SIM_SEEDS` times as many where more time is to be had. `COOEE_SIM_SEED` picks
/// one, to look at it again.
pub(crate) fn seeds(count: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("COOEE_SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..count * number("COOEE_SIM_SEEDS").unwrap_or(1),
    }
}

/// What a scenario plays on.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) server: HostId,
    /// What new phones are connected by.
    pub(crate) access: Quality,
    /// How new phones speak to the server.
    pub(crate) transport: Transport,
    phones: Vec<HostId>,
}

impl Stage {
    /// A server, 5 ms from the core, with the users anna, ben and carl; names; a certificate.
    pub(crate) fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let internet = world.internet();
        let server = world.add_host("server", internet, &format!("{SERVER} {SERVER_V6}"), &Quality::millis(5));
        world.host_mut(server).certificate = Some(Certificate::new(&["example.org"]));
        world.dns.add_pointer("example.org", 10, "SIPS+D2T", "_sips._tcp.example.org");
        world.dns.add_pointer("example.org", 20, "SIP+D2T", "_sip._tcp.example.org");
        world.dns.add_pointer("example.org", 30, "SIP+D2U", "_sip._udp.example.org");
        world.dns.add_service("_sips._tcp.example.org", 10, "sip.example.org", 5061);
        world.dns.add_service("_sip._tcp.example.org", 10, "sip.example.org", 5060);
        world.dns.add_service("_sip._udp.example.org", 10, "sip.example.org", 5060);
        world.dns.add_address("sip.example.org", SERVER.parse().unwrap());
        boot_server(&mut world, server, true);
        Self { world, server, access: Quality::millis(10), transport: Transport::Tls, phones: Vec::new() }
    }

    /// The usual: anna and ben on the Internet, registered; ben answers after half a second.
    pub(crate) fn with_anna_and_ben(seed: u64) -> (Self, HostId, HostId) {
        let mut stage = Self::new(seed);
        let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
        let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
        stage.register_all();
        (stage, anna, ben)
    }

    /// The account of a user, as this stage's phones have it.
    pub(crate) fn account(&self, user: &str, device: u64) -> AccountConfig {
        let instance = format!("urn:uuid:00000000-0000-4000-8000-{device:012}");
        let mut account = AccountConfig::new(format!("{user}@example.org"), Secret::new(PASSWORD), instance);
        account.transport = Some(self.transport).filter(|transport| *transport != Transport::Tls);
        account.media.stun_servers = vec![format!("{SERVER}:3478").parse().unwrap()];
        account
    }

    /// A phone of a user, on the Internet.
    pub(crate) fn add_phone(&mut self, user: &str, address: &str, manners: Manners) -> HostId {
        let account = self.account(user, self.phones.len() as u64);
        let access = self.access.clone();
        let internet = self.world.internet();
        let host = self.world.add_host(&format!("{user}-{}", self.phones.len()), internet, address, &access);
        self.boot_phone(host, account, manners);
        host
    }

    /// A phone of a user at 10.0.0.2 behind a NAT with this outer address.
    pub(crate) fn add_phone_behind(&mut self, user: &str, nat: NatConfig, outside: &str, manners: Manners) -> (HostId, GatewayId) {
        let account = self.account(user, self.phones.len() as u64);
        let access = self.access.clone();
        let internet = self.world.internet();
        let (lan, gateway) = self.world.add_lan(&format!("{user}s-home"), internet, outside, nat);
        let host = self.world.add_host(&format!("{user}-{}", self.phones.len()), lan, "10.0.0.2", &access);
        self.boot_phone(host, account, manners);
        (host, gateway)
    }

    /// A phone of a user in the same network as another.
    pub(crate) fn add_neighbour(&mut self, user: &str, of: HostId, address: &str, manners: Manners) -> HostId {
        let account = self.account(user, self.phones.len() as u64);
        let access = self.access.clone();
        let network = self.world.host(of).network(0);
        let host = self.world.add_host(&format!("{user}-{}", self.phones.len()), network, address, &access);
        self.boot_phone(host, account, manners);
        host
    }

    /// Starts a phone (again) on a host.
    pub(crate) fn boot_phone(&mut self, host: HostId, account: AccountConfig, manners: Manners) {
        let entropy = self.world.fork_entropy();
        self.world.boot(host, PhoneNode::new(account, manners, entropy));
        if !self.phones.contains(&host) {
            self.phones.push(host);
        }
    }

    pub(crate) fn phone(&self, host: HostId) -> &PhoneNode {
        self.world.node(host)
    }

    pub(crate) fn command(&mut self, host: HostId, command: Command) {
        self.world.with(host, |phone: &mut PhoneNode, desk, now| phone.command(command, desk, now));
    }

    /// Lets every phone register.
    pub(crate) fn register_all(&mut self) {
        self.register_all_within(seconds(10));
    }

    pub(crate) fn register_all_within(&mut self, limit: Duration) {
        let phones = self.phones.clone();
        self.reach("everybody is registered", limit, |stage| phones.iter().all(|phone| stage.phone(*phone).is_registered()));
    }

    /// Lets `host` call somebody; the call's name.
    pub(crate) fn dial(&mut self, host: HostId, target: &str) -> CallId {
        let call = CallId(2 * (self.phone(host).snapshots().len() as u64 + 1));
        self.command(host, Command::Dial { call, account: None, target: target.to_owned(), anonymous: false, subject: None });
        call
    }

    /// Hangs up the last call of `host`.
    pub(crate) fn hang_up(&mut self, host: HostId) {
        let call = self.phone(host).snapshot().expect("a call").id;
        self.command(host, Command::HangUp(call));
    }

    /// Runs until something is so; how long that took.
    pub(crate) fn reach(&mut self, what: &str, limit: Duration, so: impl Fn(&Self) -> bool) -> Duration {
        let start = self.world.elapsed();
        while !so(self) {
            let passed = self.world.elapsed() - start;
            assert!(passed <= limit && self.world.step(), "not within {limit:?}: {what}");
        }
        self.world.elapsed() - start
    }

    pub(crate) fn reach_active(&mut self, hosts: &[HostId], limit: Duration) -> Duration {
        self.reach("the call is active", limit, |stage| hosts.iter().all(|host| stage.phone(*host).is_active()))
    }

    /// Runs until the last call of every host has ended, and a little longer; then looks whether anything is left of it.
    pub(crate) fn reach_end(&mut self, hosts: &[HostId], limit: Duration) -> Vec<EndReason> {
        let ended = |stage: &Self, host: &HostId| matches!(stage.phone(*host).state(), Some(CallState::Ended(_)));
        self.reach("the call is over", limit, |stage| hosts.iter().all(|host| ended(stage, host)));
        self.world.run_for(seconds(40));
        for host in hosts {
            assert!(self.phone(*host).is_idle(), "nothing is left of the call on {host:?}");
        }
        hosts.iter().map(|host| self.phone(*host).end().expect("a line in the log")).collect()
    }

    /// Lets time pass and looks whether both hear each other: at least `share` of the frames of that time.
    pub(crate) fn assert_sound(&mut self, hosts: &[HostId], time: Duration, share: f64) {
        let before: Vec<u64> = hosts.iter().map(|host| self.phone(*host).last_heard().decoded).collect();
        self.world.run_for(time);
        let expected = time.as_secs_f64() * 50.0 * share;
        for (host, before) in hosts.iter().zip(before) {
            let heard = self.phone(*host).last_heard();
            let fresh = heard.decoded - before;
            assert!(fresh as f64 >= expected, "{host:?} heard {fresh} frames in {time:?}, expected {expected}: {heard:?}");
        }
    }
}
