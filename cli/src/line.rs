//! What the command line tells, as data: one object a line with `--json` (docs/json.md), one sentence else.

use serde::Serialize;

/// One line. Times are Unix seconds, durations milliseconds, addresses as they are dialled.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Line {
    /// An account came to another state with its server.
    Account {
        /// The address.
        address: String,
        /// `connecting`, `connected`, `registered`, `failed`; `added`, `removed`, `stored` by `cooee account`.
        state: &'static str,
        /// What happened, for people; absent if all is well.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// When it is tried again by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_in_ms: Option<u64>,
    },
    /// A call came to another state.
    Call {
        /// Names the call as long as this process runs.
        call: u64,
        /// `dialing`, `ringing`, `connecting`, `active`, `held`, `reconnecting`.
        state: &'static str,
        /// `outgoing` or `incoming`.
        direction: &'static str,
        /// The other end's address.
        peer: String,
        /// The name it shows.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Since the call began.
        after_ms: u64,
    },
    /// Packets have a way.
    Path {
        /// Which call.
        call: u64,
        /// Our socket and its kind, e.g. `192.0.2.1:4000 host`.
        local: String,
        /// The peer's.
        remote: String,
        /// Since the call began.
        after_ms: u64,
    },
    /// The keys of the sound are agreed and proven.
    Secured {
        /// Which call.
        call: u64,
        /// `not encrypted`, `encrypted to the servers`, `encrypted end to end`, `verified`.
        security: &'static str,
        /// The SRTP profile.
        cipher: Option<&'static str>,
        /// Since the call began.
        after_ms: u64,
    },
    /// Sound goes one way at most.
    Warning {
        /// Which call.
        call: u64,
        /// For people.
        text: String,
    },
    /// The peer pressed a digit.
    Digit {
        /// Which call.
        call: u64,
        /// Which.
        digit: char,
    },
    /// How the sound of a call has fared.
    Media(Media),
    /// A call is over.
    Ended {
        /// Which call.
        call: u64,
        /// Why, as an id that stays the same between versions.
        reason: String,
        /// Whose side it was on.
        fault: &'static str,
        /// What happened and what to do, for people.
        text: String,
        /// How long sound flowed.
        active_ms: u64,
    },
    /// A past call, from `cooee log`.
    Past {
        /// When it began.
        at: u64,
        /// `outgoing` or `incoming`.
        direction: &'static str,
        /// The other end's address.
        peer: String,
        /// The account it ran over.
        account: String,
        /// Why it ended: the id.
        reason: String,
        /// Why it ended, for people.
        text: String,
        /// How long sound flowed; absent if it never did.
        #[serde(skip_serializing_if = "Option::is_none")]
        active_ms: Option<u64>,
        /// How the sound was protected.
        #[serde(skip_serializing_if = "Option::is_none")]
        security: Option<String>,
        /// What was sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        codec: Option<String>,
    },
    /// A person of the server, from `cooee user list`.
    User {
        /// The address.
        address: String,
        /// `present`, `added`, `changed`, `removed`.
        state: &'static str,
        /// Only from `cooee localserve`, whose accounts live as long as it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    },
    /// The server is up.
    Serving {
        /// The domain.
        domain: String,
        /// Where, e.g. `tls 127.0.0.1:5061`.
        listening: Vec<String>,
        /// The file with the authority to trust; only from `cooee localserve`.
        #[serde(skip_serializing_if = "Option::is_none")]
        authority: Option<String>,
    },
    /// Something of the server's doing that its operator may want to know.
    Server {
        /// For people.
        text: String,
    },
    /// How well one side's speech arrived, from `cooee demo`.
    Arrival {
        /// Who spoke.
        from: &'static str,
        /// Who heard.
        to: &'static str,
        /// 0 to 1: the share of what is heard that is the speech spoken.
        score: f32,
        /// 0 to 1: the share of the speech that arrived recognisably.
        complete: f32,
        /// The recording.
        file: String,
    },
    /// Something that a person should know.
    Note {
        /// For people.
        text: String,
    },
}

/// How the sound of a call has fared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Media {
    /// Which call.
    pub call: u64,
    /// What was sent.
    pub codec: String,
    /// What was heard last.
    pub codec_received: Option<String>,
    /// Payload bits a second sent.
    pub bitrate_sent: u32,
    /// Payload bits a second received.
    pub bitrate_received: u32,
    /// From their mouth to our ear, estimated.
    pub delay_ms: Option<f64>,
    /// The share of their packets that never came, 0 to 1.
    pub loss: f64,
    /// Their packets' jitter.
    pub jitter_ms: f64,
    /// The round trip.
    pub rtt_ms: Option<f64>,
    /// Sound invented in place of lost packets.
    pub concealed_ms: u64,
    /// Sound recovered from redundancy.
    pub recovered_ms: u64,
    /// Processor time of the media thread.
    pub cpu_ms: Option<u64>,
}

impl Line {
    /// The sentence for a person, without an end of line; empty for what only scripts want.
    #[must_use]
    pub fn sentence(&self) -> String {
        printable(&self.words())
    }

    fn words(&self) -> String {
        match self {
            Self::Account { address, state, text: Some(text), .. } => format!("{address}: {state}. {text}"),
            Self::Account { address, state, .. } => format!("{address}: {state}"),
            Self::Call { state, direction, peer, name, .. } => call_sentence(state, direction, peer, name.as_deref()),
            Self::Path { local, remote, .. } => format!("path found: {local} to {remote}"),
            Self::Secured { security, cipher: Some(cipher), .. } => format!("{security} ({cipher})"),
            Self::Secured { security, .. } => (*security).to_owned(),
            Self::Warning { text, .. } | Self::Note { text } | Self::Server { text } | Self::Ended { text, .. } => text.clone(),
            Self::Digit { digit, .. } => format!("they pressed {digit}"),
            Self::Media(media) => media.sentence(),
            Self::Past { .. } => self.past_sentence(),
            Self::User { address, password: Some(password), .. } => format!("{address}, password {password}"),
            Self::User { address, state: "present", .. } => address.clone(),
            Self::User { address, state, .. } => format!("{address}: {state}"),
            Self::Serving { domain, listening, authority: Some(authority) } => {
                format!("serving {domain} on {}, authority to trust: {authority}", listening.join(", "))
            }
            Self::Serving { domain, listening, .. } => format!("serving {domain} on {}", listening.join(", ")),
            Self::Arrival { from, to, score, complete, file } => {
                format!("  {from} → {to}: {:.0} % of the speech arrived, likeness {score:.2}; {file}", complete * 100.0)
            }
        }
    }

    fn past_sentence(&self) -> String {
        let Self::Past { at, direction, peer, account, text, active_ms, security, codec, .. } = self else { return String::new() };
        let arrow = if *direction == "outgoing" { "→" } else { "←" };
        let talked = active_ms.map_or_else(String::new, |ms| format!(" {}", crate::time::minutes(ms / 1000)));
        let how: Vec<_> = [security.as_deref(), codec.as_deref()].into_iter().flatten().collect();
        let how = if how.is_empty() { String::new() } else { format!(" ({})", how.join(", ")) };
        format!("{} {account} {arrow} {peer}{talked}{how} {text}", crate::time::date(*at))
    }
}

impl Media {
    fn sentence(&self) -> String {
        let delay = self.delay_ms.map_or_else(String::new, |ms| format!(", about {ms:.0} ms from mouth to ear"));
        let loss = self.loss * 100.0;
        format!(
            "{} at {:.0} kbit/s{delay}, {loss:.1} % lost, {} ms made up",
            self.codec,
            f64::from(self.bitrate_sent) / 1000.0,
            self.concealed_ms
        )
    }
}

/// Without what could repaint or retitle a terminal, or turn the direction of writing: a caller chooses the name that is shown.
fn printable(text: &str) -> String {
    let is_harmless = |c: &char| {
        *c == '\n'
            || !(c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
    };
    text.chars().filter(is_harmless).collect()
}

/// Longer names are cut: the address behind them must stay in sight.
const LONGEST_NAME: usize = 60;

fn call_sentence(state: &str, direction: &str, peer: &str, name: Option<&str>) -> String {
    let cut = |name: &str| name.chars().filter(|c| *c != '\n').take(LONGEST_NAME).collect::<String>();
    let who = name.map_or_else(|| peer.to_owned(), |name| format!("{} ({peer})", cut(name)));
    match (state, direction) {
        ("dialing", _) => format!("calling {who}"),
        ("ringing", "incoming") => format!("{who} is calling"),
        ("ringing", _) => "it rings".to_owned(),
        ("connecting", _) => "answered".to_owned(),
        ("active", _) => "speaking".to_owned(),
        (state, _) => state.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_documented() {
        let manual = include_str!("../../docs/json.md");
        for line in include_str!("line.rs").lines().take_while(|line| !line.starts_with("/// How the sound")) {
            let Some(name) =
                line.strip_prefix("    ").filter(|l| l.starts_with(char::is_uppercase)).and_then(|l| l.split([' ', '(']).next())
            else {
                continue;
            };
            assert!(manual.contains(&format!("`{}`", name.to_lowercase())), "docs/json.md does not speak of {name}");
        }
    }

    #[test]
    fn a_caller_s_name_cannot_repaint_the_terminal_or_hide_the_address() {
        let name = format!("\u{1b}[31mEVIL\u{1b}]0;x\u{7}\u{202e}\r\n{}", "x".repeat(500));
        let line = Line::Call {
            call: 1,
            state: "ringing",
            direction: "incoming",
            peer: "sip:ben@example.org".to_owned(),
            name: Some(name),
            after_ms: 0,
        };
        let told = line.sentence();
        assert!(told.starts_with("[31mEVIL]0;xxx") && told.ends_with("(sip:ben@example.org) is calling"), "{told}");
        assert!(told.chars().count() < 110 && !told.chars().any(|c| c.is_control() || c == '\u{202e}'), "{told:?}");
    }

    #[test]
    fn a_line_is_one_object_named_by_its_event() {
        let line = Line::Digit { call: 7, digit: '#' };
        assert_eq!(serde_json::to_string(&line).unwrap(), r##"{"event":"digit","call":7,"digit":"#"}"##);
    }
}
