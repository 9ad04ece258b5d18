use cooee_machine::Pii;
use cooee_phone::BlockRule;

/// Longer names and addresses are cut: a stranger chooses them.
const LONGEST: usize = 512;

/// Who an address means, however it is written: `ben@example.org` for `sip:ben@Example.org:5061;transport=tls`, and for `ben` where
/// the own address is `anna@example.org`. What is no SIP address stays as it is.
pub(crate) fn person(peer: &str, account: &str) -> String {
    if let (false, Some((_, domain))) = (peer.contains([':', '@', '.', '+']), account.rsplit_once('@')) {
        return short(&format!("{}@{domain}", peer.trim()));
    }
    match BlockRule::parse(peer) {
        Some(BlockRule::Address(person)) => short(&person.0),
        _ => short(peer.trim()),
    }
}

/// The URI of who is meant.
pub(super) fn uri_of(person: String) -> Pii<String> {
    Pii(if person.contains(':') { person } else { format!("sip:{person}") })
}

/// The beginning of what a peer says of itself.
pub(super) fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_however_the_address_is_written() {
        for peer in ["sip:ben@Example.org", "sips:ben@example.org:5061;transport=tls", "ben@example.org", "ben"] {
            assert_eq!(person(peer, "anna@example.org"), "ben@example.org", "{peer}");
        }
        assert_eq!(person("tel:+4930123", "anna@example.org"), "tel:+4930123");
        assert_eq!(person("example.net", "anna@example.org"), "example.net");
        assert_eq!(person(&"x".repeat(5000), "anna").len(), 512);
    }
}
