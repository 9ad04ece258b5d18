//! Names that can be taken for another (UTS 39), told and never refused: the letters are somebody's own.

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

use super::Host;

/// Why a name should be read twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LookAlike {
    /// Letters of scripts that are not written together, in one label or name (UTS 39 5.2, "highly restrictive").
    MixedScripts,
    /// Of one script, and yet each letter looks like an ASCII one: what it can be taken for.
    Of(String),
}

impl LookAlike {
    /// The first label of a domain that can be taken for another.
    pub(crate) fn in_host(host: &Host) -> Option<Self> {
        let domain = host.unicode();
        let labels: Vec<Option<Self>> = domain.split('.').map(Self::in_name).collect();
        if labels.contains(&Some(Self::MixedScripts)) {
            return Some(Self::MixedScripts);
        }
        // The whole domain as it looks, the unsuspicious labels included.
        let is_found = labels.iter().any(Option::is_some);
        let parts =
            domain.split('.').zip(labels).map(|(label, found)| if let Some(Self::Of(ascii)) = found { ascii } else { label.to_owned() });
        is_found.then(|| Self::Of(parts.collect::<Vec<_>>().join(".")))
    }

    /// One label, or the name before the `@`.
    pub(crate) fn in_name(name: &str) -> Option<Self> {
        if name.is_ascii() {
            return None;
        }
        if !is_written_together(name) {
            return Some(Self::MixedScripts);
        }
        let ascii: Option<String> = name.chars().map(|c| if c.is_ascii() { Some(c) } else { ascii_twin(c) }).collect();
        ascii.map(Self::Of)
    }
}

/// One script, or Latin beside one of the ways to write Chinese, Japanese or Korean.
fn is_written_together(name: &str) -> bool {
    const HAN: &[Script] = &[Script::Han];
    const TOGETHER: &[&[Script]] = &[
        &[Script::Latin, Script::Han, Script::Hiragana, Script::Katakana],
        &[Script::Latin, Script::Han, Script::Bopomofo],
        &[Script::Latin, Script::Han, Script::Hangul],
    ];
    let scripts = CodePointMapData::<Script>::new();
    let mut found: Vec<Script> = Vec::new();
    for script in name.chars().map(|c| scripts.get(c)).filter(|script| ![Script::Common, Script::Inherited].contains(script)) {
        if !found.contains(&script) {
            found.push(script);
        }
    }
    found.len() <= 1 || found == HAN || TOGETHER.iter().any(|set| found.iter().all(|script| set.contains(script)))
}

/// The ASCII letter that most typefaces draw alike (from the confusables of UTS 39; letters with marks are no twins).
fn ascii_twin(c: char) -> Option<char> {
    const TWINS: &[(&str, char)] = &[
        ("аɑα", 'a'),
        ("ь", 'b'),
        ("сᴄ", 'c'),
        ("ԁ", 'd'),
        ("е", 'e'),
        ("ɡց", 'g'),
        ("һհ", 'h'),
        ("іıɩι", 'i'),
        ("јյ", 'j'),
        ("ӏ", 'l'),
        ("ո", 'n'),
        ("оοօσᴏ", 'o'),
        ("рρ", 'p'),
        ("ԛզ", 'q'),
        ("г", 'r'),
        ("ѕꜱ", 's'),
        ("υսᴜ", 'u'),
        ("ѵνᴠ", 'v'),
        ("ԝᴡ", 'w'),
        ("х", 'x'),
        ("уүγ", 'y'),
        ("ᴢ", 'z'),
    ];
    TWINS.iter().find(|(twins, _)| twins.contains(c)).map(|(_, ascii)| *ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(domain: &str) -> Option<LookAlike> {
        LookAlike::in_host(&Host::parse(domain).unwrap())
    }

    #[test]
    fn letters_of_two_scripts_in_one_label_are_told() {
        assert_eq!(of("pаypal.example"), Some(LookAlike::MixedScripts), "the second letter is Cyrillic");
        assert_eq!(of("xn--pypal-4ve.example"), Some(LookAlike::MixedScripts), "the same, as DNS has it");
        assert_eq!(of("пример.example"), None, "each label for itself");
    }

    #[test]
    fn a_name_of_foreign_letters_that_all_look_latin_is_told_with_what_it_looks_like() {
        assert_eq!(of("арр.example"), Some(LookAlike::Of("app.example".to_owned())));
        assert_eq!(LookAlike::in_name("сор"), Some(LookAlike::Of("cop".to_owned())));
    }

    #[test]
    fn honest_names_are_left_alone() {
        for domain in
            ["example.org", "bücher.example", "пример.example", "παράδειγμα.example", "例えabc.example", "한국kr.example", "café.example"]
        {
            assert_eq!(of(domain), None, "{domain}");
        }
    }
}
