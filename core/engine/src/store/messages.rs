use std::time::Duration;

use cooee_database::rusqlite::{self, Row, params};
use cooee_machine::Pii;
use cooee_phone::{MessageId, MessageTrouble};

use super::person::{person, short};
use super::retention::{Table, befriend, is_stranger};
use super::{Page, Store, StoreError, duration, milliseconds};

/// A short text that came or was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Names it; later ones have higher numbers. The store gives it: what is yet to be kept has none of its own.
    pub id: MessageId,
    /// The address of our account, which may be gone by now.
    pub account: Pii<String>,
    /// The other end: `sip:ben@example.org`, or as it was typed.
    pub peer: Pii<String>,
    /// The name it showed.
    pub peer_name: Option<Pii<String>>,
    /// When it came or was sent, since the Unix epoch.
    pub at: Duration,
    /// What it says.
    pub text: Pii<String>,
    /// What became of it.
    pub state: MessageState,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It came.
    Received,
    /// It was sent, and nobody said yet whether it arrived; nobody ever will if the phone has ended since.
    Sent,
    /// It arrived at the other side, or at a server that keeps it for them.
    Delivered,
    /// It did not arrive, for this reason; `None` for one that this version has no word for.
    Failed(Option<MessageTrouble>),
}

impl MessageState {
    /// For scripts and the store.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed(_) => "failed",
        }
    }

    fn trouble(&self) -> Option<String> {
        if let Self::Failed(trouble) = self { trouble.map(|trouble| trouble.to_string()) } else { None }
    }
}

impl Store {
    /// Keeps a text under the next number, which it tells: another process may keep texts here as well. Old ones are forgotten, those
    /// of strangers first.
    pub(crate) fn add_message(&mut self, message: &StoredMessage) -> Result<MessageId, StoreError> {
        let person = person(message.peer.reveal(), message.account.reveal());
        self.0.write(|transaction| {
            if message.state != MessageState::Received {
                befriend(transaction, &person)?;
            }
            let is_stranger = message.state == MessageState::Received && is_stranger(transaction, &person)?;
            transaction.execute(
                "INSERT INTO message (account, peer, peer_name, at, text, state, trouble, person, stranger)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    message.account.reveal(),
                    short(message.peer.reveal()),
                    message.peer_name.as_ref().map(|name| short(name.reveal())),
                    milliseconds(message.at),
                    message.text.reveal(),
                    message.state.as_str(),
                    message.state.trouble(),
                    person,
                    is_stranger,
                ],
            )?;
            let id = MessageId(u64::try_from(transaction.last_insert_rowid()).unwrap_or(0));
            Table::Message.prune(transaction, &person, is_stranger)?;
            Ok(id)
        })
    }

    /// What became of a text that was sent.
    pub(crate) fn set_message_state(&mut self, id: MessageId, state: &MessageState) -> Result<(), StoreError> {
        let update = "UPDATE message SET state = ?, trouble = ? WHERE id = ?";
        self.0.with(|connection| connection.execute(update, params![state.as_str(), state.trouble(), number(id)]))?;
        Ok(())
    }

    /// Texts of a page, the newest last.
    pub(crate) fn messages(&mut self, page: impl Into<Page>) -> Result<Vec<StoredMessage>, StoreError> {
        let mut messages = self.page(Table::Message, &page.into(), "true", read)?;
        messages.reverse();
        Ok(messages)
    }
}

fn number(id: MessageId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredMessage> {
    let state: String = row.get("state")?;
    let trouble: Option<String> = row.get("trouble")?;
    Ok(StoredMessage {
        id: MessageId(u64::try_from(row.get::<_, i64>("id")?).unwrap_or(0)),
        account: Pii(row.get("account")?),
        peer: Pii(row.get("peer")?),
        peer_name: row.get::<_, Option<String>>("peer_name")?.map(Pii),
        at: duration(row.get("at")?),
        text: Pii(row.get("text")?),
        state: match state.as_str() {
            "received" => MessageState::Received,
            "delivered" => MessageState::Delivered,
            "failed" => MessageState::Failed(trouble.as_deref().and_then(MessageTrouble::parse)),
            _ => MessageState::Sent,
        },
    })
}
