//! What is offered to whom, as data: one row for each kind of target, way of the signalling, and option of the account.

use cooee_rtc::MediaSecurity;
use cooee_sdp::SecurityPolicy;

use crate::MediaProtection;

/// What kind of place is called, or calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// A device of the account's own domain.
    OwnDomain,
    /// Anybody else.
    ForeignDomain,
    /// The provider or exchange that the account was set up for because it takes telephone numbers. It ends every call itself.
    Trunk,
}

/// What is known of the way of the signalling, over which keys may travel. What a caller writes of itself adds nothing to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signalling {
    /// Not encrypted to the account's own server.
    Plain,
    /// By TLS to the account's own server, and beyond it as others please. Keys that come this way protect nothing for sure.
    ToServer,
    /// By TLS on every hop, to who it says that it is: where a `sips:` address was dialled (RFC 3261 26.2.2), where the provider's exchange
    /// is the other end, and within a domain whose server is said to keep to it.
    EveryHop,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferRow {
    /// Who is called.
    pub target: TargetKind,
    /// How the signalling goes there.
    pub signalling: Signalling,
    /// The account's option.
    pub protection: MediaProtection,
    /// What is offered first; what is offered, once, to a peer that cannot take that (488, 415, 606).
    pub offers: (SecurityPolicy, Option<SecurityPolicy>),
    /// What is taken when the other side offers.
    pub accepts: SecurityPolicy,
}

const DTLS: SecurityPolicy = SecurityPolicy::DTLS_ONLY;
/// For exchanges that know only the profile without feedback.
const DTLS_SAVP: SecurityPolicy = SecurityPolicy::DTLS_WITHOUT_FEEDBACK;
const SDES: SecurityPolicy = SecurityPolicy::SDES_ONLY;
const PLAIN: SecurityPolicy = SecurityPolicy::PLAIN_ONLY;
/// RFC 8643 with both kinds of keys.
const BEST: SecurityPolicy = SecurityPolicy::BEST_EFFORT;
/// RFC 8643 where keys must not travel in the description.
const BEST_DTLS: SecurityPolicy = SecurityPolicy { sdes: false, ..BEST };
const DTLS_SDES: SecurityPolicy = SecurityPolicy { sdes: true, ..DTLS };
const DTLS_PLAIN: SecurityPolicy = SecurityPolicy { plain: true, ..DTLS };
const ANY: SecurityPolicy = SecurityPolicy { sdes: true, ..DTLS_PLAIN };

const fn row(
    target: TargetKind,
    signalling: Signalling,
    protection: MediaProtection,
    offers: (SecurityPolicy, Option<SecurityPolicy>),
    accepts: SecurityPolicy,
) -> OfferRow {
    OfferRow { target, signalling, protection, offers, accepts }
}

/// The table: there is a row for whatever [`OfferTable::row`] may be asked.
#[derive(Clone, Copy, Debug)]
pub struct OfferTable;

impl OfferTable {
    /// All rows.
    pub const ROWS: [OfferRow; 24] = {
        use MediaProtection::{BestEffort, Encrypted, Plain};
        use Signalling::{EveryHop, ToServer};
        use TargetKind::{ForeignDomain, OwnDomain, Trunk};
        [
            row(OwnDomain, EveryHop, Encrypted, (DTLS, Some(SDES)), DTLS_SDES),
            row(OwnDomain, EveryHop, BestEffort, (BEST, Some(DTLS)), ANY),
            row(OwnDomain, EveryHop, Plain, (PLAIN, None), ANY),
            row(OwnDomain, ToServer, Encrypted, (DTLS, Some(DTLS_SAVP)), DTLS),
            row(OwnDomain, ToServer, BestEffort, (BEST_DTLS, Some(DTLS)), ANY),
            row(OwnDomain, ToServer, Plain, (PLAIN, None), ANY),
            row(OwnDomain, Signalling::Plain, Encrypted, (DTLS, Some(DTLS_SAVP)), DTLS),
            row(OwnDomain, Signalling::Plain, BestEffort, (BEST_DTLS, Some(DTLS)), DTLS_PLAIN),
            row(OwnDomain, Signalling::Plain, Plain, (PLAIN, None), DTLS_PLAIN),
            row(ForeignDomain, EveryHop, Encrypted, (DTLS, Some(SDES)), DTLS_SDES),
            row(ForeignDomain, EveryHop, BestEffort, (BEST, Some(DTLS)), ANY),
            row(ForeignDomain, EveryHop, Plain, (PLAIN, None), ANY),
            row(ForeignDomain, ToServer, Encrypted, (DTLS, Some(DTLS_SAVP)), DTLS),
            row(ForeignDomain, ToServer, BestEffort, (BEST_DTLS, Some(DTLS)), ANY),
            row(ForeignDomain, ToServer, Plain, (PLAIN, None), ANY),
            row(ForeignDomain, Signalling::Plain, Encrypted, (DTLS, Some(DTLS_SAVP)), DTLS),
            row(ForeignDomain, Signalling::Plain, BestEffort, (BEST_DTLS, Some(DTLS)), DTLS_PLAIN),
            row(ForeignDomain, Signalling::Plain, Plain, (PLAIN, None), DTLS_PLAIN),
            row(Trunk, EveryHop, Encrypted, (DTLS, Some(SDES)), DTLS_SDES),
            row(Trunk, EveryHop, BestEffort, (BEST, Some(SDES)), ANY),
            row(Trunk, EveryHop, Plain, (PLAIN, None), ANY),
            row(Trunk, Signalling::Plain, Encrypted, (DTLS, Some(DTLS_SAVP)), DTLS),
            row(Trunk, Signalling::Plain, BestEffort, (BEST_DTLS, Some(DTLS)), DTLS_PLAIN),
            row(Trunk, Signalling::Plain, Plain, (PLAIN, None), DTLS_PLAIN),
        ]
    };

    /// The row for a call. There is nothing beyond an exchange: TLS to it is TLS on every hop.
    #[must_use]
    pub fn row(target: TargetKind, signalling: Signalling, protection: MediaProtection) -> OfferRow {
        let signalling = match (target, signalling) {
            (TargetKind::Trunk, Signalling::ToServer) => Signalling::EveryHop,
            (_, signalling) => signalling,
        };
        let is_it = |row: &OfferRow| (row.target, row.signalling, row.protection) == (target, signalling, protection);
        // The table is complete, as its test shows; were it not, nothing weaker than the strictest is done.
        Self::ROWS.into_iter().find(is_it).unwrap_or(row(target, signalling, protection, (DTLS, None), DTLS))
    }
}

impl OfferRow {
    /// What a way of protecting media is worth here. Keys that travelled over hops nobody knows of count for nothing.
    #[must_use]
    pub fn worth(&self, security: MediaSecurity) -> MediaSecurity {
        match (security, self.signalling) {
            (MediaSecurity::ToServers, Signalling::Plain | Signalling::ToServer) => MediaSecurity::None,
            (security, _) => security,
        }
    }
}

impl TargetKind {
    /// For people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnDomain => "own domain",
            Self::ForeignDomain => "another domain",
            Self::Trunk => "provider or exchange",
        }
    }
}

impl Signalling {
    /// For people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "UDP or TCP",
            Self::ToServer => "TLS to the own server",
            Self::EveryHop => "TLS on every hop",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGETS: [TargetKind; 3] = [TargetKind::OwnDomain, TargetKind::ForeignDomain, TargetKind::Trunk];
    const WAYS: [Signalling; 3] = [Signalling::Plain, Signalling::ToServer, Signalling::EveryHop];
    const OPTIONS: [MediaProtection; 3] = [MediaProtection::Encrypted, MediaProtection::BestEffort, MediaProtection::Plain];

    /// How an offer by a policy is written in the documentation.
    fn words(policy: SecurityPolicy) -> String {
        if policy.best_effort {
            let keys = if policy.sdes { "fingerprint and crypto" } else { "fingerprint" };
            return format!("best effort: RTP/AVP with {keys}");
        }
        let name = match (policy.dtls, policy.sdes, policy.plain) {
            (true, false, false) if policy.feedback => "DTLS-SRTP",
            (true, false, false) => "DTLS-SRTP without feedback",
            (false, true, false) => "SDES",
            (false, false, true) => "plain RTP",
            other => panic!("no single offer: {other:?}"),
        };
        name.to_owned()
    }

    fn accepted(policy: SecurityPolicy) -> String {
        let all = [(policy.dtls, "DTLS-SRTP"), (policy.sdes, "SDES"), (policy.plain, "plain RTP")];
        all.into_iter().filter(|(is_in, _)| *is_in).map(|(_, name)| name).collect::<Vec<_>>().join(", ")
    }

    fn line(row: &OfferRow) -> String {
        let (first, second) = row.offers;
        let then = second.map_or("–".to_owned(), words);
        let columns = [row.target.as_str(), row.signalling.as_str(), row.protection.as_str(), &words(first), &then, &accepted(row.accepts)];
        format!("| {} |", columns.join(" | "))
    }

    #[test]
    fn every_call_finds_its_one_row() {
        for target in TARGETS {
            for signalling in WAYS {
                for protection in OPTIONS {
                    let found = OfferTable::row(target, signalling, protection);
                    assert_eq!((found.target, found.protection), (target, protection));
                    assert_eq!(OfferTable::ROWS.iter().filter(|row| **row == found).count(), 1);
                }
            }
        }
    }

    #[test]
    fn no_row_offers_what_it_would_not_take_and_none_offers_the_same_twice() {
        for row in OfferTable::ROWS {
            let (first, second) = row.offers;
            for offered in [Some(first), second].into_iter().flatten() {
                let takes = row.accepts;
                assert!((takes.dtls || !offered.dtls) && (takes.sdes || !offered.sdes) && (takes.plain || !offered.plain), "{row:?}");
            }
            assert_ne!(Some(first), second, "{row:?}");
        }
    }

    #[test]
    fn plain_sound_is_neither_offered_nor_taken_unless_the_account_says_so() {
        for row in OfferTable::ROWS.iter().filter(|row| row.protection == MediaProtection::Encrypted) {
            let (first, second) = row.offers;
            assert!(!first.plain && second.is_none_or(|second| !second.plain) && !row.accepts.plain, "{row:?}");
        }
    }

    #[test]
    fn keys_travel_in_a_description_only_where_every_hop_is_encrypted() {
        for row in OfferTable::ROWS.iter().filter(|row| row.signalling != Signalling::EveryHop) {
            let (first, second) = row.offers;
            assert!(!first.sdes && second.is_none_or(|second| !second.sdes), "{row:?}");
            assert!(row.signalling != Signalling::Plain || !row.accepts.sdes, "{row:?}");
        }
    }

    #[test]
    fn keys_that_went_over_unknown_hops_are_worth_nothing_and_dtls_is_worth_the_same_everywhere() {
        for row in OfferTable::ROWS {
            let is_known = row.signalling == Signalling::EveryHop;
            let expected = if is_known { MediaSecurity::ToServers } else { MediaSecurity::None };
            assert_eq!(row.worth(MediaSecurity::ToServers), expected, "{row:?}");
            assert_eq!(row.worth(MediaSecurity::EndToEnd), MediaSecurity::EndToEnd);
        }
    }

    #[test]
    fn the_documentation_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/interop.md");
        let text = std::fs::read_to_string(path).unwrap();
        let begin = text.find("<!-- offer table -->").expect("where the table begins");
        let end = text.find("<!-- end of offer table -->").expect("where it ends");
        let documented: Vec<&str> = text[begin..end].lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        let expected: Vec<String> = OfferTable::ROWS.iter().map(line).collect();
        assert_eq!(documented, expected, "docs/interop.md should have:\n{}", expected.join("\n"));
    }
}
