use std::time::Instant;

use cooee_machine::Wake;

use super::media::Media;
use crate::OneWayCause;

/// Whether sound is proven to flow in each direction that was agreed.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// Authenticated RTP or RTCP came in.
    incoming: bool,
    /// RTP did.
    has_sounded: bool,
    /// Something of the peer proves that packets of ours arrive.
    outgoing: bool,
    /// Packets came that could not be decrypted.
    undecryptable: bool,
    active: bool,
    /// What was said of sound that is lost in a call that was active.
    lost: Option<OneWayCause>,
    one_way_at: Option<Instant>,
}

/// What has become clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Active,
    OneWay(OneWayCause),
}

impl Activity {
    /// The keys are there: from now on silence is suspicious.
    pub(crate) fn secured(&mut self, one_way_at: Instant) {
        self.one_way_at = Some(one_way_at);
    }

    /// Sound is to flow where none was: that it comes is to be proven anew. That packets of ours arrive not every peer can show twice.
    pub(crate) fn begin(&mut self, one_way_at: Instant) {
        (self.active, self.incoming, self.lost, self.one_way_at) = (false, false, None, Some(one_way_at));
    }

    pub(crate) fn heard(&mut self) {
        self.incoming = true;
    }

    /// RTP came in; whether for the first time.
    pub(crate) fn has_first_sound(&mut self) -> bool {
        !std::mem::replace(&mut self.has_sounded, true)
    }

    pub(crate) fn has_heard(&self) -> bool {
        self.incoming
    }

    pub(crate) fn arrives(&mut self) {
        self.outgoing = true;
    }

    pub(crate) fn undecryptable(&mut self) {
        self.undecryptable = true;
    }

    /// What is newly clear; each verdict comes once.
    pub(super) fn judge(&mut self, media: &Media, is_secured: bool, now: Instant) -> Option<Verdict> {
        if !is_secured {
            return None;
        }
        if self.active {
            let lost = media.lost_on_the_way();
            let is_news = std::mem::replace(&mut self.lost, lost) != lost;
            return is_news.then(|| lost.map_or(Verdict::Active, Verdict::OneWay));
        }
        let terms = &media.terms;
        let (heard, arrives) = (self.incoming || !terms.receives(), self.outgoing || !terms.sends());
        if heard && arrives {
            (self.active, self.one_way_at) = (true, None);
            return Some(Verdict::Active);
        }
        self.one_way_at.take_if(|at| *at <= now)?;
        Some(Verdict::OneWay(match (heard, arrives) {
            (false, _) if self.undecryptable => OneWayCause::Undecryptable,
            (false, false) => OneWayCause::Neither,
            (false, true) => OneWayCause::NothingReceived,
            (true, _) => OneWayCause::NotHeard,
        }))
    }

    pub(crate) fn next_wake(&self) -> Option<Wake> {
        self.one_way_at.map(|at| Wake::at(at, "one-way sound"))
    }
}
