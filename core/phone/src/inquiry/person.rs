use std::time::Duration;

use super::{Inquiry, InquiryConfig, Reply};
use crate::{AccountId, Address};

/// Somebody whom the user has called or marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Where to ask.
    pub address: Address,
    /// From which account this person is called; `None`: the one that fits.
    pub account: Option<AccountId>,
    /// When this person last took a call of ours, since the Unix epoch.
    pub answered: Option<Duration>,
    /// What asking has come to.
    pub inquiry: Option<Inquiry>,
}

impl Person {
    /// Not before then.
    pub(super) fn due_at(&self, config: &InquiryConfig) -> Duration {
        let asked = self.inquiry.map(|inquiry| {
            let is_deaf = matches!(inquiry.said, Some((Reply::NotTaken, _)));
            inquiry.asked + if is_deaf { config.long_rest } else { config.rest }
        });
        let answered = self.answered.map(|answered| answered + config.rest);
        asked.max(answered).unwrap_or_default()
    }
}
