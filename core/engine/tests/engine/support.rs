use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cooee_audio::{Device, NullDevice, OpenDevice};
use cooee_engine::{AccountOptions, Engine, EngineConfig, EngineEvent, NewAccount, StoreLocation, TestPlatform};
use cooee_machine::{Secret, Transport};

/// Nothing here takes so long: whoever waits this long waits for ever.
const FOREVER: Duration = Duration::from_secs(60);

/// A folder of a test's own, gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cooee-engines-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

pub(crate) fn no_sound() -> Arc<dyn OpenDevice> {
    Arc::new(|| {
        let device: Box<dyn Device> = Box::new(NullDevice);
        Ok(device)
    })
}

pub(crate) fn config(platform: &Arc<TestPlatform>) -> EngineConfig {
    EngineConfig::new(Arc::clone(platform) as _, StoreLocation::Memory, no_sound())
}

pub(crate) fn anna() -> NewAccount {
    NewAccount::new("anna@example.org", Secret::new("hunter2"))
}

/// Anna, whose server is on this machine at `port`, without TLS.
pub(crate) fn anna_at(port: u16) -> NewAccount {
    let options = AccountOptions { proxy: Some(format!("127.0.0.1:{port}")), transport: Some(Transport::Tcp), ..AccountOptions::default() };
    NewAccount { options, ..anna() }
}

/// The first event that `pick` makes something of.
pub(crate) async fn find<T>(engine: &Engine, mut pick: impl FnMut(&EngineEvent) -> Option<T>) -> T {
    let found = async {
        loop {
            let event = engine.next_event().await.expect("an event before the end");
            if let Some(found) = pick(&event) {
                return found;
            }
        }
    };
    tokio::time::timeout(FOREVER, found).await.expect("such an event")
}

/// Until the snapshot is as wished for.
pub(crate) async fn until(engine: &Engine, wish: impl Fn(&cooee_engine::Snapshot) -> bool) {
    let mut watch = engine.watch();
    tokio::time::timeout(FOREVER, watch.wait_for(|snapshot| wish(snapshot))).await.expect("such a snapshot").unwrap();
}

/// Until `is_so`, which nothing announces.
pub(crate) async fn eventually(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(FOREVER, waiting).await.expect("it to become so");
}
