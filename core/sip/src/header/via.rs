use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::param::{Params, params};
use crate::grammar::{Part, TOKEN, port, skip_space, span, split, text, trim};
use crate::uri::host;

/// What a branch begins with when it identifies a transaction (RFC 3261 8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// One value of `Via` (RFC 3261 20.42).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Via<'a> {
    raw: &'a [u8],
    transport: Part,
    host: Part,
    port: Option<u16>,
    params: Part,
    branch: Part,
    received: Part,
    /// Empty where it was asked for and not filled in.
    rport: Part,
}

impl<'a> Via<'a> {
    /// Reads the first value of `input` and gives what stands from the comma on. `None` if it is malformed.
    pub(crate) fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let input = skip_space(input);
        let (transport, rest) = sent_protocol(input)?;
        if !rest.first().is_some_and(u8::is_ascii_whitespace) {
            return None;
        }
        let transport = Part::before(input, transport.len(), rest);
        let sent_by = skip_space(rest);
        let (_, rest) = host(sent_by)?;
        let host = Part::between(input, sent_by, rest);
        let (port, behind) = sent_by_port(rest)?;
        let [mut branch, mut received, mut rport] = [Part::default(); 3];
        let (params, rest) = params(behind, |name, value, after| {
            let (part, wanted) = match name.len() {
                6 => (&mut branch, b"branch".as_slice()),
                8 => (&mut received, b"received".as_slice()),
                5 => (&mut rport, b"rport".as_slice()),
                _ => return,
            };
            if *part == Part::default() && name.eq_ignore_ascii_case(wanted) {
                *part = Part::before(input, value.map_or(0, <[u8]>::len), after);
            }
        })?;
        let params = Part::between(input, behind, split(behind, params.as_bytes().len()).1);
        let raw = trim(split(input, input.len() - rest.len()).0);
        (raw.len() <= Part::MAX).then_some((Self { raw, transport, host, port, params, branch, received, rport }, rest))
    }

    /// Reads a single value.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        Self::read(value).filter(|(_, rest)| rest.is_empty()).map(|(via, _)| via)
    }

    /// The value as it came.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// `UDP`, `TCP`, `TLS` …; compared without case.
    #[must_use]
    pub fn transport(&self) -> &'a str {
        text(self.transport.of(self.raw))
    }

    /// The host of `sent-by`; an IPv6 address stands in brackets.
    #[must_use]
    pub fn host(&self) -> &'a str {
        text(self.host.of(self.raw))
    }

    /// The port of `sent-by`, if given.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The transaction's branch, the magic cookie included. An empty identifier after the cookie counts as none
    /// (RFC 4475 3.2.1), so that matching falls back to RFC 2543's way.
    #[must_use]
    pub fn branch(&self) -> Option<&'a str> {
        self.branch.if_any(self.raw).map(text).filter(|b| !b.is_empty() && !b.eq_ignore_ascii_case(MAGIC_COOKIE))
    }

    /// Whether the branch is a transaction identifier of RFC 3261 (and not of RFC 2543).
    #[must_use]
    pub fn is_rfc3261(&self) -> bool {
        self.branch().and_then(|b| b.get(..MAGIC_COOKIE.len())).is_some_and(|cookie| cookie.eq_ignore_ascii_case(MAGIC_COOKIE))
    }

    /// Where the request was seen to come from (RFC 3261 18.2.1), written with or without brackets.
    #[must_use]
    pub fn received(&self) -> Option<IpAddr> {
        let value = text(self.received.if_any(self.raw)?);
        value.strip_prefix('[').and_then(|v| v.strip_suffix(']')).unwrap_or(value).parse().ok()
    }

    /// Whether `rport` was asked for (RFC 3581).
    #[must_use]
    pub fn wants_rport(&self) -> bool {
        self.rport != Part::default()
    }

    /// The port in `rport`, once a server filled it in (RFC 3581).
    #[must_use]
    pub fn rport(&self) -> Option<u16> {
        port(self.rport.of(self.raw))
    }

    /// All parameters.
    #[must_use]
    pub fn params(&self) -> Params<'a> {
        Params::of(self.params.of(self.raw))
    }

    /// Writes the value with `received` and `rport` as a server must add them for a request that came from `source`
    /// (RFC 3261 18.2.1, RFC 3581 4); what was there before under these names is replaced, the rest stays as it came.
    pub fn stamp(&self, source: SocketAddr, out: &mut Vec<u8>) {
        let untouched = !self.wants_rport() && self.received == Part::default() && host_is(self.host(), source.ip());
        if untouched {
            out.extend_from_slice(self.raw);
            return;
        }
        let head = self.raw.len().saturating_sub(self.params.of(self.raw).len());
        out.extend_from_slice(self.raw.get(..head).unwrap_or(self.raw));
        for param in self.params() {
            if param.name().eq_ignore_ascii_case("received") || param.name().eq_ignore_ascii_case("rport") {
                continue;
            }
            out.push(b';');
            out.extend_from_slice(param.name().as_bytes());
            if let Some(value) = param.raw_value() {
                out.push(b'=');
                out.extend_from_slice(value);
            }
        }
        append(out, format_args!(";received={}", source.ip()));
        if self.wants_rport() {
            append(out, format_args!(";rport={}", source.port()));
        }
    }
}

fn append(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    use std::io::Write;
    // Writing to a Vec cannot fail.
    let _ = out.write_fmt(text);
}

fn host_is(host: &str, address: IpAddr) -> bool {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host).parse() == Ok(address)
}

/// `SIP / 2.0 / transport`, with white space around the slashes.
fn sent_protocol(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (protocol, rest) = span(input, TOKEN);
    let (version, rest) = span(skip_space(skip_space(rest).strip_prefix(b"/")?), TOKEN);
    let (transport, rest) = span(skip_space(skip_space(rest).strip_prefix(b"/")?), TOKEN);
    (!protocol.is_empty() && !version.is_empty() && !transport.is_empty()).then_some((transport, rest))
}

/// `[ COLON port ]`, with white space around the colon.
fn sent_by_port(input: &[u8]) -> Option<(Option<u16>, &[u8])> {
    let Some(after) = skip_space(input).strip_prefix(b":") else { return Some((None, input)) };
    let (digits, rest) = span(skip_space(after), TOKEN);
    Some((Some(port(digits)?), rest))
}

impl fmt::Debug for Via<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Via({} … branch {:?})", self.transport(), self.branch())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_may_stand_around_every_separator() {
        let (via, rest) = Via::read(b"SIP  /    2.0   / UDP  192.168.255.111 : 5070  ; branch=\r\n z9hG4bK30239 , SIP/2.0/TCP x").unwrap();
        assert_eq!((via.transport(), via.host(), via.port()), ("UDP", "192.168.255.111", Some(5070)));
        assert_eq!(via.branch(), Some("z9hG4bK30239"));
        assert!(via.is_rfc3261());
        assert_eq!(rest, b", SIP/2.0/TCP x");
    }

    #[test]
    fn malformed_values_are_refused() {
        for bad in [
            "SIP/2.0/UDP 192.0.2.15;;,;,,",
            "SIP/2.0/UDP",
            "SIP/2.0 h",
            "SIP/2.0/UDP h:99999",
            "SIP/2.0/UDP h:",
            "SIP/2.0/UDP [::1",
            "/2.0/UDP h",
            "SIP/2.0/UDP h x",
            "SIP/2.0/UDPh",
        ] {
            assert_eq!(Via::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn received_is_read_with_and_without_brackets() {
        for text in ["SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]", "SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255"] {
            assert_eq!(Via::parse(text.as_bytes()).unwrap().received(), Some("2001:db8::9:255".parse().unwrap()));
        }
    }

    #[test]
    fn the_cookie_alone_is_no_branch() {
        let via = Via::parse(b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK").unwrap();
        assert_eq!(via.branch(), None);
        assert!(!via.is_rfc3261());
    }

    fn stamped(value: &str, source: &str) -> String {
        let mut out = Vec::new();
        Via::parse(value.as_bytes()).unwrap().stamp(source.parse().unwrap(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_server_adds_received_when_the_host_differs_and_fills_rport_when_asked() {
        assert_eq!(stamped("SIP/2.0/UDP 192.0.2.1;branch=a", "192.0.2.1:5"), "SIP/2.0/UDP 192.0.2.1;branch=a");
        assert_eq!(stamped("SIP/2.0/UDP a.example ;branch=a", "192.0.2.1:5"), "SIP/2.0/UDP a.example;branch=a;received=192.0.2.1");
        assert_eq!(
            stamped("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=a", "192.0.2.1:7"),
            "SIP/2.0/UDP 10.0.0.1:5060;branch=a;received=192.0.2.1;rport=7"
        );
        assert_eq!(
            stamped("SIP/2.0/UDP [::1]:5060;received=10.0.0.9;rport=1;branch=a", "[::1]:7"),
            "SIP/2.0/UDP [::1]:5060;branch=a;received=::1;rport=7"
        );
    }
}
