//! What the system says about name resolution: `resolv.conf(5)` and `hosts(5)`.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use cooee_machine::{Question, Record, RecordType};

/// The servers of `resolv.conf`, and whether their AD bit may be believed (`options trust-ad`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SystemServers {
    pub(super) servers: Vec<SocketAddr>,
    pub(super) trust_ad: bool,
}

/// As many as resolvers everywhere heed.
const SERVERS_MAX: usize = 3;

impl SystemServers {
    pub(super) fn load() -> Self {
        std::fs::read_to_string("/etc/resolv.conf").map(|text| Self::read(&text)).unwrap_or_default()
    }

    pub(super) fn read(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") => found.servers.extend(words.next().and_then(server)),
                Some("options") => found.trust_ad |= words.any(|word| word == "trust-ad"),
                _ => {}
            }
        }
        found.servers.truncate(SERVERS_MAX);
        found
    }
}

/// `fe80::1%eth0` is left out: a zone's number is not known here.
fn server(address: &str) -> Option<SocketAddr> {
    address.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 53))
}

/// The addresses that the file gives `question`'s name; `None` if it does not know the name or is not asked for addresses.
pub(super) fn hosts(question: &Question, path: &Path) -> Option<Vec<Record>> {
    if !matches!(question.kind, RecordType::A | RecordType::Aaaa) {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    let mut found = Vec::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse::<IpAddr>().ok()) else { continue };
        if words.any(|name| name.eq_ignore_ascii_case(&question.name)) {
            found.push(match address {
                IpAddr::V4(four) => Record::A(four),
                IpAddr::V6(six) => Record::Aaaa(six),
            });
        }
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolv_conf_names_servers_and_whether_their_word_on_dnssec_counts() {
        let text = "# comment\nsearch example.org\nnameserver 192.0.2.1\n nameserver\t2001:db8::53 \nnameserver fe80::1%eth0\noptions edns0 trust-ad\n";
        let found = SystemServers::read(text);
        assert_eq!(found.servers, ["192.0.2.1:53".parse().unwrap(), "[2001:db8::53]:53".parse().unwrap()]);
        assert!(found.trust_ad);
        assert_eq!(SystemServers::read("nonsense\n\0"), SystemServers::default());
    }

    #[test]
    fn the_hosts_file_answers_for_addresses_only() {
        let path = std::env::temp_dir().join(format!("cooee-hosts-{}", std::process::id()));
        std::fs::write(&path, "192.0.2.9 pbx.lan PBX # desk\n2001:db8::9 pbx.lan\n# 192.0.2.1 gone.lan\n").unwrap();
        let ask = |name: &str, kind| hosts(&Question { name: name.to_owned(), kind }, &path);
        assert_eq!(ask("Pbx.Lan", RecordType::A).unwrap().len(), 2);
        assert_eq!(ask("pbx.lan", RecordType::Srv), None);
        assert_eq!(ask("gone.lan", RecordType::A), None);
        std::fs::remove_file(&path).unwrap();
    }
}
