use cooee_machine::Pii;

use super::property::{Property, parts, unescaped};
use crate::{Address, Number, Region};

/// Longer names are cut; in letters.
const MOST_NAME: usize = 200;
/// So many ways to reach one person are kept.
const MOST_ADDRESSES: usize = 64;

/// One contact: what it takes to show and to call somebody, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// As it is shown. Without one in the card, its organisation or first address.
    pub name: Pii<String>,
    /// What can be called or asked about, each once, in the order of the card: mailboxes, numbers, SIP and XMPP addresses.
    pub addresses: Vec<Address>,
    /// Entries that look like ways to call and could not be understood.
    pub unreadable: usize,
}

/// A card on its way.
#[derive(Debug, Default)]
pub(super) struct Draft {
    formatted: Option<String>,
    structured: Option<String>,
    fallback: Option<String>,
    addresses: Vec<Address>,
    known: Vec<Pii<String>>,
    unreadable: usize,
}

impl Draft {
    pub(super) fn take(&mut self, property: &Property<'_>, region: Option<Region>) {
        let name = |text: &str| Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty());
        if !property.has_value() {
        } else if property.is("FN") {
            self.formatted = self.formatted.take().or_else(|| name(&unescaped(&property.text())));
        } else if property.is("N") {
            let fields = parts(&property.text(), ';');
            let [family, given] = [fields.first(), fields.get(1)].map(|field| field.map_or("", String::as_str));
            self.structured = self.structured.take().or_else(|| name(&format!("{given} {family}")));
        } else if property.is("ORG") || property.is("NICKNAME") {
            self.fallback = self.fallback.take().or_else(|| name(&parts(&property.text(), ';').concat()));
        } else if property.is("TEL") {
            self.add(&unescaped(&property.text()), region, |address| matches!(address, Address::Number(_) | Address::Sip(_)));
        } else if property.is("EMAIL") {
            self.add(&unescaped(&property.text()), None, |address| matches!(address, Address::Mailbox(_)));
        } else if let Some(scheme) = messaging(property) {
            let text = unescaped(&property.text());
            let text = if has_scheme(&text) { text } else { format!("{scheme}:{text}") };
            // Other services cannot be called from here, which is no fault of theirs.
            if ["sip:", "sips:", "xmpp:", "tel:"].iter().any(|known| starts_with(&text, known)) {
                self.add(&text, region, |_| true);
            }
        }
    }

    fn add(&mut self, text: &str, region: Option<Region>, is_wanted: fn(&Address) -> bool) {
        let understood = Address::understand(text, region).ok().map(|understood| understood.address);
        let Some(address) = understood.filter(is_wanted) else {
            self.unreadable += 1;
            return;
        };
        let key = address.canonical();
        if self.addresses.len() < MOST_ADDRESSES && !self.known.contains(&key) {
            self.known.push(key);
            self.addresses.push(address);
        }
    }

    /// `None` if there is nothing in it.
    pub(super) fn finish(self) -> Option<Card> {
        let shown = self.addresses.first().map(shown);
        let name = self.formatted.or(self.structured).or(self.fallback).or(shown)?;
        Some(Card { name: Pii(name.chars().take(MOST_NAME).collect()), addresses: self.addresses, unreadable: self.unreadable })
    }
}

/// The scheme that is meant by a property of instant messaging, where its value does not say so.
fn messaging(property: &Property<'_>) -> Option<&'static str> {
    let is_xmpp = ["jabber", "xmpp", "googletalk"].iter().any(|service| property.mentions(service));
    match () {
        () if property.is("X-SIP") || property.is("SIP") => Some("sip"),
        () if property.is("X-JABBER") || property.is("X-XMPP") => Some("xmpp"),
        () if property.is("IMPP") && is_xmpp => Some("xmpp"),
        () if property.is("IMPP") && property.mentions("sip") => Some("sip"),
        () if property.is("IMPP") || property.is("URL") => Some("unknown"),
        () => None,
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

fn starts_with(text: &str, head: &str) -> bool {
    text.trim_start().get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head))
}

fn shown(address: &Address) -> String {
    match address {
        Address::Number(Number::Local { dialled, .. }) => dialled.reveal().clone(),
        address => address.canonical().0.split_once(':').map(|(_, rest)| rest.to_owned()).unwrap_or_default(),
    }
}
