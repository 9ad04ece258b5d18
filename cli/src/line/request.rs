use cooee_phone::BlockRule;
use serde::Serialize;

use super::sentence::who;

/// Somebody who asked to be let through, from `cooee requests`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// The last call, for `cooee story NUMBER`.
    pub number: u64,
    /// When it came.
    pub at: u64,
    /// Who asks.
    pub peer: String,
    /// The name it showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The own address that was called.
    pub account: String,
    /// So many times in a row; absent for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How they introduced themselves.
    #[serde(flatten)]
    pub introduction: Introduction,
}

/// How somebody unknown asks to be let through.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Introduction {
    /// The domain that stands for them, where that is proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// One line of theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

impl From<&cooee_call::Request> for Introduction {
    fn from(request: &cooee_call::Request) -> Self {
        Self { domain: request.domain.clone(), line: request.line.as_ref().map(|line| line.reveal().clone()) }
    }
}

impl Introduction {
    /// Behind the name.
    pub(super) fn sentence(&self) -> String {
        let domain = self.domain.as_ref().map_or_else(|| "not proven".to_owned(), |domain| format!("{domain}, proven"));
        let line = self.line.as_ref().map_or_else(String::new, |line| format!(": “{line}”"));
        format!("({domain}){line}")
    }
}

impl Request {
    pub(super) fn sentence(&self) -> String {
        let times = self.times.map_or_else(String::new, |times| format!(" {times} times"));
        let who = who(&self.peer, self.name.as_deref());
        format!("{} {who} called {}{times} {}", crate::time::date(self.at), self.account, self.introduction.sentence())
    }
}

/// What the owner has said about somebody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// As it was asked.
    pub address: String,
    /// Nothing of theirs is taken because of this rule; that comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
    /// Their calls ring at any time because of this rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_by: Option<String>,
}

impl Standing {
    /// Of whoever has this address.
    #[must_use]
    pub fn new(address: &str, standing: &cooee_engine::Standing) -> Self {
        let text = |rule: &Option<BlockRule>| rule.as_ref().map(ToString::to_string);
        Self { address: address.to_owned(), blocked_by: text(&standing.blocked_by), allowed_by: text(&standing.allowed_by) }
    }

    pub(super) fn sentence(&self) -> String {
        let Self { address, blocked_by, allowed_by } = self;
        match (blocked_by, allowed_by) {
            (Some(rule), _) => format!("nothing of {address} is taken: {rule} is blocked"),
            (None, Some(rule)) => format!("calls of {address} ring at any time: {rule} is allowed"),
            (None, None) => format!("nothing was said about {address}"),
        }
    }
}
