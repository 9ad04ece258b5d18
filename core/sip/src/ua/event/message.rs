use cooee_machine::Pii;

/// Names one short text of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

/// What becomes of short texts (RFC 3428).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageEvent {
    /// Somebody wrote; it has been answered by 200 already.
    Received {
        /// The sender's URI, as the server let it pass.
        from: Pii<String>,
        /// The sender's display name, unquoted.
        display: Option<Pii<String>>,
        /// Who it is by word of our own server (RFC 3325), where it says so over TLS.
        asserted: Option<Pii<String>>,
        /// The sender withholds who it is (RFC 3323).
        anonymous: bool,
        /// At most [`MAX_TEXT`](crate::ua::MAX_TEXT) octets of UTF-8.
        text: Pii<String>,
    },
    /// The other side, or a server that keeps it for them, has it.
    Delivered(MessageId),
    /// It was not delivered.
    Failed {
        /// Which.
        id: MessageId,
        /// The final status: 408 for no answer, 413 for a text that is too long, 503 for no flow; `None` if there is no such
        /// address to write to.
        status: Option<u16>,
    },
}

/// What a mailbox holds (RFC 3842).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessagesWaiting {
    /// Whether there is anything to be heard.
    pub waiting: bool,
    /// New voice messages, where they are counted.
    pub new: Option<u32>,
    /// Old ones.
    pub old: Option<u32>,
}
