use crate::header::Via;
use crate::message::Message;
use crate::method::Method;

/// What a message must share with a transaction to belong to it (RFC 3261 17.1.3, 17.2.3). ACK has the key of its INVITE.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Box<[u8]>);

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
            Some(branch) => Self::joined(&[b"s", method.as_bytes(), branch.as_bytes(), sent_by(&via).as_bytes()]),
            None => Self::joined(&[
                b"o",
                method.as_bytes(),
                request.request_uri().map_or(&[], |uri| uri.as_str().as_bytes()),
                request.from().tag().unwrap_or_default().as_bytes(),
                request.call_id().as_bytes(),
                request.cseq().number.to_string().as_bytes(),
                via.as_bytes(),
            ]),
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
        Self::joined(&[b"c", message.method().as_bytes(), message.via().branch().unwrap_or_default().as_bytes()])
    }

    /// The parts cannot run into each other: none contains a space or line break but the last.
    fn joined(parts: &[&[u8]]) -> Self {
        Self(parts.join(&b' ').into_boxed_slice())
    }
}

/// Only its length: without a branch there are addresses in it.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({} octets)", self.0.len())
    }
}

fn sent_by(via: &Via<'_>) -> String {
    let mut sent_by = via.host().to_ascii_lowercase();
    if let Some(port) = via.port() {
        sent_by.push(':');
        sent_by.push_str(&port.to_string());
    }
    sent_by
}
