use std::fmt;

use cooee_machine::Entropy;

use crate::header::HeaderName;
use crate::message::Message;

/// Nobody's half (RFC 7989 5).
const NIL: &str = "00000000000000000000000000000000";

/// A new half: 32 hexadecimal digits, not all of them zero (RFC 7989 5).
pub fn new_session_id(entropy: &mut Entropy) -> String {
    format!("{:016x}{:016x}", entropy.u64() | 1, entropy.u64())
}

/// The id of a whole communication session, which survives servers that change everything else (RFC 7989).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionId {
    local: String,
    remote: String,
}

impl SessionId {
    /// Our half, the peer's being unknown.
    pub(crate) fn new(local: &str) -> Self {
        Self { local: local.to_owned(), remote: NIL.to_owned() }
    }

    /// Our half, and the peer's from its message.
    pub(crate) fn answered(local: &str, message: &Message<'_>) -> Self {
        let mut session = Self::new(local);
        session.learn(message);
        session
    }

    /// Takes the peer's half from its message, if it is there.
    pub(crate) fn learn(&mut self, message: &Message<'_>) {
        if let Some(remote) = sender_of(message) {
            self.remote = remote;
        }
    }
}

/// The sender's half of the `Session-ID` of a message: 32 lower-case hexadecimal digits.
pub(crate) fn sender_of(message: &Message<'_>) -> Option<String> {
    session_id_of(message.header_text(HeaderName::SessionId)?)
}

/// The sender's half in the value of a `Session-ID`: 32 lower-case hexadecimal digits.
#[must_use]
pub fn session_id_of(value: &str) -> Option<String> {
    let id = value.split(';').next().unwrap_or_default().trim();
    is_valid(id).then(|| id.to_owned())
}

/// Whether a text can be our half.
pub(crate) fn is_valid(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) && id != NIL
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};remote={}", self.local, self.remote)
    }
}
