//! Lines as sentences.

use super::{Line, Reach};

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
            Self::Call { state: "ringing", peer, name, request: Some(request), .. } => {
                format!("{} asks to be let through, without ringing {}", who(peer, name.as_deref()), request.sentence())
            }
            Self::Call { state: "ringing", test: true, .. } => "your own call has come back: it rings".to_owned(),
            Self::Call { state, direction, peer, name, .. } => call_sentence(state, direction, peer, name.as_deref()),
            Self::Path { local, remote, .. } => format!("path found: {local} to {remote}"),
            Self::Key(key) => key.sentence(),
            Self::Secured { security, cipher: Some(cipher), words: Some(words), .. } => {
                format!("{security} ({cipher}); to be sure that nobody is in between, read each other: {words}")
            }
            Self::Secured { security, cipher: Some(cipher), .. } => format!("{security} ({cipher})"),
            Self::Secured { security, .. } => (*security).to_owned(),
            Self::Ended { text, peer: Some(peer), name, .. } => format!("{} called. {text}", who(peer, name.as_deref())),
            Self::Warning { text, .. } | Self::Note { text } | Self::Server { text } | Self::Ended { text, .. } => text.clone(),
            Self::Caller { anonymous: true, .. } => "they withhold who they are".to_owned(),
            Self::Caller { asserted, referred_by, .. } => caller_sentence(asserted.as_deref(), referred_by.as_deref()),
            Self::Redirected { target, text: Some(text), .. } => format!("{text} Now calling {target}"),
            Self::Redirected { target, .. } => format!("sent on to {target}"),
            Self::Transfer { state, status, .. } => transfer_sentence(state, *status),
            Self::TransferAsked { by, target, decide_in_ms: Some(within), .. } => {
                format!("{by} asks you to call {target} instead (it may cost): f to call, n to stay; within {} s", within / 1000)
            }
            Self::TransferAsked { target, follows: Some(_), .. } => format!("you are handed over: calling {target}"),
            Self::TransferAsked { target, state: "emergency", .. } => {
                format!("{target} is an emergency number and not called from here; if you need help, call it with the telephone")
            }
            Self::TransferAsked { target, .. } => format!("{target} is not called"),
            Self::Failed { action, status: Some(status), .. } => format!("{action} did not work: the other side refuses ({status})"),
            Self::Failed { action, .. } => format!("{action} is not possible now"),
            Self::Message { .. } => self.message_sentence(),
            Self::Forgotten { what, count: 1 } => format!("1 {what} forgotten"),
            Self::Forgotten { what, count } => format!("{count} {what}s forgotten"),
            Self::Delivered { .. } => "the text has arrived".to_owned(),
            Self::Undelivered { text, .. } => text.clone(),
            Self::Mailbox { address, waiting: false, .. } => format!("the mailbox of {address} is empty"),
            Self::Mailbox { address, new: Some(1), .. } => format!("a voice message waits for {address}"),
            Self::Mailbox { address, new: Some(new), .. } => format!("{new} voice messages wait for {address}"),
            Self::Mailbox { address, .. } => format!("voice messages wait for {address}"),
            Self::Blocked { address, state: "present", texts: Some(texts @ 1..) } => format!("{address} ({texts} texts not shown)"),
            Self::Blocked { address, state: "present", .. } | Self::Allowed { address, state: "present" } => address.clone(),
            Self::Allowed { address, state: "added" } => format!("calls of {address} ring at any time"),
            Self::Allowed { address, .. } => format!("calls of {address} no longer ring at any time"),
            Self::Blocked { address, state: "added", .. } => format!("{address} is blocked from now on"),
            Self::Blocked { address, .. } => format!("{address} is no longer blocked"),
            Self::Standing(standing) => standing.sentence(),
            Self::RingCondition(condition) => condition.sentence(),
            Self::RingTest(test) => test.sentence(),
            Self::Reach(Reach { rings: true }) => "A call would ring here.".to_owned(),
            Self::Reach(_) => "No call would ring here.".to_owned(),
            Self::Request(request) => request.sentence(),
            Self::WhoRings { who: "everybody" } => "everybody's calls ring".to_owned(),
            Self::WhoRings { who: "known" } => "calls of people you know ring; all others are requests".to_owned(),
            Self::WhoRings { .. } => "calls of people you know and of your own domain ring; all others are requests".to_owned(),
            Self::Understood(understood) => understood.sentence(),
            Self::Route(route) => route.sentence(),
            Self::Suffix(suffix) => suffix.sentence(),
            Self::EnumAnswer(answer) => answer.sentence(),
            Self::Numbers(numbers) => numbers.sentence(),
            Self::Disturbance { do_not_disturb: true } => {
                "do not disturb: no call rings but of who is allowed (cooee allowed); each is in the log as missed".to_owned()
            }
            Self::Disturbance { .. } => "calls ring".to_owned(),
            Self::Data { low_data: true } => "little data: calls take at most 2.5 kB/s each way, if the other phone goes along".to_owned(),
            Self::Data { .. } => "calls take as much data as is good for the sound".to_owned(),
            Self::Device(device) => device.sentence(),
            Self::Muted { muted: true, .. } => "muted: they do not hear you".to_owned(),
            Self::Muted { .. } => "they hear you again".to_owned(),
            Self::Accepted { .. } => String::new(),
            Self::Refused { text, .. } | Self::Error { text, .. } => text.clone(),
            Self::Status(status) => status.sentence(),
            Self::Digit { digit, .. } => format!("they pressed {digit}"),
            Self::Media(media) => media.sentence(),
            Self::Contact(contact) => contact.sentence(),
            Self::Probe(probe) => probe.sentence(),
            Self::Asked(asked) => asked.sentence(),
            Self::Stored(stored) => stored.sentence(),
            Self::Past(past) => past.sentence(),
            Self::Story(story) => story.sentence(),
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
}

impl Line {
    fn message_sentence(&self) -> String {
        let Self::Message { message, account, peer, name, at, state, new, text, trouble, silently: _ } = self else { return String::new() };
        let arrow = if *state == "received" { "←" } else { "→" };
        let outcome = match (*state, trouble) {
            ("failed", Some(trouble)) => format!(" (did not arrive: {trouble})"),
            ("sent", _) => " (not known whether it arrived)".to_owned(),
            _ => String::new(),
        };
        let number = message.map_or_else(String::new, |number| format!("#{number} "));
        let mark = if *new { " new" } else { "" };
        // One line each: a text must not look like something else that this program says.
        let text = text.replace(['\r', '\n'], " ");
        format!("{number}{} {account} {arrow}{mark} {}: {text}{outcome}", crate::time::date(*at), who(peer, name.as_deref()))
    }
}

fn caller_sentence(asserted: Option<&str>, referred_by: Option<&str>) -> String {
    let asserted = asserted.map(|asserted| format!("your server says that it is {asserted}"));
    let referred = referred_by.map(|by| format!("handed over by {by}"));
    asserted.into_iter().chain(referred).collect::<Vec<_>>().join(", ")
}

fn transfer_sentence(state: &str, status: Option<u16>) -> String {
    match (state, status) {
        ("asked", _) => "they are asked to call".to_owned(),
        ("trying", Some(180..=189)) => "it rings there".to_owned(),
        ("trying", _) => "they are calling".to_owned(),
        ("succeeded", _) => "handed over".to_owned(),
        (_, Some(status @ 1..)) => format!("handing over did not work ({status}); you have the call back"),
        _ => "handing over did not work; you have the call back".to_owned(),
    }
}

/// Without what could repaint or retitle a terminal, or turn the direction of writing: a caller chooses the name that is shown.
pub(crate) fn printable(text: &str) -> String {
    let is_harmless = |c: &char| {
        *c == '\n'
            || !(c.is_control()
                || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'))
    };
    text.chars().filter(is_harmless).collect()
}

/// Longer names are cut: the address behind them must stay in sight.
const LONGEST_NAME: usize = 60;

/// A name is what its owner says; the address is what the server vouches for.
pub(super) fn who(peer: &str, name: Option<&str>) -> String {
    let cut = |name: &str| name.chars().filter(|c| *c != '\n').take(LONGEST_NAME).collect::<String>();
    name.map_or_else(|| peer.to_owned(), |name| format!("{} ({peer})", cut(name)))
}

fn call_sentence(state: &str, direction: &str, peer: &str, name: Option<&str>) -> String {
    let who = who(peer, name);
    match (state, direction) {
        ("dialing", _) => format!("calling {who}"),
        ("ringing", "incoming") => format!("{who} is calling"),
        ("ringing", _) => "it rings".to_owned(),
        ("connecting", _) => "answered".to_owned(),
        ("active", _) => "speaking".to_owned(),
        ("held", _) => "on hold".to_owned(),
        ("held-by-them", _) => "they have put you on hold".to_owned(),
        (state, _) => state.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `TransferAsked` as `transfer-asked`.
    fn kebab(name: &str) -> String {
        let dashed: String = name.chars().flat_map(|c| c.is_uppercase().then_some('-').into_iter().chain(c.to_lowercase())).collect();
        dashed.trim_start_matches('-').to_owned()
    }

    #[test]
    fn every_event_is_documented() {
        let manual = include_str!("../../../docs/json.md");
        for line in include_str!("mod.rs").lines() {
            let Some(name) =
                line.strip_prefix("    ").filter(|l| l.starts_with(char::is_uppercase)).and_then(|l| l.split([' ', '(']).next())
            else {
                continue;
            };
            let name = kebab(name);
            assert!(manual.contains(&format!("| `{name}` |")), "docs/json.md does not speak of {name}");
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
            request: None,
            test: false,
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
