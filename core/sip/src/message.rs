//! Messages: a zero-copy view whose parsing is the verdict on everything that routing and transactions rely on.

mod check;
mod error;
mod head;
mod refuse;
mod start_line;

use std::fmt;

pub use error::ParseError;
pub(crate) use head::{Field, Head};
pub use head::{Header, MAX_HEAD, MAX_HEADERS};
pub use refuse::{Refusal, refuse};
pub use start_line::StartLine;

use crate::grammar::{self, Number, TOKEN, number, span, text, trim};
use crate::header::{CSeq, HeaderName, MediaType, NameAddr, Reason, Via, list};
use crate::method::Method;
use crate::uri::Uri;

/// How the octets of a message are delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By the datagram: without `Content-Length` the body is what remains, and what goes beyond it is noise (RFC 3261 18.3).
    Datagram,
    /// By `Content-Length`, which must be there.
    Stream,
}

/// A request or response, read without copying. Its owned form is its octets, read again when needed.
///
/// What a [`Message`] shows has passed the grammar of its start line and of `Via`, `From`, `To`, `Call-ID`, `CSeq`,
/// `Max-Forwards`, `Contact`, `Route`, `Record-Route` and `Content-Length`; all other headers are read when asked for.
#[derive(Clone)]
pub struct Message<'a> {
    head: Head<'a>,
    start: StartLine<'a>,
    via: Via<'a>,
    from: NameAddr<'a>,
    to: NameAddr<'a>,
    cseq: CSeq<'a>,
    call_id: &'a [u8],
    max_forwards: Option<u8>,
    route: Option<NameAddr<'a>>,
    has_content_length: bool,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads one message; the only way in.
    ///
    /// # Errors
    /// [`ParseError`], by the first fault found.
    #[inline]
    pub fn parse(bytes: &'a [u8], framing: Framing) -> Result<Self, ParseError> {
        check::check(Head::scan(bytes)?, framing)
    }

    /// The start line.
    #[must_use]
    pub fn start_line(&self) -> StartLine<'a> {
        self.start
    }

    /// Whether it asks (and does not answer).
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self.start, StartLine::Request { .. })
    }

    /// The method of the request, or of the request that a response answers.
    #[must_use]
    pub fn method(&self) -> Method<'a> {
        self.cseq.method
    }

    /// The request-URI; `None` in a response.
    #[must_use]
    pub fn request_uri(&self) -> Option<Uri<'a>> {
        match self.start {
            StartLine::Request { uri, .. } => Some(uri),
            StartLine::Response { .. } => None,
        }
    }

    /// The status code; `None` in a request.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Request { .. } => None,
            StartLine::Response { status, .. } => Some(status),
        }
    }

    /// All header lines in order.
    pub fn headers(&self) -> impl Iterator<Item = Header<'a>> {
        self.head.headers()
    }

    /// The value of the first line of that name, without surrounding white space.
    #[must_use]
    pub fn header(&self, name: HeaderName<'_>) -> Option<&'a [u8]> {
        self.head.named(name).next().map(|h| h.value)
    }

    /// [`Message::header`] as text; `None` also if it is no UTF-8.
    #[must_use]
    pub fn header_text(&self, name: HeaderName<'_>) -> Option<&'a str> {
        std::str::from_utf8(self.header(name)?).ok()
    }

    /// The values of all lines of that name in order; where the grammar makes it a list, split at its commas.
    pub fn header_values<'n>(&self, name: HeaderName<'n>) -> impl Iterator<Item = &'a [u8]> + use<'_, 'n, 'a> {
        let splits = list::is_list(name);
        self.head.named(name).flat_map(move |h| list::values(h.value, splits))
    }

    /// Whether a list of tokens (`Supported`, `Require`, `Allow` …) has `token`, case aside.
    #[must_use]
    pub fn has_token(&self, name: HeaderName<'_>, token: &str) -> bool {
        self.header_values(name).any(|v| span(v, TOKEN).0.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// The topmost `Via`.
    #[must_use]
    pub fn via(&self) -> Via<'a> {
        self.via
    }

    /// All values of `Via` from the top.
    pub fn vias(&self) -> impl Iterator<Item = Via<'a>> {
        self.head.named(HeaderName::Via).flat_map(|h| list::read(h.value, Via::read))
    }

    /// `From`.
    #[must_use]
    pub fn from(&self) -> NameAddr<'a> {
        self.from
    }

    /// `To`.
    #[must_use]
    pub fn to(&self) -> NameAddr<'a> {
        self.to
    }

    /// `Call-ID`.
    #[must_use]
    pub fn call_id(&self) -> &'a str {
        text(self.call_id)
    }

    /// `CSeq`.
    #[must_use]
    pub fn cseq(&self) -> CSeq<'a> {
        self.cseq
    }

    /// The values of `Contact` in order; none if it is `*`.
    pub fn contacts(&self) -> impl Iterator<Item = NameAddr<'a>> {
        self.name_addrs(HeaderName::Contact)
    }

    /// Whether `Contact` is `*`: every binding (RFC 3261 10.2.2).
    #[must_use]
    pub fn has_star_contact(&self) -> bool {
        self.header(HeaderName::Contact) == Some(b"*")
    }

    /// The topmost value of `Route`.
    #[must_use]
    pub fn route(&self) -> Option<NameAddr<'a>> {
        self.route
    }

    /// The values of `Route` from the top.
    pub fn routes(&self) -> impl Iterator<Item = NameAddr<'a>> {
        self.name_addrs(HeaderName::Route)
    }

    /// The values of `Record-Route` from the top.
    pub fn record_routes(&self) -> impl Iterator<Item = NameAddr<'a>> {
        self.name_addrs(HeaderName::RecordRoute)
    }

    /// The values of any header of that form (`Path`, `Service-Route`, `P-Asserted-Identity`, `Refer-To` …) in order, up to
    /// the first that is malformed.
    pub fn name_addrs<'n>(&self, name: HeaderName<'n>) -> impl Iterator<Item = NameAddr<'a>> + use<'_, 'n, 'a> {
        self.head.named(name).flat_map(|h| list::read(h.value, NameAddr::read))
    }

    /// `Max-Forwards`; `None` if it is absent or beyond 255, which counts as absent (RFC 4475 3.1.2.4).
    #[must_use]
    pub fn max_forwards(&self) -> Option<u8> {
        self.max_forwards
    }

    /// `Expires` in seconds, see [`Message::seconds`].
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        self.seconds(HeaderName::Expires)
    }

    /// The number of seconds at the start of a header (`Expires`, `Min-Expires`, `Retry-After` …). One too large for 32 bits
    /// counts as 2^32-1, what is no number as absent.
    #[must_use]
    pub fn seconds(&self, name: HeaderName<'_>) -> Option<u32> {
        match number(span(self.header(name)?, TOKEN).0)? {
            Number::Fits(seconds) => Some(seconds),
            Number::TooLarge => Some(u32::MAX),
        }
    }

    /// `Content-Type`; `None` if absent or malformed.
    #[must_use]
    pub fn content_type(&self) -> Option<MediaType<'a>> {
        MediaType::parse(self.header(HeaderName::ContentType)?)
    }

    /// The values of `Reason` (RFC 3326), malformed ones left out.
    pub fn reasons(&self) -> impl Iterator<Item = Reason<'a>> {
        self.header_values(HeaderName::Reason).filter_map(Reason::parse)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The octets from the start line to the end of the body.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        grammar::split(self.head.bytes, self.head.end + self.body.len()).0
    }

    pub(crate) fn head(&self) -> &Head<'a> {
        &self.head
    }

    /// Whether there is a `Content-Length`.
    pub(crate) fn has_content_length(&self) -> bool {
        self.has_content_length
    }
}

/// The one value of `Content-Length` of a message cut into lines; `None` without the header.
pub(crate) fn content_length(head: &Head<'_>) -> Result<Option<usize>, ParseError> {
    let mut found = None;
    for header in head.named(HeaderName::ContentLength) {
        if found.is_some() {
            return Err(ParseError::Repeated(HeaderName::ContentLength));
        }
        match number(trim(header.value)) {
            Some(Number::Fits(length)) => found = usize::try_from(length).ok(),
            _ => return Err(ParseError::Invalid(HeaderName::ContentLength)),
        }
    }
    Ok(found)
}

/// Names the start line and the sizes: the rest tells who people are.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({:?}, {:?}, {} headers, {} octets of body)", self.start, self.cseq, self.head.len(), self.body.len())
    }
}
