//! The key and certificates of `cooee account add --client-cert --client-key`.

use std::path::Path;

use cooee_engine::{DesktopPlatform, Platform, SecretName};
use cooee_machine::{ClientKey, Secret};
use cooee_net::Trust;

use crate::args::Common;
use crate::exit::{Exit, Failure};
use crate::home;

/// As the person's files have them.
pub struct KeyFiles {
    key: ClientKey,
    name: SecretName,
    pem: Secret,
}

impl KeyFiles {
    /// The key goes by a name that its certificate gives it.
    pub fn read(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let chain = Trust::der_in_file(certificate).map_err(|error| local(error.to_string()))?;
        let pem = std::fs::read_to_string(key).map_err(|error| local(format!("{} cannot be read: {error}", key.display())))?;
        cooee_net::sign_by_pem(pem.as_bytes(), b"").map_err(|error| local(format!("{}: {error}", key.display())))?;
        let serial = chain.first().map(|own| cooee_net::sha256(own)).unwrap_or_default();
        let text = format!("client-{}.key", cooee_machine::hexadecimal(&serial[..8]));
        let name = SecretName::client_key(&text).ok_or_else(|| local("the key cannot be named".to_owned()))?;
        Ok(Self { key: ClientKey { name: text, chain }, name, pem: Secret::new(pem) })
    }

    /// What an account names.
    pub fn key(&self) -> ClientKey {
        self.key.clone()
    }

    /// Keeps the key where passwords are kept.
    pub async fn keep(self, common: &Common) -> anyhow::Result<KeptKey> {
        let platform = DesktopPlatform::new(home::folder(common.home.as_deref())?);
        let before = platform.secret(&self.name).await.map_err(|error| local(error.to_string()))?;
        platform.keep_secret(&self.name, &self.pem).await.map_err(|error| local(error.to_string()))?;
        Ok(KeptKey { platform, name: self.name, before })
    }
}

/// A key that was kept for an account which may not come about.
pub struct KeptKey {
    platform: DesktopPlatform,
    name: SecretName,
    /// The one of another account by the same certificate.
    before: Option<Secret>,
}

impl KeptKey {
    /// No account came of it: all is as it was before.
    pub async fn take_back(self) -> anyhow::Result<()> {
        let undone = match &self.before {
            Some(before) => self.platform.keep_secret(&self.name, before).await,
            None => self.platform.forget_secret(&self.name).await,
        };
        undone.map_err(|error| local(error.to_string()).into())
    }
}

fn local(error: String) -> Failure {
    Failure::new(Exit::Local, error)
}
