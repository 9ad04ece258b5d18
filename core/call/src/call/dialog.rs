use std::net::IpAddr;

use cooee_rtc::{MediaFailure, MediaSecurity, OneWayCause, Path, Statistics};
use cooee_sdp::{Crypto, Description, Direction, IceCredentials, Negotiated};
use cooee_sip::ua::DialogKey;

use crate::{DialogId, Fingerprint256};

/// More answers to one offer than this are not followed.
const MAX_DIALOGS: usize = 16;

/// So many media sessions are begun before the answer. Whoever sends ever different answers by provisional responses (RFC 3261 13.2.1 wants
/// one and the same) is heard by what it said by then.
const MAX_BEGUN: u32 = 32;

/// Which of the places the call went to gave an answer, in the words of its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remote {
    Sip(DialogKey),
    /// The caller of an incoming call: there is only one.
    Caller,
}

/// What one of these places knows of our side.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    /// What we described there last; an offer until it is answered.
    pub(super) description: Description,
    /// While it is an offer within a dialog: what stood before.
    pub(super) before: Option<Description>,
    pub(super) ice: IceCredentials,
    pub(super) crypto: Vec<Crypto>,
}

/// How much a dialog knows of us: an early one of our putting the call on hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// It has agreed to that.
    pub(super) hold: bool,
    /// Our offer of this direction is under way.
    pub(super) offered: Option<Direction>,
    /// It takes no offers before the answer.
    pub(super) is_deaf: bool,
    /// It takes no offer of candidates for RTCP.
    pub(super) refused_rtcp: bool,
    /// It takes no offer that says how much data we want.
    pub(super) refused_data: bool,
}

/// One answer, and how its media fares.
#[derive(Debug)]
pub(super) struct Dialog {
    pub(super) id: DialogId,
    pub(super) remote: Remote,
    pub(super) ours: Ours,
    pub(super) negotiated: Negotiated,
    /// What its media was told last: that, less what we keep from happening.
    pub(super) updated: Negotiated,
    /// Before the answer: how much of our hold it knows.
    pub(super) told: Told,
    pub(super) path: Option<Path>,
    /// Our address on the last path.
    pub(super) own_address: Option<IpAddr>,
    pub(super) security: Option<(MediaSecurity, &'static str)>,
    /// SHA-256 of the certificate that this end has proven to have.
    pub(super) key: Option<Fingerprint256>,
    pub(super) is_active: bool,
    pub(super) one_way: Option<OneWayCause>,
    pub(super) failure: Option<MediaFailure>,
    pub(super) statistics: Option<Statistics>,
}

/// The answers to one offer.
#[derive(Debug, Default)]
pub(super) struct Dialogs {
    list: Vec<Dialog>,
    next: u32,
}

impl Dialogs {
    /// `None` if there are too many.
    pub(super) fn add(&mut self, remote: Remote, ours: Ours, negotiated: Negotiated, updated: Negotiated) -> Option<DialogId> {
        if self.list.len() >= MAX_DIALOGS {
            return None;
        }
        let id = DialogId(self.next);
        self.next = self.next.wrapping_add(1);
        self.list.push(Dialog {
            id,
            remote,
            ours,
            negotiated,
            updated,
            told: Told::default(),
            path: None,
            own_address: None,
            security: None,
            key: None,
            is_active: false,
            one_way: None,
            failure: None,
            statistics: None,
        });
        Some(id)
    }

    /// Whether an early answer may still be replaced by another one.
    pub(super) fn may_change(&self) -> bool {
        self.next < MAX_BEGUN
    }

    pub(super) fn find(&self, id: DialogId) -> Option<&Dialog> {
        self.list.iter().find(|dialog| dialog.id == id)
    }

    pub(super) fn find_mut(&mut self, id: DialogId) -> Option<&mut Dialog> {
        self.list.iter_mut().find(|dialog| dialog.id == id)
    }

    /// Notes what an early dialog knows of our hold.
    pub(super) fn tell(&mut self, id: DialogId, note: impl FnOnce(&mut Told)) {
        if let Some(dialog) = self.find_mut(id) {
            note(&mut dialog.told);
        }
    }

    pub(super) fn of(&self, remote: &Remote) -> Option<&Dialog> {
        self.list.iter().find(|dialog| dialog.remote == *remote)
    }

    pub(super) fn of_mut(&mut self, remote: &Remote) -> Option<&mut Dialog> {
        self.list.iter_mut().find(|dialog| dialog.remote == *remote)
    }

    pub(super) fn ids(&self) -> Vec<DialogId> {
        self.list.iter().map(|dialog| dialog.id).collect()
    }

    pub(super) fn latest(&self) -> Option<DialogId> {
        self.list.last().map(|dialog| dialog.id)
    }

    pub(super) fn remove(&mut self, id: DialogId) {
        self.list.retain(|dialog| dialog.id != id);
    }

    /// Takes out all but one, and tells which.
    pub(super) fn keep(&mut self, winner: DialogId) -> Vec<DialogId> {
        let losers = self.list.iter().map(|dialog| dialog.id).filter(|id| *id != winner).collect();
        self.list.retain(|dialog| dialog.id == winner);
        losers
    }
}
