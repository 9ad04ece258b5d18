//! `cooee account`: your addresses.

use std::sync::Arc;
use std::time::Duration;

use cooee_call::MediaProtection;
use cooee_engine::{AccountOptions, Engine, EngineEvent, NewAccount, Refused};
use cooee_machine::{Pii, Secret, ServerTrust, Transport};
use cooee_net::Trust;
use cooee_phone::{AccountId, AccountState, AccountTrouble};

use super::client_key::KeyFiles;
use crate::args::{AccountAdd, Common, Fingerprint, Sound, TransportArg, YesNo};
use crate::exit::{self, Exit, Failure};
use crate::line::Line;
use crate::open::{self, Purpose};
use crate::password;
use crate::report::Reporter;
use crate::tell::{explain_account, milliseconds};

/// How long the first login may take before the account is kept unproven.
const PATIENCE: Duration = Duration::from_secs(20);

/// Adds an address, logs in once to see whether all is right, and keeps it unless the server refuses it.
pub async fn add(common: &Common, add: AccountAdd, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    if !cooee_engine::is_account_address(&add.address) {
        return Err(Failure::new(exit::of_refusal(Refused::BadAddress), format!("Not added: {}.", Refused::BadAddress)).into());
    }
    let mut options = options(common, &add)?;
    let files = add.client_cert.as_ref().zip(add.client_key.as_ref());
    let key = files.map(|(certificate, key)| KeyFiles::read(certificate, key)).transpose()?;
    let password = match &key {
        Some(_) => Secret::new(String::new()),
        None => password::ask(&format!("Password for {}: ", add.address))?,
    };
    options.key = key.as_ref().map(KeyFiles::key);
    let engine = open::phone(common, &Sound::default(), Purpose::Reachable, reporter).await?;
    let kept = match key {
        Some(key) => Some(key.keep(common).await?),
        None => None,
    };
    let address = add.address.clone();
    warnings(&address, options.transport, options.protection).for_each(|text| reporter.tell(&Line::Note { text }));
    let account = NewAccount { options, ..NewAccount::new(add.address, password) };
    let added = engine.add_account(account).await;
    let result = match added {
        Ok(id) => {
            let outcome = tokio::time::timeout(PATIENCE, first_login(&engine, id)).await;
            judge(&engine, id, &address, outcome.ok(), reporter).await
        }
        Err(refused) => Err(Failure::new(Exit::Local, format!("Not added: {refused}.")).into()),
    };
    // A removal that was asked for is done before this is answered.
    if let Some(kept) = kept
        && !engine.stored_accounts().await?.iter().any(|account| added == Ok(account.id))
    {
        kept.take_back().await?;
    }
    engine.shut_down().await;
    result
}

fn options(common: &Common, add: &AccountAdd) -> anyhow::Result<AccountOptions> {
    let authorities = common.trust.iter().map(|file| Trust::der_in_file(file)).collect::<Result<Vec<_>, _>>();
    let authorities = authorities.map_err(|error| Failure::new(Exit::Local, error.to_string()))?.concat();
    let trust = match (add.pin, add.ca_fingerprint) {
        (Some(Fingerprint(pin)), _) => ServerTrust::Pin(pin),
        (None, Some(Fingerprint(authority))) => ServerTrust::Authority(authority),
        (None, None) if authorities.is_empty() => ServerTrust::Known,
        (None, None) => ServerTrust::Authorities(authorities),
    };
    if add.follow_transfers && matches!(add.transport, Some(TransportArg::Tcp | TransportArg::Udp)) {
        let why = "Without TLS anybody on the way could send you to a number that costs: --follow-transfers is for TLS only.";
        return Err(Failure::new(Exit::Local, why).into());
    }
    Ok(AccountOptions {
        auth_user: add.auth_user.clone().map(Pii),
        display_name: add.name.clone().map(Pii),
        proxy: add.proxy.clone(),
        transport: add.transport.map(transport),
        trust,
        key: None,
        protection: add.media,
        stun_server: add.stun.clone(),
        expires: add.expires.map(|seconds| Duration::from_secs(seconds.into())),
        register: add.register == YesNo::Yes,
        numbers: add.numbers,
        tls_throughout: add.tls_throughout,
        follow_transfers: add.follow_transfers,
    })
}

fn transport(argument: TransportArg) -> Transport {
    match argument {
        TransportArg::Tls => Transport::Tls,
        TransportArg::Tcp => Transport::Tcp,
        TransportArg::Udp => Transport::Udp,
    }
}

/// What is not protected with an account of these options; said each time it is used.
pub fn warnings(address: &str, transport: Option<Transport>, protection: MediaProtection) -> impl Iterator<Item = String> {
    let signalling = matches!(transport, Some(Transport::Tcp | Transport::Udp))
        .then(|| format!("{address}: without TLS everybody on the way sees whom you call, and can pretend to be your server."));
    let sound = match protection {
        MediaProtection::Encrypted => None,
        MediaProtection::BestEffort => Some(format!("{address}: calls go without encryption where the other side has none.")),
        MediaProtection::Plain => Some(format!("{address}: calls are not encrypted: everybody on the way can listen.")),
    };
    signalling.into_iter().chain(sound)
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
            EngineEvent::AccountChanged { account, state: AccountState::Registered { .. } | AccountState::Connected } if account == id => {
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
        Some(FirstLogin::Failed(trouble)) if trouble.is_final() || matches!(trouble, AccountTrouble::Login(_)) => {
            let _ = engine.remove_account(id); // there is nothing else to do with it; shutting down waits for it
            let exit = if matches!(trouble, AccountTrouble::InsecureOnly { .. }) { Exit::Server } else { Exit::Login };
            Err(Failure::new(exit, format!("{address} was not added. {}", explain_account(address, &trouble))).into())
        }
        Some(FirstLogin::Failed(trouble)) => {
            reporter.tell(&line("stored", Some(explain_account(address, &trouble))));
            Err(Failure::new(
                Exit::Server,
                format!("{address} is kept, but the login could not be tried. {}", explain_account(address, &trouble)),
            )
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
    let accounts = open::stored(common, reporter, async |engine| Ok(engine.stored_accounts().await?)).await?;
    for account in &accounts {
        let (address, text) = (account.address.reveal().clone(), unusual(&account.options));
        reporter.tell(&Line::Account { address, state: "stored", text, retry_in_ms: None });
    }
    if accounts.is_empty() {
        reporter.say("No addresses yet. Add one: cooee account add anna@example.org");
    }
    Ok(())
}

/// What is not as usual with an account.
fn unusual(options: &AccountOptions) -> Option<String> {
    let transport = match options.transport {
        Some(Transport::Udp) => Some("over UDP, not encrypted".to_owned()),
        Some(Transport::Tcp) => Some("over TCP, not encrypted".to_owned()),
        _ => None,
    };
    let trust = match &options.trust {
        ServerTrust::Pin(_) => Some("its certificate is pinned".to_owned()),
        ServerTrust::Authority(_) => Some("with an authority that you compared".to_owned()),
        ServerTrust::Authorities(_) => Some("with an authority of its own".to_owned()),
        _ => None,
    };
    let key = options.key.as_ref().map(|_| "proves itself by a key".to_owned());
    let protection = (options.protection != MediaProtection::Encrypted).then(|| format!("media {}", options.protection.as_str()));
    let proxy = options.proxy.as_ref().map(|proxy| format!("through {proxy}"));
    let stun = options.stun_server.as_ref().map(|stun| format!("STUN by {stun}"));
    let register = (!options.register).then(|| "not registered".to_owned());
    let follows = options.follow_transfers.then(|| "follows transfers unasked".to_owned());
    let parts: Vec<String> = [proxy, transport, trust, key, protection, stun, register, follows].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Keeps another password of an address.
pub async fn change_password(common: &Common, address: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    open::stored(common, reporter, async |engine| {
        let id = named(engine, address)?;
        let password = password::ask(&format!("Password for {address}: "))?;
        let changed = engine.change_password(id, password).await;
        changed.map_err(|refused| Failure::new(Exit::Local, format!("Not changed: {refused}.")).into())
    })
    .await?;
    reporter.tell(&Line::Account { address: address.to_owned(), state: "changed", text: None, retry_in_ms: None });
    Ok(())
}

/// Believes, for one address, an authority that was compared with the server's owner. A phone that runs meanwhile logs in anew.
pub async fn trust(common: &Common, address: &str, fingerprint: Fingerprint, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    open::stored(common, reporter, async |engine| {
        let id = named(engine, address)?;
        let trusted = engine.trust_authority(id, fingerprint.0).await;
        trusted.map_err(|refused| Failure::new(Exit::Local, format!("Not changed: {refused}.")).into())
    })
    .await?;
    reporter.tell(&Line::Account { address: address.to_owned(), state: "trusting", text: None, retry_in_ms: None });
    Ok(())
}

fn named(engine: &Engine, address: &str) -> anyhow::Result<AccountId> {
    Ok(super::call::account(engine, Some(address))?.ok_or_else(|| Failure::new(Exit::Local, "No address was named."))?)
}

/// Forgets an address and its password.
pub async fn remove(common: &Common, address: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &Sound::default(), Purpose::Stored, reporter).await?;
    let id = named(&engine, address)?;
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
