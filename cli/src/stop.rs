//! Ctrl-C and its kin.

use tokio::sync::oneshot;
use tokio::{select, signal};

use crate::exit::{Exit, Failure};

/// Answers once the person or the system asks this process to end.
pub async fn asked() {
    let interrupt = signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

/// Runs what ends when its argument does, and is asked to end once; asked a second time, it is left where it is.
pub async fn politely<W: Future<Output = ()>>(work: impl FnOnce(oneshot::Receiver<()>) -> W) -> anyhow::Result<()> {
    let (ask, asked_to) = oneshot::channel();
    let twice = async {
        asked().await;
        drop(ask);
        asked().await;
    };
    select! {
        () = work(asked_to) => Ok(()),
        () = twice => Err(at_once()),
    }
}

/// How a command ends that did not end in good order.
pub fn at_once() -> anyhow::Error {
    Failure::new(Exit::AtOnce, "Left at once.").into()
}
