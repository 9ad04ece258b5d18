//! A peer that follows a script instead of the standards.
use std::net::SocketAddr;
use std::time::Duration;

use super::{World, address};

/// Sends RTP in the clear, as told.
#[derive(Clone)]
pub struct Odd {
    pub at: SocketAddr,
    pub to: SocketAddr,
    pub ssrc: u32,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    /// Octets of payload, which is also how far the clock moves: G.711.
    pub octets: usize,
}

impl Odd {
    pub fn new(at: &str) -> Self {
        Self { at: address(at), to: address("192.0.2.1:4000"), ssrc: 7, payload_type: 8, sequence: 1, timestamp: 1000, octets: 160 }
    }

    /// One packet of G.711.
    pub fn packet(&mut self, world: &mut World) {
        let payload = vec![self.ssrc as u8; self.octets];
        self.send(world, self.payload_type, false, self.timestamp, &payload);
        self.timestamp = self.timestamp.wrapping_add(self.octets as u32);
    }

    /// One packet of whatever kind, out of the clock's run.
    pub fn send(&mut self, world: &mut World, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) {
        let mut packet = vec![0x80, payload_type | (u8::from(marker) << 7)];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        world.send(self.at, self.to, packet);
    }

    /// Speaks for a while, as fast as its clock says.
    pub fn speak(&mut self, world: &mut World, length: Duration) {
        let end = world.at() + length;
        while world.at() < end {
            self.packet(world);
            world.run(world.at() + Duration::from_millis(self.octets as u64 / 8));
        }
    }
}

/// A sender report by which so many packets were sent.
pub fn sender_report(ssrc: u32, packets: u32) -> Vec<u8> {
    let mut report = vec![0x80, 200, 0, 6];
    report.extend_from_slice(&ssrc.to_be_bytes());
    report.extend_from_slice(&[0; 12]);
    report.extend_from_slice(&packets.to_be_bytes());
    report.extend_from_slice(&[0; 4]);
    report
}

/// The good-bye of a source.
pub fn good_bye(ssrc: u32) -> Vec<u8> {
    let mut report = vec![0x81, 203, 0, 1];
    report.extend_from_slice(&ssrc.to_be_bytes());
    report
}
