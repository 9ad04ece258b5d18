use std::sync::atomic::Ordering;

use cooee_machine::Pii;
use cooee_net::now;
use cooee_phone::{AccountId, Command, MAX_TEXT, MessageId};

use super::Engine;
use crate::desk::Job;
use crate::{MessageState, Refused, StoredMessage};

/// Short texts.
impl Engine {
    /// Sends a short text (RFC 3428) to an address as in [`Engine::dial`], and keeps it. [`EngineEvent::MessageDelivered`] or
    /// [`EngineEvent::MessageFailed`] follows.
    ///
    /// # Errors
    /// There is no account, the text is empty or too long, or the engine is offline.
    ///
    /// [`EngineEvent::MessageDelivered`]: crate::EngineEvent::MessageDelivered
    /// [`EngineEvent::MessageFailed`]: crate::EngineEvent::MessageFailed
    pub fn send_message(&self, target: &str, account: Option<AccountId>, text: &str) -> Result<MessageId, Refused> {
        let snapshot = self.shared.snapshot();
        let target = self.target(target, account)?;
        if text.is_empty() || text.len() > MAX_TEXT {
            return Err(Refused::Length);
        }
        self.running()?;
        if !self.is_online {
            return Err(Refused::Offline);
        }
        let message = MessageId(self.shared.next_message.fetch_add(1, Ordering::Relaxed));
        let from = account.and_then(|account| snapshot.account(account)).or(snapshot.accounts.first());
        // Kept before it is sent: what becomes of it must not reach the store first.
        self.desk.put(Job::Message(Box::new(StoredMessage {
            id: message,
            account: from.map(|view| view.address.clone()).unwrap_or_default(),
            peer: Pii(target.clone()),
            peer_name: None,
            at: now().unix,
            text: Pii(text.to_owned()),
            state: MessageState::Sent,
        })));
        self.command(Command::SendMessage { message, account, target, text: text.to_owned() }).inspect_err(|refused| {
            self.desk.put(Job::MessageState(message, MessageState::Failed(refused.to_string())));
        })?;
        Ok(message)
    }
}
