//! RTP (RFC 3550 5, RFC 3551): packets, the stream we send, the stream we receive, and digits (RFC 4733).
mod digit;
mod digit_receiver;
mod packet;
mod receiver;
mod sender;

pub(crate) use digit::DigitSender;
pub(crate) use digit_receiver::DigitReceiver;
#[cfg(test)]
pub(crate) use packet::packet;
pub(crate) use packet::{Header, parse};
pub(crate) use receiver::Receiver;
pub(crate) use sender::Sender;
