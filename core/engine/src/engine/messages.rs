use cooee_machine::Pii;
use cooee_net::now;
use cooee_phone::{AccountId, Command, MAX_TEXT, MessageId, MessageTrouble};

use super::Engine;
use crate::desk::Job;
use crate::{EngineEvent, MessageState, Refused, StoredMessage};

/// Short texts.
impl Engine {
    /// Keeps a short text (RFC 3428) and sends it to an address as in [`Engine::dial`]; the store gives it a number.
    /// [`EngineEvent::MessageDelivered`] or [`EngineEvent::MessageFailed`] follows.
    ///
    /// # Errors
    /// There is no account, the text is empty or too long, the engine is offline, or the store cannot be written, which is told as a
    /// trouble.
    ///
    /// [`EngineEvent::MessageDelivered`]: crate::EngineEvent::MessageDelivered
    /// [`EngineEvent::MessageFailed`]: crate::EngineEvent::MessageFailed
    pub async fn send_message(&self, target: &str, account: Option<AccountId>, text: &str) -> Result<MessageId, Refused> {
        let snapshot = self.shared.snapshot();
        let target = self.target(target, account)?;
        if text.is_empty() || text.len() > MAX_TEXT {
            return Err(Refused::Length);
        }
        self.running()?;
        if !self.is_online {
            return Err(Refused::Offline);
        }
        let from = account.and_then(|account| snapshot.account(account)).or(snapshot.accounts.first());
        // Kept before it is sent: what becomes of it must not reach the store first.
        let kept = StoredMessage {
            id: MessageId::default(),
            account: from.map(|view| view.address.clone()).unwrap_or_default(),
            peer: Pii(target.clone()),
            peer_name: None,
            at: now().unix,
            text: Pii(text.to_owned()),
            state: MessageState::Sent,
        };
        let message = self.ask(|reply| Job::Send { message: Box::new(kept), reply }).await.map_err(|error| {
            self.shared.events.push(EngineEvent::Trouble(error.into()));
            Refused::NotKept
        })?;
        self.command(Command::SendMessage { message, account, target, text: text.to_owned() }).inspect_err(|_| {
            self.desk.put(Job::MessageState(message, MessageState::Failed(Some(MessageTrouble::NotConnected))));
        })?;
        Ok(message)
    }
}
