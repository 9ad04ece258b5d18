//! Zones as master files (RFC 1035 5), and how each is signed.

use std::fmt::Write as _;

/// How a zone is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Not at all, and its parent says so.
    None,
    /// With denials by NSEC.
    Nsec,
    /// With denials by NSEC3.
    Nsec3,
    /// Signed, then altered.
    Tampered,
    /// With signatures that ended years ago.
    Expired,
    /// Well, but its parent does not know.
    Island,
}

/// One zone. All are children of `lab`, which is a child of the root.
#[derive(Clone, Debug)]
pub struct Zone {
    /// E.g. `secure.lab`.
    pub origin: String,
    /// Lines of a master file; names are relative to the origin unless they end with a dot.
    pub records: String,
    /// How it is signed.
    pub signing: Signing,
}

impl Zone {
    /// A zone with these records.
    #[must_use]
    pub fn new(origin: &str, signing: Signing, records: impl Into<String>) -> Self {
        Self { origin: origin.to_owned(), records: records.into(), signing }
    }

    /// The whole file.
    pub(crate) fn text(&self) -> String {
        let Self { origin, records, .. } = self;
        let dot = if origin.is_empty() { "." } else { "" };
        format!(
            "$ORIGIN {origin}{dot}{}\n$TTL 300\n@ SOA ns.lab. hostmaster.lab. 1 3600 600 86400 60\n@ NS ns.lab.\n{records}",
            if origin.is_empty() { "" } else { "." }
        )
    }
}

/// What every lab has: the same domain signed in every way, numbers for ENUM, and six hundred domains for a burst.
#[must_use]
pub(crate) fn usual() -> Vec<Zone> {
    let ways = [
        ("secure.lab", Signing::Nsec),
        ("hashed.lab", Signing::Nsec3),
        ("plain.lab", Signing::None),
        ("bogus.lab", Signing::Tampered),
        ("expired.lab", Signing::Expired),
        ("island.lab", Signing::Island),
    ];
    let mut zones: Vec<Zone> = ways.into_iter().map(|(origin, signing)| Zone::new(origin, signing, domain(origin))).collect();
    zones.push(Zone::new("huge.lab", Signing::Nsec, huge()));
    zones.push(Zone::new("enum.lab", Signing::Nsec, NUMBERS));
    zones.push(Zone::new("many.lab", Signing::Nsec, many()));
    zones
}

/// A domain that can be called, with everything that is odd below it.
fn domain(origin: &str) -> String {
    format!(
        r#"@ NAPTR 50 50 "s" "SIPS+D2T" "" _sips._tcp.{origin}.
@ NAPTR 90 50 "s" "SIP+D2T" "" _sip._tcp.{origin}.
@ NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp.{origin}.
_sips._tcp SRV 10 60 5061 a
_sips._tcp SRV 10 40 5061 b
_sips._tcp SRV 20 0 5061 c
_sip._tcp SRV 10 0 5060 a
_sip._udp SRV 10 0 5060 a
_xmpp-server._tcp SRV 5 0 5269 a
_xmpps-server._tcp SRV 0 0 0 .
a A 127.0.1.1
a AAAA ::1
b A 127.0.1.2
c A 127.0.1.3
alias CNAME alias2
alias2 CNAME a
_sips._tcp.hosted CNAME _sips._tcp
abroad CNAME a.plain.lab.
loop1 CNAME loop2
loop2 CNAME loop1
*.wild NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.{origin}.
_sips._tcp.refuses SRV 0 0 0 .
_sip._tcp.refuses SRV 0 0 0 .
_sip._udp.refuses SRV 0 0 0 .
web A 127.0.1.4
inside A 192.168.1.1
_sips._tcp.inside SRV 0 0 5061 inside
"#
    )
}

/// +41 44 668 18 00 for SIP and XMPP, …01 non-terminal, …02 a circle, …03 an expression that grows, …04 with a wildcard.
const NUMBERS: &str = r#"0.0.8.1.8.6.6.4.4.1.4 NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:anna@secure.lab!" .
0.0.8.1.8.6.6.4.4.1.4 NAPTR 100 20 "u" "E2U+xmpp" "!^.*$!xmpp:anna@secure.lab!" .
0.0.8.1.8.6.6.4.4.1.4 NAPTR 200 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1!" .
1.0.8.1.8.6.6.4.4.1.4 NAPTR 100 10 "" "E2U+sip" "" 0.0.8.1.8.6.6.4.4.1.4.enum.lab.
2.0.8.1.8.6.6.4.4.1.4 NAPTR 100 10 "" "" "" 2.0.8.1.8.6.6.4.4.1.4.enum.lab.
3.0.8.1.8.6.6.4.4.1.4 NAPTR 100 10 "u" "E2U+sip" "!^(((a{9}){9}){9}){9}$!sip:x@y!" .
*.4.0.8.1.8.6.6.4.4.1.4 NAPTR 100 10 "u" "E2U+sip" "!^\\+(.*)$!sip:\\1@secure.lab!" .
"#;

/// A service with a thousand servers, none of which is there.
fn huge() -> String {
    (0..1000).map(|number| format!("_sips._tcp SRV {number} 0 5061 host-{number}\n")).collect()
}

/// `d0` to `d599`: by turns SIP over TLS, XMPP, and nothing but an address.
fn many() -> String {
    let mut records = String::new();
    for number in 0..600 {
        let domain = format!("d{number}");
        let _ = match number % 3 {
            0 => writeln!(
                records,
                "{domain} NAPTR 50 50 \"s\" \"SIPS+D2T\" \"\" _sips._tcp.{domain}.many.lab.\n_sips._tcp.{domain} SRV 10 0 5061 h.{domain}\nh.{domain} A 127.0.2.1"
            ),
            1 => writeln!(records, "_xmpp-server._tcp.{domain} SRV 5 0 5269 h.{domain}\nh.{domain} A 127.0.2.2"),
            _ => writeln!(records, "{domain} A 127.0.2.3"),
        };
    }
    records
}
