/// Names one text message for as long as it is under way. Allotted by the owner of the phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

/// Why a text message did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageTrouble {
    /// There is no account, or not that one.
    #[error("there is no such account")]
    NoAccount,
    /// What it is addressed to is no address.
    #[error("that is no address")]
    BadAddress,
    /// A `sips:` address, and the account's signalling is not encrypted.
    #[error("this address is only written to over an encrypted account")]
    NotSecure,
    /// Empty, or more than fits into one message.
    #[error("a message has 1 to {most} octets of text", most = MAX_TEXT)]
    Length,
    /// The account's server cannot be reached.
    #[error("the account's server cannot be reached")]
    NotConnected,
    /// As many as may be are under way.
    #[error("too many messages are under way")]
    TooMany,
    /// Nobody answered for it.
    #[error("no answer")]
    NoAnswer,
    /// The other side refused it, with this SIP status.
    #[error("refused with {0}")]
    Refused(u16),
}

impl MessageTrouble {
    /// Reads what `to_string` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const PLAIN: [MessageTrouble; 7] = [
            MessageTrouble::NoAccount,
            MessageTrouble::BadAddress,
            MessageTrouble::NotSecure,
            MessageTrouble::Length,
            MessageTrouble::NotConnected,
            MessageTrouble::TooMany,
            MessageTrouble::NoAnswer,
        ];
        let refused = || text.strip_prefix("refused with ").and_then(|status| status.parse().ok()).map(Self::Refused);
        PLAIN.into_iter().find(|trouble| trouble.to_string() == text).or_else(refused)
    }
}

/// The longest text, in octets of UTF-8: with its head it must fit into 1300 octets of one request (RFC 3428 8).
pub const MAX_TEXT: usize = 900;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let troubles = [MessageTrouble::NoAccount, MessageTrouble::Length, MessageTrouble::NoAnswer, MessageTrouble::Refused(404)];
        assert!(troubles.iter().all(|trouble| MessageTrouble::parse(&trouble.to_string()) == Some(*trouble)));
        assert_eq!((MessageTrouble::parse("refused with joy"), MessageTrouble::parse("")), (None, None));
    }
}
