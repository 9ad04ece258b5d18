use super::identity::ACCEPT;
use crate::build::RequestBuilder;
use crate::header::{HeaderName, MediaType};
use crate::message::Message;

/// A request with an offer; without one, the offer is the other side's to make (RFC 3261 13.2.1).
pub(super) fn with_offer(request: RequestBuilder, sdp: &[u8]) -> RequestBuilder {
    if sdp.is_empty() { request } else { request.body(ACCEPT, sdp.to_vec()) }
}

/// The session description of a message, if it has one.
pub(super) fn sdp_of(message: &Message<'_>) -> Option<Vec<u8>> {
    let is_sdp = message.content_type().is_some_and(|kind| kind.is_sdp());
    (is_sdp && !message.body().is_empty()).then(|| message.body().to_vec())
}

/// Whether a request's body is one we understand, or may ignore (RFC 3261 8.2.3): SDP as it is, nothing, or what says that it
/// is optional.
pub(super) fn is_acceptable(request: &Message<'_>) -> bool {
    if request.body().is_empty() {
        return true;
    }
    let encoded = request.header(HeaderName::ContentEncoding).is_some_and(|coding| !coding.eq_ignore_ascii_case(b"identity"));
    let is_sdp = request.content_type().is_some_and(|kind| kind.is_sdp());
    let optional = request.header_text(HeaderName::ContentDisposition).is_some_and(|disposition| disposition.split(';').any(is_optional));
    (is_sdp && !encoded) || optional
}

/// Whether the answer to a request may be SDP, by its `Accept` (RFC 3261 20.1). An empty one is taken for none.
pub(super) fn takes_sdp(request: &Message<'_>) -> bool {
    let mut ranges = request.header_values(HeaderName::Accept).filter(|range| !range.is_empty()).peekable();
    let names_none = ranges.peek().is_none();
    names_none || ranges.filter_map(MediaType::parse).any(|kind| kind.is_sdp() || kind.is("application", "*") || kind.is("*", "*"))
}

fn is_optional(param: &str) -> bool {
    let (name, value) = param.split_once('=').unwrap_or((param, ""));
    name.trim().eq_ignore_ascii_case("handling") && value.trim().eq_ignore_ascii_case("optional")
}
