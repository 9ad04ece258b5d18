//! Asking for a password without showing it.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};
use cooee_machine::Secret;

/// Asks on the terminal; without one, takes the first line of standard input.
pub fn ask(prompt: &str) -> anyhow::Result<Secret> {
    let password = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(prompt).context("The password could not be read from the terminal")?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("The password could not be read from standard input")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if password.is_empty() {
        bail!("No password was given. Type it when asked, or give it as one line of standard input.");
    }
    Ok(Secret::new(password))
}
