use bytes::Bytes;

use crate::srtp::Srtp;

/// What stands between RTP and the wire.
#[derive(Debug)]
pub(crate) enum Protection {
    /// Keys to come.
    Pending,
    /// SRTP, with keys from DTLS or SDES.
    Srtp(Box<Srtp>),
    /// Nothing.
    Plain,
}

impl Protection {
    /// What to send for an RTP packet, if it may be sent.
    pub(crate) fn protect(&mut self, packet: Vec<u8>) -> Option<Bytes> {
        match self {
            Self::Pending => None,
            Self::Srtp(srtp) => srtp.protect(&packet).ok(),
            Self::Plain => Some(Bytes::from(packet)),
        }
    }

    /// The same for a compound RTCP packet.
    pub(crate) fn protect_rtcp(&mut self, compound: Vec<u8>) -> Option<Bytes> {
        match self {
            Self::Pending => None,
            Self::Srtp(srtp) => srtp.protect_rtcp(&compound).ok(),
            Self::Plain => Some(Bytes::from(compound)),
        }
    }

    /// Whether it is not plain already, before any work, that an RTP packet is a stranger's.
    pub(crate) fn may_know(&self, datagram: &[u8]) -> bool {
        match self {
            Self::Pending | Self::Plain => true,
            Self::Srtp(srtp) => srtp.may_know(datagram),
        }
    }

    /// The same of an RTCP packet.
    pub(crate) fn may_know_rtcp(&self, datagram: &[u8]) -> bool {
        match self {
            Self::Pending | Self::Plain => true,
            Self::Srtp(srtp) => srtp.may_know_rtcp(datagram),
        }
    }

    /// The RTP packet in a datagram, if it is authentic and new.
    pub(crate) fn unprotect(&mut self, datagram: &[u8]) -> Option<Bytes> {
        match self {
            Self::Pending => None,
            Self::Srtp(srtp) => srtp.unprotect(datagram).ok(),
            Self::Plain => Some(Bytes::copy_from_slice(datagram)),
        }
    }

    /// The same for RTCP.
    pub(crate) fn unprotect_rtcp(&mut self, datagram: &[u8]) -> Option<Bytes> {
        match self {
            Self::Pending => None,
            Self::Srtp(srtp) => srtp.unprotect_rtcp(datagram).ok(),
            Self::Plain => Some(Bytes::copy_from_slice(datagram)),
        }
    }
}
