use crate::header::HeaderName;

/// Why octets are no SIP message that anybody may act on. [`ParseError::status`] says what a request so broken is answered
/// with; a response so broken is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// No empty line ends the header section.
    #[error("the header section does not end")]
    Unfinished,
    /// More than 65,535 octets of start line and headers.
    #[error("the header section is too large")]
    HeadTooLarge,
    /// More header lines than [`crate::MAX_HEADERS`].
    #[error("there are too many header fields")]
    TooManyHeaders,
    /// Neither a request line nor a status line.
    #[error("the start line is malformed")]
    StartLine,
    /// The request-URI is malformed, bracketed, or carries headers.
    #[error("the request-URI is malformed")]
    RequestUri,
    /// Another version than 2.0.
    #[error("the SIP version is not 2.0")]
    Version,
    /// A line without name and colon, or with a lone CR or LF.
    #[error("a header line is malformed")]
    HeaderLine,
    /// A mandatory field is missing (RFC 3261 8.1.1); on a stream, `Content-Length` is one of them.
    #[error("the header field {0} is missing")]
    Missing(HeaderName<'static>),
    /// A field that stands for itself stands there twice.
    #[error("the header field {0} is repeated")]
    Repeated(HeaderName<'static>),
    /// A field's value breaks its grammar or range.
    #[error("the header field {0} is malformed")]
    Invalid(HeaderName<'static>),
    /// `Content-Length` promises more octets than came.
    #[error("the body is shorter than its Content-Length")]
    Truncated,
    /// `CSeq` names another method than the request line.
    #[error("CSeq names another method than the request line")]
    MethodMismatch {
        /// Whether the request line's method is one we know.
        known: bool,
    },
}

impl ParseError {
    /// The status code that answers a request with this fault.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Version => 505,
            Self::HeadTooLarge | Self::TooManyHeaders => 513,
            // RFC 4475 3.1.2.18: 501 has the better future.
            Self::MethodMismatch { known: false } => 501,
            _ => 400,
        }
    }

    /// The reason phrase that goes with [`ParseError::status`]: it names the fault, never what the peer wrote.
    #[must_use]
    pub fn reason(&self) -> String {
        match self.status() {
            505 => "Version Not Supported".to_owned(),
            513 => "Message Too Large".to_owned(),
            501 => "Not Implemented".to_owned(),
            _ => format!("Bad Request: {self}"),
        }
    }
}
