use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use cooee_machine::{Question, Resolution};

use crate::now;

/// Answers kept as long as they may be believed, denials too; failures never.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<Question, (Instant, Resolution)>>);

const ANSWERS_MAX: usize = 1000;

impl Cache {
    pub(super) fn find(&self, question: &Question) -> Option<Resolution> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, resolution) = cache.get(question)?;
        let left = until.checked_duration_since(now().instant).filter(|left| !left.is_zero())?;
        let mut resolution = resolution.clone();
        if let Some(ttl) = life(&mut resolution) {
            *ttl = left;
        }
        Some(resolution)
    }

    pub(super) fn keep(&self, question: &Question, resolution: &Resolution) {
        let mut resolution = resolution.clone();
        let Some(ttl) = life(&mut resolution).copied().filter(|ttl| !ttl.is_zero()) else { return };
        let now = now().instant;
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= ANSWERS_MAX {
            cache.retain(|_, (until, _)| *until > now);
        }
        if cache.len() < ANSWERS_MAX {
            cache.insert(question.clone(), (now + ttl, resolution));
        }
    }

    /// Another network may answer otherwise.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn life(resolution: &mut Resolution) -> Option<&mut Duration> {
    match resolution {
        Resolution::Records { ttl, .. } | Resolution::Nothing { ttl, .. } => Some(ttl),
        Resolution::Failed(_) => None,
    }
}
