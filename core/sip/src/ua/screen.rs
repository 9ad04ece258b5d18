use super::body;
use super::identity::{ACCEPT, ALLOW, Identity, OPTION_TAGS};
use crate::build::ResponseBuilder;
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;

/// Why a request goes no further: the status of the answer, by the order of RFC 3261 8.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) u16);

/// Looks at a request before any leg does. CANCEL and ACK are not its business.
pub(super) fn screen(identity: &Identity, request: &Message<'_>) -> Result<(), Refusal> {
    match request.method() {
        Method::Invite | Method::Bye | Method::Options => {}
        Method::Other(_) => return Err(Refusal(501)),
        _ => return Err(Refusal(405)),
    }
    let Some(uri) = request.request_uri() else { return Err(Refusal(400)) };
    if !uri.is_sip() {
        return Err(Refusal(416));
    }
    // Within a dialog the request-URI is our Contact, which servers rewrite at will.
    let new = request.to().tag().is_none();
    if new && !identity.is_target(&uri) && !(request.method() == Method::Options && uri.user().is_none()) {
        return Err(Refusal(404));
    }
    if unsupported(request).next().is_some() {
        return Err(Refusal(420));
    }
    if !body::is_acceptable(request) {
        return Err(Refusal(415));
    }
    if request.method() == Method::Invite && !body::takes_sdp(request) {
        return Err(Refusal(406));
    }
    Ok(())
}

fn unsupported<'a>(request: &Message<'a>) -> impl Iterator<Item = &'a [u8]> {
    request.header_values(HeaderName::Require).filter(|tag| !tag.eq_ignore_ascii_case(OPTION_TAGS.as_bytes()))
}

/// Adds what a refusal must say beyond its status.
pub(super) fn explain(response: ResponseBuilder, status: u16, request: &Message<'_>) -> ResponseBuilder {
    match status {
        405 | 501 => response.header(HeaderName::Allow, ALLOW),
        415 => response.header(HeaderName::Accept, ACCEPT),
        420 => {
            let tags: Vec<&[u8]> = unsupported(request).take(16).collect();
            response.header(HeaderName::Unsupported, tags.join(&b", "[..]))
        }
        503 => response.header(HeaderName::RetryAfter, "5"),
        _ => response,
    }
}

/// What OPTIONS is told, whoever asks: what any phone can do, and nothing of this one (11.2).
pub(super) fn capabilities(response: ResponseBuilder) -> ResponseBuilder {
    response.header(HeaderName::Allow, ALLOW).header(HeaderName::Accept, ACCEPT).header(HeaderName::Supported, OPTION_TAGS)
}
