//! Short texts (RFC 3428).

use std::collections::BTreeMap;

use cooee_call::{Caller, Peer, Screened};
use cooee_machine::{Now, Transport};
use cooee_sip::ua;

use super::{Phone, Shutdown};
use crate::address::Target;
use crate::{AccountId, MAX_TEXT, MessageId, MessageTrouble, PhoneEvent};

/// So many may be under way.
const MOST: usize = 32;

/// Texts under way, by the name that their user agent gave them.
pub(super) type Messages = BTreeMap<(AccountId, ua::MessageId), MessageId>;

impl Phone {
    pub(super) fn send_message(&mut self, message: MessageId, account: Option<AccountId>, target: &str, text: &str, now: Now) {
        if let Err(trouble) = self.try_send_message(message, account, target, text, now) {
            self.tell(PhoneEvent::MessageFailed { message, trouble });
        }
    }

    fn try_send_message(
        &mut self,
        message: MessageId,
        account: Option<AccountId>,
        target: &str,
        text: &str,
        now: Now,
    ) -> Result<(), MessageTrouble> {
        let address = self.numbering.understand(target).map_err(|_| MessageTrouble::BadAddress)?.address;
        let target = Target::of(&address).ok_or(MessageTrouble::BadAddress)?;
        if text.is_empty() || text.len() > MAX_TEXT {
            return Err(MessageTrouble::Length);
        }
        if self.messages.len() >= MOST {
            return Err(MessageTrouble::TooMany);
        }
        let id = account.or_else(|| self.choose_account(&address)).ok_or(MessageTrouble::NoAccount)?;
        let account = self.accounts.get_mut(&id).filter(|account| !account.is_leaving()).ok_or(MessageTrouble::NoAccount)?;
        if target.is_secure && account.transport() != Transport::Tls {
            return Err(MessageTrouble::NotSecure);
        }
        if !account.is_ready() || self.shutdown != Shutdown::No {
            return Err(MessageTrouble::NotConnected);
        }
        let uri = target.within(&account.own.domain);
        let name = account.agent.message(&uri, text, now);
        self.familiar.meet(&uri);
        self.called.meet(&uri);
        self.messages.insert((id, name), message);
        Ok(())
    }

    pub(super) fn handle_message(&mut self, account: AccountId, event: ua::MessageEvent) {
        match event {
            ua::MessageEvent::Received { from, display, asserted, anonymous, text } => {
                let from = Peer { address: from, display_name: display };
                let caller = Caller { asserted, anonymous, ..Caller::default() };
                if let Some(rule) = self.screen.blocker(&from.address, caller.asserted.as_ref()).cloned() {
                    return self.tell(PhoneEvent::MessageBlocked { account, rule });
                }
                let Some(owner) = self.accounts.get(&account) else { return };
                let screened = self.screen.judge(owner, &from, &caller);
                if screened == Some(Screened::Anonymous) {
                    return;
                }
                let silently = screened.is_some() || self.request_of(owner, &from, &caller, None).is_some();
                self.tell(PhoneEvent::MessageReceived { account, from, text, silently });
            }
            ua::MessageEvent::Delivered(id) => {
                if let Some(message) = self.messages.remove(&(account, id)) {
                    self.tell(PhoneEvent::MessageDelivered(message));
                }
            }
            ua::MessageEvent::Failed { id, status } => {
                if let Some(message) = self.messages.remove(&(account, id)) {
                    self.tell(PhoneEvent::MessageFailed { message, trouble: trouble_of(status) });
                }
            }
            _ => {}
        }
    }

    /// An account is gone, and with it the answers to what was sent over it.
    pub(super) fn drop_messages(&mut self, account: AccountId) {
        let lost: Vec<_> = self.messages.keys().filter(|(owner, _)| *owner == account).copied().collect();
        for message in lost.iter().filter_map(|name| self.messages.remove(name)).collect::<Vec<_>>() {
            self.tell(PhoneEvent::MessageFailed { message, trouble: MessageTrouble::NotConnected });
        }
    }
}

fn trouble_of(status: Option<u16>) -> MessageTrouble {
    match status {
        None => MessageTrouble::BadAddress,
        Some(408) => MessageTrouble::NoAnswer,
        Some(413) => MessageTrouble::Length,
        Some(503) => MessageTrouble::NotConnected,
        Some(status) => MessageTrouble::Refused(status),
    }
}
