use cooee_machine::Pii;

use super::core::words;
use super::{EndKind, Ended, EndedBy, HangUp};
use crate::header::sip_reason;
use crate::message::{Message, StartLine};
use crate::uri::{Scheme, Uri};

/// How many targets of a redirection are told.
const CONTACTS: usize = 8;
/// How many are looked at.
const LOOKED_AT: usize = 64;
/// The longest of them.
const LONGEST: usize = 1024;

impl Ended {
    /// An end without a word from anybody.
    pub(super) fn silent(by: EndedBy, kind: EndKind, status: Option<u16>) -> Self {
        Self { by, kind, status, reason: None, cause: None, contacts: Vec::new() }
    }

    /// Our own INVITE was not answered but refused.
    pub(super) fn refused(response: &Message<'_>, kind: EndKind) -> Self {
        let phrase = match response.start_line() {
            StartLine::Response { reason, .. } => words(reason),
            StartLine::Request { .. } => None,
        };
        let contacts = match kind {
            EndKind::Redirected => targets(response),
            _ => Vec::new(),
        };
        let by = if kind == EndKind::WrongPassword { EndedBy::Server } else { EndedBy::Peer };
        Self { by, kind, status: response.status(), reason: phrase, cause: None, contacts }.explained(response)
    }

    /// The peer ended it by BYE or CANCEL.
    pub(super) fn by_peer(request: &Message<'_>, kind: EndKind) -> Self {
        let ended = Self::silent(EndedBy::Peer, kind, None).explained(request);
        let elsewhere = kind == EndKind::Cancelled && request.reasons().any(|reason| reason.sip_cause() == Some(200));
        if elsewhere { Self { kind: EndKind::AnsweredElsewhere, ..ended } } else { ended }
    }

    /// Adds what a Reason header says (RFC 3326): one of SIP before others.
    fn explained(mut self, message: &Message<'_>) -> Self {
        let sip = message.reasons().find(|reason| reason.sip_cause().is_some());
        let Some(reason) = sip.or_else(|| message.reasons().next()) else { return self };
        self.cause = reason.cause().and_then(|cause| Some((reason.protocol().to_owned(), u16::try_from(cause).ok()?)));
        if let Some(text) = reason.text().and_then(|text| words(text.as_bytes())) {
            self.reason = Some(text);
        }
        self
    }
}

/// Where a 3xx points to, the peer's favourites first (8.1.3.4): addresses that can be called or call for help, each once.
fn targets(response: &Message<'_>) -> Vec<Pii<String>> {
    let is_place = |uri: &Uri<'_>| uri.is_sip() && !uri.has_headers() || uri.scheme() == Scheme::Tel || uri.is_emergency_service();
    let callable = |uri: &Uri<'_>| is_place(uri) && uri.as_str().len() <= LONGEST;
    let mut contacts: Vec<_> = response.contacts().take(LOOKED_AT).filter(|contact| callable(&contact.uri())).collect();
    // Equal ones keep their order.
    contacts.sort_by_key(|contact| std::cmp::Reverse(contact.q()));
    let mut targets: Vec<String> = Vec::new();
    for contact in contacts {
        let target = contact.uri().as_str();
        if targets.len() < CONTACTS && !targets.iter().any(|known| known == target) {
            targets.push(target.to_owned());
        }
    }
    targets.into_iter().map(Pii).collect()
}

impl HangUp {
    /// The value of the Reason header, if there is something to say.
    pub(super) fn header(&self) -> Option<String> {
        match (self.status, self.text.as_deref()) {
            (None, None) => None,
            (status, text) => Some(sip_reason(status.unwrap_or(200), text.unwrap_or_default())),
        }
    }
}
