use cooee_machine::Secret;
use ring::hmac;

/// What contacts are stored by: a keyed hash, so that the database alone does not tell who they are, not even by guessing names.
#[derive(Clone)]
pub(crate) struct ContactKey(hmac::Key);

/// What a hash stands for: the same text as another kind of thing has another one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Domain,
    Person,
}

impl ContactKey {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes()))
    }

    /// The key of a domain, or of a person's canonical address, in the store.
    pub(crate) fn hash(&self, kind: Kind, text: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(match kind {
            Kind::Domain => b"domain\0",
            Kind::Person => b"person\0",
        });
        context.update(text.as_bytes());
        let mut hash = [0; 32];
        // HMAC-SHA-256 has 32 octets.
        hash.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        hash
    }
}

impl std::fmt::Debug for ContactKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactKey")
    }
}
