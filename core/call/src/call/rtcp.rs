use cooee_sdp::Negotiated;

use super::Call;
use super::dialog::Dialog;
use crate::MediaRequest;

/// A peer that does not multiplex RTP and RTCP and speaks ICE checks a second component, and may send nothing before both have a path. Who
/// offers that finds candidates for it in our answer; who answers so is offered them once the call is answered (RFC 5761 5.1.3 would have
/// them in every first offer, for the sake of few).
impl Call {
    /// Gathers candidates for the second component of who has been found to need one.
    pub(super) fn gather_rtcp(&mut self, negotiated: &Negotiated) {
        if negotiated.has_rtcp_component() && !std::mem::replace(&mut self.has_rtcp, true) {
            self.request(MediaRequest::GatherRtcp { call: self.id });
        }
    }

    /// Whether whom we speak with has to be told of it still.
    pub(super) fn owes_rtcp(&self) -> bool {
        let is_there = self.local.as_ref().is_some_and(|local| local.rtcp.is_some());
        is_there && self.winner.and_then(|winner| self.dialogs.find(winner)).is_some_and(Dialog::misses_rtcp)
    }
}

impl Dialog {
    /// Whether the peer has a second component, and was neither told of ours nor has refused an offer with it.
    fn misses_rtcp(&self) -> bool {
        let is_told = self.ours.description.media.iter().any(|media| media.rtcp.is_some());
        self.negotiated.has_rtcp_component() && !is_told && !self.told.refused_rtcp
    }
}
