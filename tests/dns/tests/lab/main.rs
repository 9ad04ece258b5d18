//! Resolver and location against NSD and Unbound.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod location;
mod numbers;
mod resolver;
mod weather;

use std::sync::LazyLock;

use cooee_dns_lab::Lab;
use cooee_machine::{DnsSecurity, Question, Record, RecordType, Resolution};
use cooee_net::Resolver;

/// One for all tests; it ends with the process.
static LAB: LazyLock<Lab> = LazyLock::new(|| Lab::start(location::zones()).unwrap_or_else(|error| panic!("{error}")));

async fn ask(resolver: &Resolver, name: &str, kind: RecordType) -> Resolution {
    resolver.resolve(Question { name: name.to_owned(), kind }).await
}

#[track_caller]
fn records(resolution: Resolution) -> (Vec<Record>, DnsSecurity) {
    match resolution {
        Resolution::Records { records, security, .. } => (records, security),
        other => panic!("{other:?}"),
    }
}
