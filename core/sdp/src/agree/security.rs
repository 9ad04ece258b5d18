use crate::{Crypto, DtlsRole, Fingerprint, LocalMedia, Media, NegotiatedSecurity, Protocol, Refusal, SecurityPolicy, Setup, SrtpSuite};

/// Hash functions in the order in which they are preferred, and the length of their digests. SHA-1 is for old peers: to
/// fool it, one would need a second preimage.
const HASHES: [(&str, usize); 4] = [("sha-256", 32), ("sha-384", 48), ("sha-512", 64), ("sha-1", 20)];

/// The longest master key identifier (RFC 4568 6.1).
const MAX_MKI: usize = 128;

/// The strongest that the offer has and we may do.
pub(super) fn for_answer(offered: &Media, local: &LocalMedia) -> Result<NegotiatedSecurity, Refusal> {
    let fingerprints = usable_fingerprints(&offered.fingerprints);
    if local.security.dtls && local.fingerprint.is_some() && !fingerprints.is_empty() {
        let role = role_in_answer(offered.setup, local.answer_role).ok_or(Refusal::SecurityRefused)?;
        return Ok(NegotiatedSecurity::Dtls { role, fingerprints });
    }
    let keys = offered.crypto.iter().filter(|line| line.is_plain()).find_map(|line| {
        let ours = local.crypto.iter().find(|ours| ours.is_same_suite(line))?;
        Some((Crypto { tag: line.tag, suite: line.suite.clone(), parameters: String::new(), ..ours.clone() }, line.clone()))
    });
    match keys {
        Some((ours, theirs)) if local.security.sdes && !is_dtls(&offered.protocol) => Ok(NegotiatedSecurity::Sdes { ours, theirs }),
        _ if local.security.plain && is_unprotected(&offered.protocol) => Ok(NegotiatedSecurity::None),
        _ => Err(Refusal::SecurityRefused),
    }
}

/// What the answer makes of what we offered: nothing weaker than the policy allows, and nothing plain if it names keys.
pub(super) fn for_accept(offered: &Media, answered: &Media, policy: SecurityPolicy) -> Result<NegotiatedSecurity, Refusal> {
    let fingerprints = usable_fingerprints(&answered.fingerprints);
    if policy.dtls && !offered.fingerprints.is_empty() && !fingerprints.is_empty() {
        let role = role_by_answer(offered.setup, answered.setup).ok_or(Refusal::SecurityRefused)?;
        return Ok(NegotiatedSecurity::Dtls { role, fingerprints });
    }
    let keys = answered.crypto.iter().filter(|line| line.is_plain()).find_map(|theirs| {
        let ours = offered.crypto.iter().find(|ours| ours.tag == theirs.tag && ours.is_same_suite(theirs))?;
        Some((ours.clone(), theirs.clone()))
    });
    let names_keys = !answered.fingerprints.is_empty() || !answered.crypto.is_empty();
    match keys {
        Some((ours, theirs)) if policy.sdes => Ok(NegotiatedSecurity::Sdes { ours, theirs }),
        _ if policy.plain && !names_keys && is_unprotected(&offered.protocol) && is_unprotected(&answered.protocol) => {
            Ok(NegotiatedSecurity::None)
        }
        _ => Err(Refusal::SecurityRefused),
    }
}

/// How a line is offered.
pub(super) struct Protected {
    pub(super) protocol: Protocol,
    /// With fingerprint and role.
    pub(super) dtls: bool,
    /// With crypto lines.
    pub(super) sdes: bool,
}

/// What a policy offers: the strongest alone, or all in one line (RFC 8643 3.1).
pub(super) fn for_offer(local: &LocalMedia) -> Protected {
    let policy = local.security;
    let (dtls, sdes) = (policy.dtls && local.fingerprint.is_some(), policy.sdes && !local.crypto.is_empty());
    if policy.best_effort && (dtls || sdes || policy.plain) {
        return Protected { protocol: Protocol::RtpAvp, dtls, sdes };
    }
    match (dtls, sdes, policy.plain) {
        (true, ..) => {
            let protocol = if policy.feedback { Protocol::DtlsSavpf } else { Protocol::DtlsSavp };
            Protected { protocol, dtls, sdes: false }
        }
        (false, true, _) => Protected { protocol: Protocol::RtpSavp, dtls, sdes },
        (false, false, true) => Protected { protocol: Protocol::RtpAvp, dtls, sdes },
        // Nothing it may do can be done: a line that a peer can only refuse, never one that is weaker than allowed.
        (false, false, false) => Protected { protocol: Protocol::DtlsSavpf, dtls, sdes },
    }
}

/// Our role as answerer (RFC 5763 5). An offer without `setup` is `active` by RFC 4145 4.1.
fn role_in_answer(offered: Option<Setup>, preferred: DtlsRole) -> Option<DtlsRole> {
    match offered {
        Some(Setup::ActPass) => Some(preferred),
        Some(Setup::Active) | None => Some(DtlsRole::Server),
        Some(Setup::Passive) => Some(DtlsRole::Client),
        Some(Setup::HoldConn) => None,
    }
}

/// Our role as offerer. An answer without `setup` is `passive` by RFC 4145 4.1; an answer of `actpass`, which is forbidden,
/// comes from peers that copy the offer and wait.
fn role_by_answer(offered: Option<Setup>, answered: Option<Setup>) -> Option<DtlsRole> {
    match (offered, answered) {
        (_, Some(Setup::HoldConn)) => None,
        (Some(Setup::Active), Some(Setup::Active)) | (Some(Setup::Passive), Some(Setup::Passive)) => None,
        (_, Some(Setup::Active)) | (Some(Setup::Passive), _) => Some(DtlsRole::Server),
        (_, Some(Setup::Passive | Setup::ActPass) | None) => Some(DtlsRole::Client),
    }
}

/// All of the most preferred hash function that is there (RFC 8122 5.1), malformed ones left out.
fn usable_fingerprints(given: &[Fingerprint]) -> Vec<Fingerprint> {
    let of_hash = |(hash, length): (&str, usize)| -> Vec<Fingerprint> {
        given.iter().filter(|fingerprint| fingerprint.hash == hash && fingerprint.digest.len() == length).cloned().collect()
    };
    HASHES.into_iter().map(of_hash).find(|found| !found.is_empty()).unwrap_or_default()
}

fn is_dtls(protocol: &Protocol) -> bool {
    matches!(protocol, Protocol::DtlsSavp | Protocol::DtlsSavpf)
}

fn is_unprotected(protocol: &Protocol) -> bool {
    matches!(protocol, Protocol::RtpAvp | Protocol::RtpAvpf)
}

impl Crypto {
    /// Of one suite, with keys of one length.
    fn is_same_suite(&self, other: &Self) -> bool {
        let is_same = match (SrtpSuite::from_name(&self.suite), SrtpSuite::from_name(&other.suite)) {
            (None, None) => self.suite.eq_ignore_ascii_case(&other.suite),
            (ours, theirs) => ours == theirs,
        };
        is_same && self.key_salt.len() == other.key_salt.len()
    }

    /// Nothing is asked that we cannot do: one key, whatever its lifetime and MKI, and only parameters that change nothing or may be ignored
    /// (RFC 4568 6.3: `WSH`, and what begins with `-`).
    fn is_plain(&self) -> bool {
        let is_key = self.parameters.starts_with(['|', ';']);
        let mut fields = self.parameters.split_ascii_whitespace();
        let key = if is_key { fields.next().unwrap_or_default() } else { "" };
        let has_usable_mki = !key.contains(':') || self.mki().is_some();
        !key.contains(';') && has_usable_mki && fields.all(|field| field.starts_with('-') || field.starts_with("WSH=") || field == "KDR=0")
    }

    /// The master key identifier that packets protected by this key bear: `|1:4` means 00 00 00 01 (RFC 4568 6.1).
    #[must_use]
    pub fn mki(&self) -> Option<Vec<u8>> {
        let key = self.parameters.split_ascii_whitespace().next().filter(|key| key.starts_with('|'))?;
        let (value, length) = key.rsplit('|').next()?.split_once(':')?;
        let (value, length) = (value.parse::<u128>().ok()?.to_be_bytes(), length.parse::<usize>().ok().filter(|length| *length > 0)?);
        let zeroes = length.saturating_sub(value.len()).min(MAX_MKI);
        let rest = value.get(value.len().saturating_sub(length)..)?;
        (length <= MAX_MKI).then(|| [&vec![0; zeroes], rest].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answerer_is_active_by_choice_and_the_complement_otherwise() {
        let role = |offered| role_in_answer(offered, DtlsRole::Client);
        assert_eq!(role(Some(Setup::ActPass)), Some(DtlsRole::Client));
        assert_eq!(role_in_answer(Some(Setup::ActPass), DtlsRole::Server), Some(DtlsRole::Server));
        assert_eq!(role(Some(Setup::Active)), Some(DtlsRole::Server));
        assert_eq!(role(Some(Setup::Passive)), Some(DtlsRole::Client));
        assert_eq!(role(None), Some(DtlsRole::Server));
        assert_eq!(role(Some(Setup::HoldConn)), None);
    }

    #[test]
    fn the_offerer_takes_the_complement_of_the_answer_and_survives_its_mistakes() {
        let role = |answered| role_by_answer(Some(Setup::ActPass), answered);
        assert_eq!(role(Some(Setup::Active)), Some(DtlsRole::Server));
        assert_eq!(role(Some(Setup::Passive)), Some(DtlsRole::Client));
        assert_eq!(role(None), Some(DtlsRole::Client));
        assert_eq!(role(Some(Setup::ActPass)), Some(DtlsRole::Client));
        assert_eq!(role(Some(Setup::HoldConn)), None);
        assert_eq!(role_by_answer(Some(Setup::Active), Some(Setup::Active)), None);
        assert_eq!(role_by_answer(Some(Setup::Passive), Some(Setup::ActPass)), Some(DtlsRole::Server));
    }

    #[test]
    fn the_preferred_hash_function_is_taken_with_all_its_fingerprints_and_a_wrong_length_is_none() {
        let make = |hash: &str, octet: u8, length: usize| Fingerprint { hash: hash.into(), digest: vec![octet; length] };
        let given = [make("sha-1", 1, 20), make("sha-256", 2, 32), make("sha-512", 3, 64), make("sha-256", 4, 32), make("sha-256", 5, 31)];
        assert_eq!(usable_fingerprints(&given), [make("sha-256", 2, 32), make("sha-256", 4, 32)]);
        assert_eq!(usable_fingerprints(&[make("md5", 1, 16), make("sha-256", 1, 20)]), []);
    }

    #[test]
    fn an_sdes_line_with_demands_that_we_cannot_meet_is_passed_over() {
        let line = |parameters: &str| Crypto {
            tag: 1,
            suite: "AES_CM_128_HMAC_SHA1_80".into(),
            key_salt: vec![0; 30],
            parameters: parameters.into(),
        };
        let plain = |parameters: &str| line(parameters).is_plain();
        assert!(plain("") && plain("|2^31") && plain("|2^20 WSH=64") && plain(" -unknown") && plain("|2^20|1:4") && plain("|1:4"));
        assert!(!plain(" UNENCRYPTED_SRTP") && !plain(" KDR=3") && !plain("|2^20;inline:abcd") && !plain("|2^20|1:4;inline:abcd"));
        assert!(!plain(";inline:abcd") && !plain("|x:4") && !plain("|1:0") && !plain("|1:129"));
        assert_eq!(line("|2^20|66051:4").mki(), Some(vec![0, 1, 2, 3]));
        assert_eq!(line("|258:1").mki(), Some(vec![2]));
        assert_eq!(line("|1:20").mki(), Some([[0; 19].as_slice(), &[1]].concat()));
        assert_eq!((line("|2^20").mki(), line(" KDR=0").mki(), line("").mki()), (None, None, None));
    }
}
