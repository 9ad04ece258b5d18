use super::escape::octets;
use super::{Scheme, Uri, address};

/// What a text stands for where escapes count as their octet, except those of reserved characters (RFC 3261 19.1.4).
fn canonical(text: &str, fold: bool) -> impl Iterator<Item = (u8, bool)> + '_ {
    octets(text.as_bytes()).map(move |o| {
        let value = if fold { o.value.to_ascii_lowercase() } else { o.value };
        (value, o.escaped && b";/?:@&=+$,".contains(&o.value))
    })
}

fn same(a: &str, b: &str) -> bool {
    canonical(a, true).eq(canonical(b, true))
}

fn same_exactly(a: &str, b: &str) -> bool {
    canonical(a, false).eq(canonical(b, false))
}

fn both<T>(a: Option<T>, b: Option<T>, same: impl Fn(T, T) -> bool) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    }
}

/// Host names without case; addresses by value (RFC 5954 4.2).
fn same_host(a: &str, b: &str) -> bool {
    match (address(a), address(b)) {
        (None, None) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}

impl Uri<'_> {
    /// Whether both name the same resource: RFC 3261 19.1.4 for `sip` and `sips`, RFC 3966 5 for `tel`; other schemes are
    /// equal when their text is, the scheme's case aside. Not transitive, as the standard has it.
    #[must_use]
    pub fn is_equivalent(&self, other: &Uri<'_>) -> bool {
        match (self.scheme(), other.scheme()) {
            (Scheme::Sip, Scheme::Sip) | (Scheme::Sips, Scheme::Sips) => self.is_same_sip(other),
            (Scheme::Tel, Scheme::Tel) => self.is_same_number(other),
            (Scheme::Other(a), Scheme::Other(b)) => {
                a.eq_ignore_ascii_case(b) && self.raw.get(a.len()..).is_some_and(|rest| Some(rest) == other.raw.get(b.len()..))
            }
            _ => false,
        }
    }

    /// Whether both name the same user (or none) at the same host: `sip` and `sips` alike, whatever port, parameters and
    /// headers there are.
    #[must_use]
    pub fn is_same_user(&self, other: &Uri<'_>) -> bool {
        self.is_sip() && other.is_sip() && both(self.user(), other.user(), same_exactly) && same_host(self.host(), other.host())
    }

    fn is_same_sip(&self, other: &Uri<'_>) -> bool {
        both(self.user(), other.user(), same_exactly)
            && both(self.password(), other.password(), same_exactly)
            && same_host(self.host(), other.host())
            && self.port == other.port
            && self.params_agree(other)
            && other.params_agree(self)
            && self.headers_are_in(other)
            && other.headers_are_in(self)
    }

    /// Every parameter of ours is the same in the other, or absent there and one that may be.
    fn params_agree(&self, other: &Uri<'_>) -> bool {
        self.params().all(|(name, value)| {
            let mut theirs = other.params().filter(|(n, _)| same(n, name)).peekable();
            match theirs.peek() {
                Some(_) => theirs.any(|(_, v)| both(value, v, same)),
                None => !["user", "ttl", "method", "maddr", "transport"].iter().any(|needed| same(name, needed)),
            }
        })
    }

    fn param_by(&self, name: &str) -> Option<Option<&str>> {
        self.params().find(|(n, _)| same(n, name)).map(|(_, value)| value)
    }

    fn headers_are_in(&self, other: &Uri<'_>) -> bool {
        self.headers().all(|(name, value)| other.headers().any(|(n, v)| same(n, name) && same(v, value)))
    }

    fn is_same_number(&self, other: &Uri<'_>) -> bool {
        let digits = |number: &'_ str| -> Vec<u8> {
            number.bytes().filter(|b| !matches!(b, b'-' | b'.' | b'(' | b')')).map(|b| b.to_ascii_lowercase()).collect()
        };
        let params_are_in = |a: &Uri<'_>, b: &Uri<'_>| {
            a.params().all(|(name, value)| {
                b.param_by(name)
                    .is_some_and(|theirs| both(value, theirs, |x, y| if x.starts_with('+') { digits(x) == digits(y) } else { same(x, y) }))
            })
        };
        both(self.user(), other.user(), |a, b| digits(a) == digits(b)) && params_are_in(self, other) && params_are_in(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equivalent(a: &str, b: &str) -> bool {
        let (a, b) = (Uri::parse(a).unwrap(), Uri::parse(b).unwrap());
        assert_eq!(a.is_equivalent(&b), b.is_equivalent(&a), "comparison is symmetric");
        a.is_equivalent(&b)
    }

    #[test]
    fn the_equivalent_pairs_of_rfc_3261_are_equivalent() {
        for (a, b) in [
            ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
            ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
            (
                "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
            ),
            ("sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x"),
        ] {
            assert!(equivalent(a, b), "{a} {b}");
        }
    }

    #[test]
    fn the_different_pairs_of_rfc_3261_are_different() {
        for (a, b) in [
            ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
            ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
            ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
            ("sip:a@b", "sips:a@b"),
            ("sip:a@b;maddr=1.2.3.4", "sip:a@b"),
            ("sip:a@b", "sip:b"),
        ] {
            assert!(!equivalent(a, b), "{a} {b}");
        }
    }

    #[test]
    fn an_escaped_reserved_character_is_not_the_character() {
        assert!(!equivalent("sip:a%3bb@h", "sip:a;b@h"));
        assert!(equivalent("sip:a%3bb@h", "sip:a%3Bb@h"));
        assert!(equivalent("sip:h;a=1;a=2", "sip:h;a=1;a=2"), "even what names a parameter twice equals itself");
        assert!(!equivalent("sip:cal%6Cer@h;name=value%2541", "sip:caller@h;name=valueA"));
    }

    #[test]
    fn ipv6_addresses_are_compared_by_value() {
        assert!(equivalent("sip:a@[2001:DB8::1]", "sip:a@[2001:db8:0:0::1]"));
        assert!(!equivalent("sip:a@[::ffff:192.0.2.1]", "sip:a@192.0.2.1"));
    }

    #[test]
    fn telephone_numbers_are_compared_by_digits() {
        assert!(equivalent("tel:+1-201-555-0123", "tel:+1(201)555.0123"));
        assert!(equivalent("tel:7042;phone-context=+1-201", "TEL:7042;phone-context=+1201"));
        assert!(!equivalent("tel:7042;phone-context=example.com", "tel:7042"));
        assert!(equivalent("URN:service:sos", "urn:service:sos"));
        assert!(!equivalent("urn:service:SOS", "urn:service:sos"));
    }
}
