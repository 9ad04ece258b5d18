use std::time::Duration;

use cooee_database::rusqlite::{self, OptionalExtension, Row, params};
use cooee_machine::{DnsSecurity, Pii, ResolveFailure};
use cooee_phone::probe::{Answered, Finding, Protocol, Published, Service, Source, Unknown};

use super::key::{ContactKey, Kind};
use super::{Store, StoreError, duration, milliseconds};

/// What was found out longer ago is forgotten: whoever it was about is no longer in the book.
pub(super) const FORGOTTEN_AFTER: Duration = Duration::from_secs(90 * 86_400);

impl Store {
    /// Keeps what domains say.
    pub(crate) fn keep_findings(&mut self, key: &ContactKey, findings: &[(String, Finding)]) -> Result<(), StoreError> {
        self.0.write(|transaction| {
            let mut statement = transaction.prepare("INSERT OR REPLACE INTO reach_domain VALUES (?, ?, ?, ?, ?, ?)")?;
            for (domain, finding) in findings {
                let (state, detail) = words(&finding.published);
                statement.execute(params![
                    key.hash(Kind::Domain, domain),
                    state,
                    detail,
                    finding.security == DnsSecurity::Secure,
                    milliseconds(finding.checked),
                    milliseconds(finding.ttl),
                ])?;
            }
            let newest = findings.iter().map(|(_, finding)| finding.checked).max().unwrap_or_default();
            transaction.execute("DELETE FROM reach_domain WHERE checked < ?", [milliseconds(newest.saturating_sub(FORGOTTEN_AFTER))])?;
            Ok(())
        })
    }

    /// What is known of these domains.
    pub(crate) fn findings(&mut self, key: &ContactKey, domains: Vec<String>) -> Result<Vec<(String, Finding)>, StoreError> {
        self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT * FROM reach_domain WHERE key = ?")?;
            let mut found = Vec::new();
            for domain in domains {
                let known = statement.query_row([key.hash(Kind::Domain, &domain)], read).optional()?;
                found.extend(known.flatten().map(|finding| (domain, finding)));
            }
            Ok(found)
        })
    }

    /// Keeps that a person was there; `address` in its canonical form.
    pub(crate) fn keep_answered(&mut self, key: &ContactKey, address: &Pii<String>, answered: Answered) -> Result<(), StoreError> {
        self.0.with(|connection| {
            connection.execute(
                "INSERT OR REPLACE INTO reach_person VALUES (?, ?, ?)",
                params![
                    key.hash(Kind::Person, address.reveal()),
                    milliseconds(answered.when),
                    if answered.protocol == Protocol::Sip { "sip" } else { "xmpp" },
                ],
            )
        })?;
        Ok(())
    }

    /// When each of these people was there last, in their order.
    pub(crate) fn answered(&mut self, key: &ContactKey, addresses: &[Pii<String>]) -> Result<Vec<Option<Answered>>, StoreError> {
        self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT answered, protocol FROM reach_person WHERE key = ?")?;
            let mut one = |address: &Pii<String>| {
                let row = statement.query_row([key.hash(Kind::Person, address.reveal())], |row| {
                    let protocol: String = row.get(1)?;
                    Ok(Answered { when: duration(row.get(0)?), protocol: if protocol == "sip" { Protocol::Sip } else { Protocol::Xmpp } })
                });
                row.optional()
            };
            addresses.iter().map(&mut one).collect()
        })
    }
}

fn words(published: &Published) -> (&'static str, String) {
    match published {
        Published::Calls(services) => ("calls", services.iter().map(|service| service.label()).collect::<Vec<_>>().join(" ")),
        Published::Refuses => ("refuses", String::new()),
        Published::Nothing => ("nothing", String::new()),
        Published::Unknown(why) => {
            ("unknown", WHYS.iter().find(|(known, _)| known == why).map(|(_, word)| (*word).to_owned()).unwrap_or_default())
        }
    }
}

const WHYS: &[(Unknown, &str)] = &[
    (Unknown::NotAsked, "not-asked"),
    (Unknown::Implausible, "implausible"),
    (Unknown::Resolver(ResolveFailure::Timeout), "timeout"),
    (Unknown::Resolver(ResolveFailure::ServerFailure), "server-failure"),
    (Unknown::Resolver(ResolveFailure::Bogus), "bogus"),
    (Unknown::Resolver(ResolveFailure::Refused), "refused"),
    (Unknown::Resolver(ResolveFailure::NoResolver), "no-resolver"),
    (Unknown::Resolver(ResolveFailure::Untrusted), "untrusted"),
    (Unknown::Resolver(ResolveFailure::Captive), "captive"),
];

/// `None`: only a later version knows what it says.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Finding>> {
    let (state, detail): (String, String) = (row.get("state")?, row.get("detail")?);
    let published = match state.as_str() {
        "calls" => Published::Calls(detail.split(' ').filter_map(Service::of_label).collect()),
        "refuses" => Published::Refuses,
        "nothing" => Published::Nothing,
        _ => match WHYS.iter().find(|(_, word)| *word == detail) {
            Some((why, _)) => Published::Unknown(*why),
            None => return Ok(None),
        },
    };
    if published == Published::Calls(Vec::new()) {
        return Ok(None);
    }
    Ok(Some(Finding {
        published,
        security: if row.get("secure")? { DnsSecurity::Secure } else { DnsSecurity::Insecure },
        source: Source::Dns,
        checked: duration(row.get("checked")?),
        ttl: duration(row.get("ttl")?),
    }))
}
