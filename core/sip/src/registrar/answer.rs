use std::time::Duration;

use super::Binding;
use super::change::Change;
use crate::feature::feature_caps;
use crate::{HeaderName, Message, print_date, respond};

/// A REGISTER that changes nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rejection {
    pub(super) status: u16,
    reason: &'static str,
    headers: Vec<(HeaderName<'static>, String)>,
}

impl Rejection {
    /// An empty reason is the standard's phrase.
    pub(super) fn new(status: u16, reason: &'static str) -> Self {
        Self { status, reason, headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: HeaderName<'static>, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn response(&self, request: &Message<'_>, source: std::net::SocketAddr, tag: &str) -> Vec<u8> {
        let response = respond(request, Some(source), self.status, self.reason, Some(tag));
        self.headers.iter().fold(response, |response, (name, value)| response.header(*name, value)).into_bytes()
    }
}

/// 200 with every binding there is now (RFC 3261 10.3 step 8), the `Path` that was taken (RFC 3327 5.3), whether outbound is in force
/// (RFC 5626 6), what the server can do (RFC 6809 4.2.3), and what time it is (RFC 3261 20.17): by it phones know that their own clock is
/// right.
pub(super) fn accepted(
    request: &Message<'_>,
    source: std::net::SocketAddr,
    tag: &str,
    change: &Change,
    features: &[&str],
    unix: Duration,
) -> Vec<u8> {
    let mut response = respond(request, Some(source), 200, "", Some(tag));
    for binding in &change.after {
        response = response.contact(&contact(binding, unix));
    }
    for path in request.header_values(HeaderName::Path) {
        response = response.header(HeaderName::Path, path);
    }
    if change.is_outbound {
        response = response.header(HeaderName::Require, "outbound");
    }
    if !features.is_empty() {
        response = response.header(HeaderName::FeatureCaps, feature_caps(features));
    }
    response = response.header(HeaderName::Date, print_date(unix));
    response.header(HeaderName::Supported, "path, outbound").into_bytes()
}

fn contact(binding: &Binding, unix: Duration) -> String {
    let left = binding.expires.saturating_sub(unix).as_secs();
    let q = if binding.q == 1000 { String::new() } else { format!(";q=0.{:03}", binding.q) };
    format!("<{}>{}{q};expires={left}", binding.contact, binding.params)
}
