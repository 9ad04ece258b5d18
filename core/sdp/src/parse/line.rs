use std::net::IpAddr;

use super::MAX_CODECS;
use crate::{MediaKind, Origin, Protocol};

/// The fields of an `m=` line (RFC 8866 5.14).
pub(super) struct MediaLine {
    pub(super) kind: MediaKind,
    pub(super) port: u16,
    pub(super) protocol: Protocol,
    pub(super) formats: Vec<String>,
}

impl MediaLine {
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split_ascii_whitespace();
        let kind = match fields.next()? {
            "audio" => MediaKind::Audio,
            other => MediaKind::Other(other.to_owned()),
        };
        let port = fields.next()?;
        let port = port.split_once('/').map_or(port, |(first, _)| first).parse().ok()?;
        let protocol = Protocol::from_token(fields.next()?);
        let mut formats: Vec<String> = Vec::new();
        for format in fields {
            if formats.len() < MAX_CODECS && !formats.iter().any(|known| known == format) {
                formats.push(format.to_owned());
            }
        }
        Some(Self { kind, port, protocol, formats })
    }
}

/// `c=` (RFC 8866 5.7): outer `None` if it cannot be read at all, inner `None` if it names a host.
pub(super) fn connection(value: &str) -> Option<Option<IpAddr>> {
    let mut fields = value.split_ascii_whitespace();
    if !fields.next()?.eq_ignore_ascii_case("IN") {
        return None;
    }
    let _address_type = fields.next()?;
    let address = fields.next()?;
    let address = address.split_once('/').map_or(address, |(first, _)| first);
    Some(address.parse().ok())
}

/// `o=` (RFC 8866 5.2). Numbers beyond 64 bits, which some peers make, are taken modulo 2^64.
pub(super) fn origin(value: &str) -> Option<Origin> {
    let mut fields = value.split_ascii_whitespace();
    let username = fields.next()?.to_owned();
    let session_id = number(fields.next()?);
    let session_version = number(fields.next()?);
    let address = fields.nth(2).unwrap_or("0.0.0.0").to_owned();
    Some(Origin { username, session_id, session_version, address })
}

fn number(digits: &str) -> u64 {
    digits.bytes().filter(u8::is_ascii_digit).fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
}

impl Protocol {
    fn from_token(token: &str) -> Self {
        const KNOWN: [Protocol; 6] =
            [Protocol::RtpAvp, Protocol::RtpAvpf, Protocol::RtpSavp, Protocol::RtpSavpf, Protocol::DtlsSavp, Protocol::DtlsSavpf];
        KNOWN.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(token)).unwrap_or_else(|| Self::Other(token.to_owned()))
    }

    /// As it stands in the `m=` line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::RtpAvp => "RTP/AVP",
            Self::RtpAvpf => "RTP/AVPF",
            Self::RtpSavp => "RTP/SAVP",
            Self::RtpSavpf => "RTP/SAVPF",
            Self::DtlsSavp => "UDP/TLS/RTP/SAVP",
            Self::DtlsSavpf => "UDP/TLS/RTP/SAVPF",
            Self::Other(token) => token,
        }
    }

    /// With feedback by RTCP (RFC 4585).
    #[must_use]
    pub fn has_feedback(&self) -> bool {
        matches!(self, Self::RtpAvpf | Self::RtpSavpf | Self::DtlsSavpf)
    }

    /// Its formats are RTP payload types.
    #[must_use]
    pub fn is_rtp(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}
