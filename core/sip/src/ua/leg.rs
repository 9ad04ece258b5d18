use cooee_machine::{Now, Wake};

use super::Ended;
use super::LegId;
use super::callee::Callee;
use super::caller::Caller;
use super::core::Core;
use super::request::DialogRequest;
use super::session::Session;
use crate::dialog::{Dialog, DialogKey};
use crate::message::Message;
use crate::method::Method;
use crate::transaction::TransactionId;

/// One side of a call, by how far it has come.
pub(super) enum Leg {
    /// Outgoing, not answered.
    Caller(Box<Caller>),
    /// Incoming, not answered.
    Callee(Box<Callee>),
    /// Answered.
    Session(Box<Session>),
}

/// What becomes of a leg after an input.
pub(super) enum Next {
    /// It stays what it is.
    Same,
    /// It has been answered.
    Session(Box<Session>),
    /// It is over.
    Ended(Ended),
}

impl Leg {
    /// Whether a request came within a dialog of this leg.
    pub(super) fn owns(&self, request: &Message<'_>) -> bool {
        match self {
            Self::Caller(caller) => caller.owns(request),
            Self::Callee(callee) => callee.owns(request),
            Self::Session(session) => session.owns(request),
        }
    }

    /// Whether an INVITE is the one that made this leg, come by another way (RFC 3261 8.2.2.2).
    pub(super) fn is_merged(&self, request: &Message<'_>) -> bool {
        match self {
            Self::Caller(_) => false,
            Self::Callee(callee) => callee.is_merged(request),
            Self::Session(session) => session.is_merged(request),
        }
    }

    /// The names of its dialogs.
    pub(super) fn keys(&self) -> impl Iterator<Item = &DialogKey> {
        let (early, one) = match self {
            Self::Caller(caller) => (Some(caller.keys()), None),
            Self::Callee(callee) => (None, Some(callee.dialog.key())),
            Self::Session(session) => (None, Some(session.dialog.key())),
        };
        early.into_iter().flatten().chain(one)
    }

    /// The dialog with this tag of the peer.
    pub(super) fn dialog(&mut self, remote_tag: &str) -> Option<&mut Dialog> {
        let dialog = match self {
            Self::Caller(caller) => &mut caller.early(remote_tag)?.dialog,
            Self::Callee(callee) => &mut callee.dialog,
            Self::Session(session) => &mut session.dialog,
        };
        (dialog.key().remote_tag == remote_tag).then_some(dialog)
    }

    /// Sends a request once more, with credentials. False if it cannot be sent.
    pub(super) fn send_again(&mut self, core: &mut Core, request: &DialogRequest, now: Now) -> bool {
        let Some(dialog) = self.dialog(&request.remote_tag) else { return false };
        let is_sent = Box::new(request.clone()).send(core, dialog, now).is_some();
        if let (Self::Session(session), Method::Refer) = (self, request.method) {
            session.renumber_transfer();
        }
        is_sent
    }

    /// The tag that our responses on this INVITE transaction have, if the leg is about it.
    pub(super) fn tag_of(&self, invite: TransactionId) -> Option<&str> {
        match self {
            Self::Callee(callee) if callee.transaction() == invite => Some(callee.tag()),
            Self::Session(session) if session.answered_on(invite) => Some(&session.dialog.key().local_tag),
            _ => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, core: &mut Core, id: LegId, now: Now) -> Next {
        match self {
            Self::Caller(caller) => caller.handle_timeout(core, now),
            Self::Callee(callee) => callee.handle_timeout(core, now),
            Self::Session(session) => session.handle_timeout(core, id, now),
        }
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        match self {
            Self::Caller(caller) => caller.next_wake(),
            Self::Callee(callee) => callee.next_wake(),
            Self::Session(session) => session.next_wake(),
        }
    }
}
