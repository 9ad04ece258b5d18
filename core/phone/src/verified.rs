use cooee_call::Fingerprint256;
use cooee_machine::Pii;

/// A key of somebody's that the two people have compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKey {
    /// Whose, e.g. `sip:ben@example.org`.
    pub peer: Pii<String>,
    /// Which.
    pub key: Fingerprint256,
}
