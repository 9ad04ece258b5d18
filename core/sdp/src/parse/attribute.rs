use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::base64;
use super::line::connection;
use crate::{Codec, Crypto, Direction, Fingerprint, Setup};

/// `a=rtpmap:type name/clock[/channels]` (RFC 8866 6.6).
pub(super) fn rtpmap(value: &str) -> Option<Codec> {
    let (payload_type, encoding) = value.split_once(' ')?;
    let mut parts = encoding.trim().split('/');
    let name = parts.next().filter(|name| !name.is_empty() && !name.contains(' '))?;
    let clock_rate = parts.next()?.parse().ok().filter(|clock| *clock > 0)?;
    let channels = parts.next().and_then(|channels| channels.parse().ok()).filter(|channels| *channels > 0).unwrap_or(1);
    Some(Codec::new(payload_type_of(payload_type)?, name, clock_rate, channels))
}

/// `a=fmtp:type parameters`.
pub(super) fn fmtp(value: &str) -> Option<(u8, String)> {
    let (payload_type, parameters) = value.split_once(' ')?;
    Some((payload_type_of(payload_type)?, parameters.trim().to_owned()))
}

/// 0..=127, of 7 bits in RTP.
pub(super) fn payload_type_of(text: &str) -> Option<u8> {
    text.trim().parse().ok().filter(|number| *number < 128)
}

/// `a=ptime`, `a=maxptime`: milliseconds, fractions cut off; 0 and more than a second mean nothing.
pub(super) fn milliseconds(value: &str) -> Option<Duration> {
    let whole = value.trim();
    let whole = whole.split_once('.').map_or(whole, |(whole, _)| whole);
    whole.parse().ok().filter(|ms| (1..=1000).contains(ms)).map(Duration::from_millis)
}

/// `a=fingerprint:hash AB:CD:…` (RFC 8122 5).
pub(super) fn fingerprint(value: &str) -> Option<Fingerprint> {
    let mut fields = value.split_ascii_whitespace();
    let hash = fields.next()?.to_ascii_lowercase();
    let digest: Option<Vec<u8>> = fields.next()?.split(':').map(hex_octet).collect();
    digest.filter(|digest| digest.len() <= 64).map(|digest| Fingerprint { hash, digest })
}

fn hex_octet(text: &str) -> Option<u8> {
    let valid = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if valid { u8::from_str_radix(text, 16).ok() } else { None }
}

/// `a=setup` (RFC 4145 4).
pub(super) fn setup(value: &str) -> Option<Setup> {
    [Setup::Active, Setup::Passive, Setup::ActPass, Setup::HoldConn].into_iter().find(|setup| setup.as_str() == value.trim())
}

/// `a=crypto:tag suite inline:key[|lifetime][|mki:length][;…] [parameters]` (RFC 4568 9.1). The first key is taken apart,
/// the rest kept as it came.
pub(super) fn crypto(value: &str) -> Option<Crypto> {
    let (tag, rest) = value.trim().split_once(' ')?;
    let (suite, rest) = rest.trim_start().split_once(' ')?;
    let keys = rest.trim_start();
    let (method, keys) = keys.split_once(':')?;
    if !method.eq_ignore_ascii_case("inline") {
        return None;
    }
    let end = keys.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))).unwrap_or(keys.len());
    let (key, parameters) = keys.split_at_checked(end)?;
    let key_salt = base64::decode(key).filter(|key| !key.is_empty() && key.len() <= 128)?;
    Some(Crypto { tag: tag.parse().ok()?, suite: suite.to_owned(), key_salt, parameters: parameters.to_owned() })
}

/// `a=rtcp:port [IN IP4 address]` (RFC 3605): the address is that of `c=` unless said.
pub(super) fn rtcp(value: &str, default: Option<IpAddr>) -> Option<SocketAddr> {
    let value = value.trim();
    let (port, connection_data) = value.split_once(' ').unwrap_or((value, ""));
    let address = connection(connection_data).flatten().or(default)?;
    port.parse().ok().filter(|port| *port != 0).map(|port| SocketAddr::new(address, port))
}

/// `a=sendrecv` and its kin.
pub(super) fn direction(name: &str) -> Option<Direction> {
    [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]
        .into_iter()
        .find(|direction| direction.as_str() == name)
}
