use cooee_machine::{Pii, Transport};

use super::core::Core;
use super::reliable::is_reliable_wanted;
use super::{LegEvent, LegId};
use crate::dialog::ANONYMOUS_HOST;
use crate::header::HeaderName;
use crate::message::Message;
use crate::uri::{Scheme, Uri};

/// What the owner of an incoming leg is told about its caller.
pub(super) fn announcement(core: &Core, request: &Message<'_>, sdp: Option<Vec<u8>>, replaces: Option<LegId>) -> LegEvent {
    let from = request.from();
    let has_offer = sdp.is_some();
    LegEvent::Incoming {
        from: Pii(from.uri().as_str().to_owned()),
        display: from.display().map(Pii),
        to: Pii(request.to().uri().as_str().to_owned()),
        sdp,
        session_id: crate::session_id::sender_of(request),
        call_id: request.call_id().to_owned(),
        replaces,
        asserted: asserted(core, request),
        referred_by: request.name_addrs(HeaderName::ReferredBy).next().map(|by| Pii(by.uri().as_str().to_owned())),
        anonymous: is_anonymous(request),
        subject: request.header_text(HeaderName::Subject).filter(|subject| !subject.is_empty()).map(|subject| Pii(subject.to_owned())),
        wants_early_offer: !has_offer && is_reliable_wanted(request),
    }
}

/// RFC 3323 4.1.1.3, 4.2. Many a provider keeps its own domain behind `anonymous`.
pub(super) fn is_anonymous(request: &Message<'_>) -> bool {
    let from = request.from().uri();
    let has_no_name = from.user().is_some_and(|user| user.eq_ignore_ascii_case("anonymous"));
    let asks = |value: &str| ["id", "user", "header"].iter().any(|kind| value.trim().eq_ignore_ascii_case(kind));
    let privacy = request.header_text(HeaderName::Privacy).unwrap_or_default();
    has_no_name || from.host().eq_ignore_ascii_case(ANONYMOUS_HOST) || privacy.split([';', ',']).any(asks)
}

/// RFC 3325: whoever could have put it in is the account's own server, or it counts for nothing. A telephone number only where there
/// is no address. Nothing where the sender does not want to be known.
pub(super) fn asserted(core: &Core, request: &Message<'_>) -> Option<Pii<String>> {
    core.flow.filter(|flow| flow.transport == Transport::Tls)?;
    let uris = || request.name_addrs(HeaderName::PAssertedIdentity).take(2).map(|identity| identity.uri());
    let chosen = uris().find(Uri::is_sip).or_else(|| uris().find(|uri| uri.scheme() == Scheme::Tel))?;
    (!is_anonymous(request)).then(|| Pii(chosen.as_str().to_owned()))
}

/// Whether a request is of the account's own server: sent by it, or let through by it for somebody of its own domain.
pub(super) fn is_of_own_server(core: &Core, request: &Message<'_>) -> bool {
    let from = request.from().uri();
    let is_server = |flow: crate::flow::Flow| from.host().trim_matches(['[', ']']).parse() == Ok(flow.remote.ip());
    request.vias().nth(1).is_none() || core.identity.is_of_own_domain(from.host()) || core.flow.is_some_and(is_server)
}
