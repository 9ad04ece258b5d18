use memchr::memmem;

use crate::header::HeaderName;
use crate::message::{Head, MAX_HEAD, ParseError, content_length};

/// What a stream carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// One whole message.
    Message(Vec<u8>),
    /// A double CRLF: the peer wants a [`Frame::Pong`] (RFC 5626 4.4.1).
    Ping,
    /// A single CRLF. On a flow whose peer sends pings, two in a row may be one ping that the network tore apart; then
    /// the second is reported as [`Frame::Ping`]. Whoever sends pings takes either for an answer.
    Pong,
}

impl Frame {
    /// What asks for a pong.
    pub const PING: &'static [u8] = b"\r\n\r\n";
    /// What answers a ping.
    pub const PONG: &'static [u8] = b"\r\n";
}

/// Why a stream cannot be cut into messages any further: close it. A request may be answered first, see [`Framer::refused`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingError {
    /// The head does not end, or `Content-Length` is missing, repeated or no number.
    #[error("the message cannot be delimited: {0}")]
    Undelimited(#[source] ParseError),
    /// `Content-Length` is beyond what this stream accepts.
    #[error("the body is too large")]
    BodyTooLarge,
}

impl FramingError {
    /// The fault as [`crate::refuse`] takes it.
    #[must_use]
    pub fn as_parse_error(&self) -> ParseError {
        match self {
            Self::Undelimited(error) => *error,
            Self::BodyTooLarge => ParseError::HeadTooLarge,
        }
    }
}

/// Cuts a stream into messages, whatever pieces it arrives in. It holds at most one incomplete message and what was
/// pushed since; drain it with [`Framer::poll`] after every [`Framer::push`].
#[derive(Clone)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where the first octet not yet handed out is.
    start: usize,
    /// How far from `start` the end of the head was looked for.
    searched: usize,
    /// The length of the message at `start`, once its head is there.
    length: Option<usize>,
    /// The last thing handed out was a single CRLF.
    half_ping: bool,
    max_head: usize,
    max_body: usize,
    error: Option<FramingError>,
}

/// Room that a quiet stream keeps at most, near enough.
const KEPT: usize = 1024;

impl Default for Framer {
    fn default() -> Self {
        Self::new(Self::DEFAULT_MAX_BODY)
    }
}

impl Framer {
    /// More than any body of ours, less than what hurts.
    pub const DEFAULT_MAX_BODY: usize = 64 * 1024;

    /// A framer that refuses bodies of more than `max_body` octets.
    #[must_use]
    pub fn new(max_body: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, searched: 0, length: None, half_ping: false, max_head: MAX_HEAD, max_body, error: None }
    }

    /// From now on it refuses heads and bodies of more octets than these. No head has more than [`MAX_HEAD`].
    pub fn set_limits(&mut self, max_head: usize, max_body: usize) {
        (self.max_head, self.max_body) = (max_head.min(MAX_HEAD), max_body);
    }

    /// Takes octets. After an error they are dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next thing on the stream; `None` until more octets come. An error is final and is given again and again.
    pub fn poll(&mut self) -> Option<Result<Frame, FramingError>> {
        if let Some(error) = self.error {
            return Some(Err(error));
        }
        let frame = self.read().inspect_err(|error| self.error = Some(*error)).transpose();
        if frame.is_none() {
            self.give_back();
        }
        frame
    }

    /// Room for what was handed out is not kept: connections are many, and most are quiet.
    fn give_back(&mut self) {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
        let wanted = self.buffer.len().max(KEPT);
        if self.buffer.capacity() > wanted.saturating_mul(4) {
            self.buffer.shrink_to(wanted);
        }
    }

    /// After an error: the octets of the message that could not be delimited, for [`crate::refuse`].
    #[must_use]
    pub fn refused(&self) -> &[u8] {
        self.error.map_or(&[], |_| self.rest())
    }

    /// How many octets wait to become a message.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.rest().len()
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    fn read(&mut self) -> Result<Option<Frame>, FramingError> {
        if self.length.is_none() && self.searched == 0 {
            if let Some(frame) = self.keep_alive() {
                return Ok(Some(frame));
            }
            if matches!(self.rest(), [] | b"\r" | b"\r\n\r") {
                return Ok(None);
            }
        }
        let length = match self.length {
            Some(length) => length,
            None => match self.head()? {
                Some(length) => length,
                None => return Ok(None),
            },
        };
        self.length = Some(length);
        let Some(message) = self.rest().get(..length) else { return Ok(None) };
        let message = message.to_vec();
        self.start += length;
        (self.length, self.searched, self.half_ping) = (None, 0, false);
        Ok(Some(Frame::Message(message)))
    }

    fn keep_alive(&mut self) -> Option<Frame> {
        let (frame, length) = match self.rest() {
            [b'\r', b'\n', b'\r', b'\n', ..] if !self.half_ping => (Frame::Ping, 4),
            // Perhaps the first half of a ping; what comes next will tell.
            [b'\r', b'\n', b'\r'] if !self.half_ping => return None,
            [b'\r', b'\n', ..] if self.half_ping => (Frame::Ping, 2),
            [b'\r', b'\n', ..] => (Frame::Pong, 2),
            _ => return None,
        };
        self.start += length;
        self.half_ping = frame == Frame::Pong;
        Some(frame)
    }

    /// Looks for the end of the head, and computes the length of the message if it is there.
    fn head(&mut self) -> Result<Option<usize>, FramingError> {
        let rest = self.rest();
        let from = self.searched.saturating_sub(3);
        let Some(found) = rest.get(from..).and_then(|tail| memmem::find(tail, b"\r\n\r\n")) else {
            self.searched = rest.len();
            let too_large = self.searched > self.max_head;
            return if too_large { Err(FramingError::Undelimited(ParseError::HeadTooLarge)) } else { Ok(None) };
        };
        let end = from + found + 4;
        if end > self.max_head {
            return Err(FramingError::Undelimited(ParseError::HeadTooLarge));
        }
        let head = Head::scan(rest.get(..end).unwrap_or_default()).map_err(FramingError::Undelimited)?;
        let body = content_length(&head).map_err(FramingError::Undelimited)?;
        let body = body.ok_or(FramingError::Undelimited(ParseError::Missing(HeaderName::ContentLength)))?;
        if body > self.max_body {
            return Err(FramingError::BodyTooLarge);
        }
        Ok(Some(end + body))
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message(bytes) => write!(f, "Message({} octets)", bytes.len()),
            Self::Ping => f.write_str("Ping"),
            Self::Pong => f.write_str("Pong"),
        }
    }
}

impl std::fmt::Debug for Framer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Framer({} octets pending, error {:?})", self.pending(), self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &[u8] = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length : 4\r\n\r\nbody";
    const BYE: &[u8] = b"BYE sip:a@b SIP/2.0\r\nl:0\r\n\r\n";

    fn drain(framer: &mut Framer) -> Vec<Result<Frame, FramingError>> {
        let mut frames = Vec::new();
        while let Some(frame) = framer.poll() {
            let failed = frame.is_err();
            frames.push(frame);
            if failed {
                break;
            }
        }
        frames
    }

    fn read(pieces: &[&[u8]]) -> Vec<Result<Frame, FramingError>> {
        let mut framer = Framer::default();
        pieces
            .iter()
            .flat_map(|p| {
                framer.push(p);
                drain(&mut framer)
            })
            .collect()
    }

    fn message(bytes: &[u8]) -> Result<Frame, FramingError> {
        Ok(Frame::Message(bytes.to_vec()))
    }

    #[test]
    fn messages_are_the_same_wherever_the_stream_is_cut() {
        let stream = [OPTIONS, BYE, OPTIONS].concat();
        let expected = [message(OPTIONS), message(BYE), message(OPTIONS)];
        for cut in 0..=stream.len() {
            assert_eq!(read(&[&stream[..cut], &stream[cut..]]), expected, "cut at {cut}");
        }
        let octets: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(&octets), expected);
    }

    #[test]
    fn keep_alives_between_messages_are_told() {
        assert_eq!(read(&[b"\r\n\r\n"]), [Ok(Frame::Ping)]);
        assert_eq!(read(&[b"\r\n"]), [Ok(Frame::Pong)]);
        assert_eq!(read(&[b"\r\n\r\n\r\n", BYE]), [Ok(Frame::Ping), Ok(Frame::Pong), message(BYE)]);
        for cut in 1..4 {
            let frames = read(&[&b"\r\n\r\n"[..cut], &b"\r\n\r\n"[cut..], BYE]);
            assert_eq!(frames.iter().filter(|f| **f == Ok(Frame::Ping)).count(), 1, "a torn ping is still a ping, cut at {cut}");
        }
    }

    #[test]
    fn forty_thousand_pipelined_requests_come_out_in_order() {
        let mut framer = Framer::default();
        framer.push(&BYE.repeat(40_000));
        let mut count = 0;
        while let Some(frame) = framer.poll() {
            assert_eq!(frame, message(BYE));
            count += 1;
        }
        assert_eq!((count, framer.pending()), (40_000, 0));
    }

    #[test]
    fn a_quiet_stream_keeps_no_room_for_what_it_once_carried() {
        let mut framer = Framer::default();
        let body = "x".repeat(60_000);
        let large = format!("MESSAGE sip:a@b SIP/2.0\r\nl: 60000\r\n\r\n{body}");
        for rest in ["", "\r", "BYE sip:"] {
            framer.push(format!("{large}{rest}").as_bytes());
            assert_eq!(drain(&mut framer).len(), 1);
            assert!(framer.pending() == rest.len() && framer.buffer.capacity() <= 4 * KEPT, "{}", framer.buffer.capacity());
            framer = Framer::default();
        }
    }

    #[test]
    fn limits_hold_from_when_they_are_set() {
        let mut framer = Framer::default();
        framer.set_limits(OPTIONS.len(), 3);
        framer.push(OPTIONS);
        assert_eq!(drain(&mut framer), [Err(FramingError::BodyTooLarge)]);
        let mut framer = Framer::default();
        framer.set_limits(20, 100);
        framer.push(OPTIONS);
        assert_eq!(drain(&mut framer), [Err(FramingError::Undelimited(ParseError::HeadTooLarge))]);
        let mut framer = Framer::default();
        framer.set_limits(20, 3);
        framer.push(&OPTIONS[..10]);
        assert_eq!(framer.poll(), None);
        framer.set_limits(MAX_HEAD, 100);
        framer.push(&OPTIONS[10..]);
        assert_eq!(drain(&mut framer), [message(OPTIONS)]);
    }

    #[test]
    fn what_cannot_be_delimited_ends_the_stream() {
        let invalid = FramingError::Undelimited(ParseError::Invalid(HeaderName::ContentLength));
        for (length, error) in [
            ("", FramingError::Undelimited(ParseError::Missing(HeaderName::ContentLength))),
            ("Content-Length: 18446744073709551615\r\n", invalid),
            ("Content-Length: 18446744073709551616\r\n", invalid),
            ("Content-Length: -999\r\n", invalid),
            ("Content-Length: five\r\n", invalid),
            ("Content-Length: 5, 5\r\n", invalid),
            ("Content-Length:\r\n", invalid),
            ("Content-Length: 5\r\nl: 6\r\n", FramingError::Undelimited(ParseError::Repeated(HeaderName::ContentLength))),
            ("Content-Length: 4294967295\r\n", FramingError::BodyTooLarge),
            ("Content-Length 5\r\n", FramingError::Undelimited(ParseError::HeaderLine)),
        ] {
            let head = format!("BYE sip:a@b SIP/2.0\r\n{length}\r\n");
            assert_eq!(read(&[head.as_bytes(), OPTIONS]), [Err(error), Err(error)], "{length}");
        }
    }

    #[test]
    fn a_head_that_never_ends_is_cut_off_and_can_be_answered() {
        let mut framer = Framer::default();
        framer.push(b"BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n");
        let mut pushed = 0;
        while framer.poll().is_none() {
            framer.push(&[b'a'; 1000]);
            pushed += 1000;
        }
        assert!(pushed <= MAX_HEAD + 1000);
        assert_eq!(framer.poll(), Some(Err(FramingError::Undelimited(ParseError::HeadTooLarge))));
        framer.push(&[b'a'; 1000]);
        assert!(framer.pending() <= MAX_HEAD + 1000, "nothing is kept after the error");
        let refusal = crate::refuse(framer.refused(), &ParseError::HeadTooLarge, None).unwrap();
        assert_eq!(refusal.status, 513);
    }
}
