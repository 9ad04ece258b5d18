use serde::Serialize;

use super::Leg;

/// A past call, from `cooee log`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Past {
    /// Names it in the log: `cooee story NUMBER`.
    pub number: u64,
    /// When it began.
    pub at: u64,
    /// `outgoing` or `incoming`.
    pub direction: &'static str,
    /// The other end's address.
    pub peer: String,
    /// The account it ran over.
    pub account: String,
    /// Nobody here took notice of it.
    pub missed: bool,
    /// And it was not looked at yet (`cooee log seen`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub new: bool,
    /// So many missed calls in a row, of which this is the last; absent for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Why it ended: the id.
    pub reason: String,
    /// Why it ended, for people.
    pub text: String,
    /// How long sound flowed; absent if it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_ms: Option<u64>,
    /// How the sound was protected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<String>,
    /// What was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// Octets a second on the network that its sound sent, on average, with all headers; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_sent: Option<u32>,
    /// The same for what was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_received: Option<u32>,
    /// The addresses that an outgoing call went to, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<Leg>,
}

impl Past {
    pub(super) fn sentence(&self) -> String {
        let Self { number, at, direction, peer, account, missed, new, times, text, active_ms, security, codec, legs, .. } = self;
        let mark = match (*missed, *times) {
            (true, times) if peer.is_empty() => {
                return format!(
                    "{} calls that came faster than they could be written down: {}",
                    crate::time::date(*at),
                    times.unwrap_or(1)
                );
            }
            (true, Some(times)) => format!(" missed {times} times, lastly:"),
            (true, None) => " missed:".to_owned(),
            (false, _) => String::new(),
        };
        let mark = if *new { format!(" new,{mark}") } else { mark };
        let arrow = if *direction == "outgoing" { "→" } else { "←" };
        let talked = active_ms.map_or_else(String::new, |ms| format!(" {}", crate::time::minutes(ms / 1000)));
        let how: Vec<_> = [security.as_deref(), codec.as_deref()].into_iter().flatten().collect();
        let how = if how.is_empty() { String::new() } else { format!(" ({})", how.join(", ")) };
        // Where it went to one address only, that is the peer's, and the line says all.
        let legs: String = if legs.len() > 1 { legs.iter().map(Leg::sentence).collect() } else { String::new() };
        format!("#{number} {} {account} {arrow} {peer}{talked}{how}{mark} {text}{legs}", crate::time::date(*at))
    }
}
