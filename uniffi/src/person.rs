use cooee_call::Peer;
use cooee_machine::Pii;

/// Somebody at the other end.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Person {
    /// E.g. `sip:ben@example.org`.
    pub address: String,
    /// The name it shows; a stranger chooses it.
    pub name: Option<String>,
}

impl Person {
    pub(crate) fn new(address: &Pii<String>, name: Option<&Pii<String>>) -> Self {
        Self { address: address.reveal().clone(), name: name.map(|name| name.reveal().clone()) }
    }
}

impl From<&Peer> for Person {
    fn from(peer: &Peer) -> Self {
        Self::new(&peer.address, peer.display_name.as_ref())
    }
}

/// Without who it is.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person")
    }
}
