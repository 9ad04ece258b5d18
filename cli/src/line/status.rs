use serde::Serialize;

/// Everything as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// As the command that asked names itself; absent if a person asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<serde_json::Value>,
    /// All accounts.
    pub accounts: Vec<AccountStatus>,
    /// All calls that are not over.
    pub calls: Vec<CallStatus>,
}

/// An account as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccountStatus {
    /// Its address.
    pub address: String,
    /// As in the event `account`.
    pub state: &'static str,
}

/// A call as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallStatus {
    /// Which.
    pub call: u64,
    /// Its number for people: small, and free again when the call is over.
    pub number: usize,
    /// Keys and commands go to this one.
    pub chosen: bool,
    /// The account it runs over.
    pub account: String,
    /// As in the event `call`.
    pub state: &'static str,
    /// `outgoing` or `incoming`.
    pub direction: &'static str,
    /// The other end's address.
    pub peer: String,
    /// The name it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the sound is protected, once that is proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<&'static str>,
    /// What is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// The microphone is not sent.
    pub muted: bool,
    /// What can be done with it now.
    pub allowed: Vec<&'static str>,
}

impl Status {
    /// A line an account, then a line a call.
    pub(super) fn sentence(&self) -> String {
        let accounts = self.accounts.iter().map(|account| format!("{}: {}", account.address, account.state));
        accounts.chain(self.calls.iter().map(CallStatus::sentence)).collect::<Vec<_>>().join("\n")
    }
}

impl CallStatus {
    fn sentence(&self) -> String {
        let mark = if self.chosen { "→" } else { " " };
        let muted = if self.muted { ", muted" } else { "" };
        let who = super::sentence::who(&self.peer, self.name.as_deref());
        format!("{mark} {} {who}: {} {}{muted}", self.number, self.direction, self.state)
    }
}
