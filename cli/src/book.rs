//! The user's contacts, read from where they are.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use cooee_phone::{Address, Region, vcard};

/// One address of a person.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name that stands beside it.
    pub name: Option<String>,
    /// As it is written there.
    pub text: String,
    /// As it is understood.
    pub address: Address,
}

/// All contacts that have an address.
#[derive(Debug, Default)]
pub struct Book {
    /// In the order of their source, each address once.
    pub entries: Vec<Entry>,
    /// Entries that hold no address.
    pub unread: usize,
}

/// A book beyond this is no person's.
const LARGEST: u64 = 256 << 20;

impl Book {
    /// Reads a file, `-` for standard input; numbers as they are dialled in `region`.
    pub fn read(path: &Path, region: Option<Region>) -> anyhow::Result<Self> {
        let mut octets = Vec::new();
        if path == Path::new("-") {
            std::io::stdin().lock().take(LARGEST).read_to_end(&mut octets).context("Standard input cannot be read")?;
        } else {
            let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read. Name a file of contacts", path.display()))?;
            file.take(LARGEST).read_to_end(&mut octets).with_context(|| format!("{} cannot be read", path.display()))?;
        }
        Ok(Self::of_cards(&octets, region).unwrap_or_else(|| Self::of_lines(&String::from_utf8_lossy(&octets), region)))
    }

    /// vCards of any version; `None` if there is none.
    fn of_cards(octets: &[u8], region: Option<Region>) -> Option<Self> {
        let mut book = Self::default();
        let mut known = BTreeSet::new();
        for card in vcard::read(octets, region) {
            let Ok(card) = card else {
                return Some(book).filter(|book| !book.entries.is_empty());
            };
            book.unread += card.unreadable;
            for address in card.addresses {
                let canonical = address.canonical().0;
                if known.insert(canonical.clone()) {
                    let text = canonical.strip_prefix("mailto:").or(canonical.strip_prefix("tel:")).unwrap_or(&canonical).to_owned();
                    book.entries.push(Entry { name: Some(card.name.0.clone()), text, address });
                }
            }
        }
        Some(book)
    }

    /// One address a line, perhaps with a name before it; empty lines and those that begin with `#` are left out.
    fn of_lines(text: &str, region: Option<Region>) -> Self {
        let mut book = Self::default();
        let mut known = BTreeSet::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match Address::understand(line, region) {
                Ok(understood) if known.insert(understood.address.canonical()) => book.entries.push(Entry {
                    name: understood.name.map(|name| name.0),
                    text: line.to_owned(),
                    address: understood.address,
                }),
                Ok(_) => {}
                Err(_) => book.unread += 1,
            }
        }
        book
    }

    /// The domains of all addresses, each once.
    #[must_use]
    pub fn domains(&self) -> BTreeSet<String> {
        self.entries.iter().filter_map(|entry| entry.address.domain()).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_list_has_an_address_a_line() {
        let book = Book::of_lines(
            "# friends\nAnna Nagy <anna@example.org>\n\n anna@EXAMPLE.org \nsip:ben@example.net\n+41446681800\nhttps://example.org\n",
            None,
        );
        let texts: Vec<&str> = book.entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(texts, ["Anna Nagy <anna@example.org>", "sip:ben@example.net", "+41446681800"]);
        assert_eq!((book.entries[0].name.as_deref(), book.unread), (Some("Anna Nagy"), 1));
        assert_eq!(book.domains().into_iter().collect::<Vec<_>>(), ["example.net", "example.org"]);
    }

    #[test]
    fn a_file_of_vcards_is_read_as_such() {
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Nagy\r\nEMAIL:anna@example.org\r\nTEL:+41446681800\r\nEND:VCARD\r\n";
        let book = Book::of_cards(card.as_bytes(), None).unwrap();
        let rows: Vec<(&str, Option<&str>)> = book.entries.iter().map(|entry| (entry.text.as_str(), entry.name.as_deref())).collect();
        assert_eq!(rows, [("anna@example.org", Some("Anna Nagy")), ("+41446681800", Some("Anna Nagy"))]);
        assert!(Book::of_cards(b"anna@example.org\n", None).is_none());
    }

    #[test]
    fn numbers_are_read_as_their_owner_dials_them() {
        let swiss = Some("CH".parse().unwrap());
        let card = Book::of_cards(b"BEGIN:VCARD\nFN:Anna\nTEL:044 668 18 00\nTEL:+41 (0)44 668 18 00\nEND:VCARD\n", swiss).unwrap();
        let line = Book::of_lines("044 668 18 00\n", swiss);
        assert_eq!((card.entries.len(), card.entries[0].text.as_str()), (1, "+41446681800"));
        assert_eq!(line.entries[0].address, card.entries[0].address);
    }
}
