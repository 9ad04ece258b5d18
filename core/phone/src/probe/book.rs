//! The domains of a book, each once, and what is known of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cooee_machine::is_host_name;

use super::conditions::WEEK;
use super::{Finding, ProberConfig, Published, Source};

/// More domains than any person's book has; the rest is not asked about.
pub(super) const DOMAINS_MAX: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Book(BTreeMap<String, Entry>);

/// What is known of a domain.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) finding: Option<Finding>,
    /// When it could last not be found out, since the Unix epoch.
    pub(super) failed: Option<Duration>,
    /// The network is another one since.
    pub(super) is_forgiven: bool,
}

impl Book {
    /// The book is now this: what is known of domains that stay is kept. Skipped are what is no name in the public DNS and the
    /// mail providers that are known to run no telephony; findings for the latter come back.
    pub(super) fn set(&mut self, domains: BTreeSet<String>) -> Vec<(String, Finding)> {
        let mut known = std::mem::take(&mut self.0);
        let mut told = Vec::new();
        for domain in domains.into_iter().filter(|domain| is_public(domain)).take(DOMAINS_MAX) {
            let mut entry = known.remove(&domain).unwrap_or_default();
            if entry.finding.is_none()
                && let Some(finding) = Finding::known_provider(&domain)
            {
                told.push((domain.clone(), finding.clone()));
                entry.finding = Some(finding);
            }
            self.0.insert(domain, entry);
        }
        told
    }

    /// What was found out earlier; domains that are not in the book are none of its business.
    pub(super) fn recall(&mut self, domain: &str, finding: Finding) {
        let Some(entry) = self.0.get_mut(domain).filter(|_| finding.source == Source::Dns) else { return };
        if matches!(finding.published, Published::Unknown(_)) {
            entry.failed = Some(finding.checked);
        }
        entry.finding.get_or_insert(finding);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, domain: &str) -> Option<&Entry> {
        self.0.get(domain)
    }

    /// Keeps a finding, and says whether it is news: a failure does not displace what was known, which stays as a hint, with its age.
    pub(super) fn keep(&mut self, domain: &str, finding: &Finding) -> bool {
        let Some(entry) = self.0.get_mut(domain) else { return false };
        entry.is_forgiven = false;
        if matches!(finding.published, Published::Unknown(_)) {
            entry.failed = Some(finding.checked);
            if entry.knows() {
                return false;
            }
        } else {
            entry.failed = None;
        }
        entry.finding = Some(finding.clone());
        true
    }

    /// What failed may be tried again at once: the network is another one.
    pub(super) fn forgive(&mut self) {
        self.0.values_mut().for_each(|entry| entry.is_forgiven = entry.failed.is_some());
    }

    /// How many were found out within the last day, by whatever way: they count against the budget.
    pub(super) fn spent(&self, unix: Duration, within: Duration) -> usize {
        let recent = |at: Duration| at <= unix && unix - at < within;
        let asked = |entry: &&Entry| entry.finding.as_ref().is_some_and(|it| it.source == Source::Dns && recent(it.checked));
        self.0.values().filter(|entry| asked(entry) || entry.failed.is_some_and(recent)).count()
    }

    /// The domains whose time has come, in the order of their names.
    pub(super) fn due(&self, wish: Wish, config: &ProberConfig, unix: Duration) -> impl Iterator<Item = &String> {
        self.0.iter().filter(move |(_, entry)| entry.due_at(wish, config) <= unix).map(|(domain, _)| domain)
    }

    /// When the next one is due, since the Unix epoch; `None` for an empty book.
    pub(super) fn next_due(&self, wish: Wish, config: &ProberConfig) -> Option<Duration> {
        self.0.values().map(|entry| entry.due_at(wish, config)).min()
    }
}

/// Who wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The user typed it.
    Typed,
    /// Nobody did.
    Background,
}

impl Entry {
    fn knows(&self) -> bool {
        self.finding.as_ref().is_some_and(|finding| !matches!(finding.published, Published::Unknown(_)))
    }

    fn due_at(&self, wish: Wish, config: &ProberConfig) -> Duration {
        if self.finding.as_ref().is_some_and(|finding| finding.source == Source::KnownProvider) {
            return Duration::MAX;
        }
        if let Some(failed) = self.failed {
            let retry = if wish == Wish::Typed || self.is_forgiven { Duration::ZERO } else { config.retry };
            return failed + retry;
        }
        match &self.finding {
            None => Duration::ZERO,
            Some(finding) => {
                let rest = if wish == Wish::Typed { config.typed_rest } else { config.background_rest };
                finding.checked + finding.ttl.clamp(rest, WEEK.max(rest))
            }
        }
    }
}

/// Whether it is a name that the public DNS can know: at least two labels, no number, none of the names that are not for it (RFC
/// 6761, 6762, 7686, 8375).
fn is_public(domain: &str) -> bool {
    let private = ["localhost", "invalid", "onion", "local", "test", "home.arpa"];
    domain.len() <= 230
        && domain.contains('.')
        && is_host_name(domain)
        && !domain.bytes().any(|b| b.is_ascii_uppercase())
        && !private.iter().any(|name| domain == *name || domain.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_public_dns_are_asked_about() {
        for public in ["example.org", "a-b.example", "xn--mnchen-3ya.example", "test.example"] {
            assert!(is_public(public), "{public}");
        }
        let long = format!("{}.example", "a.".repeat(115));
        for private in
            ["", "example", "192.0.2.1", "printer.local", "box.home.arpa", "x.onion", "a..b", "Example.org", "a b.example", &long]
        {
            assert!(!is_public(private), "{private}");
        }
    }
}
