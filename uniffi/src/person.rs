use cooee_call::Peer;

/// Somebody at the other end.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Person {
    /// E.g. `sip:ben@example.org`.
    pub address: String,
    /// The name it shows; a stranger chooses it.
    pub name: Option<String>,
}

impl From<&Peer> for Person {
    fn from(peer: &Peer) -> Self {
        Self { address: peer.address.reveal().clone(), name: peer.display_name.as_ref().map(|name| name.reveal().clone()) }
    }
}

/// Without who it is.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person")
    }
}
