use cooee_sdp::{Bandwidth, Media};

use super::Call;
use super::dialog::Dialog;

/// How much data the call may take, which may change while it goes.
impl Call {
    /// From now on no more is sent than where data is dear, or again as much as is good; the peer is asked for the same.
    pub fn set_low_data(&mut self, low_data: bool) {
        if self.is_over() || std::mem::replace(&mut self.preferences.low_data, low_data) == low_data {
            return;
        }
        for id in self.dialogs.ids() {
            self.dialogs.tell(id, |told| told.refused_data = false);
        }
        self.obey_hold();
        self.pursue_hold();
    }

    /// Whether whom we speak with has to be told of more than hold.
    pub(super) fn owes_more(&self) -> bool {
        self.owes_rtcp() || self.owes_data()
    }

    /// An offer that said nothing of hold is refused: the call goes on as it is.
    pub(super) fn more_refused(&mut self) {
        let (rtcp, data) = (self.owes_rtcp(), self.owes_data());
        if let Some(winner) = self.winner {
            self.dialogs.tell(winner, |told| (told.refused_rtcp, told.refused_data) = (told.refused_rtcp | rtcp, told.refused_data | data));
        }
        self.pursue_transfer();
    }

    /// Whether the peer does not know how much we want. On hold it hardly matters.
    fn owes_data(&self) -> bool {
        let dialog = self.winner.and_then(|winner| self.dialogs.find(winner));
        dialog.is_some_and(|dialog| !dialog.told.refused_data && dialog.bandwidth() != self.preferences.bandwidth())
    }
}

impl Dialog {
    /// What we have told the peer that we take in.
    fn bandwidth(&self) -> Bandwidth {
        let is_used = |media: &&Media| media.port != 0;
        self.ours.description.media.iter().find(is_used).map(|media| media.bandwidth).unwrap_or_default()
    }
}
