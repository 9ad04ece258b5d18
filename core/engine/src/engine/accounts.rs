use cooee_machine::Secret;
use cooee_phone::AccountId;
use cooee_sip::Uri;
use tokio::sync::oneshot;

use super::Engine;
use crate::desk::Job;
use crate::{NewAccount, Refused};

/// Accounts.
impl Engine {
    /// Stores an account and its password and, if online, registers it; the store gives it a number. [`EngineEvent::AccountAdded`] or
    /// [`EngineEvent::AccountFailed`] follows.
    ///
    /// # Errors
    /// It is no address, is there already, or the store cannot be written, which is told as a trouble.
    pub async fn add_account(&self, account: NewAccount) -> Result<AccountId, Refused> {
        let account = with_address(account)?;
        self.ask_desk(|reply| Job::Add { account, reply }).await
    }

    /// As [`add_account`](Self::add_account); but an account that is there already keeps all it has, and gets this password, unless it is
    /// to prove itself by a key.
    ///
    /// # Errors
    /// As of both.
    pub async fn sign_in(&self, account: NewAccount) -> Result<AccountId, Refused> {
        let account = with_address(account)?;
        self.ask_desk(|reply| Job::SignIn { account, reply }).await
    }

    /// Keeps another password of this account, in place of the one there was. Its calls end, and it logs in anew.
    ///
    /// # Errors
    /// There is none, or the platform cannot keep it, which is told as a trouble.
    pub async fn change_password(&self, account: AccountId, password: Secret) -> Result<(), Refused> {
        self.ask_desk(|reply| Job::ChangePassword { account, password, reply }).await.map(drop)
    }

    /// The owner has compared the authority of a private server with who runs it: from now on this account's server is whom the authority
    /// with this SHA-256 vouches for, and nobody else, whomever the account believed before. Its calls end, and it logs in anew.
    ///
    /// # Errors
    /// There is none, or the store cannot be written, which is told as a trouble.
    pub async fn trust_authority(&self, account: AccountId, sha256: [u8; 32]) -> Result<(), Refused> {
        self.ask_desk(|reply| Job::TrustAuthority { account, sha256, reply }).await.map(drop)
    }

    async fn ask_desk(&self, job: impl FnOnce(oneshot::Sender<Result<AccountId, Refused>>) -> Job) -> Result<AccountId, Refused> {
        self.running()?;
        let (reply, answer) = oneshot::channel();
        self.desk.put(job(reply));
        answer.await.unwrap_or(Err(Refused::ShuttingDown))
    }

    /// Ends the account's calls, unregisters it, and forgets it and its password; its calls stay in the log.
    /// [`EngineEvent::AccountRemoved`] follows.
    ///
    /// # Errors
    /// There is none.
    pub fn remove_account(&self, account: AccountId) -> Result<AccountId, Refused> {
        self.running()?;
        self.shared.snapshot().account(account).ok_or(Refused::NoSuchAccount)?;
        self.desk.put(Job::Remove(account));
        Ok(account)
    }
}

fn with_address(account: NewAccount) -> Result<Box<NewAccount>, Refused> {
    is_account_address(account.address.reveal()).then(|| Box::new(account)).ok_or(Refused::BadAddress)
}

/// Whether an account can have this address: `user@domain`, with or without `sip:` or `sips:` before it.
#[must_use]
pub fn is_account_address(address: &str) -> bool {
    let uri = if address.contains(':') { address.to_owned() } else { format!("sip:{address}") };
    Uri::parse(&uri).is_ok_and(|uri| uri.is_sip() && uri.user().is_some_and(|user| !user.is_empty()))
}

/// The SHA-256 of a certificate as people read it out: 64 hexadecimal digits, with or without colons and spaces. `None` if it is none.
#[must_use]
pub fn read_fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().filter(|octet| !matches!(octet, b':' | b' ')).collect();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let octet = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.chunks(2).map(octet).collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_openssl_prints_it_and_as_plain_digits() {
        assert_eq!(read_fingerprint(&"0f".repeat(32)), Some([15; 32]));
        assert_eq!(read_fingerprint(&vec!["0F"; 32].join(":")), Some([15; 32]));
        for wrong in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"+f".repeat(32), &"é".repeat(32)] {
            assert_eq!(read_fingerprint(wrong), None, "{wrong}");
        }
    }
}
