/// What a record's address is for (RFC 6117), as far as one can call by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EnumService {
    /// `E2U+sip` (RFC 3764), `E2U+pstn:sip` (RFC 4769).
    Sip,
    /// `E2U+xmpp` (RFC 4979).
    Xmpp,
    /// `E2U+pstn:tel` (RFC 4769), `E2U+voice:tel` (RFC 4415): another number, in the telephone network.
    Tel,
}

impl EnumService {
    /// The services in the field of a NAPTR record that can be called by, from left to right (RFC 6116 3.4.3 and 5.2).
    pub(super) fn read(field: &str) -> Vec<Self> {
        let field = field.to_ascii_lowercase();
        // The order of RFC 2916 is the reverse, and still in use.
        let services = field.strip_prefix("e2u+").or_else(|| field.strip_suffix("+e2u")).unwrap_or_default();
        let mut found = Vec::new();
        for service in services.split('+').filter_map(Self::one) {
            if !found.contains(&service) {
                found.push(service);
            }
        }
        found
    }

    fn one(service: &str) -> Option<Self> {
        match service.split_once(':').unwrap_or((service, "")) {
            // Sub-types of SIP (`sip:voice`) only tell what for.
            ("sip", _) | ("pstn" | "voice", "sip") => Some(Self::Sip),
            ("xmpp", _) => Some(Self::Xmpp),
            ("pstn" | "voice", "tel") | ("tel", _) => Some(Self::Tel),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_that_can_be_called_by_are_found_among_others() {
        use EnumService::{Sip, Tel, Xmpp};
        for (field, services) in [
            ("E2U+sip", vec![Sip]),
            ("e2u+SIP", vec![Sip]),
            ("sip+E2U", vec![Sip]),
            ("E2U+sip:voice", vec![Sip]),
            ("E2U+email:mailto+sip+xmpp", vec![Sip, Xmpp]),
            ("E2U+pstn:tel+sip", vec![Tel, Sip]),
            ("E2U+pstn:tel", vec![Tel]),
            ("E2U+voice:tel+sip:a+sip:b", vec![Tel, Sip]),
            ("E2U+email:mailto", vec![]),
            ("E2U+P-sip", vec![]),
            ("SIPS+D2T", vec![]),
            ("E2U", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(EnumService::read(field), services, "{field}");
        }
    }
}
