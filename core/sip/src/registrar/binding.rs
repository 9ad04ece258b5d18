use std::fmt;
use std::time::Duration;

use ring::digest::{SHA256, digest};

use crate::Uri;
use crate::flow::Flow;

/// Names a binding within its address of record, for as long as the device keeps its instance and reg-id (RFC 5626) or,
/// without these, its contact URI. A device that comes back over another connection has the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BindingKey(pub u64);

impl BindingKey {
    pub(super) fn of_instance(instance: &str, reg_id: u32) -> Self {
        Self::hash(&format!("instance\0{instance}\0{reg_id}"))
    }

    pub(super) fn of_contact(contact: &str) -> Self {
        Self::hash(&format!("contact\0{contact}"))
    }

    fn hash(text: &str) -> Self {
        let digest = digest(&SHA256, text.as_bytes());
        Self(digest.as_ref().iter().take(8).fold(0, |key, octet| (key << 8) | u64::from(*octet)))
    }
}

/// One way to a device of an address of record.
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// Its name.
    pub key: BindingKey,
    /// The contact URI as registered: what the request-URI becomes.
    pub contact: String,
    /// The contact's parameters as registered, `expires` and `q` left out, beginning with `;` or empty.
    pub params: String,
    /// `+sip.instance`, without quotes and angle brackets.
    pub instance: Option<String>,
    /// `reg-id`; only with an instance.
    pub reg_id: Option<u32>,
    /// Preference in thousandths, 1000 the highest.
    pub q: u16,
    /// When it ends, since the Unix epoch.
    pub expires: Duration,
    /// When it was last registered, since the Unix epoch.
    pub updated: Duration,
    /// Of the REGISTER that made it: orders requests of one device.
    pub call_id: String,
    /// Of the REGISTER that made it.
    pub cseq: u32,
    /// RFC 3327: URIs of the proxies on the way, nearest to us first, each with its angle brackets.
    pub path: Vec<String>,
    /// Where the REGISTER came from, and where requests go.
    pub flow: Flow,
    /// Which run of the server the flow belongs to: after a restart the same stream id names another connection.
    pub epoch: u64,
    /// What the device calls itself.
    pub user_agent: Option<String>,
}

impl Binding {
    /// Whether it is over.
    #[must_use]
    pub fn is_expired(&self, unix: Duration) -> bool {
        self.expires <= unix
    }

    pub(super) fn has_contact(&self, contact: &Uri<'_>) -> bool {
        Uri::parse(&self.contact).is_ok_and(|own| own.is_equivalent(contact))
    }
}

/// Tells no address.
impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, reg_id, q, expires, .. } = self;
        f.debug_struct("Binding").field("key", key).field("reg_id", reg_id).field("q", q).field("expires", expires).finish_non_exhaustive()
    }
}
