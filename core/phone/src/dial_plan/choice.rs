use cooee_machine::Pii;

use crate::AccountId;

/// What the owner has chosen for one person, and need not say again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// From which account this person is called.
    pub account: Option<AccountId>,
    /// Which of the person's addresses is called first, by [`Address::canonical`](crate::Address::canonical).
    pub address: Option<Pii<String>>,
}
