use serde::Serialize;

/// What a text was understood as.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Understood {
    /// `sip`, `xmpp`, `mailbox`, `number`, `short-number`, `emergency-number`, `local-number`, `user`.
    pub kind: &'static str,
    /// The same for all ways to write it.
    pub address: String,
    /// The name that stood beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was assumed or left out, and what to look at twice.
    pub remarks: Vec<String>,
    /// What else it could be.
    pub or_else: Vec<String>,
}

/// One way to call it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Route {
    /// 1 is tried first.
    pub place: usize,
    /// `sip`, `xmpp`, `exchange`, `ordinary-dialler`.
    pub way: &'static str,
    /// Whom.
    pub address: String,
    /// Over which of the own addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// It can be used.
    pub usable: bool,
    /// Why it is there, and why it can or cannot be used.
    pub reasons: Vec<String>,
    /// By XMPP: the servers of the domain in the order to try them, both services in one list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<String>,
}

/// What became of one suffix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suffix {
    /// Which.
    pub suffix: String,
    /// `not-asked`, `unanswered`, `no-such-number`, `known`, `failed`.
    pub state: &'static str,
    /// Whether that was validated; absent where there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure: Option<bool>,
    /// For people.
    pub text: String,
    /// What is wrong with records that are of no use.
    pub faults: Vec<String>,
}

/// One address that a number was found to have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EnumAnswer {
    /// 1 is tried first.
    pub place: usize,
    /// Where it was found.
    pub suffix: String,
    /// `sip`, `xmpp`, `tel`.
    pub service: &'static str,
    /// Whom to call.
    pub address: String,
    /// Whether all of it was validated.
    pub secure: bool,
    /// As the domain ordered it.
    pub order: u16,
    /// As the domain ordered it.
    pub preference: u16,
}

/// How numbers are dialled from here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Numbers {
    /// Where the owner telephones from.
    pub region: Option<String>,
    /// Whether numbers are looked up below the calling address's own domain.
    pub own_zone: bool,
    /// Below what else, the most trusted first.
    pub suffixes: Vec<String>,
    /// And in the public tree.
    pub arpa: bool,
}

impl Understood {
    pub(super) fn sentence(&self) -> String {
        let kind = match self.kind {
            "sip" => "a SIP address",
            "xmpp" => "an XMPP address",
            "mailbox" => "somebody at a domain",
            "number" => "a telephone number",
            "short-number" => "a short number of the telephone network",
            "emergency-number" => "an emergency number",
            "local-number" => "a number of your server's exchange",
            _ => "a user of your own domain",
        };
        let name = self.name.as_ref().map_or_else(String::new, |name| format!(", called {name}"));
        let remarks = self.remarks.iter().map(|remark| format!("\n  {remark}"));
        let or_else = self.or_else.iter().map(|other| format!("\n  could also be {other}; write that if you mean it"));
        format!("understood as {kind}: {}{name}{}", self.address, remarks.chain(or_else).collect::<String>())
    }
}

impl Route {
    pub(super) fn sentence(&self) -> String {
        let way = match self.way {
            "sip" => format!("over the Internet, free: {} by SIP", self.address),
            "xmpp" => format!("over the Internet: {} by XMPP", self.address),
            "exchange" => format!("by your server's exchange: {}", self.address),
            _ => "hand it to the ordinary dialler".to_owned(),
        };
        let account = self.account.as_ref().map_or_else(String::new, |account| format!(", from {account}"));
        let mark = if self.usable { "" } else { "not usable, " };
        let servers: String = self.servers.iter().map(|server| format!("\n     {server}")).collect();
        format!("{}. {mark}{way}{account} ({}){servers}", self.place, self.reasons.join("; "))
    }
}

impl Suffix {
    pub(super) fn sentence(&self) -> String {
        let faults = self.faults.iter().map(|fault| format!("\n  a record is of no use: {fault}"));
        format!("{}: {}{}", self.suffix, self.text, faults.collect::<String>())
    }
}

impl EnumAnswer {
    pub(super) fn sentence(&self) -> String {
        let trust = if self.secure { "signed" } else { "not signed" };
        format!("{}. {} ({}, {trust}, order {}, preference {})", self.place, self.address, self.suffix, self.order, self.preference)
    }
}

impl Numbers {
    pub(super) fn sentence(&self) -> String {
        let region = match &self.region {
            Some(region) => format!("numbers are dialled as in {region}"),
            None => "no region is set: only numbers in full (+41 …) are understood; set it: cooee numbers --region CH".to_owned(),
        };
        let own = self.own_zone.then(|| "your address's own domain (unless its server takes numbers)".to_owned());
        let arpa = self.arpa.then(|| "e164.arpa".to_owned());
        let places: Vec<String> = own.into_iter().chain(self.suffixes.iter().cloned()).chain(arpa).collect();
        let places = if places.is_empty() { "nowhere".to_owned() } else { places.join(", then ") };
        let public = if self.arpa {
            ""
        } else {
            "\nthe public tree, e164.arpa, is not asked: it would learn each number you dial (cooee numbers --arpa yes)"
        };
        format!("{region}\nlooked up in {places}; the next is asked only if the one before has no answer{public}")
    }
}
