use std::path::{Path, PathBuf};

use cooee_machine::Secret;
use tokio::sync::watch;

use super::battery::power;
use super::secrets::SecretFolder;
use super::{Conditions, Lent, Platform, Roots, SecretName, sign_by};

/// A desktop computer or a server: everything in files below one home folder; networks are watched by the engine itself.
#[derive(Debug)]
pub struct DesktopPlatform {
    home: PathBuf,
    secrets: SecretFolder,
    conditions: watch::Sender<Conditions>,
}

impl DesktopPlatform {
    /// Keeps everything below `home`, which should be closed to others. It is made when first needed.
    #[must_use]
    pub fn new(home: PathBuf) -> Self {
        let secrets = SecretFolder::new(home.join("secrets"));
        Self { home, secrets, conditions: watch::Sender::default() }
    }

    /// Traffic costs money: the person says so, as no system tells it in a way that every desktop has.
    #[must_use]
    pub fn metered(self, metered: bool) -> Self {
        self.conditions.send_modify(|conditions| conditions.metered = metered);
        self
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }
}

impl Platform for DesktopPlatform {
    fn trust_roots(&self) -> Lent<'_, Roots> {
        Box::pin(async { Ok(Roots::System) })
    }

    fn secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, Option<Secret>> {
        Box::pin(async { Ok(self.secrets.read(name)?) })
    }

    fn keep_secret<'a>(&'a self, name: &'a SecretName, secret: &'a Secret) -> Lent<'a, ()> {
        Box::pin(async { Ok(self.secrets.write(name, secret)?) })
    }

    fn forget_secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, ()> {
        Box::pin(async { Ok(self.secrets.remove(name)?) })
    }

    fn sign<'a>(&'a self, key: &'a SecretName, message: &'a [u8]) -> Lent<'a, Vec<u8>> {
        Box::pin(async { sign_by(self.secrets.read(key)?, message) })
    }

    fn look(&self) {
        let power = power(Path::new("/sys/class/power_supply"));
        self.conditions.send_if_modified(|conditions| std::mem::replace(&mut conditions.power, power) != power);
    }

    fn conditions(&self) -> watch::Receiver<Conditions> {
        self.conditions.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_metered_where_the_person_says_so_and_a_look_at_the_battery_changes_nothing_of_it() {
        for metered in [true, false] {
            let platform = DesktopPlatform::new(PathBuf::from("never-made")).metered(metered);
            platform.look();
            assert_eq!(platform.conditions().borrow().metered, metered);
        }
    }
}
