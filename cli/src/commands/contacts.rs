//! `cooee contacts`: what is known of them, and who may be asked whether they are there.

use std::sync::Arc;
use std::time::Duration;

use cooee_engine::{Engine, Refused};
use cooee_phone::Address;
use cooee_phone::probe::Reach;

use super::probe::source;
use crate::args::{Common, Contacts, ContactsList, ContactsVerb};
use crate::book::{Book, Entry};
use crate::exit::{Exit, Failure};
use crate::line::{Contact, Line};
use crate::open;
use crate::report::Reporter;
use crate::words;

/// Lists them, or marks one.
pub async fn run(common: &Common, list: &ContactsList, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    match &list.what {
        None => show_all(common, &list.contacts, reporter).await,
        Some(ContactsVerb::Mark { whom }) => mark(common, whom, true, reporter).await,
        Some(ContactsVerb::Unmark { whom }) => mark(common, whom, false, reporter).await,
    }
}

/// Shows what is known of the book; nobody is asked.
async fn show_all(common: &Common, contacts: &Contacts, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let shown = open::stored(common, reporter, async |engine| {
        let path = source(engine, contacts).await?;
        show(engine, &Book::read(&path, engine.snapshot().numbering.region)?, reporter).await
    });
    shown.await
}

async fn mark(common: &Common, whom: &str, wanted: bool, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    open::changed(common, reporter, |engine| Ok(engine.mark(whom, wanted).map_err(|refused| not_marked(&refused))?)).await?;
    reporter.say(match wanted {
        true => format!(
            "Marked. While cooee phone runs, {whom} is asked about once a week whether a phone is there, if it is in your contacts: by your own server, which learns whom you ask, as the other side learns who asks."
        ),
        false => format!("{whom} is not asked whether a phone is there."),
    });
    Ok(())
}

fn not_marked(refused: &Refused) -> Failure {
    let text = match refused {
        Refused::BadAddress => {
            "Not marked: only somebody in particular can be asked, over the Internet. Write it like anna@example.org.".to_owned()
        }
        other => format!("Not marked: {other}."),
    };
    Failure::new(Exit::NotUnderstood, text)
}

/// Shows a book, who can be called first.
pub async fn show(engine: &Engine, book: &Book, reporter: &Reporter) -> anyhow::Result<()> {
    let addresses: Vec<Address> = book.entries.iter().map(|entry| entry.address.clone()).collect();
    let (known, marks) = (engine.reach(&addresses).await?, engine.marks(&addresses).await?);
    let of_each = book.entries.iter().zip(known.iter().zip(marks));
    let mut rows: Vec<Contact> = of_each.map(|(entry, (reach, mark))| row(entry, reach, mark)).collect();
    rows.sort_by_key(|row| ORDER.iter().position(|state| *state == row.state));
    rows.into_iter().for_each(|row| reporter.tell(&Line::Contact(row)));
    if book.entries.is_empty() {
        reporter.say("There is no address in these contacts.");
    }
    if book.unread > 0 {
        reporter.say(format!("{} entries hold no address that can be called.", book.unread));
    }
    Ok(())
}

/// Who can be called comes first.
const ORDER: [&str; 7] = ["answered", "publishes calls", "number only", "unknown", "no such user", "refuses", "not published"];

fn row(entry: &Entry, reach: &Reach, mark: Option<bool>) -> Contact {
    let state = match (reach.state().as_str(), &entry.address) {
        ("unknown", Address::Number(_)) => "number only",
        (state, _) => state,
    };
    let domain = reach.domain.as_ref();
    Contact {
        address: entry.text.clone(),
        name: entry.name.clone(),
        state,
        answered: reach.answered.map(|answered| answered.when.as_secs()),
        asked: reach.inquiry.map(|inquiry| inquiry.asked.as_secs()),
        there: reach.there().as_ref().map(Duration::as_secs),
        marked: mark,
        services: reach.services().iter().map(|service| service.label()).collect(),
        secure: reach.security().map(|security| security == cooee_machine::DnsSecurity::Secure),
        checked: domain.map(|finding| finding.checked.as_secs()),
        age_s: reach.age(cooee_net::now().unix).as_ref().map(Duration::as_secs),
        why: words::why(reach.state(), domain.map(|finding| finding.source)).filter(|_| state != "number only"),
    }
}
