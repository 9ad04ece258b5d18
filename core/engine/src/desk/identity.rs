//! The key that an account's media proves itself with on this device.

use cooee_phone::AccountId;
use cooee_rtc::Certificate;

use super::work::Work;
use super::{Lender, Note};
use crate::{EngineEvent, SecretName, Trouble};

impl<F: FnMut(Note)> Work<F> {
    /// Tells the account's certificate; and the owner, where it could not be kept.
    pub(super) async fn identity(&mut self, account: AccountId) {
        let (identity, trouble) = identity(&self.platform, account).await;
        if let Some(identity) = identity {
            (self.tell)(Note::Identity(account, Box::new(identity)));
        }
        if let Some(trouble) = trouble {
            (self.tell)(Note::Event(EngineEvent::Trouble(trouble)));
        }
    }
}

/// The account's certificate; a new one where there is none, or what was kept cannot be read. `None` where the platform does not answer:
/// then calls are made with one that lasts as long as this process. What the owner should know of it.
async fn identity(platform: &Lender, account: AccountId) -> (Option<Certificate>, Option<Trouble>) {
    let name = SecretName::media_key(account);
    let kept = match platform.within(|platform| platform.secret(&name)).await {
        Ok(kept) => kept,
        Err(error) => return (None, Some(error.into())),
    };
    match kept.map(|pem| Certificate::from_pem(pem.reveal())) {
        Some(Ok(certificate)) => return (Some(certificate), None),
        Some(Err(error)) => tracing::warn!(%error, "a media key is lost, and another takes its place"),
        None => {}
    }
    let Some((certificate, pem)) = Certificate::generate().and_then(|fresh| Ok((fresh.clone(), fresh.to_pem()?))).ok() else {
        return (None, None);
    };
    let kept = platform.within(|platform| platform.keep_secret(&name, &pem)).await;
    (Some(certificate), kept.err().map(Trouble::from))
}
