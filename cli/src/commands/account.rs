//! `cooee account`: your addresses.

use std::sync::Arc;
use std::time::Duration;

use cooee_engine::{Engine, EngineEvent, NewAccount};
use cooee_machine::{Pii, Transport};
use cooee_phone::{AccountId, AccountState, AccountTrouble};

use crate::args::{AccountAdd, Common, Sound, TransportArg};
use crate::exit::{Exit, Failure};
use crate::line::Line;
use crate::open::{self, Purpose};
use crate::password;
use crate::report::Reporter;
use crate::tell::{explain_account, milliseconds};

/// How long the first login may take before the account is kept unproven.
const PATIENCE: Duration = Duration::from_secs(20);

/// Adds an address, logs in once to see whether all is right, and keeps it unless the server refuses it.
pub async fn add(common: &Common, add: AccountAdd, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let password = password::ask(&format!("Password for {}: ", add.address))?;
    warn_of_plain(add.transport, reporter);
    let engine = open::phone(common, &Sound::default(), Purpose::Reachable, reporter).await?;
    let address = add.address.clone();
    let account = NewAccount {
        auth_user: add.auth_user.map(Pii),
        display_name: add.name.map(Pii),
        proxy: add.proxy,
        transport: add.transport.map(transport),
        ..NewAccount::new(add.address, password)
    };
    let id = engine.add_account(account).map_err(|refused| Failure::new(Exit::Local, format!("Not added: {refused}.")))?;
    let outcome = tokio::time::timeout(PATIENCE, first_login(&engine, id)).await;
    let result = judge(&engine, id, &address, outcome.ok(), reporter).await;
    engine.shut_down().await;
    result
}

fn transport(argument: TransportArg) -> Transport {
    match argument {
        TransportArg::Tls => Transport::Tls,
        TransportArg::Tcp => Transport::Tcp,
        TransportArg::Udp => Transport::Udp,
    }
}

fn warn_of_plain(chosen: Option<TransportArg>, reporter: &Reporter) {
    if matches!(chosen, Some(TransportArg::Tcp | TransportArg::Udp)) {
        reporter.say("Without TLS everybody on the way sees whom you call, and can pretend to be your server.");
    }
}

/// How the first login went.
enum FirstLogin {
    Registered,
    Failed(AccountTrouble),
    NotKept(String),
}

async fn first_login(engine: &Engine, id: AccountId) -> FirstLogin {
    loop {
        let Some(event) = engine.next_event().await else { return FirstLogin::NotKept("the phone stopped".to_owned()) };
        match event {
            EngineEvent::AccountChanged { account, state: AccountState::Registered { .. } } if account == id => {
                return FirstLogin::Registered;
            }
            EngineEvent::AccountChanged { account, state: AccountState::Failed { trouble, .. } } if account == id => {
                return FirstLogin::Failed(trouble);
            }
            EngineEvent::AccountFailed { account, trouble } if account == id => return FirstLogin::NotKept(trouble.to_string()),
            _ => {}
        }
    }
}

async fn judge(engine: &Engine, id: AccountId, address: &str, outcome: Option<FirstLogin>, reporter: &Reporter) -> anyhow::Result<()> {
    let line = |state, text| Line::Account { address: address.to_owned(), state, text, retry_in_ms: None };
    match outcome {
        Some(FirstLogin::Registered) => {
            reporter.tell(&line("added", None));
            Ok(())
        }
        Some(FirstLogin::NotKept(why)) => Err(Failure::new(Exit::Local, format!("{address} was not added: {why}.")).into()),
        Some(FirstLogin::Failed(trouble @ (AccountTrouble::Login(_) | AccountTrouble::BadAddress(_)))) => {
            let _ = engine.remove_account(id); // there is nothing else to do with it; shutting down waits for it
            Err(Failure::new(Exit::Login, format!("{address} was not added. {}", explain_account(&trouble))).into())
        }
        Some(FirstLogin::Failed(trouble)) => {
            reporter.tell(&line("stored", Some(explain_account(&trouble))));
            Err(Failure::new(Exit::Server, format!("{address} is kept, but the login could not be tried. {}", explain_account(&trouble)))
                .into())
        }
        None => {
            let seconds = milliseconds(PATIENCE) / 1000;
            reporter.tell(&line("stored", Some(format!("The server did not answer within {seconds} s."))));
            Err(Failure::new(Exit::Server, format!("{address} is kept, but its server did not answer within {seconds} s.")).into())
        }
    }
}

/// Lists your addresses.
pub async fn list(common: &Common, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &Sound::default(), Purpose::Stored, reporter).await?;
    let snapshot = engine.snapshot();
    for view in &snapshot.accounts {
        reporter.tell(&Line::Account { address: view.address.reveal().clone(), state: "stored", text: None, retry_in_ms: None });
    }
    if snapshot.accounts.is_empty() {
        reporter.say("No addresses yet. Add one: cooee account add anna@example.org");
    }
    engine.shut_down().await;
    Ok(())
}

/// Forgets an address and its password.
pub async fn remove(common: &Common, address: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &Sound::default(), Purpose::Stored, reporter).await?;
    let id = super::call::account(&engine, Some(address))?.ok_or_else(|| Failure::new(Exit::Local, "No address was named."))?;
    engine.remove_account(id).map_err(|refused| Failure::new(Exit::Local, format!("Not removed: {refused}.")))?;
    loop {
        let Some(event) = engine.next_event().await else {
            return Err(Failure::new(Exit::Local, "The phone stopped before the address was removed.").into());
        };
        match event {
            EngineEvent::AccountRemoved(removed) if removed == id => break,
            EngineEvent::Trouble(trouble) | EngineEvent::AccountFailed { trouble, .. } => {
                engine.shut_down().await;
                return Err(Failure::new(Exit::Local, format!("{address} was not removed: {trouble}.")).into());
            }
            _ => {}
        }
    }
    engine.shut_down().await;
    reporter.tell(&Line::Account { address: address.to_owned(), state: "removed", text: None, retry_in_ms: None });
    Ok(())
}
