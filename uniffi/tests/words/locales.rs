//! The app's texts in each of its languages, against the list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The languages that are complete. In others, what is missing is said in the first.
const COMPLETE: [&str; 2] = ["values", "values-de"];

/// Texts by name; of a plural each form.
type Texts = BTreeMap<String, Vec<String>>;

/// The languages of a folder of resources, by the folder's name; those without a text are none. None where there is no app.
pub(crate) fn read(resources: &Path) -> BTreeMap<String, Texts> {
    let Ok(folders) = std::fs::read_dir(resources) else { return BTreeMap::new() };
    let folders = folders.map(|folder| folder.unwrap()).filter(|folder| folder.file_name().to_string_lossy().starts_with("values"));
    let locale = |folder: std::fs::DirEntry| {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let texts: Texts = files.flat_map(|file| texts(&file)).collect();
        (folder.file_name().to_string_lossy().into_owned(), texts)
    };
    folders.map(locale).filter(|(_, texts)| !texts.is_empty()).collect()
}

fn texts(xml: &str) -> Texts {
    let strings = elements(xml, "string").map(|(name, text)| (name, vec![text.to_owned()]));
    let plurals = elements(xml, "plurals").map(|(name, items)| {
        let items = items.split("</item>").filter_map(|item| item.split_once('>').map(|(_, text)| text.to_owned()));
        (name, items.filter(|item| !item.trim().is_empty()).collect())
    });
    strings.chain(plurals).collect()
}

fn elements<'a>(xml: &'a str, tag: &'a str) -> impl Iterator<Item = (String, &'a str)> {
    let (open, close) = (format!("<{tag} "), format!("</{tag}>"));
    let parts: Vec<&str> = xml.split(open.as_str()).skip(1).collect();
    parts.into_iter().filter_map(move |part| {
        let (head, rest) = part.split_once('>')?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        Some((name.to_owned(), rest.split(close.as_str()).next()?))
    })
}

/// `%1$s` and `%2$s` as 1 and 2.
fn placeholders(text: &str) -> BTreeSet<usize> {
    text.split('%').skip(1).filter_map(|part| part.split_once('$')?.0.parse().ok()).collect()
}

/// Whether everything that a text takes is taken as a text, by its place: the app gives it so. A number as `%1$d` would break it off.
fn takes_texts(text: &str) -> bool {
    text.split('%').skip(1).all(|part| part.split_once("$s").is_some_and(|(place, _)| place.parse::<usize>().is_ok()))
}

/// What is missing in a complete language, and what takes more or less than the list and the first language have.
pub(crate) fn faults(list: &str, locales: &BTreeMap<String, Texts>) -> Vec<String> {
    let mut faults = Vec::new();
    for (locale, texts) in locales {
        for line in list.lines() {
            let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
            let most = arguments.split_whitespace().count();
            let Some(forms) = texts.get(name) else {
                if !COMPLETE.contains(&locale.as_str()) {
                    continue;
                }
                faults.push(format!("{locale}: {name} is missing; into it belongs: {arguments}"));
                continue;
            };
            if let Some(form) = forms.iter().find(|form| !takes_texts(form)) {
                faults.push(format!("{locale}: {name} takes something that is not %1$s: {form}"));
            }
            let used = |forms: &[String]| forms.iter().flat_map(|form| placeholders(form)).collect::<BTreeSet<usize>>();
            let first = locales.get("values").and_then(|texts| texts.get(name)).map(|forms| used(forms)).unwrap_or_default();
            let here = used(forms);
            if here.iter().any(|number| *number == 0 || *number > most) {
                faults.push(format!("{locale}: {name} has {here:?}, and there are {most}: {arguments}"));
            } else if here != first {
                faults.push(format!("{locale}: {name} has {here:?}, and values has {first:?}"));
            }
        }
    }
    faults
}

#[test]
fn a_word_that_is_missing_or_has_other_arguments_is_found() {
    let list = "end_no_sign\nend_no_such_domain domain:String\nfact_servers_found places:u32";
    let of = |xml: &str| texts(&format!("<resources>\n{xml}\n</resources>"));
    let english = "<!-- c --><string name=\"end_no_sign\">Nothing rang.</string>
        <string name=\"end_no_such_domain\">“%1$s” does not exist.</string>
        <plurals name=\"fact_servers_found\"><item quantity=\"one\">One.</item><item quantity=\"other\">%1$s places.</item></plurals>";
    let german = |more: &str| format!("<string name=\"end_no_sign\">Es klingelte nicht.</string>{more}");
    let found = |english: &str, german: &str| {
        let locales = [("values".to_owned(), of(english)), ("values-de".to_owned(), of(german))];
        faults(list, &locales.into_iter().collect())
    };
    assert_eq!(found(english, english), Vec::<String>::new());
    assert_eq!(found(english, &german("")).len(), 2);
    let places = "<plurals name=\"fact_servers_found\"><item quantity=\"other\">%1$s Orte.</item></plurals>";
    let without = format!("<string name=\"end_no_such_domain\">Gibt es nicht.</string>{places}");
    assert_eq!(found(english, &german(&without)), ["values-de: end_no_such_domain has {}, and values has {1}"]);
    let too_many = english.replace("%1$s”", "%1$s %2$s”");
    assert_eq!(found(&too_many, &too_many).len(), 2);
    for other in ["%1$d", "%s", "100 %", "%%", "%1s"] {
        let otherwise = english.replace("%1$s”", &format!("%1$s” {other}"));
        assert_eq!(found(&otherwise, &otherwise).len(), 2, "{other}");
    }
}
