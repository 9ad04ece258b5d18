use super::identity::{ACCEPT, ACCEPT_ALL, ALLOW, ALLOW_EVENTS, Identity, OPTION_TAGS};
use super::{body, timer};
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
        Method::Other(_) => return Err(Refusal(501)),
        method if !ALLOW.split(", ").any(|allowed| allowed == method.as_str()) => return Err(Refusal(405)),
        _ => {}
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
    if is_about_a_session(request.method()) && !body::is_acceptable(request) {
        return Err(Refusal(415));
    }
    let is_refresh = matches!(request.method(), Method::Invite | Method::Update);
    if is_refresh && timer::is_too_small(request) {
        return Err(Refusal(422));
    }
    if request.method() != Method::Invite && request.header(HeaderName::Replaces).is_some() {
        return Err(Refusal(400));
    }
    if request.method() == Method::Invite && !body::takes_sdp(request) {
        return Err(Refusal(406));
    }
    Ok(())
}

/// Whether a body of this method would be a session description; the others see for themselves.
fn is_about_a_session(method: Method<'_>) -> bool {
    matches!(method, Method::Invite | Method::Update | Method::Prack | Method::Bye | Method::Options)
}

fn unsupported<'a>(request: &Message<'a>) -> impl Iterator<Item = &'a [u8]> {
    let is_known = |tag: &[u8]| OPTION_TAGS.split(", ").any(|known| known.as_bytes().eq_ignore_ascii_case(tag));
    request.header_values(HeaderName::Require).filter(move |tag| !is_known(tag))
}

/// Adds what a refusal must say beyond its status.
pub(super) fn explain(response: ResponseBuilder, status: u16, request: &Message<'_>) -> ResponseBuilder {
    match status {
        405 | 501 => response.header(HeaderName::Allow, ALLOW),
        415 => response.header(HeaderName::Accept, accepted(request.method())),
        422 => response.header(HeaderName::MinSe, timer::MIN_SE.to_string()),
        489 => response.header(HeaderName::AllowEvents, ALLOW_EVENTS),
        420 => {
            let tags: Vec<&[u8]> = unsupported(request).take(16).collect();
            response.header(HeaderName::Unsupported, tags.join(&b", "[..]))
        }
        503 => response.header(HeaderName::RetryAfter, "5"),
        // So many texts at once come of no person.
        480 if request.method() == Method::Message => response.header(HeaderName::RetryAfter, "60"),
        _ => response,
    }
}

fn accepted(method: Method<'_>) -> &'static str {
    match method {
        Method::Message => "text/plain",
        Method::Info => "application/dtmf-relay, application/dtmf",
        _ => ACCEPT,
    }
}

/// What OPTIONS is told, whatever goes on: what any phone of this make can do, and nothing of this one (11.2). No address, no name, no
/// description, and not whether it is busy.
pub(super) fn capabilities(response: ResponseBuilder) -> ResponseBuilder {
    response.header(HeaderName::Allow, ALLOW).header(HeaderName::Accept, ACCEPT_ALL).header(HeaderName::Supported, OPTION_TAGS)
}
