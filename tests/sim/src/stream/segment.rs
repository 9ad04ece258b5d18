use std::fmt;

use super::Certificate;
use crate::packet::Text;

/// What TCP carries in order. Bytes, and the messages of a TLS 1.3 handshake as values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes(Vec<u8>),
    /// With the name asked for (SNI).
    ClientHello(String),
    ServerHello(Certificate),
    Finished,
    /// The client did not like the certificate.
    Alert,
    /// The writer has no more.
    Fin,
}

impl Unit {
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::ClientHello(_) => 300,
            Self::ServerHello(_) => 1400,
            Self::Finished => 70,
            Self::Alert => 30,
            Self::Fin => 0,
        }
    }
}

/// One TCP segment. Units are numbered one by one, in each direction from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Syn,
    SynAck,
    Data {
        number: u64,
        unit: Unit,
    },
    /// Everything before `next` has arrived.
    Ack {
        next: u64,
    },
    Rst,
}

impl Segment {
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Data { unit, .. } => unit.size(),
            _ => 0,
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syn => f.write_str("syn"),
            Self::SynAck => f.write_str("syn+ack"),
            Self::Ack { next } => write!(f, "ack {next}"),
            Self::Rst => f.write_str("rst"),
            Self::Data { number, unit } => match unit {
                Unit::Bytes(bytes) => write!(f, "#{number} {}", Text(bytes)),
                Unit::ClientHello(name) => write!(f, "#{number} client hello {name}"),
                Unit::ServerHello(_) => write!(f, "#{number} server hello"),
                Unit::Finished => write!(f, "#{number} finished"),
                Unit::Alert => write!(f, "#{number} alert"),
                Unit::Fin => write!(f, "#{number} fin"),
            },
        }
    }
}
