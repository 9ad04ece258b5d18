use super::OtherDomain;
use crate::HeaderName;
use crate::flow::Flow;
use crate::registrar::Binding;

/// Who a request is from, as far as it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A user of ours, proven by digest: the address of record.
    User(String),
    /// Somebody of another domain, for whom that domain's server speaks: proven by its certificate (RFC 5922).
    Domain(OtherDomain),
    /// Anybody else who is let in.
    Stranger,
}

/// Why a caller may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateRefusal {
    /// The final status, e.g. 407.
    pub status: u16,
    /// Words for a person; empty for the standard's phrase.
    pub reason: &'static str,
    /// E.g. the challenges.
    pub headers: Vec<(HeaderName<'static>, String)>,
}

impl GateRefusal {
    /// A refusal without further headers.
    #[must_use]
    pub fn new(status: u16, reason: &'static str) -> Self {
        Self { status, reason, headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: HeaderName<'static>, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The first look at a request that belongs to no dialog, before there is any state for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Go on.
    Admit(Caller),
    /// It bears what has to be checked first: [`super::ProxyOutput::Admit`].
    Ask,
    /// Answered without state.
    Refuse(GateRefusal),
}

/// Where the callee is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// There is no such user.
    Unknown,
    /// The user's bindings, in any order, perhaps none.
    Bindings(Vec<Binding>),
    /// In another domain, to whose server this flow leads.
    Elsewhere(Flow),
    /// In another domain, to which no way was found: what the caller is told.
    Nowhere(GateRefusal),
}
