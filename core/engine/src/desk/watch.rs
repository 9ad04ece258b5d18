use crate::StoreLocation;

/// Notices that another process has closed the store, as each command does when it is done: then is the time to look what it has changed.
/// Until then nobody wakes up for it.
pub(super) struct Watch(Option<system::Closed>);

impl Watch {
    /// Where the system does not tell, nothing is noticed, and the store is looked at before each job.
    pub(super) fn new(location: &StoreLocation) -> Self {
        let StoreLocation::File(path) = location else { return Self(None) };
        Self(system::Closed::watch(path).inspect_err(|error| tracing::debug!(%error, "changes by others are noticed late")).ok())
    }

    /// Answers when it is time to look; may be dropped and called again.
    pub(super) async fn noticed(&mut self) {
        match &mut self.0 {
            Some(closed) => closed.next().await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    use tokio::net::unix::pipe::Receiver;

    /// Tells when a file of the store's folder that was open for writing is so no longer.
    pub(super) struct Closed(Receiver);

    impl Closed {
        pub(super) fn watch(path: &Path) -> io::Result<Self> {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let inotify = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            add_watch(&inotify, folder, WatchFlags::CLOSE_WRITE | WatchFlags::ONLYDIR)?;
            // It is waited for and read like a pipe.
            Receiver::from_file_unchecked(File::from(inotify)).map(Self)
        }

        /// Of which file is not read: to look costs as little.
        pub(super) async fn next(&mut self) {
            let mut events = [0; 4096];
            loop {
                match self.0.readable().await.and_then(|()| self.0.try_read(&mut events)) {
                    Ok(_) => return,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => {
                        tracing::warn!(%error, "changes by others are noticed late from now on");
                        return std::future::pending().await;
                    }
                }
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use std::convert::Infallible;
    use std::io;
    use std::path::Path;

    pub(super) struct Closed(Infallible);

    impl Closed {
        pub(super) fn watch(_: &Path) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) async fn next(&mut self) {
            match self.0 {}
        }
    }
}
