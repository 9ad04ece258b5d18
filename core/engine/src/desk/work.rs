use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cooee_call::CallId;
use cooee_machine::{Secret, ServerTrust};
use cooee_net::{Trust, now, seed};
use cooee_phone::{AccountId, Numbering};
use tokio::sync::{mpsc, oneshot};

use super::{DO_NOT_DISTURB, Job, LOW_DATA, Lender, Load, Note, Opened, REJECT_ANONYMOUS, Rules, Said, WHO_RINGS, Watch};
use crate::prober::Questions;
use crate::store::{ContactKey, List, Presence, Store};
use crate::{
    AccountView, EngineEvent, NewAccount, PastCall, Refused, Roots, SecretName, StartError, StoreError, StoreLocation, StoredAccount,
    StoredMessage, Trouble,
};

/// The setting that names this device for ever (RFC 5626 4.1).
const INSTANCE: &str = "instance";

/// After so many times its patience, the platform is asked again for what it could not read.
const READ_AGAIN: u32 = 3;

pub(super) struct Work<F> {
    pub(super) store: Store,
    pub(super) platform: Lender,
    pub(super) tell: F,
    load: Arc<Load>,
    /// What contacts are hashed with, once it was needed.
    pub(super) key: Option<ContactKey>,
    /// Who was asked what how often, not yet in the journal.
    pub(super) asked: Questions,
    /// The accounts that were told of.
    pub(super) accounts: BTreeMap<AccountId, ServerTrust>,
    /// Those whose password the platform could not read: it is asked again.
    pub(super) unread: BTreeSet<AccountId>,
    /// What holds whatever is stored.
    said: Said,
    /// Others know by it that this process is here.
    _presence: Presence,
}

impl<F: FnMut(Note)> Work<F> {
    pub(super) async fn begin(
        location: &StoreLocation,
        platform: Lender,
        said: Said,
        tell: F,
        load: Arc<Load>,
    ) -> Result<(Self, Opened), StartError> {
        let mut store = Store::open(location)?;
        let (presence, is_alone) = Presence::enter(location)?;
        if is_alone {
            store.log_cut_off()?;
        }
        presence.share();
        let (key, asked, accounts) = (None, Questions::new(), BTreeMap::new());
        let unread = BTreeSet::new();
        let mut work = Self { store, platform, tell, load, key, asked, accounts, unread, said, _presence: presence };
        let opened = work.opened().await?;
        Ok((work, opened))
    }

    async fn opened(&mut self) -> Result<Opened, StartError> {
        let roots = match self.platform.within(|platform| platform.trust_roots()).await? {
            Roots::System => Trust::system(),
            Roots::Only { system, added } => Trust::nobody().with_der(system).with_added(added),
        };
        let new = uuid_urn()?;
        let instance = if self.said.passing { new } else { self.store.setting_or(INSTANCE, &new)? };
        let mut accounts = Vec::new();
        for account in self.store.accounts()? {
            self.accounts.insert(account.id, account.options.trust.clone());
            let password = self.password(account.id).await;
            self.identity(account.id).await;
            accounts.push((account, password));
        }
        Ok(Opened {
            accounts,
            rules: self.rules()?,
            acquaintances: self.store.acquaintances()?,
            familiar: self.store.familiar()?,
            called: self.store.called()?,
            instance,
            roots,
        })
    }

    pub(super) fn rules(&mut self) -> Result<Rules, StoreError> {
        let stored = self.store.numbering()?;
        Ok(Rules {
            blocked: self.store.listed(List::Blocked)?,
            allowed: self.store.listed(List::Allowed)?,
            do_not_disturb: self.store.setting(DO_NOT_DISTURB)?.is_some(),
            low_data: self.said.low_data || self.store.setting(LOW_DATA)?.is_some(),
            reject_anonymous: self.store.setting(REJECT_ANONYMOUS)?.is_some(),
            who_rings: self.store.setting(WHO_RINGS)?.and_then(|who| who.parse().ok()).unwrap_or_default(),
            numbering: Numbering {
                region: self.said.telephones_from.or(stored.region),
                emergency: self.platform.0.emergency_numbers(),
                ..stored
            },
            verified: self.store.verified()?,
        })
    }

    /// One that the platform cannot read now, as after the start of a device, it is asked for again.
    pub(super) async fn password(&mut self, account: AccountId) -> Result<Secret, Trouble> {
        let read = self.platform.password(account).await;
        match &read {
            Ok(_) => self.unread.remove(&account),
            Err(_) => self.unread.insert(account),
        };
        read?.ok_or(Trouble::NoPassword)
    }

    /// Asks again for what could not be read; that it could not was told.
    async fn read_the_rest(&mut self) -> Result<(), StoreError> {
        let stored = self.store.accounts()?;
        self.unread.retain(|id| stored.iter().any(|account| account.id == *id));
        for account in stored {
            if !self.unread.contains(&account.id) {
                continue;
            }
            match self.password(account.id).await {
                Ok(password) => (self.tell)(Note::Changed { account, password }),
                Err(trouble @ Trouble::NoPassword) => (self.tell)(Note::Unread { account: account.id, trouble }),
                Err(_) => {}
            }
        }
        Ok(())
    }

    pub(super) async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Job>, mut watch: Watch) {
        // What was stored at first is shown before the first job comes; no news may overtake it.
        let mut is_shown = false;
        loop {
            let job = tokio::select! {
                job = inbox.recv() => job,
                () = watch.noticed(), if is_shown => {
                    self.look().await;
                    continue;
                }
                // Begun anew by each job: a desk that is busy reads later.
                () = tokio::time::sleep(self.platform.1 * READ_AGAIN), if is_shown && !self.unread.is_empty() => {
                    let read = self.read_the_rest().await;
                    self.kept(read);
                    continue;
                }
            };
            let Some(job) = job else { break };
            is_shown = true;
            self.load.waiting.fetch_sub(1, Ordering::Relaxed);
            if matches!(job, Job::Close) {
                break;
            }
            // Whatever is done is done with what others have left here.
            self.look().await;
            self.work(job).await;
            if !self.load.is_crowded() {
                self.log_the_rest();
            }
            if inbox.is_empty() {
                self.write_asked();
            }
        }
        self.log_the_rest();
        self.write_asked();
        if let Err(error) = self.store.close() {
            (self.tell)(Note::Event(EngineEvent::Trouble(error.into())));
        }
    }

    /// One line for all calls that came too fast.
    fn log_the_rest(&mut self) {
        let times = self.load.unlogged.swap(0, Ordering::Relaxed);
        if times > 0 {
            self.log(None, false, &PastCall::unlogged(times, now().unix));
        }
    }

    /// First kept, then told.
    fn log(&mut self, call: Option<CallId>, is_open: bool, line: &PastCall) {
        let logged = match call.filter(|_| is_open) {
            Some(call) => self.store.log_open_call(call, line),
            None => self.store.log_call(line),
        };
        if let (Ok(number), Some(call)) = (&logged, call) {
            (self.tell)(Note::Event(EngineEvent::CallLogged { call, number: *number }));
        }
        self.kept(logged.map(drop));
    }

    async fn work(&mut self, job: Job) {
        match job {
            Job::Add { account, reply } => self.add(&account, reply).await,
            Job::SignIn { account, reply } => self.sign_in(&account, reply).await,
            Job::Remove(id) => self.remove(id).await,
            Job::ChangePassword { account, password, reply } => self.change_password(account, &password, reply).await,
            Job::TrustAuthority { account, sha256, reply } => self.trust_authority(account, &sha256, reply).await,
            Job::KeepOpen { call, open } => {
                let kept = self.store.put_open_call(call, &open);
                self.kept(kept);
            }
            Job::Log { call, is_open, line } => self.log(call, is_open, &line),
            Job::SetListed { list, rule, is_on_it } => {
                let set = self.store.set_listed(list, &rule, is_on_it);
                self.kept_rule(set);
            }
            Job::CountBlocked(rule) => {
                let counted = self.store.count_blocked(&rule);
                self.kept(counted);
            }
            Job::Blocked { reply } => _ = reply.send(self.store.blocked()),
            Job::Requests { reply } => _ = reply.send(self.store.requests()),
            Job::SetNumbering(numbering) => {
                let set = self.store.set_numbering(&numbering);
                self.kept_rule(set);
            }
            Job::Received { account, message, silently } => self.receive(account, *message, silently),
            Job::Send { message, reply } => _ = reply.send(self.store.add_message(&message)),
            Job::MessageState(id, state) => {
                let set = self.store.set_message_state(id, &state);
                self.kept(set);
            }
            // Whoever asked may have gone meanwhile.
            Job::PastCalls { page, missed, reply } => _ = reply.send(self.store.past_calls(page, missed)),
            Job::Forget { table, number, reply } => _ = reply.send(self.store.forget(table, number)),
            Job::Unseen { reply } => _ = reply.send(self.store.unseen()),
            Job::SetSeen { table, up_to, reply } => _ = reply.send(self.store.set_seen(table, up_to)),
            Job::KeepKey { account, peer, keys } => {
                let kept = self.store.keep_key(account.reveal(), peer.reveal(), &keys, now().unix);
                self.kept(kept);
            }
            Job::KeysOf { account, peer, reply } => _ = reply.send(self.store.keys_of(&peer, account.reveal())),
            Job::SetVerified { key, is_verified, reply } => {
                let set = self.store.set_verified(&key, is_verified.then(|| now().unix));
                _ = reply.send(set.and_then(|_| self.store.verified()));
            }
            Job::PastCall { number, reply } => _ = reply.send(self.store.past_call(number)),
            Job::KeepAccountStory { account, begun, story } => {
                let kept = self.store.keep_account_story(account, begun, &story);
                self.kept(kept);
            }
            Job::AccountStory { account, reply } => _ = reply.send(self.store.account_story(account)),
            Job::Messages { page, reply } => _ = reply.send(self.store.messages(page)),
            Job::Accounts { reply } => _ = reply.send(self.store.accounts()),
            Job::Setting { name, reply } => _ = reply.send(self.store.setting(&name)),
            Job::SetSetting { name, value, reply } => _ = reply.send(self.store.set_setting(&name, value.as_deref())),
            Job::Remember { name, value } => {
                let set = self.store.set_setting(name, value);
                self.kept_rule(set);
            }
            Job::Findings { domains, reply } => _ = reply.send(self.findings(domains).await),
            Job::KeepFindings(findings) => self.keep_findings(findings).await,
            Job::Known { dialled, addresses, reply } => _ = reply.send(self.known(dialled.as_deref(), &addresses).await),
            Job::Recall { call, dialled, addresses } => self.recall(call, &dialled, &addresses).await,
            Job::KeepChoice { person, choice } => self.keep_choice(&person, &choice).await,
            Job::ForgetChoice { person, reply } => _ = reply.send(self.forget_choice(&person).await),
            Job::KeepAnswered { person, answered } => self.keep_answered(&person, answered).await,
            Job::KeepMark { person, wanted } => self.keep_mark(&person, wanted).await,
            Job::Marks { addresses, reply } => _ = reply.send(self.marks(&addresses).await),
            Job::KeepInquiry { person, inquiry } => self.keep_inquiry(&person, inquiry).await,
            Job::People(addresses) => self.tell_people(addresses).await,
            Job::NoteAsked(asked) => self.note_asked(asked.take()),
            Job::AskedLately { reply } => {
                self.write_asked();
                _ = reply.send(self.store.asked(now().unix));
            }
            Job::Stored { reply } => {
                self.write_asked();
                _ = reply.send(self.store.stored());
            }
            Job::WipeContacts { reply } => _ = reply.send(self.wipe_contacts().await),
            Job::WakeAt { boot_time, slack } => self.platform.0.wake_at(boot_time, slack),
            Job::Awake(awake) => self.platform.0.awake(awake),
            Job::Look | Job::Close => {}
        }
    }

    /// Tells the owner if something could not be kept.
    pub(super) fn kept(&mut self, kept: Result<(), StoreError>) {
        if let Err(error) = kept {
            (self.tell)(Note::Event(EngineEvent::Trouble(error.into())));
        }
    }

    /// First kept, then told, with the number it is kept under if it is.
    fn receive(&mut self, account: AccountId, message: StoredMessage, silently: bool) {
        let kept = self.store.add_message(&message);
        let id = kept.as_ref().ok().copied();
        self.kept(kept.map(drop));
        (self.tell)(Note::Event(EngineEvent::received(id, account, message, silently)));
    }

    /// First the password, then the account: an account without one would be of no use.
    pub(super) async fn add(&mut self, account: &NewAccount, reply: oneshot::Sender<Result<AccountId, Refused>>) {
        let number = match self.store.next_account(account.address.reveal()) {
            Ok(number) => number.ok_or(Refused::AccountExists),
            Err(error) => Err(self.not_kept(error.into())),
        };
        if let Ok(id) = number {
            self.accounts.insert(id, account.options.trust.clone());
            (self.tell)(Note::Adding(AccountView::new(id, account.address.clone(), account.options.display_name.clone())));
        }
        // Whoever asked may have gone.
        let _ = reply.send(number);
        let Ok(id) = number else { return };
        let name = SecretName::password(id);
        let stored = StoredAccount::new(id, account, now().unix);
        // Before the account is seen by another process, which would make one of its own.
        self.identity(id).await;
        let kept = match self.platform.within(|platform| platform.keep_secret(&name, &account.password)).await {
            Ok(()) => self.store.add_account(&stored).map_err(Trouble::from),
            Err(error) => Err(error.into()),
        };
        match kept {
            Ok(()) => (self.tell)(Note::Added { account: stored, password: account.password.clone() }),
            Err(trouble) => {
                if let Err(error) = self.platform.forget([name, SecretName::media_key(id)]).await {
                    tracing::warn!(%error, "secrets of an account that could not be added stay behind");
                }
                self.forget_account(id);
                (self.tell)(Note::Event(EngineEvent::AccountFailed { account: id, trouble }));
            }
        }
    }

    pub(super) fn forget_account(&mut self, id: AccountId) {
        self.accounts.remove(&id);
        (self.tell)(Note::Removed(id));
    }

    async fn remove(&mut self, id: AccountId) {
        let removed = match self.store.remove_account(id) {
            Ok(key) => {
                let key = key.and_then(|name| SecretName::client_key(&name));
                let names = [SecretName::password(id), SecretName::media_key(id)].into_iter().chain(key);
                self.platform.forget(names).await.map_err(Trouble::from)
            }
            Err(error) => Err(error.into()),
        };
        match removed {
            Ok(()) => {
                self.forget_account(id);
                (self.tell)(Note::Event(EngineEvent::AccountRemoved(id)));
            }
            Err(trouble) => (self.tell)(Note::Event(EngineEvent::AccountFailed { account: id, trouble })),
        }
    }
}

/// A random UUID as a URN (RFC 9562 5.4).
fn uuid_urn() -> io::Result<String> {
    let mut octets = [0; 16];
    seed()?.fill(&mut octets);
    let number = u128::from_be_bytes(octets);
    let version_4 = number & !(0xf000 << 64) | 0x4000 << 64;
    let variant = version_4 & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{variant:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or_default());
    Ok(format!("urn:uuid:{}", parts.join("-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_a_random_uuid() {
        let (one, other) = (uuid_urn().unwrap(), uuid_urn().unwrap());
        assert_ne!(one, other);
        let uuid = one.strip_prefix("urn:uuid:").unwrap();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
    }
}
