//! SIP as values: messages, transactions, dialogs, user agents, location, registrar and proxy.
#![forbid(unsafe_code)]

// The wire: messages, headers, URIs, digest.
mod build;
pub mod digest;
mod forward;
mod framer;
mod grammar;
mod header;
mod message;
mod method;
mod uri;

pub use build::{Builder, RequestBuilder, ResponseBuilder, reason_phrase, respond, response_to};
pub use forward::{Forward, ForwardError, forward_request, forward_response};
pub use framer::{Frame, Framer, FramingError};
pub use header::{
    CSeq, HeaderName, MAGIC_COOKIE, MediaType, NameAddr, Param, Params, Reason, Via, name_addr, parse_date, print_date, sip_reason,
};
pub use message::{Framing, Header, MAX_HEAD, MAX_HEADERS, Message, ParseError, Refusal, StartLine, refuse};
pub use method::Method;
pub use uri::{Scheme, Uri, UriError, encode_header, encode_user};

// Transactions, dialogs and the user agent.
mod dialog;
pub mod feature;
mod flow;
mod session_id;
pub mod transaction;
pub mod ua;
pub use dialog::{Dialog, DialogKey, OutOfOrder};
pub use flow::{Flow, FlowId, via_transport};
pub use session_id::{new_session_id, session_id_of};
pub use ua::{UserAgent, UserAgentConfig, UserAgentOutput};

// Location, registrar and proxy.
pub mod locate;
pub mod proxy;
pub mod registrar;
