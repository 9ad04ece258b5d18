use cooee_machine::Now;

use super::LegId;
use super::core::{Core, Purpose};
use super::credentials::{Attempt, Verdict};
use super::identity::{ALLOW, OPTION_TAGS};
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
use crate::transaction::TransactionId;

/// A request of ours within a dialog of a leg: PRACK, UPDATE, REFER or NOTIFY. INVITE and BYE have their own lives.
#[derive(Clone)]
pub(super) struct DialogRequest {
    pub(super) leg: LegId,
    /// Which of the leg's dialogs, by the peer's tag.
    pub(super) remote_tag: String,
    pub(super) method: Method<'static>,
    headers: Vec<(HeaderName<'static>, String)>,
    body: Option<(&'static str, Vec<u8>)>,
    attempt: Attempt,
}

impl DialogRequest {
    pub(super) fn new(leg: LegId, dialog: &Dialog, method: Method<'static>) -> Box<Self> {
        let remote_tag = dialog.key().remote_tag.clone();
        Box::new(Self { leg, remote_tag, method, headers: Vec::new(), body: None, attempt: Attempt::default() })
    }

    pub(super) fn header(mut self: Box<Self>, name: HeaderName<'static>, value: impl Into<String>) -> Box<Self> {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn headers(mut self: Box<Self>, more: Vec<(HeaderName<'static>, String)>) -> Box<Self> {
        self.headers.extend(more);
        self
    }

    pub(super) fn body(mut self: Box<Self>, content_type: &'static str, body: Vec<u8>) -> Box<Self> {
        self.body = Some((content_type, body));
        self
    }

    /// Whether it bears an offer: an UPDATE without one only refreshes.
    pub(super) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Sends it. `None`: no flow or no room.
    pub(super) fn send(mut self: Box<Self>, core: &mut Core, dialog: &mut Dialog, now: Now) -> Option<TransactionId> {
        let flow = core.flow?;
        let (branch, uri) = (core.branch(), dialog.request_uri());
        let mut request = dialog.request(self.method, &flow, &branch).header(HeaderName::Supported, OPTION_TAGS);
        if self.method != Method::Prack {
            request = request.contact(&core.identity.contact_within(&flow, dialog));
        }
        if matches!(self.method, Method::Update | Method::Refer) {
            request = request.header(HeaderName::Allow, ALLOW);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = core.identity.sign(request, HeaderName::UserAgent);
        let body = self.body.as_ref().map_or(&[][..], |(_, body)| body);
        let scope = core.scope_within(dialog);
        let mut request = core.credentials.authorize(request, &mut self.attempt, scope, self.method, &uri, body);
        if let Some((content_type, body)) = &self.body {
            request = request.body(content_type, body.clone());
        }
        core.request(request.into_bytes(), Purpose::Request(self), now)
    }

    /// Whether a 401 or 407 is one to send it again for.
    pub(super) fn is_to_be_sent_again(&mut self, core: &mut Core, response: &Message<'_>) -> bool {
        matches!(response.status(), Some(401 | 407)) && core.credentials.challenged(response, &mut self.attempt) == Verdict::Retry
    }
}
