//! Mail providers that are known to run no telephony: half of every book, and nobody needs to be asked about them.

use std::time::Duration;

/// One domain a line; see the head of the file for where it comes from.
const LIST: &str = include_str!("mail-providers.txt");

/// The day in its head, since the Unix epoch.
pub(super) const LIST_CHECKED: Duration = Duration::from_secs(20_787 * 86_400);

/// Whether the domain is on the list.
#[must_use]
pub fn is_known_mail_provider(domain: &str) -> bool {
    domains().any(|known| known == domain)
}

fn domains() -> impl Iterator<Item = &'static str> {
    LIST.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|domain| !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_in_lower_case_and_holds_each_domain_once() {
        let list: Vec<_> = domains().collect();
        assert!(list.len() > 10 && list.is_sorted_by(|one, next| one < next), "{list:?}");
        assert!(list.iter().all(|domain| domain.contains('.') && !domain.bytes().any(|b| b.is_ascii_uppercase())));
        assert!(is_known_mail_provider("gmail.com") && !is_known_mail_provider("example.org"));
    }
}
