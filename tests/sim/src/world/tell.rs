use std::fmt;
use std::time::Duration;

use cooee_machine::{Event, Now, StreamEvent};

use crate::host::{HostId, Notice};
use crate::node::{Desk, DiskFailure, Input, Nap, Node};
use crate::packet::{Glimpse, Text};
use crate::stream::StreamNotice;
use crate::world::{Entry, World};

/// A process that asks to be woken this often without time moving will never let it move.
const MOST_IDLE_WAKES: u32 = 10_000;

impl World {
    /// Calls into a host's process, as its owner would, and does what it asks for.
    ///
    /// # Panics
    /// If the host runs no such process.
    pub fn with<N: Node, R>(&mut self, host: HostId, work: impl FnOnce(&mut N, &mut Desk, Now) -> R) -> R {
        let now = self.now();
        let mut desk = Desk::default();
        let node = self.node_mut(host);
        let result = work(node, &mut desk, now);
        self.finish(host, desk);
        result
    }

    /// Tells the process that runs now, in its turn.
    pub(super) fn post(&mut self, host: HostId, notice: Notice) {
        let boot = self.hosts[host.0].boot;
        self.agenda.add(self.clock.elapsed(), Entry::Tell(host, boot, notice));
    }

    /// Tells the process of that boot, unless it is gone; later if it sleeps.
    pub(super) fn tell(&mut self, host: HostId, boot: u32, notice: Notice) {
        let now = self.now();
        let place = &mut self.hosts[host.0];
        if place.boot != boot || place.process.is_none() {
            return;
        }
        if let Some(sleep) = &mut place.sleep {
            sleep.notices.push_back(notice);
            return;
        }
        self.trace.line(self.clock.elapsed(), &place.name, format_args!("{}", Told(&notice)));
        let Some(mut process) = place.process.take() else { return };
        let mut desk = Desk::default();
        match &notice {
            Notice::Disk { ticket, usage } => match &mut place.disk {
                Some(disk) => {
                    disk.perform(*usage, |contents| process.handle(Input::Disk { ticket: *ticket, contents }, &mut desk, now));
                }
                None => process.handle(Input::Disk { ticket: *ticket, contents: Err(DiskFailure::Missing) }, &mut desk, now),
            },
            Notice::Started => process.handle(Input::Started, &mut desk, now),
            Notice::Alarm(_) => process.handle(Input::Alarm, &mut desk, now),
            Notice::NetworkChanged => process.handle(Input::Io(Event::NetworkChanged(place.interfaces())), &mut desk, now),
            _ => {
                if let Some(event) = event(&notice) {
                    process.handle(Input::Io(event), &mut desk, now);
                }
            }
        }
        place.process = Some(process);
        self.finish(host, desk);
    }

    fn finish(&mut self, host: HostId, desk: Desk) {
        self.perform(host, desk.0);
        self.set_wake(host);
    }

    pub(super) fn set_wake(&mut self, host: HostId) {
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        if let Some((alarms, Nap::Asleep(alarm))) = place.alarms.as_mut().zip(place.process.as_ref().map(|process| process.nap())) {
            let at = alarm.and_then(|alarm| alarms.set(self.clock.since_start(alarm.at), alarm.slack, now));
            place.wake = None;
            if let Some(at) = at {
                self.agenda.add(at, Entry::Alarm(host, place.boot));
            }
            return;
        }
        let wake = place.process.as_ref().and_then(|process| process.next_wake());
        let wanted = wake.map(|wake| {
            let at = if self.uses_slack { wake.at + wake.slack } else { wake.at };
            (self.clock.since_start(at).max(now), wake.why)
        });
        if wanted != place.wake {
            place.wake = wanted;
            if let Some((at, _)) = wanted {
                self.agenda.add(at, Entry::Wake(host, place.boot));
            }
        }
    }

    /// A wake-up asked for is due, unless the process has changed its mind.
    pub(super) fn wake(&mut self, host: HostId, boot: u32) {
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        let Some((_, why)) = place.wake.filter(|(at, _)| *at <= now && place.boot == boot) else { return };
        place.wake = None;
        if let Some(sleep) = &mut place.sleep {
            sleep.wake_due = Some(why);
            return;
        }
        self.count_wake(host, why, now);
        self.tell(host, boot, Notice::Timeout(why));
    }

    /// An alarm is due, unless another one was set instead, or the device is awake.
    pub(super) fn alarm(&mut self, host: HostId, boot: u32) {
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        let Some((alarms, Nap::Asleep(Some(alarm)))) = place.alarms.as_mut().zip(place.process.as_ref().map(|process| process.nap()))
        else {
            return;
        };
        if place.boot == boot && alarms.take_due(now) {
            self.count_wake(host, alarm.why, now);
            self.tell(host, boot, Notice::Alarm(alarm.why));
        }
    }

    fn count_wake(&mut self, host: HostId, why: &str, now: Duration) {
        let place = &mut self.hosts[host.0];
        let stuck = place.last_wake.replace(now) == Some(now);
        place.idle_wakes = if stuck { place.idle_wakes + 1 } else { 0 };
        assert!(place.idle_wakes < MOST_IDLE_WAKES, "{} spins on its timer: {why}", place.name);
    }
}

/// The event of a notice that is one by itself.
fn event(notice: &Notice) -> Option<Event<'_>> {
    Some(match notice {
        Notice::Bound { socket, local } => Event::Bound { socket: *socket, local: local.clone() },
        Notice::Datagram { socket, local, remote, payload } => Event::Datagram { socket: *socket, local: *local, remote: *remote, payload },
        Notice::Stream { stream, local, remote, origin, notice } => {
            let event = match notice {
                StreamNotice::Opened(peer) => StreamEvent::Opened { local: *local, remote: *remote, peer: peer.clone(), origin: *origin },
                StreamNotice::Bytes(bytes) => StreamEvent::Bytes(bytes),
                StreamNotice::Blocked => StreamEvent::Blocked,
                StreamNotice::Closed(why) => StreamEvent::Closed(why.clone()),
            };
            Event::Stream { stream: *stream, event }
        }
        Notice::Resolved { id, resolution } => Event::Resolved { id: *id, resolution: resolution.clone() },
        Notice::Timeout(_) => Event::Timeout,
        Notice::Started | Notice::Alarm(_) | Notice::NetworkChanged | Notice::Disk { .. } => return None,
    })
}

/// A notice as the trace tells it.
struct Told<'a>(&'a Notice);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Notice::Started => f.write_str("< started"),
            Notice::NetworkChanged => f.write_str("< network changed"),
            Notice::Bound { socket, local: Ok(local) } => write!(f, "< bound {} {local}", socket.0),
            Notice::Bound { socket, local: Err(why) } => write!(f, "< not bound {}: {why}", socket.0),
            Notice::Datagram { remote, payload, .. } => write!(f, "< udp {remote} {}", Glimpse(payload)),
            Notice::Stream { stream, remote, notice, .. } => match notice {
                StreamNotice::Opened(peer) => write!(f, "< open {} {remote} {}", stream.0, peer.domains.join(",")),
                StreamNotice::Bytes(bytes) => write!(f, "< stream {} {}", stream.0, Text(bytes)),
                StreamNotice::Blocked => write!(f, "< blocked {}", stream.0),
                StreamNotice::Closed(why) => write!(f, "< closed {} {why:?}", stream.0),
            },
            Notice::Resolved { resolution, .. } => write!(f, "< resolved {resolution:?}"),
            Notice::Timeout(why) => write!(f, "! {why}"),
            Notice::Alarm(why) => write!(f, "! alarm: {why}"),
            Notice::Disk { ticket, usage } => write!(f, "< disk {usage:?} {ticket}"),
        }
    }
}
