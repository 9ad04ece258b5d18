use super::identity::Identity;
use crate::flow::Flow;
use crate::header::HeaderName;
use crate::message::Message;

/// The Contact that the server has of us, as far as we know.
pub(super) struct Bound {
    uri: String,
    /// The server replaces it by instance (RFC 5626); else an old one must be removed by us.
    outbound: bool,
}

impl Bound {
    /// What a 200 to a REGISTER over `flow` has put in place.
    pub(super) fn new(identity: &Identity, flow: &Flow, response: &Message<'_>) -> Self {
        Self { uri: identity.contact_uri(flow), outbound: response.has_token(HeaderName::Require, "outbound") }
    }

    /// RFC 5626 is in force from end to end.
    pub(super) fn is_outbound(&self) -> bool {
        self.outbound
    }

    /// The Contact value that removes it, where another flow has left it behind: it would ring nowhere.
    pub(super) fn removal(&self, identity: &Identity, flow: &Flow) -> Option<String> {
        let left = !self.outbound && self.uri != identity.contact_uri(flow);
        left.then(|| format!("<{}>;expires=0", self.uri))
    }
}

/// How long our binding lives in seconds, by the 200's own word: of our Contact, else of the whole response, else of any
/// Contact (for servers that rewrite ours), else as asked.
pub(super) fn granted(identity: &Identity, flow: &Flow, response: &Message<'_>, asked: u32) -> u32 {
    let ours = response.contacts().find(|contact| identity.is_our_contact(contact, flow));
    let general = response.expires();
    let granted = match ours {
        Some(contact) => contact.expires().or(general),
        None => general.or_else(|| response.contacts().filter_map(|contact| contact.expires()).min()),
    };
    granted.unwrap_or(asked)
}
