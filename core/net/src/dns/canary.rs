//! Networks that want a login first answer every question with an address of their own, and so do some providers for names
//! that do not exist. Both show by a name that cannot exist; one question each time the network changes.

use std::time::{Duration, Instant};

use cooee_machine::{Question, Record, RecordType, Resolution, ResolveFailure};
use tokio::sync::Mutex;

use super::answer::{self, Answer, Ask};
use super::upstream::Upstream;
use crate::now;

/// What a server turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Character {
    /// It says of what is not there that it is not there.
    Honest,
    /// It knows the DNS, and puts these addresses in the place of names that do not exist.
    Rewrites(Vec<Record>),
    /// It knows nothing and answers all the same.
    Captive,
    /// It did not say, which is no evidence of anything.
    Silent,
}

/// What is known of a server's character.
#[derive(Debug, Default)]
pub(super) struct Canary(Mutex<Option<(Instant, Character)>>);

/// Somebody logs in meanwhile.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Hard to guess, and no name of anybody: `arpa` has no wildcard, and nobody can register there (RFC 3172).
const ZONE: &str = "arpa";

impl Canary {
    /// Known or found out; `tell` hears of questions that go out. Who waits meanwhile shares what comes of it,
    /// silence too, which is asked about again after a while.
    pub(super) async fn character(&self, upstream: &Upstream, patience: Duration, tell: impl Fn(&Question)) -> Character {
        let mut known = self.0.lock().await;
        if let Some((at, character)) = &*known {
            let is_fresh = now().instant.duration_since(*at) < ASK_AGAIN;
            if is_fresh || !matches!(character, Character::Captive | Character::Silent) {
                return character.clone();
            }
        }
        let character = find_out(upstream, patience, tell).await.unwrap_or(Character::Silent);
        if character == Character::Captive {
            tracing::warn!(server = %upstream.name, "the network answers every name with its own address: it wants a login first");
        }
        *known = Some((now().instant, character.clone()));
        character
    }
}

async fn find_out(upstream: &Upstream, patience: Duration, tell: impl Fn(&Question)) -> Option<Character> {
    let label = crate::seed().ok()?.token(16);
    let question = Question { name: format!("{label}.{ZONE}"), kind: RecordType::A };
    let ask = Ask::new(&question)?;
    tell(&question);
    let message = upstream.exchange(&ask, patience).await.ok()?;
    let addresses = match answer::read(&message, &ask, false) {
        Answer::Final(Resolution::Records { records, .. }) => records,
        // A refusal is no invented address either.
        Answer::Final(Resolution::Nothing { .. } | Resolution::Failed(_)) | Answer::Alias { .. } => return Some(Character::Honest),
    };
    // Whoever knows the DNS knows its root. It is part of finding out and no question of anybody's, so nobody is told.
    let root = Ask::root();
    let message = upstream.exchange(&root, patience).await.ok()?;
    Some(if answer::knows_root(&message) { Character::Rewrites(addresses) } else { Character::Captive })
}

impl Character {
    /// What an answer is worth that such a server gave.
    pub(super) fn judge(&self, resolution: Resolution) -> Resolution {
        match (self, &resolution) {
            (Self::Captive, _) => Resolution::Failed(ResolveFailure::Captive),
            (Self::Rewrites(addresses), Resolution::Records { records, security, .. })
                if records.iter().all(|record| addresses.contains(record)) =>
            {
                // Not to be kept: it is our guess.
                Resolution::Nothing { no_such_name: true, ttl: Duration::ZERO, security: *security }
            }
            _ => resolution,
        }
    }
}
