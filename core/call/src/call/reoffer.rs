use cooee_machine::Now;
use cooee_sdp::{Description, Negotiated, NegotiatedSecurity, accept, answer};

use super::Call;
use crate::{CallState, LegCommand, MediaRequest, Side};

impl Call {
    /// The peer wants the call to go on differently: held, taken back, another codec or address. What would need ICE or keys
    /// anew is refused, and the call goes on as it was.
    pub(super) fn reoffered(&mut self, sdp: Option<&[u8]>, now: Now) {
        let outcome = match sdp {
            None => self.make_offer().map(|description| (description, None)),
            Some(sdp) => self.answer_reoffer(sdp),
        };
        match outcome {
            None => self.command(LegCommand::RejectReoffer { status: 488 }),
            Some((description, negotiated)) => {
                self.command(LegCommand::AcceptReoffer { description });
                if let Some(negotiated) = negotiated {
                    self.go_on(negotiated, now);
                }
            }
        }
    }

    fn answer_reoffer(&mut self, sdp: &[u8]) -> Option<(Vec<u8>, Option<Negotiated>)> {
        let offered = Description::parse(sdp).ok()?;
        let (description, negotiated) = answer(&offered, &self.local_media()?, &self.origin).ok()?;
        let current = &self.dialogs.find(self.winner?)?.negotiated;
        is_same_transport(current, &negotiated).then(|| (self.describe(description), Some(negotiated)))
    }

    /// The peer answered the offer that it had asked for.
    pub(super) fn reoffer_confirmed(&mut self, sdp: Option<&[u8]>, now: Now) {
        let answered = sdp.and_then(|sdp| Description::parse(sdp).ok());
        let agreed =
            self.ours.as_ref().zip(answered).and_then(|(offered, answered)| accept(offered, &answered, self.preferences.security).ok());
        let current = self.winner.and_then(|id| self.dialogs.find(id));
        if let Some(negotiated) = agreed.filter(|agreed| current.is_some_and(|current| is_same_transport(&current.negotiated, agreed))) {
            self.go_on(negotiated, now);
        }
    }

    fn go_on(&mut self, negotiated: Negotiated, now: Now) {
        let Some(dialog) = self.winner.and_then(|id| self.dialogs.find_mut(id)) else { return };
        // Who controls ICE and who began DTLS was settled when the session began (RFC 8842 5.5, RFC 8445 6.1.1).
        let negotiated = Negotiated {
            ice: dialog.negotiated.ice.clone(),
            security: dialog.negotiated.security.clone(),
            controlling: dialog.negotiated.controlling,
            ..negotiated
        };
        self.held_by = (!negotiated.direction.sends()).then_some(Side::Peer);
        if dialog.negotiated != negotiated {
            dialog.negotiated = negotiated.clone();
            let id = dialog.id;
            self.request(MediaRequest::Update { call: self.id, dialog: id, negotiated: Box::new(negotiated) });
            self.is_changed = true;
        }
        if matches!(self.state, CallState::Active | CallState::Held(_)) {
            self.enter(self.held_by.map_or(CallState::Active, CallState::Held));
        }
        self.judge_media(now);
    }
}

/// The new agreement needs neither ICE nor keys anew.
fn is_same_transport(current: &Negotiated, new: &Negotiated) -> bool {
    let credentials = |negotiated: &Negotiated| negotiated.ice.as_ref().map(|ice| ice.credentials.clone());
    let is_same_security = match (&current.security, &new.security) {
        (NegotiatedSecurity::Dtls { fingerprints: known, .. }, NegotiatedSecurity::Dtls { fingerprints, .. }) => known == fingerprints,
        (known, new) => known == new,
    };
    credentials(current) == credentials(new) && is_same_security
}
