/// Why credentials are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The response does not prove the password.
    #[error("the response does not match the password")]
    Wrong,
    /// The nonce is ours but too old, or its count is no longer known: challenge again with `stale=true`.
    #[error("the nonce is no longer valid")]
    Stale,
    /// The nonce was never issued here: challenge again.
    #[error("the nonce is not ours")]
    UnknownNonce,
    /// The nonce was used with this count before. A retransmission gets its first answer again; anything else is a replay.
    #[error("the nonce count was used before")]
    Replayed,
    /// Another realm, an algorithm without a verifier, or a parameter missing.
    #[error("the credentials are not of the kind that was asked for")]
    Unacceptable,
}
