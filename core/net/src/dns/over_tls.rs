//! DNS over TLS (RFC 7858): questions side by side on one connection, answers in any order (RFC 7766 6.2.1.1).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cooee_machine::ResolveFailure;
use hickory_proto::op::Message;
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot};

use super::answer::Ask;
use super::encrypted::Fault;
use super::frame;

/// Questions at once on a connection; those behind them wait.
const OPEN_MAX: usize = 128;

/// A connection. It ends when the last clone is dropped, and fails all questions when the server ends it.
#[derive(Clone, Debug)]
pub(super) struct Channel(mpsc::Sender<Asked>);

#[derive(Debug)]
struct Asked {
    ask: Ask,
    reply: oneshot::Sender<Result<Message, Fault>>,
}

impl Channel {
    /// Takes over a connection whose server has proven itself.
    pub(super) fn start<S: AsyncRead + AsyncWrite + Send + 'static>(stream: S) -> Self {
        let (sender, asked) = mpsc::channel(OPEN_MAX);
        tokio::spawn(async move {
            let (reader, writer) = tokio::io::split(stream);
            let open = Open::default();
            let end = tokio::select! {
                end = read(reader, &open) => end,
                end = write(writer, asked, &open) => end,
            };
            if let Err(error) = end {
                tracing::debug!(%error, "a connection for DNS over TLS ended");
            }
        });
        Self(sender)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    pub(super) async fn exchange(&self, ask: &Ask) -> Result<Message, Fault> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Asked { ask: ask.clone(), reply }).await.map_err(|_| Fault::Closed)?;
        answer.await.map_err(|_| Fault::Closed)?
    }
}

/// Questions on the wire, by their id.
#[derive(Debug, Default)]
struct Open(Mutex<HashMap<u16, Asked>>);

impl Open {
    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the question an id that no other has; those that nobody waits for any more make room.
    fn add(&self, asked: Asked, mut id: u16) -> u16 {
        let mut open = self.lock();
        if open.len() >= OPEN_MAX {
            open.retain(|_, asked| !asked.reply.is_closed());
        }
        while open.contains_key(&id) {
            id = id.wrapping_add(1);
        }
        open.insert(id, asked);
        id
    }
}

async fn write<S: AsyncWrite>(mut stream: WriteHalf<S>, mut asked: mpsc::Receiver<Asked>, open: &Open) -> std::io::Result<()> {
    while let Some(asked) = asked.recv().await {
        let mut message = asked.ask.padded_request();
        message.metadata.id = open.add(asked, crate::seed()?.u32() as u16);
        frame::write(&mut stream, &message.to_vec().map_err(std::io::Error::other)?).await?;
    }
    Ok(())
}

async fn read<S: AsyncRead>(mut stream: ReadHalf<S>, open: &Open) -> std::io::Result<()> {
    loop {
        let message = Message::from_vec(&frame::read(&mut stream).await?).map_err(std::io::Error::other)?;
        // An id that is not open is that of a question nobody waits for any more.
        let Some(Asked { ask, reply }) = open.lock().remove(&message.metadata.id) else { continue };
        let id = message.metadata.id;
        let answer = if ask.is_answered_by(&message, id) { Ok(message) } else { Err(Fault::Failed(ResolveFailure::Refused)) };
        // Whoever asked may have gone.
        let _ = reply.send(answer);
    }
}
