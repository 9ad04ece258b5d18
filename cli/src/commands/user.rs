//! `cooee user`: the people of your server.

use std::path::PathBuf;
use std::sync::Arc;

use cooee_server::{UserName, Users, UsersError};

use crate::args::Common;
use crate::exit::{Exit, Failure};
use crate::home;
use crate::line::Line;
use crate::password;
use crate::report::Reporter;

/// Where the server keeps its accounts.
pub fn folder(common: &Common) -> anyhow::Result<PathBuf> {
    let folder = home::folder(common.home.as_deref())?.join("server");
    home::private(&folder)?;
    Ok(folder)
}

/// Adds a person, or sets a new password.
pub fn add(common: &Common, address: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let (name, domain) = split(address)?;
    let mut users = Users::open(&folder(common)?, domain)?;
    let password = password::ask(&format!("New password for {name}@{domain}: "))?;
    let state = match users.add(&name, &password) {
        Ok(()) => "added",
        Err(UsersError::Exists(_)) => {
            users.set_password(&name, &password)?;
            "changed"
        }
        Err(error) => return Err(error.into()),
    };
    reporter.tell(&Line::User { address: format!("{name}@{domain}"), state, password: None });
    Ok(())
}

/// Lists the people of a domain.
pub fn list(common: &Common, domain: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let people = Users::open(&folder(common)?, domain)?.list()?;
    for name in &people {
        reporter.tell(&Line::User { address: format!("{name}@{domain}"), state: "present", password: None });
    }
    if people.is_empty() {
        reporter.say(format!("Nobody yet. Add somebody: cooee user add anna@{domain}"));
    }
    Ok(())
}

/// Removes a person.
pub fn remove(common: &Common, address: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let (name, domain) = split(address)?;
    Users::open(&folder(common)?, domain)?.remove(&name)?;
    reporter.tell(&Line::User { address: format!("{name}@{domain}"), state: "removed", password: None });
    Ok(())
}

fn split(address: &str) -> anyhow::Result<(UserName, &str)> {
    let (name, domain) = address
        .split_once('@')
        .filter(|(_, domain)| !domain.is_empty())
        .ok_or_else(|| Failure::new(Exit::Local, format!("“{address}” is no address: write it like anna@example.org")))?;
    Ok((UserName::parse(name)?, domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        assert_eq!(split("Anna@example.org").unwrap().0.as_str(), "anna");
        assert!(split("anna").unwrap_err().to_string().contains("anna@example.org"));
        assert!(split("anna@").is_err());
    }
}
