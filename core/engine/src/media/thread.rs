use std::io;
use std::thread::JoinHandle;

use cooee_machine::Entropy;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use super::worker::Worker;
use super::{Levels, MediaCommand, MediaConfig, MediaUpdate};

/// Why the media thread did not start: the system refuses threads, sockets or randomness.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaStartError {
    /// In the system's words.
    #[error("cannot start the media thread: {0}")]
    System(#[from] io::Error),
}

/// The media thread. When this is dropped it says good-bye to all peers, completes all files and ends; the drop waits for it, 8 s at most
/// for a disk or a device that hangs.
pub struct MediaThread {
    commands: Option<UnboundedSender<MediaCommand>>,
    levels: watch::Receiver<Levels>,
    thread: Option<JoinHandle<()>>,
}

impl MediaThread {
    /// Starts it. Updates wait in the receiver, however long it is not read: they are few.
    ///
    /// # Errors
    /// The system has no thread, no poll or no randomness to give.
    pub fn start(config: MediaConfig) -> Result<(Self, UnboundedReceiver<MediaUpdate>), MediaStartError> {
        Self::start_with(config, cooee_net::seed()?)
    }

    fn start_with(config: MediaConfig, entropy: Entropy) -> Result<(Self, UnboundedReceiver<MediaUpdate>), MediaStartError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().thread_name("cooee-media-wait").build()?;
        let (commands, inbox) = unbounded_channel();
        let (updates, outbox) = unbounded_channel();
        let (level, levels) = watch::channel(Levels::new());
        let work = move || {
            runtime.block_on(Worker::run(config, entropy, inbox, updates, level));
            // Whatever still hangs after all that patience is not waited for here either.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("cooee-media".into()).spawn(work)?;
        Ok((Self { commands: Some(commands), levels, thread: Some(thread) }, outbox))
    }

    /// Asks for something. Never blocks.
    pub fn send(&self, command: impl Into<MediaCommand>) {
        if let Some(commands) = &self.commands
            && commands.send(command.into()).is_err()
        {
            tracing::error!("the media thread has ended before its time");
        }
    }

    /// The levels of all calls with sound, renewed ten times a second while somebody holds this.
    #[must_use]
    pub fn levels(&self) -> watch::Receiver<Levels> {
        self.levels.clone()
    }
}

impl Drop for MediaThread {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the media thread has panicked");
        }
    }
}

impl std::fmt::Debug for MediaThread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MediaThread")
    }
}
