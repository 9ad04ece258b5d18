use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cooee_audio::{Device, DeviceError, DeviceEvent, OpenDevice};
use cooee_codec::{Block, SILENCE};
use cooee_machine::{Interface, Secret};
use cooee_net::DnsServers;
use tokio::sync::watch;

use super::{Conditions, Lent, Platform, PlatformError, Roots, SecretName, sign_by};

/// A device for tests and demonstrations: nothing of it is on disk, and it suspends, changes networks and loses its sound
/// device when told to.
#[derive(Debug, Default)]
pub struct TestPlatform {
    state: Mutex<State>,
    conditions: watch::Sender<Conditions>,
    sound: Arc<Mutex<Sound>>,
}

#[derive(Debug, Default)]
struct State {
    secrets: HashMap<String, Secret>,
    roots: Vec<Vec<u8>>,
    is_slow: bool,
    alarm: Option<(Duration, Duration)>,
    awake: i64,
}

impl TestPlatform {
    /// Trusts nobody, asks no DNS, has no secrets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on these authorities (DER) are trusted by whoever asks.
    pub fn trust(&self, roots: Vec<Vec<u8>>) {
        self.state().roots = roots;
    }

    /// From now on nothing is answered any more, as by a platform that hangs.
    pub fn hang(&self) {
        self.state().is_slow = true;
    }

    /// These networks are up now.
    pub fn change_networks(&self, networks: Vec<Interface>) {
        self.conditions.send_modify(|conditions| conditions.networks = Some(networks));
    }

    /// When the phone wants to be woken: time since boot, and slack.
    pub fn alarm(&self) -> Option<(Duration, Duration)> {
        self.state().alarm
    }

    /// Whether the phone keeps the device awake.
    pub fn is_kept_awake(&self) -> bool {
        self.state().awake > 0
    }

    /// A silent sound device, which [`TestPlatform::lose_sound`] takes away.
    #[must_use]
    pub fn sound(&self) -> Arc<dyn OpenDevice> {
        let sound = Arc::clone(&self.sound);
        Arc::new(move || {
            if lock(&sound).is_lost {
                return Err(DeviceError::NoMicrophone);
            }
            let device: Box<dyn Device> = Box::new(TestDevice { sound: Arc::clone(&sound), told: false });
            Ok(device)
        })
    }

    /// The sound device is pulled out; it cannot be opened again until [`TestPlatform::restore_sound`].
    pub fn lose_sound(&self) {
        lock(&self.sound).is_lost = true;
    }

    /// The sound device is back.
    pub fn restore_sound(&self) {
        lock(&self.sound).is_lost = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Does `work` at once, or never if the platform hangs.
    fn lend<'a, T: Send + 'a>(&'a self, work: impl FnOnce(&mut State) -> T + Send + 'a) -> Lent<'a, T> {
        Box::pin(async move {
            let answer = {
                let mut state = self.state();
                if state.is_slow { None } else { Some(work(&mut state)) }
            };
            match answer {
                Some(answer) => Ok::<_, PlatformError>(answer),
                None => std::future::pending().await,
            }
        })
    }
}

impl Platform for TestPlatform {
    fn trust_roots(&self) -> Lent<'_, Roots> {
        self.lend(|state| Roots::Only { system: state.roots.clone(), added: Vec::new() })
    }

    fn secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, Option<Secret>> {
        self.lend(|state| state.secrets.get(name.as_str()).cloned())
    }

    fn keep_secret<'a>(&'a self, name: &'a SecretName, secret: &'a Secret) -> Lent<'a, ()> {
        self.lend(|state| _ = state.secrets.insert(name.as_str().to_owned(), secret.clone()))
    }

    fn forget_secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, ()> {
        self.lend(|state| _ = state.secrets.remove(name.as_str()))
    }

    fn sign<'a>(&'a self, key: &'a SecretName, message: &'a [u8]) -> Lent<'a, Vec<u8>> {
        let pem = self.secret(key);
        Box::pin(async move { sign_by(pem.await?, message) })
    }

    fn dns(&self) -> DnsServers {
        DnsServers::Nobody
    }

    fn conditions(&self) -> watch::Receiver<Conditions> {
        self.conditions.subscribe()
    }

    fn wake_at(&self, boot_time: Option<Duration>, slack: Duration) {
        self.state().alarm = boot_time.map(|at| (at, slack));
    }

    fn awake(&self, awake: bool) {
        self.state().awake += if awake { 1 } else { -1 };
    }
}

#[derive(Debug, Default)]
struct Sound {
    is_lost: bool,
}

struct TestDevice {
    sound: Arc<Mutex<Sound>>,
    told: bool,
}

impl Device for TestDevice {
    fn read(&mut self, block: &mut Block) {
        *block = SILENCE;
    }

    fn write(&mut self, _block: &Block) {}

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        if self.told || !lock(&self.sound).is_lost {
            return None;
        }
        self.told = true;
        Some(DeviceEvent::Disconnected)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
