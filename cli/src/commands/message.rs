//! `cooee message` and `messages`: short texts.

use std::sync::Arc;
use std::time::Duration;

use cooee_engine::{AccountView, Engine, EngineEvent, MessageState, StoredMessage};
use cooee_phone::{AccountState, MessageId, MessageTrouble};

use crate::args::{Common, HistoryVerb, Message, Messages, Page, Sound};
use crate::exit::{self, Exit, Failure};
use crate::line::Line;
use crate::open::{self, Purpose};
use crate::report::Reporter;
use crate::tell::explain_message;

/// Longer than a transaction may take (RFC 3261 17.1.2.2) after a login.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long accounts may take to connect.
const LOGIN: Duration = Duration::from_secs(15);

/// Sends a text and waits until it is known whether it arrived.
pub async fn send(common: &Common, message: &Message, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &Sound::default(), Purpose::Call, reporter).await?;
    let result = send_by(&engine, message).await;
    engine.shut_down().await;
    let id = result?;
    reporter.tell(&Line::Delivered { message: id.0 });
    Ok(())
}

async fn send_by(engine: &Engine, message: &Message) -> anyhow::Result<MessageId> {
    let from = super::call::account(engine, message.from.as_deref())?;
    let _ = tokio::time::timeout(LOGIN, settled(engine)).await; // whatever has not come about by then is told by what follows
    let not_sent = |exit: Exit, why: &str| Failure::new(exit, format!("The text did not arrive. {why}"));
    let sent = engine
        .send_message(&message.address, from, &message.text)
        .await
        .map_err(|refused| Failure::new(exit::of_refusal(refused), format!("Not sent: {refused}.")))?;
    let answer = async {
        while let Some(event) = engine.next_event().await {
            match event {
                EngineEvent::MessageDelivered(id) if id == sent => return Ok(sent),
                EngineEvent::MessageFailed { message: id, trouble } if id == sent => {
                    let exit = if trouble == MessageTrouble::BadAddress { Exit::NotUnderstood } else { Exit::NotReached };
                    return Err(not_sent(exit, &explain_message(&trouble)));
                }
                _ => {}
            }
        }
        Err(not_sent(Exit::NotReached, "The phone stopped."))
    };
    let too_late = |_| Err(not_sent(Exit::NotReached, &format!("Nobody answered within {} s.", PATIENCE.as_secs())));
    Ok(tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(too_late)?)
}

/// Until each account can be used, or cannot.
pub(super) async fn settled(engine: &Engine) {
    let mut watch = engine.watch();
    let is_settled = |view: &AccountView| !matches!(view.state, None | Some(AccountState::Connecting));
    let _ = watch.wait_for(|snapshot| snapshot.stopped || snapshot.accounts.iter().all(is_settled)).await; // ends with the engine
}

/// Prints texts, newest last; or forgets of them, or takes note that they were looked at.
pub async fn stored(common: &Common, messages: &Messages, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let done = open::stored(common, reporter, async |engine| match messages.what {
        None => list(engine, &messages.page, reporter).await,
        Some(HistoryVerb::Forget { which }) => {
            let gone = engine.forget_messages(which.number().map(MessageId)).await;
            super::log::forgotten(gone, which, "text", reporter)
        }
        Some(HistoryVerb::Seen) => Ok(engine.set_messages_seen(MessageId(u64::MAX)).await?),
    });
    done.await
}

async fn list(engine: &Engine, page: &Page, reporter: &Reporter) -> anyhow::Result<()> {
    let (texts, unseen) = (engine.messages(page.of(engine)).await?, engine.unseen().await?);
    for text in &texts {
        reporter.tell(&line(text, unseen.has_text(text)));
    }
    if texts.is_empty() {
        reporter.say("No texts yet.");
    }
    Ok(())
}

fn line(text: &StoredMessage, new: bool) -> Line {
    Line::Message {
        silently: false,
        message: Some(text.id.0),
        account: text.account.reveal().clone(),
        peer: text.peer.reveal().clone(),
        name: text.peer_name.as_ref().map(|name| name.reveal().clone()),
        at: text.at.as_secs(),
        state: text.state.as_str(),
        new,
        text: text.text.reveal().clone(),
        trouble: match &text.state {
            MessageState::Failed(Some(trouble)) => Some(explain_message(trouble)),
            MessageState::Failed(None) => Some("It did not arrive.".to_owned()),
            _ => None,
        },
    }
}
