use ring::digest;

use crate::header::Via;
use crate::message::Message;
use crate::method::Method;

/// What a message must share with a transaction to belong to it (RFC 3261 17.1.3, 17.2.3), as a SHA-256: nobody can make two
/// that are alike. ACK has the key of its INVITE.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a request that came in. A branch without the magic cookie identifies nothing, so all that RFC 2543 had in
    /// its stead is taken (17.2.3), but for the tag in `To`: an ACK has the one that our response added.
    #[must_use]
    pub fn of_request(request: &Message<'_>) -> Self {
        Self::request_as(request, request.method())
    }

    /// The key of the INVITE that a CANCEL wants to end (RFC 3261 9.2).
    #[must_use]
    pub fn cancelled_by(cancel: &Message<'_>) -> Self {
        Self::request_as(cancel, Method::Invite)
    }

    fn request_as(request: &Message<'_>, method: Method<'_>) -> Self {
        let via = request.via();
        let method = if method == Method::Ack { Method::Invite } else { method };
        match via.branch().filter(|_| via.is_rfc3261()) {
            Some(branch) => Parts::of(b"server").add(method.as_bytes()).add(branch.as_bytes()).add_sent_by(&via).key(),
            None => Parts::of(b"server of RFC 2543")
                .add(method.as_bytes())
                .add(request.request_uri().map_or(&[], |uri| uri.as_str().as_bytes()))
                .add(request.from().tag().unwrap_or_default().as_bytes())
                .add(request.call_id().as_bytes())
                .add(&request.cseq().number.to_be_bytes())
                .add(via.as_bytes())
                .key(),
        }
    }

    /// The key of our own request, from its first and only `Via`.
    #[must_use]
    pub fn of_own_request(request: &Message<'_>) -> Self {
        Self::own(request)
    }

    /// The key of the request of ours that a response answers.
    #[must_use]
    pub fn of_response(response: &Message<'_>) -> Self {
        Self::own(response)
    }

    fn own(message: &Message<'_>) -> Self {
        let branch = message.via().branch().unwrap_or_default();
        Parts::of(b"client").add(message.method().as_bytes()).add(branch.as_bytes()).key()
    }
}

/// Parts are preceded by their length, so that they cannot run into each other.
struct Parts(digest::Context);

impl Parts {
    fn of(first: &[u8]) -> Self {
        Self(digest::Context::new(&digest::SHA256)).add(first)
    }

    fn add(mut self, part: &[u8]) -> Self {
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    /// The host without regard to case, and the port.
    fn add_sent_by(mut self, via: &Via<'_>) -> Self {
        self.0.update(&(via.host().len() as u64).to_be_bytes());
        via.host().bytes().for_each(|octet| self.0.update(&[octet.to_ascii_lowercase()]));
        match via.port() {
            Some(port) => self.add(&port.to_be_bytes()),
            None => self.add(&[]),
        }
    }

    fn key(self) -> Key {
        Key(self.0.finish().as_ref().try_into().unwrap_or_default())
    }
}

/// Not even its octets: without a branch there are addresses in it.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}
