//! What befalls hosts: crashes, power cuts, sleep, other networks.

use std::net::IpAddr;

use crate::alarms::Alarms;
use crate::host::{Ends, HostId, Notice};
use crate::packet::{Body, Packet};
use crate::stream::Segment;
use crate::world::World;

/// What becomes of connections over an address that goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orphans {
    /// The system closes them at once, as phones do.
    Closed,
    /// They stay, and find out by themselves that nothing gets through.
    Kept,
}

impl World {
    /// The process ends without a word, as by a kill: its system resets its connections, and the disk keeps even what was not
    /// committed. [`World::boot`] starts another.
    pub fn kill(&mut self, host: HostId) {
        self.note_fate(host, "killed");
        let ends: Vec<Ends> = self.hosts[host.0].connections.keys().copied().collect();
        self.hosts[host.0].forget_process();
        for (source, destination) in ends {
            self.leave_host(host, Packet { source, destination, body: Body::Segment(Segment::Rst) });
        }
    }

    /// The whole host stops: peers hear nothing, and the disk loses what was not committed. [`World::boot`] starts it again.
    pub fn power_off(&mut self, host: HostId) {
        self.note_fate(host, "off");
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        place.forget_process();
        place.powered = false;
        if let Some(disk) = &mut place.disk {
            disk.lose_power(now);
        }
    }

    /// From now on the host sleeps, as telephones do, whenever its process lets it ([`Node::nap`](crate::Node::nap)): no timer runs then, only
    /// these alarms come. What comes from the network wakes it. `None`: its timers run again.
    pub fn let_sleep(&mut self, host: HostId, alarms: Option<Alarms>) {
        self.note_fate(host, if alarms.is_some() { "may sleep" } else { "stays awake" });
        self.hosts[host.0].alarms = alarms;
        self.set_wake(host);
    }

    /// The host sleeps: no timer runs and no process. Up to `queue` packets wait for it, further ones are lost. One that sleeps already
    /// keeps what waits for it.
    pub fn suspend(&mut self, host: HostId, queue: usize) {
        self.note_fate(host, "sleeps");
        self.hosts[host.0].sleep.get_or_insert_default().queue = queue;
    }

    /// The host wakes up: timers that are due come first, late; then what had waited.
    pub fn resume(&mut self, host: HostId) {
        let Some(sleep) = self.hosts[host.0].sleep.take() else { return };
        self.note_fate(host, "awake");
        if let Some(why) = sleep.wake_due {
            self.post(host, Notice::Timeout(why));
        }
        for notice in sleep.notices {
            self.post(host, notice);
        }
        let ends: Vec<Ends> = self.hosts[host.0].connections.keys().copied().collect();
        for ends in ends {
            self.stream_timeout(host, ends);
        }
        for packet in sleep.packets {
            self.reach_host(host, packet);
        }
    }

    /// Takes an attachment down. What was sent by it is under way still; what comes for it is lost.
    pub fn take_down(&mut self, host: HostId, attachment: usize, orphans: Orphans) {
        self.note_fate(host, "network down");
        let place = &mut self.hosts[host.0].attachments[attachment];
        place.up = false;
        let gone = place.addresses.clone();
        self.abandon(host, &gone, orphans);
        self.post(host, Notice::NetworkChanged);
    }

    /// Brings an attachment up again, with the addresses it had.
    pub fn bring_up(&mut self, host: HostId, attachment: usize) {
        self.note_fate(host, "network up");
        self.hosts[host.0].attachments[attachment].up = true;
        self.post(host, Notice::NetworkChanged);
    }

    /// Gives an attachment other addresses (spaces between).
    pub fn readdress(&mut self, host: HostId, attachment: usize, addresses: &str, orphans: Orphans) {
        self.note_fate(host, "other addresses");
        let gone = self.hosts[host.0].attachments[attachment].addresses.clone();
        self.leave_addresses(host, attachment);
        self.enter_addresses(host, attachment, super::build::addresses(addresses));
        self.abandon(host, &gone, orphans);
        self.post(host, Notice::NetworkChanged);
    }

    fn abandon(&mut self, host: HostId, gone: &[IpAddr], orphans: Orphans) {
        if orphans == Orphans::Kept {
            return;
        }
        let connections = self.hosts[host.0].connections.keys();
        let ends: Vec<Ends> = connections.filter(|(local, _)| gone.contains(&local.ip())).copied().collect();
        for ends in ends {
            if let Some(end) = self.hosts[host.0].connections.get_mut(&ends) {
                end.connection.lose_network("network is down");
            }
            self.settle(host, ends);
        }
    }

    fn note_fate(&mut self, host: HostId, what: &str) {
        let name = self.hosts[host.0].name.clone();
        self.note(&name, what);
    }
}
