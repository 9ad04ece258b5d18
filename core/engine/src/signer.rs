use std::sync::mpsc::sync_channel;
use std::time::Duration;

use cooee_net::{SignError, Signer};

use crate::desk::{Desk, Job};
use crate::{PlatformError, SecretName};

/// Has the platform sign. Whoever asks waits, on a thread that may.
pub(crate) struct DeskSigner {
    pub(crate) desk: Desk,
    pub(crate) patience: Duration,
}

impl Signer for DeskSigner {
    fn sign(&self, key: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let name = SecretName::client_key(key).ok_or(SignError::Lost)?;
        let (reply, answer) = sync_channel(1);
        self.desk.put(Job::Sign { key: name, message: message.to_vec(), reply });
        let signed = answer.recv_timeout(self.patience).map_err(|_| SignError::NotNow(PlatformError::Timeout.to_string()))?;
        signed.map_err(|error| match error {
            PlatformError::NoSuchKey | PlatformError::Unsupported(_) => SignError::Lost,
            other => SignError::NotNow(other.to_string()),
        })
    }
}
