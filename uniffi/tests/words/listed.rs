//! From the sources of the facade to the list of words.

use std::path::Path;

/// Enums that nobody reads: what is told, lent or configured, not said.
const SILENT: [&str; 13] = [
    "Event",
    "Meaning",
    "ServerTrust",
    "SystemCall",
    "Credentials",
    "Audio",
    "Dns",
    "Roots",
    "RootOrigin",
    "PlatformError",
    "StartError",
    "WakeReason",
    "Woken",
];
/// Enums that are never said by themselves: their variants are part of the names of others, as `end_hung_up_us`.
const INFLECTING: [&str; 3] = ["Side", "Stream", "LinkWeakness"];
/// So are these, which are said by themselves too.
const BOTH: [&str; 1] = ["SoundTrouble"];
/// Variants that have the words of what they hold, and none of their own.
const HOLDING: [(&str, &str); 7] = [
    ("EndReason", "Redirected"),
    ("EndReason", "Login"),
    ("EndReason", "Untrusted"),
    ("EndReason", "Unreachable"),
    ("EndReason", "Media"),
    ("Fact", "Ended"),
    ("Fact", "OneWay"),
];

/// An enum as it is written.
pub(crate) struct Source {
    name: String,
    variants: Vec<(String, Vec<(String, String)>)>,
}

/// The exported enums of all files below a folder.
pub(crate) fn sources(folder: &Path) -> Vec<Source> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let read = |path: &std::path::PathBuf| match path.is_dir() {
        true => sources(path),
        false => enums(&std::fs::read_to_string(path).unwrap()),
    };
    entries.iter().flat_map(read).collect()
}

/// The exported enums of a file, by the way rustfmt lays them out.
fn enums(text: &str) -> Vec<Source> {
    let (mut found, mut is_exported): (Vec<Source>, bool) = (Vec::new(), false);
    let mut inside = false;
    for line in text.lines() {
        let (indent, code) = (line.len() - line.trim_start().len(), line.trim());
        if code.starts_with("#[derive(") {
            is_exported = code.contains("uniffi::Enum") || code.contains("uniffi::Error");
        } else if let Some(name) = line.strip_prefix("pub enum ").and_then(|rest| rest.strip_suffix(" {")) {
            inside = is_exported;
            if inside {
                found.push(Source { name: name.to_owned(), variants: Vec::new() });
            }
        } else if line == "}" {
            inside = false;
        }
        let Some(last) = found.last_mut().filter(|_| inside && !code.starts_with(['/', '#', '}'])) else { continue };
        if indent == 4 {
            let name: String = code.chars().take_while(char::is_ascii_alphanumeric).collect();
            last.variants.push((name, Vec::new()));
        } else if let (8, Some((field, kind))) = (indent, code.trim_end_matches(',').split_once(": ")) {
            last.variants.last_mut().unwrap().1.push((field.to_owned(), kind.to_owned()));
        }
    }
    found
}

/// The lines of the list, in the order of the alphabet: a name, and what belongs into it in its order.
pub(crate) fn words(sources: &[Source]) -> Vec<String> {
    let said = |source: &&Source| !SILENT.contains(&source.name.as_str()) && !INFLECTING.contains(&source.name.as_str());
    let mut lines: Vec<String> = Vec::new();
    for source in sources.iter().filter(said) {
        for (variant, fields) in &source.variants {
            if !HOLDING.contains(&(&source.name, variant)) {
                lines.extend(names(&format!("{}_{}", prefix(&source.name), snake(variant)), fields, sources));
            }
        }
    }
    lines.sort();
    lines
}

fn names(name: &str, fields: &[(String, String)], sources: &[Source]) -> Vec<String> {
    let (mut names, mut arguments, mut is_optional) = (vec![name.to_owned()], String::new(), false);
    for (field, kind) in fields {
        let endings: Vec<String> = match kind.as_str() {
            "bool" => vec!["yes".to_owned(), "no".to_owned()],
            kind if INFLECTING.contains(&kind) || BOTH.contains(&kind) => {
                let source = sources.iter().find(|source| source.name == kind).unwrap();
                source.variants.iter().map(|(variant, _)| snake(variant)).collect()
            }
            kind => {
                is_optional |= kind.starts_with("Option<");
                let kind = kind.trim_start_matches("Option<").trim_end_matches('>');
                arguments += &format!(" {field}:{kind}");
                continue;
            }
        };
        names = names.iter().flat_map(|name| endings.iter().map(move |ending| format!("{name}_{ending}"))).collect();
    }
    let without = fields.iter().filter(|(_, kind)| is_optional && !kind.starts_with("Option<"));
    let without: String = without.map(|(field, kind)| format!(" {field}:{kind}")).collect();
    let optional = names.iter().filter(|_| is_optional).map(|name| format!("{name}_without{without}")).collect::<Vec<_>>();
    names.iter().map(|name| format!("{name}{arguments}")).chain(optional).collect()
}

fn prefix(name: &str) -> String {
    if name == "EndReason" { "end".to_owned() } else { snake(name) }
}

/// `NoSuchDomain` as `no_such_domain`.
fn snake(name: &str) -> String {
    let parts = name.chars().flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain(c.to_lowercase()));
    parts.collect::<String>().trim_start_matches('_').to_owned()
}

#[test]
fn names_follow_the_variants_and_what_they_hold() {
    let source = "
#[derive(uniffi::Enum)]
pub enum Side {
    /// We.
    Us,
    /// They.
    Peer,
}

#[derive(Clone, uniffi::Enum)]
#[non_exhaustive]
pub enum EndReason {
    /// Why.
    HungUp {
        /// Who.
        by: Side,
    },
    /// Another enum's.
    Login {
        /// Why.
        trouble: LoginTrouble,
    },
    /// Two.
    ServerError {
        /// SIP status.
        status: u16,
        /// Perhaps.
        text: Option<String>,
    },
    /// Plain.
    NoSign,
}

#[derive(Clone)]
pub enum Internal {
    Thing,
}
";
    let expected = [
        "end_hung_up_peer",
        "end_hung_up_us",
        "end_no_sign",
        "end_server_error status:u16 text:String",
        "end_server_error_without status:u16",
    ];
    assert_eq!(words(&enums(source)), expected);
}
