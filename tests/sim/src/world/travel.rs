use std::time::Duration;

use cooee_machine::{StreamOrigin, Transport};

use crate::gateway::{GatewayId, Onward};
use crate::host::{HostId, Notice, OpenEnd};
use crate::link::{Arrival, Link, Swallowed};
use crate::network::{Attached, NetworkId};
use crate::packet::{Body, Packet};
use crate::stream::{Connection, Segment, TlsRole};
use crate::world::{Entry, World};

/// From one process to another on the same host.
const LOOPBACK_DELAY: Duration = Duration::from_micros(20);

fn pass(link: &mut Link, packet: &Packet, now: Duration) -> Result<Arrival, Swallowed> {
    link.transmit(packet.size(), matches!(packet.body, Body::Segment(_)), now)
}

impl World {
    /// A packet leaves a host, its source being one of the host's addresses.
    pub(super) fn leave_host(&mut self, host: HostId, packet: Packet) {
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        if place.owns(packet.destination.ip()) {
            self.agenda.add(now + LOOPBACK_DELAY, Entry::AtHost(host, packet));
            return;
        }
        let Some(index) = place.attachment_of(packet.source.ip()) else {
            self.drop_packet(&self.hosts[host.0].name.clone(), "no network", &packet);
            return;
        };
        let attachment = &mut place.attachments[index];
        let (network, arrival) = (attachment.network, pass(&mut attachment.link.up, &packet, now));
        let name = place.name.clone();
        self.schedule(&name, "up", arrival, packet, |packet| Entry::AtNetwork(network, packet));
    }

    /// A packet is in a network: on to a host, into a gateway, or out.
    pub(super) fn route(&mut self, network: NetworkId, packet: Packet) {
        let now = self.elapsed();
        match self.networks[network.0].find(packet.destination.ip()) {
            Some(Attached::Host(host, index)) => {
                let place = &mut self.hosts[host.0];
                let arrival = pass(&mut place.attachments[index].link.down, &packet, now);
                let name = place.name.clone();
                self.schedule(&name, "down", arrival, packet, |packet| Entry::AtHost(host, packet));
            }
            Some(Attached::Gateway(gateway)) => {
                let place = &mut self.gateways[gateway.0];
                let arrival = pass(&mut place.line.down, &packet, now);
                let name = place.name.clone();
                self.schedule(&name, "down", arrival, packet, |packet| Entry::AtGateway(gateway, packet));
            }
            None => match self.networks[network.0].gateway {
                Some(gateway) => self.leave_network(gateway, &packet),
                None => self.drop_packet(&self.networks[network.0].name.clone(), "no such address", &packet),
            },
        }
    }

    /// A packet leaves an inner network by its gateway.
    fn leave_network(&mut self, gateway: GatewayId, packet: &Packet) {
        let now = self.elapsed();
        let place = &mut self.gateways[gateway.0];
        let (name, inner, outer) = (place.name.clone(), place.inner, place.outer);
        match place.outbound(packet, now) {
            Ok(Onward::Outer(packet)) => {
                let arrival = pass(&mut place.line.up, &packet, now);
                self.schedule(&name, "up", arrival, packet, |packet| Entry::AtNetwork(outer, packet));
            }
            Ok(Onward::Inner(packet)) => self.agenda.add(now, Entry::AtNetwork(inner, packet)),
            Err(denied) => self.drop_packet(&name, denied.why(), packet),
        }
    }

    /// A packet comes from outside to a gateway.
    pub(super) fn enter_gateway(&mut self, gateway: GatewayId, packet: &Packet) {
        let now = self.elapsed();
        let place = &mut self.gateways[gateway.0];
        let (name, inner) = (place.name.clone(), place.inner);
        match place.inbound(packet, now) {
            Ok(packet) => self.route(inner, packet),
            Err(denied) => self.drop_packet(&name, denied.why(), packet),
        }
    }

    /// A packet comes to a host.
    pub(super) fn reach_host(&mut self, host: HostId, packet: Packet) {
        let place = &mut self.hosts[host.0];
        let name = place.name.clone();
        if !place.powered {
            self.drop_packet(&name, "host is off", &packet);
        } else if !place.owns(packet.destination.ip()) {
            self.drop_packet(&name, "no longer its address", &packet);
        } else if let Some(sleep) = &mut place.sleep {
            if sleep.packets.len() < sleep.queue {
                sleep.packets.push_back(packet);
            } else {
                self.drop_packet(&name, "host sleeps", &packet);
            }
        } else {
            match packet.body {
                Body::Datagram(_) => self.reach_socket(host, packet),
                Body::Segment(_) => self.reach_connection(host, packet),
            }
        }
    }

    fn reach_socket(&mut self, host: HostId, packet: Packet) {
        let place = &self.hosts[host.0];
        let (Some(socket), boot) = (place.socket_at(packet.destination), place.boot) else {
            self.drop_packet(&place.name.clone(), "no socket", &packet);
            return;
        };
        let Packet { source: remote, destination: local, body: Body::Datagram(payload) } = packet else { return };
        self.tell(host, boot, Notice::Datagram { socket, local, remote, payload });
    }

    fn reach_connection(&mut self, host: HostId, packet: Packet) {
        let (now, elapsed) = (self.now(), self.elapsed());
        let Packet { source: remote, destination: local, body: Body::Segment(segment) } = packet else { return };
        let ends = (local, remote);
        let place = &mut self.hosts[host.0];
        if let Some(end) = place.connections.get_mut(&ends) {
            end.connection.handle_segment(segment, now, elapsed);
            self.settle(host, ends);
            return;
        }
        match (segment, place.listener_at(local)) {
            (Segment::Syn, Some(transport)) => {
                let role = if transport == Transport::Tls { TlsRole::Server(place.certificate.clone()) } else { TlsRole::Plain };
                let connection = Connection::accept(place.streams.clone(), role, elapsed);
                let end = OpenEnd { stream: place.accepted_stream(), origin: StreamOrigin::Accepted(transport), connection, timer: None };
                place.connections.insert(ends, end);
                self.settle(host, ends);
            }
            (Segment::Rst, _) => {}
            _ => self.leave_host(host, Packet { source: local, destination: remote, body: Body::Segment(Segment::Rst) }),
        }
    }

    fn schedule(
        &mut self,
        who: &str,
        direction: &str,
        arrival: Result<Arrival, Swallowed>,
        packet: Packet,
        entry: impl Fn(Packet) -> Entry,
    ) {
        match arrival {
            Ok(Arrival { at, again }) => {
                if let Some(again) = again {
                    self.agenda.add(again, entry(packet.clone()));
                }
                self.agenda.add(at, entry(packet));
            }
            Err(swallowed) => {
                self.trace.line(self.clock.elapsed(), who, format_args!("x {direction} {}: {packet}", swallowed.why()));
            }
        }
    }

    pub(super) fn drop_packet(&mut self, who: &str, why: &str, packet: &Packet) {
        self.trace.line(self.clock.elapsed(), who, format_args!("x {why}: {packet}"));
    }
}
