/// Whether a text can be the name of a host or domain in DNS: labels of letters, digits, `-` and `_` (RFC 1123 2.1; the last for names that
/// some networks have all the same). One whose last label is a number is a broken IPv4 address and no name.
#[must_use]
pub fn is_host_name(name: &str) -> bool {
    let is_label =
        |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let is_number = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    name.len() <= 253 && name.split('.').all(is_label) && !name.rsplit('.').next().is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_dns_can_have_are_told_from_what_cannot_be_one() {
        let (label, long) = ("x".repeat(63), "a.".repeat(127));
        assert!(["example.org", "localhost", "xn--bcher-kva.example", "my_pc", &label].into_iter().all(is_host_name));
        let longer = format!("{label}x.org");
        for none in ["", ".", "a..b", ".a", "a.", "300.1.2.3", "12", "ex ample.org", "bücher.example", "a/b", "[::1]", &long, &longer] {
            assert!(!is_host_name(none), "{none}");
        }
    }
}
