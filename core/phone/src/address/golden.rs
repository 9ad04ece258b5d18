//! What people write, and what it is to be understood as: `golden.tsv`.

use super::*;
use crate::Region;

const TABLE: &str = include_str!("golden.tsv");

/// `\u{…}` as the letter it stands for, so that the table shows what nobody sees.
fn plain(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |out, part| {
        let (code, rest) = part.split_once('}').unwrap();
        format!("{out}{}{rest}", char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap())
    })
}

fn word(remark: &Remark) -> &'static str {
    match remark {
        Remark::AnyProtocol => "any-protocol",
        Remark::OwnDomain => "own-domain",
        Remark::AsciiDomain(_) => "ascii-domain",
        Remark::LookAlike(_) => "look-alike",
        Remark::PartsLeftOut => "parts-left-out",
        Remark::NoRegion => "no-region",
        Remark::NumberOf(_) => "number-of",
        Remark::InternationalPrefix(_) => "international-prefix",
        Remark::CountryCodeOf(_) => "country-code",
        Remark::TrunkPrefixLeftOut => "trunk-prefix",
        Remark::NoNumberOf(_) => "no-number-of",
        Remark::NoSuchNumber => "no-such-number",
        Remark::Context(_) => "context",
        Remark::DialAfterwards(_) => "afterwards",
    }
}

fn understanding(region: &str, text: &str) -> (String, String) {
    let region = (region != "-").then(|| region.parse::<Region>().unwrap());
    match Address::understand(&plain(text), region) {
        Err(error) => (format!("{error:?}").split('(').next().unwrap_or_default().to_owned(), String::new()),
        Ok(Understood { address, name, remarks, or_else }) => {
            let kind = match &address {
                Address::Number(Number::Emergency(_)) => Some("emergency".to_owned()),
                Address::Number(Number::Short(_)) => Some("short".to_owned()),
                _ => None,
            };
            let words = remarks.iter().map(|remark| word(remark).to_owned());
            let name = name.map(|name| format!("name={}", name.reveal().replace(' ', "·")));
            let or_else = or_else.iter().map(|other| format!("else={}", other.canonical().reveal()));
            (address.canonical().0, kind.into_iter().chain(words).chain(name).chain(or_else).collect::<Vec<_>>().join(" "))
        }
    }
}

#[test]
fn what_people_write_is_understood_as_the_table_says() {
    let mut wrong = Vec::new();
    let mut lines = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (region, text, wanted) =
            (columns[0], columns[1], (columns[2].to_owned(), columns.get(3).copied().unwrap_or_default().to_owned()));
        let found = understanding(region, text);
        lines += 1;
        if found != wanted {
            wrong.push(format!("{region} {text}: {found:?}, not {wanted:?}"));
        }
    }
    assert!(lines >= 150 && wrong.is_empty(), "{} of {lines}:\n{}", wrong.len(), wrong.join("\n"));
}
