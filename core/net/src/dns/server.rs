use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use cooee_machine::is_host_name;

use super::RawDns;

/// Whom to ask. As text: `system`, or servers separated by commas, each as [`DnsServer`] reads it.
#[derive(Clone, Debug, Default)]
pub enum DnsServers {
    /// The servers of the system's `resolv.conf`, read anew when asked, after its `hosts` file.
    #[default]
    System,
    /// These, in this order.
    Chosen(Vec<DnsServer>),
    /// The platform's own way of asking, e.g. Android's, which knows the network's resolvers and reaches them privately.
    Raw(Arc<dyn RawDns>),
    /// Nobody: only local answers.
    Nobody,
}

impl DnsServers {
    /// Whether nobody on the way can read the questions: all are encrypted to a server that somebody chose.
    #[must_use]
    pub fn are_private(&self) -> bool {
        matches!(self, Self::Chosen(servers) if !servers.is_empty() && servers.iter().all(DnsServer::is_encrypted))
    }
}

/// One server. As text `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`, `tls://dns.example`, `https://dns.example/dns-query`;
/// the last two also with a port, and with `@192.0.2.1` behind them where the name need not be looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DnsServer {
    /// UDP, and TCP for long answers. Anybody on the way can read and change them.
    Plain(SocketAddr),
    /// DNS over TLS (RFC 7858), port 853 unless another is named.
    Tls(EncryptedServer),
    /// DNS over HTTPS (RFC 8484), port 443 unless another is named.
    Https {
        /// The server.
        server: EncryptedServer,
        /// E.g. `/dns-query`.
        path: String,
    },
}

/// A server that proves by a certificate who it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EncryptedServer {
    /// What its certificate must be for: a name in lower case, or an IP address without brackets.
    pub name: String,
    /// Where it listens.
    pub port: u16,
    /// Where it is; `None`: the system's resolver is asked for its name.
    pub at: Option<IpAddr>,
}

/// Why a text names no server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no DNS server; write system, 192.0.2.1, [2001:db8::1]:53, tls://dns.example or https://dns.example/dns-query")]
pub struct DnsServerError(String);

const PLAIN_PORT: u16 = 53;
const TLS_PORT: u16 = 853;
const HTTPS_PORT: u16 = 443;
/// What nearly all servers use; RFC 8484 4.1.1 has it in its examples.
const PATH: &str = "/dns-query";
/// A list that somebody typed is shorter.
const SERVERS_MAX: usize = 8;

impl DnsServer {
    /// Whether what is asked is hidden from all but the server.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }

    fn read(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("tls://") {
            return EncryptedServer::read(rest, TLS_PORT).map(Self::Tls);
        }
        if let Some(rest) = text.strip_prefix("https://") {
            let (rest, at) = split_address(rest)?;
            let (authority, path) = rest.find('/').map_or((rest, PATH), |place| rest.split_at(place));
            // A URI template's variable is for GET; we POST (RFC 8484 4.1).
            let path = path.strip_suffix("{?dns}").unwrap_or(path);
            let is_path = path.len() <= 255 && path.bytes().all(|byte| byte.is_ascii_graphic() && !br#"{}#"\^`<>|"#.contains(&byte));
            let server = EncryptedServer { at, ..EncryptedServer::read(authority, HTTPS_PORT)? };
            return is_path.then(|| Self::Https { server, path: path.to_owned() });
        }
        let bare = || text.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, PLAIN_PORT));
        text.parse().ok().or_else(bare).map(Self::Plain)
    }
}

impl EncryptedServer {
    fn read(text: &str, default_port: u16) -> Option<Self> {
        let (text, at) = split_address(text)?;
        if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Some(Self { name: ip.to_string(), port: default_port, at });
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Some(Self { name: address.ip().to_string(), port: address.port(), at });
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().ok().filter(|port| *port != 0)?),
            None => (text, default_port),
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        is_host_name(&name).then_some(Self { name, port, at })
    }

    /// Where it is, if that needs no question.
    pub(super) fn known_address(&self) -> Option<SocketAddr> {
        self.at.or_else(|| self.name.parse().ok()).map(|ip| SocketAddr::new(ip, self.port))
    }
}

/// `rest@address`.
fn split_address(text: &str) -> Option<(&str, Option<IpAddr>)> {
    match text.rsplit_once('@') {
        Some((rest, address)) => Some((rest, Some(address.trim_matches(['[', ']']).parse().ok()?))),
        None => Some((text, None)),
    }
}

impl FromStr for DnsServer {
    type Err = DnsServerError;

    fn from_str(text: &str) -> Result<Self, DnsServerError> {
        Self::read(text).ok_or_else(|| DnsServerError(text.to_owned()))
    }
}

impl FromStr for DnsServers {
    type Err = DnsServerError;

    fn from_str(text: &str) -> Result<Self, DnsServerError> {
        if text == "system" {
            return Ok(Self::System);
        }
        let servers = text.split(',').map(|server| server.trim().parse()).collect::<Result<Vec<DnsServer>, _>>()?;
        if servers.len() > SERVERS_MAX { Err(DnsServerError(text.to_owned())) } else { Ok(Self::Chosen(servers)) }
    }
}

impl fmt::Display for DnsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(address) if address.port() == PLAIN_PORT => write!(f, "{}", address.ip()),
            Self::Plain(address) => write!(f, "{address}"),
            Self::Tls(server) => {
                write!(f, "tls://{}", Authority(server, TLS_PORT))?;
                server.at.map_or(Ok(()), |at| write!(f, "@{at}"))
            }
            Self::Https { server, path } => {
                write!(f, "https://{}{path}", Authority(server, HTTPS_PORT))?;
                server.at.map_or(Ok(()), |at| write!(f, "@{at}"))
            }
        }
    }
}

/// As in a URI: brackets around IPv6, no port where it is the usual one.
struct Authority<'a>(&'a EncryptedServer, u16);

impl fmt::Display for Authority<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(EncryptedServer { name, port, .. }, usual) = self;
        if name.contains(':') {
            write!(f, "[{name}]")?;
        } else {
            f.write_str(name)?;
        }
        if port == usual { Ok(()) } else { write!(f, ":{port}") }
    }
}

impl EncryptedServer {
    /// As in the `:authority` of HTTP/2.
    pub(super) fn authority(&self) -> String {
        Authority(self, HTTPS_PORT).to_string()
    }
}

impl fmt::Display for DnsServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Raw(_) => f.write_str("platform"),
            Self::Nobody => f.write_str("nobody"),
            Self::Chosen(servers) => {
                for (place, server) in servers.iter().enumerate() {
                    write!(f, "{}{server}", if place == 0 { "" } else { "," })?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypted(name: &str, port: u16, at: Option<&str>) -> EncryptedServer {
        EncryptedServer { name: name.to_owned(), port, at: at.map(|at| at.parse().unwrap()) }
    }

    #[test]
    fn every_form_is_read_and_written_as_it_was_typed() {
        let https = |server, path: &str| DnsServer::Https { server, path: path.to_owned() };
        for (text, server) in [
            ("192.0.2.1", DnsServer::Plain("192.0.2.1:53".parse().unwrap())),
            ("127.0.0.1:5300", DnsServer::Plain("127.0.0.1:5300".parse().unwrap())),
            ("[2001:db8::1]:5353", DnsServer::Plain("[2001:db8::1]:5353".parse().unwrap())),
            ("tls://dns.example", DnsServer::Tls(encrypted("dns.example", 853, None))),
            ("tls://dns.example:8853@192.0.2.1", DnsServer::Tls(encrypted("dns.example", 8853, Some("192.0.2.1")))),
            ("tls://9.9.9.9", DnsServer::Tls(encrypted("9.9.9.9", 853, None))),
            ("tls://[2001:db8::1]:8853", DnsServer::Tls(encrypted("2001:db8::1", 8853, None))),
            ("https://dns.example/dns-query", https(encrypted("dns.example", 443, None), "/dns-query")),
            (
                "https://dns.example:8443/my/path?user=1@2001:db8::1",
                https(encrypted("dns.example", 8443, Some("2001:db8::1")), "/my/path?user=1"),
            ),
        ] {
            let read: DnsServer = text.parse().unwrap();
            assert_eq!((&read, read.to_string().as_str()), (&server, text));
        }
    }

    #[test]
    fn other_spellings_mean_the_same() {
        let same = |one: &str, other: &str| assert_eq!(one.parse::<DnsServer>().unwrap().to_string(), other);
        same("2001:db8::1", "2001:db8::1");
        same("[2001:db8::1]", "2001:db8::1");
        same("192.0.2.1:53", "192.0.2.1");
        same("tls://DNS.Example.:853", "tls://dns.example");
        same("tls://dns.example@[2001:db8::1]", "tls://dns.example@2001:db8::1");
        same("https://dns.example", "https://dns.example/dns-query");
        same("https://dns.example/q{?dns}", "https://dns.example/q");
        let list: DnsServers = "tls://dns.example, 192.0.2.1".parse().unwrap();
        assert_eq!(list.to_string(), "tls://dns.example,192.0.2.1");
        assert!(matches!("system".parse(), Ok(DnsServers::System)));
    }

    #[test]
    fn only_servers_that_are_all_encrypted_are_private() {
        let private = |text: &str| text.parse::<DnsServers>().unwrap().are_private();
        assert!(private("tls://dns.example,https://dns.example"));
        assert!(!private("tls://dns.example,192.0.2.1") && !private("system") && !DnsServers::Nobody.are_private());
    }

    #[test]
    fn nonsense_is_refused_with_what_may_be_written() {
        for text in [
            "",
            "dns.example",
            "tls://",
            "tls://a b",
            "tls://dns.example:0",
            "tls://dns.example:99999",
            "tls://dns.example@home",
            "tls://300.1.2.3",
            "https://",
            "https://dns.example/a b",
            "https://dns.example/#x",
            "https://user@dns.example/",
            "udp://192.0.2.1",
            "192.0.2.1,,192.0.2.2",
            "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1",
        ] {
            let error = text.parse::<DnsServers>().unwrap_err().to_string();
            assert!(error.contains("tls://dns.example"), "{text}: {error}");
        }
    }
}
