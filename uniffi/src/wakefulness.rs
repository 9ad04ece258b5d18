//! When the app has to wake the device, and whether it keeps it awake: the last word holds, however slow the app is.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::Platform;
use crate::platform::ask_in;
use crate::room::Room;

/// What the app is to be told.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    /// Since boot, and how much later it may be.
    alarm: (Option<Duration>, Duration),
    /// An alarm that has gone off may be wanted again for the same time.
    alarms: u64,
    awake: bool,
}

/// Told in order, one thing after the other: two calls at once could reach the app the other way round, and an older alarm would stand.
pub(crate) struct Wakefulness(watch::Sender<Wanted>);

impl Wakefulness {
    /// Tells the app from the room's thread, until this is dropped.
    pub(crate) fn new(app: Arc<dyn Platform>, room: Arc<Room>) -> Self {
        let (wanted, mut news) = watch::channel(Wanted::default());
        let told_in = Arc::clone(&room);
        drop(told_in.begin(async move {
            let mut told = Wanted::default();
            while news.changed().await.is_ok() {
                let wanted = *news.borrow_and_update();
                // Whoever may sleep has an alarm first; whoever may not does not wait for it.
                if wanted.awake && !told.awake {
                    note(ask_in(&room, Arc::clone(&app), |app| async move { app.awake(true).await }).await);
                }
                if wanted.alarms != told.alarms {
                    let (boot_time, slack) = wanted.alarm;
                    note(ask_in(&room, Arc::clone(&app), move |app| async move { app.wake_at(boot_time, slack).await }).await);
                }
                if told.awake && !wanted.awake {
                    note(ask_in(&room, Arc::clone(&app), |app| async move { app.awake(false).await }).await);
                }
                told = wanted;
            }
        }));
        Self(wanted)
    }

    pub(crate) fn wake_at(&self, boot_time: Option<Duration>, slack: Duration) {
        self.0.send_modify(|wanted| {
            wanted.alarm = (boot_time, slack);
            wanted.alarms += 1;
        });
    }

    pub(crate) fn keep(&self, awake: bool) {
        self.0.send_modify(|wanted| wanted.awake = awake);
    }
}

fn note(told: Result<(), crate::PlatformError>) {
    if let Err(error) = told {
        tracing::warn!(%error, "the platform does not do what it is told");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::{PlatformError, Roots};

    /// Takes its time with what it is told first.
    #[derive(Default)]
    struct Slow(Mutex<Vec<String>>);

    impl Slow {
        async fn take(&self, told: String) -> Result<(), PlatformError> {
            if self.0.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            self.0.lock().unwrap().push(told);
            Ok(())
        }
    }

    #[async_trait]
    impl Platform for Slow {
        async fn roots(&self) -> Result<Roots, PlatformError> {
            Err(PlatformError::Unsupported)
        }

        async fn secret(&self, _name: String) -> Result<Option<String>, PlatformError> {
            Err(PlatformError::Unsupported)
        }

        async fn keep_secret(&self, _name: String, _secret: String) -> Result<(), PlatformError> {
            Err(PlatformError::Unsupported)
        }

        async fn forget_secret(&self, _name: String) -> Result<(), PlatformError> {
            Err(PlatformError::Unsupported)
        }

        async fn sign(&self, _key: String, _message: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
            Err(PlatformError::Unsupported)
        }

        async fn resolve(&self, _query: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
            Err(PlatformError::Unsupported)
        }

        async fn wake_at(&self, boot_time: Option<Duration>, _slack: Duration) -> Result<(), PlatformError> {
            self.take(format!("{:?}", boot_time.map(|time| time.as_secs()))).await
        }

        async fn awake(&self, awake: bool) -> Result<(), PlatformError> {
            self.take(awake.to_string()).await
        }
    }

    #[test]
    fn what_was_said_last_holds_though_the_app_is_slow() {
        let app = Arc::new(Slow::default());
        let room = Arc::new(Room::open("test").unwrap());
        let wakefulness = Wakefulness::new(Arc::clone(&app) as _, room);
        let told = || app.0.lock().unwrap().clone();
        let until = |last: &str| {
            while told().last().is_none_or(|it| it != last) {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        wakefulness.keep(true);
        until("true");
        for seconds in [9, 8, 7] {
            wakefulness.wake_at(Some(Duration::from_secs(seconds)), Duration::ZERO);
        }
        wakefulness.keep(false);
        until("false");
        let before = told();
        assert_eq!(before[before.len() - 2..], ["Some(7)", "false"], "the alarm stands before the device may sleep");
        wakefulness.wake_at(Some(Duration::from_secs(7)), Duration::ZERO);
        until("Some(7)");
        assert_eq!(told().len(), before.len() + 1, "one that has gone off is set again");
    }
}
