/// Room for what the proxy writes into a message, used for one after the other.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) via: String,
    /// At most two (RFC 5658).
    pub(super) record_routes: [String; 2],
    pub(super) token: String,
    /// A token's octets.
    pub(super) octets: Vec<u8>,
}
