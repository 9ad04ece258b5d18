//! Cooee on the command line: phone, server and demonstration.
#![forbid(unsafe_code)]
// A binary has no public items: here `pub` marks what a module offers the others.
#![allow(unreachable_pub)]

mod args;
mod book;
mod commands;
mod console;
mod exit;
mod home;
mod line;
mod lines;
mod numbers;
mod open;
mod password;
mod report;
mod sound;
mod stop;
mod tell;
mod time;
mod words;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use args::{AccountVerb, Cooee, UserVerb, Verb};
use clap::Parser;
use commands::{
    account, block, call, choose, contacts, demo, devices, explain, log, message, numbering, phone, privacy, probe, reach, requests,
    ring_test, serve, story, user, verify,
};
use exit::{Exit, Failure};
use report::Reporter;

fn main() -> ExitCode {
    let Cooee { common, command } = Cooee::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("COOEE_LOG").unwrap_or_else(|_| "off".into()))
        .with_writer(std::io::stderr)
        .init();
    let reporter = Arc::new(Reporter::new(common.json));
    let outcome = run(&common, command, &reporter).and_then(|()| match reporter.failure() {
        None => Ok(()),
        Some(error) => Err(Failure::new(Exit::Local, format!("Standard output cannot be written: {error}.")).into()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let failure = Failure::of(error);
            if !failure.message.is_empty() {
                let _ = writeln!(std::io::stderr(), "{}", line::printable(&failure.message));
            }
            failure.exit.into()
        }
    }
}

fn run(common: &args::Common, command: Verb, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Local, format!("The system has no room for another event loop: {error}")))?;
    runtime.block_on(async {
        match command {
            Verb::Account(AccountVerb::Add(add)) => Box::pin(account::add(common, add, reporter)).await,
            Verb::Account(AccountVerb::List) => Box::pin(account::list(common, reporter)).await,
            Verb::Account(AccountVerb::Password { address }) => Box::pin(account::change_password(common, &address, reporter)).await,
            Verb::Account(AccountVerb::Trust { address, fingerprint }) => {
                Box::pin(account::trust(common, &address, fingerprint, reporter)).await
            }
            Verb::Account(AccountVerb::Remove { address }) => Box::pin(account::remove(common, &address, reporter)).await,
            Verb::Call(call) => Box::pin(call::run(common, &call, reporter)).await,
            Verb::Explain(explain) => Box::pin(explain::run(common, &explain, reporter)).await,
            Verb::Choose(chosen) => Box::pin(choose::run(common, &chosen, reporter)).await,
            Verb::Enum { number } => Box::pin(numbering::look_up(common, &number, reporter)).await,
            Verb::Numbers(said) => Box::pin(numbering::set(common, &said, reporter)).await,
            Verb::Phone(phone) => Box::pin(phone::run(common, &phone, reporter)).await,
            Verb::Log(log) => Box::pin(log::run(common, &log, reporter)).await,
            Verb::Story(of) => Box::pin(story::run(common, &of, reporter)).await,
            Verb::Verify(verify) => Box::pin(verify::run(common, &verify, reporter)).await,
            Verb::Report(of) => Box::pin(story::report(common, &of, reporter)).await,
            Verb::Message(message) => Box::pin(message::send(common, &message, reporter)).await,
            Verb::Messages(messages) => Box::pin(message::stored(common, &messages, reporter)).await,
            Verb::Block { whom } => Box::pin(block::block(common, &whom, reporter)).await,
            Verb::Unblock { whom } => Box::pin(block::unblock(common, &whom, reporter)).await,
            Verb::Blocked => Box::pin(block::list(common, reporter)).await,
            Verb::Allow { whom } => Box::pin(block::allow(common, &whom, reporter)).await,
            Verb::Disallow { whom } => Box::pin(block::disallow(common, &whom, reporter)).await,
            Verb::Allowed => Box::pin(block::allowed(common, reporter)).await,
            Verb::Reach => Box::pin(reach::run(common, reporter)).await,
            Verb::RingTest(test) => Box::pin(ring_test::run(common, &test, reporter)).await,
            Verb::Requests(requests) => Box::pin(requests::run(common, &requests, reporter)).await,
            Verb::Devices(devices) => Box::pin(devices::run(common, &devices, reporter)).await,
            Verb::Probe(contacts) => Box::pin(probe::run(common, &contacts, reporter)).await,
            Verb::Contacts(list) => Box::pin(contacts::run(common, &list, reporter)).await,
            Verb::Privacy(what) => Box::pin(privacy::run(common, &what, reporter)).await,
            Verb::Demo(demo) => Box::pin(demo::run(common, &demo, reporter)).await,
            Verb::Serve(serve) => Box::pin(serve::run(common, &serve, reporter)).await,
            Verb::User(UserVerb::Add { address }) => user::add(common, &address, reporter),
            Verb::User(UserVerb::List { domain }) => user::list(common, &domain, reporter),
            Verb::User(UserVerb::Remove { address }) => user::remove(common, &address, reporter),
            Verb::Localserve(local) => Box::pin(serve::local(common, &local, reporter)).await,
        }
    })
}
