//! How much a side is asked to send, in the midst of a call (TMMBR, RFC 5104 3.5.4, between two): what we ask of the peer, and what it asks
//! of us.

use crate::RateLimit;
use crate::rtcp::{RateEntry, Report};

/// A request that nobody confirms is repeated so often (RFC 5104 3.5.4.6), with a report each.
const TRIES: u8 = 5;
/// In place of a bound that holds no more.
const UNBOUND: u32 = 100_000_000;
const FREE: RateLimit = RateLimit { total: UNBOUND, overhead: 0 };

#[derive(Debug, Default)]
pub(super) struct RateRequests {
    /// The peer knows of them.
    are_agreed: bool,
    ours: Ours,
    theirs: Theirs,
}

#[derive(Debug, Default)]
struct Ours {
    /// In bit/s, with all headers.
    wanted: Option<u32>,
    /// Something was asked for, and may have to be taken back.
    was_asked: bool,
    tries: u8,
    is_confirmed: bool,
}

#[derive(Debug, Default)]
struct Theirs {
    /// Who asked for what, last.
    entry: Option<RateEntry>,
    owes_notice: bool,
    /// More than before: the peer must have had the time to object (4.2.1.2).
    raised: Option<RateLimit>,
}

impl RateRequests {
    /// Whether either side may ask the other, and what we want, in bit/s with all headers.
    pub(super) fn agree(&mut self, are_agreed: bool, wanted: Option<u32>) {
        self.are_agreed = are_agreed;
        // Whoever the peer is now, it could not take back what was asked before.
        if !self.are_agreed && self.theirs.entry.take().is_some() {
            self.theirs = Theirs { raised: Some(FREE), ..Theirs::default() };
        }
        if std::mem::replace(&mut self.ours.wanted, wanted) != wanted {
            (self.ours.tries, self.ours.is_confirmed) = (0, false);
        }
    }

    /// What a report of ours asks this source for, if anything.
    pub(super) fn request(&mut self, peer: Option<u32>, overhead: u16) -> Option<RateEntry> {
        let ours = &mut self.ours;
        let rate = ours.wanted.or(ours.was_asked.then_some(UNBOUND)).filter(|_| self.are_agreed)?;
        if ours.is_confirmed || ours.tries >= TRIES {
            return None;
        }
        let entry = RateEntry { ssrc: peer?, limit: RateLimit { total: rate, overhead } };
        (ours.tries, ours.was_asked) = (ours.tries + 1, true);
        Some(entry)
    }

    /// What a report of ours says that we keep to, if that is to be said: all tuples, and their owners.
    pub(super) fn notice(&mut self) -> Option<Vec<RateEntry>> {
        std::mem::take(&mut self.theirs.owes_notice).then(|| self.theirs.entry.into_iter().collect())
    }

    /// A report is due: a bound that was widened before the last one holds now.
    pub(super) fn widened(&mut self) -> Option<RateLimit> {
        self.theirs.raised.take_if(|_| !self.theirs.owes_notice)
    }

    /// What the peer's report says of it; the bound that holds at once, if there is another.
    pub(super) fn hear(&mut self, report: &Report, us: u32) -> Option<RateLimit> {
        match report {
            Report::RateRequest { from, entry } if self.are_agreed && entry.ssrc == us => self.asked(*from, entry.limit),
            Report::RateNotice { owner } => {
                self.ours.is_confirmed |= self.ours.was_asked && owner.is_none_or(|owner| owner == us);
                None
            }
            Report::Bye(ssrc) => {
                let has_left = self.theirs.entry.take_if(|entry| entry.ssrc == *ssrc).is_some();
                self.theirs.owes_notice |= has_left;
                self.theirs.raised = has_left.then_some(FREE).or(self.theirs.raised);
                None
            }
            _ => None,
        }
    }

    fn asked(&mut self, from: u32, limit: RateLimit) -> Option<RateLimit> {
        let before = self.theirs.entry.replace(RateEntry { ssrc: from, limit });
        self.theirs.owes_notice = true;
        self.theirs.raised = None;
        match before {
            Some(before) if before.limit == limit => None,
            Some(before) if before.limit.total < limit.total => {
                self.theirs.raised = Some(limit);
                None
            }
            _ => Some(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: u32 = 1;
    const PEER: u32 = 2;

    fn agreed() -> RateRequests {
        RateRequests { are_agreed: true, ..RateRequests::default() }
    }

    fn request(total: u32) -> Report {
        Report::RateRequest { from: PEER, entry: RateEntry { ssrc: US, limit: RateLimit { total, overhead: 50 } } }
    }

    #[test]
    fn less_holds_at_once_and_more_only_when_the_peer_could_have_objected() {
        let mut requests = agreed();
        let limit = |total| RateLimit { total, overhead: 50 };
        assert_eq!(requests.hear(&request(20_000), US), Some(limit(20_000)));
        assert_eq!(requests.notice(), Some(vec![RateEntry { ssrc: PEER, limit: limit(20_000) }]));
        assert_eq!((requests.hear(&request(20_000), US), requests.notice().is_some()), (None, true), "said again, confirmed again");
        assert_eq!((requests.hear(&request(64_000), US), requests.widened()), (None, None));
        assert!(requests.notice().is_some());
        assert_eq!((requests.widened(), requests.widened()), (Some(limit(64_000)), None));
        assert_eq!((requests.hear(&Report::Bye(PEER), US), requests.notice()), (None, Some(vec![])));
        assert_eq!(requests.widened().map(|limit| limit.total), Some(UNBOUND), "who asked has left");
    }

    #[test]
    fn what_is_for_others_or_was_not_agreed_is_not_obeyed() {
        assert_eq!(agreed().hear(&request(20_000), 7), None);
        let mut silent = RateRequests::default();
        assert_eq!((silent.hear(&request(20_000), US), silent.notice()), (None, None));
    }

    #[test]
    fn a_bound_does_not_outlive_the_agreement_by_which_it_could_be_taken_back() {
        let mut requests = agreed();
        assert!(requests.hear(&request(20_000), US).is_some());
        requests.agree(false, None);
        assert_eq!((requests.notice(), requests.widened().map(|limit| limit.total)), (None, Some(UNBOUND)));
    }

    #[test]
    fn a_request_is_repeated_until_it_is_confirmed_and_taken_back_when_it_holds_no_more() {
        let mut requests = agreed();
        assert_eq!(requests.request(Some(PEER), 50), None, "nothing is wanted");
        requests.ours.wanted = Some(20_000);
        assert_eq!(requests.request(None, 50), None, "of nobody yet");
        let asked = requests.request(Some(PEER), 50).unwrap();
        assert_eq!((asked.ssrc, asked.limit), (PEER, RateLimit { total: 20_000, overhead: 50 }));
        assert!(requests.request(Some(PEER), 50).is_some());
        requests.hear(&Report::RateNotice { owner: Some(US) }, US);
        assert_eq!(requests.request(Some(PEER), 50), None);
        (requests.ours.wanted, requests.ours.is_confirmed, requests.ours.tries) = (None, false, 0);
        let back: Vec<u32> = std::iter::from_fn(|| requests.request(Some(PEER), 50)).map(|entry| entry.limit.total).collect();
        assert_eq!(back, [UNBOUND; TRIES as usize], "who never confirms is not asked for ever");
    }
}
