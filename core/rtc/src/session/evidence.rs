use crate::OneWayCause;

/// What reports prove of sound that is lost on the way, in either direction, in a call that has worked.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Packets the peer says it had sent, and those we had received by then.
    told: Option<(u32, u64)>,
    /// The highest number of ours that the peer says it has, and how many we had sent when that last rose.
    delivered: Option<(u32, u64)>,
    missing: bool,
    unheard: bool,
}

/// So many packets may be under way or lost in a burst: a second of sound.
const DOUBT: u32 = 50;

impl Evidence {
    /// A sender report: the peer has sent `packets` in all. `received`: those that came.
    pub(super) fn sent_by_peer(&mut self, packets: u32, received: u64) {
        let Some((told, had)) = self.told else {
            self.told = Some((packets, received));
            return;
        };
        if had != received {
            self.missing = false;
            self.told = Some((packets, received));
        } else {
            // A smaller number is another source's.
            self.missing |= (DOUBT..u32::MAX / 2).contains(&packets.wrapping_sub(told));
        }
    }

    /// A report block on our stream: the highest sequence number that came. `sent`: what we have sent.
    pub(super) fn heard_by_peer(&mut self, highest: u32, sent: u64) {
        match self.delivered {
            Some((known, at)) if known == highest => self.unheard |= sent.saturating_sub(at) >= u64::from(DOUBT),
            _ => (self.delivered, self.unheard) = (Some((highest, sent)), false),
        }
    }

    /// Sound came in.
    pub(super) fn received(&mut self) {
        self.missing = false;
    }

    pub(super) fn verdict(&self, sends: bool, receives: bool) -> Option<OneWayCause> {
        match (self.missing && receives, self.unheard && sends) {
            (true, true) => Some(OneWayCause::Neither),
            (true, false) => Some(OneWayCause::NothingReceived),
            (false, true) => Some(OneWayCause::NotHeard),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_says_it_sends_is_believed_and_one_that_is_silent_is_not_suspected() {
        let mut evidence = Evidence::default();
        for (packets, received, verdict) in [
            (100, 100, None),
            (350, 348, None),
            (600, 348, Some(OneWayCause::NothingReceived)),
            (850, 348, Some(OneWayCause::NothingReceived)),
            (1100, 590, None),
            (1110, 590, None),
            (1110, 590, None),
            (3, 590, None),
        ] {
            evidence.sent_by_peer(packets, received);
            assert_eq!(evidence.verdict(true, true), verdict, "{packets} {received}");
        }
    }

    #[test]
    fn ours_are_unheard_when_the_peers_count_stands_still_while_we_speak() {
        let mut evidence = Evidence::default();
        for (highest, sent, verdict) in
            [(99, 100, None), (300, 340, None), (300, 340, None), (300, 590, Some(OneWayCause::NotHeard)), (800, 840, None)]
        {
            evidence.heard_by_peer(highest, sent);
            assert_eq!(evidence.verdict(true, true), verdict, "{highest} {sent}");
            assert_eq!(evidence.verdict(false, true), None, "on hold nobody wonders");
        }
    }
}
