use std::io;

use cooee_net::{SignError, Signer};

use crate::desk::Lender;
use crate::{PlatformError, SecretName};

/// Has the platform sign. Whoever asks waits, on a thread that may; the platform answers on one of its own, as nothing else is to wait for it.
pub(crate) struct PlatformSigner(pub(crate) Lender);

impl PlatformSigner {
    fn ask(&self, key: &SecretName, message: &[u8]) -> Result<Vec<u8>, PlatformError> {
        let ask = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
            runtime.block_on(self.0.within(|platform| platform.sign(key, message)))
        };
        std::thread::scope(|scope| {
            let asked = std::thread::Builder::new().name("cooee-sign".to_owned()).spawn_scoped(scope, ask)?;
            asked.join().unwrap_or_else(|_| Err(io::Error::other("nothing was signed").into()))
        })
    }
}

impl Signer for PlatformSigner {
    fn sign(&self, key: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let name = SecretName::client_key(key).ok_or(SignError::Lost)?;
        self.ask(&name, message).map_err(|error| match error {
            PlatformError::NoSuchKey | PlatformError::Unsupported(_) => SignError::Lost,
            other => SignError::NotNow(other.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use cooee_machine::Secret;

    use super::*;
    use crate::{Platform, TestPlatform};

    fn sign(platform: &Arc<TestPlatform>, patience: Duration) -> Result<Vec<u8>, SignError> {
        let platform: Arc<dyn Platform> = platform.clone();
        PlatformSigner(Lender(platform, patience)).sign("client-1.key", b"hello")
    }

    /// Asked from a thread that a runtime waits in, as handshakes are.
    #[tokio::test]
    async fn a_key_signs_if_it_is_there_and_a_key_store_that_hangs_is_given_up_on() {
        let platform = Arc::new(TestPlatform::new());
        let long = Duration::from_secs(3600);
        assert_eq!(sign(&platform, long), Err(SignError::Lost));
        let name = SecretName::client_key("client-1.key").unwrap();
        platform.keep_secret(&name, &Secret::new("no key")).await.unwrap();
        assert!(matches!(sign(&platform, long), Err(SignError::NotNow(text)) if text.contains("ECDSA")));
        platform.hang();
        let given_up = SignError::NotNow(PlatformError::Timeout.to_string());
        assert_eq!(sign(&platform, Duration::from_millis(10)), Err(given_up));
    }
}
