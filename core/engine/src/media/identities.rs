use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cooee_call::AccountId;
use cooee_rtc::Certificate;

/// The certificates that accounts prove themselves with in the handshakes of their media, as long as they live on this device.
#[derive(Clone, Default)]
pub struct Identities(Arc<Mutex<HashMap<AccountId, Certificate>>>);

impl Identities {
    pub(crate) fn put(&self, account: AccountId, certificate: Certificate) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(account, certificate);
    }

    pub(crate) fn of(&self, account: AccountId) -> Option<Certificate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned()
    }
}
