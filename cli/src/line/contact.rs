use serde::Serialize;

use super::sentence::who;

/// Whether a contact can be called, as far as that is known without calling.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contact {
    /// As it is written in the book.
    pub address: String,
    /// The name that stands beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `answered`, `publishes calls`, `number only`, `no such user`, `refuses`, `not published`, `unknown`.
    pub state: &'static str,
    /// When this user last took a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<u64>,
    /// When this user was last asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<u64>,
    /// When this user was there last, by a call or asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub there: Option<u64>,
    /// Whether this user may be asked, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marked: Option<bool>,
    /// How it would be called, the best first, as labels of SRV records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<&'static str>,
    /// Whether the domain's word is proven by DNSSEC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure: Option<bool>,
    /// When the domain was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<u64>,
    /// How long ago that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_s: Option<u64>,
    /// Why it is unknown, or who says so if not the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
}

impl Contact {
    /// A row of a table: the columns stand below each other as long as nothing in them is unusually long.
    pub(super) fn sentence(&self) -> String {
        let who = who(&self.address, self.name.as_deref().filter(|name| !self.address.contains(name)));
        let route = self.services.first().copied().map(route).or(self.why).unwrap_or("");
        let age = self.age_s.map_or_else(String::new, |age| format!("checked {} ago", crate::time::age(age)));
        let signed = match self.secure {
            Some(true) => "signed",
            Some(false) if !self.services.is_empty() || self.state == "refuses" => "not signed",
            _ => "",
        };
        let there = self.there.map_or_else(String::new, |there| format!("there {}", crate::time::date(there)));
        let marked = if self.marked == Some(true) { "marked" } else { "" };
        let row = format!("{:<16} {who:<40} {route:<24} {age:<18} {signed:<10} {there:<24} {marked}", self.state);
        row.trim_end().to_owned()
    }
}

/// A service in the words of people.
fn route(label: &str) -> &'static str {
    match label {
        "_sips._tcp" => "SIP over TLS",
        "_sip._tcp" => "SIP over TCP",
        "_sip._udp" => "SIP over UDP",
        _ => "XMPP",
    }
}

/// A burst of questions is over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probe {
    /// Domains of the book that may be asked about.
    pub domains: usize,
    /// Of these, what had to be asked.
    pub asked: usize,
    /// Questions that left.
    pub questions: usize,
    /// The most of them at once.
    pub most_in_flight: usize,
    /// Whom.
    pub whom: String,
    /// How long it took.
    pub took_ms: u64,
    /// It ended before everything was asked.
    pub partial: bool,
    /// Somebody on this network answers in everybody's name: nothing was kept.
    pub captive: bool,
}

impl Probe {
    pub(super) fn sentence(&self) -> String {
        let seconds = self.took_ms as f64 / 1000.0;
        let asked = match (self.asked, self.captive) {
            (0, false) if self.partial => "Nobody could be asked: this device is offline, or has no resolver.".to_owned(),
            (0, false) => "Nothing had expired: nobody was asked.".to_owned(),
            (asked, _) => format!("Asked {} about {asked} domains: {} questions in {seconds:.1} s.", self.whom, self.questions),
        };
        let end = match (self.captive, self.partial, self.asked) {
            (true, _, _) => {
                " Somebody on this network answers in everybody's name, as where one must first agree to something: nothing was kept. Open a web page, then try again."
            }
            (false, true, 1..) => " It was stopped before the end; what was found is kept.",
            _ => "",
        };
        format!("{asked}{end}")
    }
}

/// Who was asked what kind of thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Asked {
    /// The beginning of the hour.
    pub at: u64,
    /// Whom.
    pub whom: String,
    /// E.g. `SRV _sips._tcp`.
    pub kind: String,
    /// How often.
    pub times: u64,
}

impl Asked {
    pub(super) fn sentence(&self) -> String {
        format!("{}  {:>6} × {:<24} asked of {}", crate::time::date(self.at), self.times, self.kind, self.whom)
    }
}

/// How much is stored here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stored {
    /// Accounts; their passwords are in files of their own.
    pub accounts: u64,
    /// Lines of the call log.
    pub calls: u64,
    /// Short texts.
    pub messages: u64,
    /// Who is blocked.
    pub blocked: u64,
    /// Domains of contacts, by a keyed hash.
    pub domains: u64,
    /// Contacts who answered, by a keyed hash.
    pub people: u64,
    /// Contacts for whom something was chosen, by a keyed hash.
    pub choices: u64,
    /// Contacts who may be asked whether they are there, or not, by a keyed hash.
    pub marks: u64,
    /// Contacts who were asked, by a keyed hash.
    pub inquiries: u64,
    /// Lines of the journal.
    pub asked: u64,
    /// The file that contacts are read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<String>,
}

impl Stored {
    pub(super) fn sentence(&self) -> String {
        let source =
            self.contacts.as_deref().map_or_else(String::new, |path| format!("\nYour contacts stay in {path}; only its name is kept."));
        format!(
            "Stored on this device: {}, {}, {}, {} blocked.\nOf contacts, without their names and addresses: what {}, {} who answered, {} for whom you chose how to call them, {} whom you marked or unmarked, {} who were asked whether they are there.{source}",
            some(self.accounts, "account", "accounts"),
            some(self.calls, "past call", "past calls"),
            some(self.messages, "text", "texts"),
            self.blocked,
            some(self.domains, "domain says", "domains say"),
            some(self.people, "person", "people"),
            self.choices,
            self.marks,
            self.inquiries
        )
    }
}

/// So many of something.
fn some(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let (accounts, calls, messages, blocked, domains, people, choices, marks, inquiries, asked) = (1, 0, 1, 0, 1, 1, 0, 0, 0, 0);
        let stored = Stored { accounts, calls, messages, blocked, domains, people, choices, marks, inquiries, asked, contacts: None };
        let said = stored.sentence();
        assert!(said.starts_with("Stored on this device: 1 account, 0 past calls, 1 text, 0 blocked."), "{said}");
        assert!(said.contains("what 1 domain says, 1 person who answered"), "{said}");
    }
}
