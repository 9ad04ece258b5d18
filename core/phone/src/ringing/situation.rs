use std::time::Duration;

use cooee_call::{Advice, EndReason};
use cooee_machine::{Pii, Transport};

use super::{RingCondition, RingFigure, RingLevel, RingLine};
use crate::{AccountState, WhoRings};

/// A certificate that holds no longer than this is told of.
const SOON: Duration = Duration::from_secs(7 * 86_400);
/// Clocks that differ by more go wrong (RFC 3261 20.17 leaves it open; certificates begin and end at their minute).
const CLOCKS: Duration = Duration::from_secs(300);

/// What an account's server has shown when it was heard last. Times are since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHeard {
    /// When.
    pub at: Duration,
    /// Until when its certificate holds; `None` without TLS.
    pub certificate_until: Option<Duration>,
    /// Only an authority vouches for it that was added to this device, by its owner or whoever administers it.
    pub by_added_authority: bool,
    /// What it took the time for (`Date`, RFC 3261 20.17), over TLS, and what this device did then.
    pub clocks: Option<(Duration, Duration)>,
}

/// An account and its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSituation {
    /// `anna@example.org`.
    pub address: Pii<String>,
    /// Where it is with its server; `None`: nobody has looked.
    pub state: Option<AccountState>,
    /// What its server has shown.
    pub heard: Option<ServerHeard>,
}

/// What a phone knows of itself. Of what is `None` nothing is known, or the device has no such thing: there is no line about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RingSituation {
    /// All accounts.
    pub accounts: Vec<AccountSituation>,
    /// A phone runs.
    pub is_running: Option<bool>,
    /// There is a network.
    pub has_network: Option<bool>,
    /// No call rings but of who is allowed.
    pub do_not_disturb: bool,
    /// Whose calls ring aloud.
    pub who_rings: WhoRings,
    /// The system shows that it rings.
    pub may_notify: Option<bool>,
    /// And over what else is on the screen.
    pub may_fill_screen: Option<bool>,
    /// The connection stays while the device sleeps.
    pub may_stay_awake: Option<bool>,
    /// The battery is to last.
    pub saves_power: Option<bool>,
    /// The microphone may be used.
    pub may_listen: Option<bool>,
    /// Whether the accounts are looked at by another device than the one that rings, as by a command beside a running phone.
    pub looks_from_beside: bool,
}

impl RingSituation {
    /// One line a condition, in the order of [`RingCondition`]. `unix`: what time it is, since the Unix epoch.
    #[must_use]
    pub fn lines(&self, unix: Duration) -> Vec<RingLine> {
        use RingCondition as C;
        use RingLevel::{Limited, Unmet};
        let known = |condition, is_met: Option<bool>, level, advice| is_met.map(|is_met| of_phone(condition, is_met, level, advice));
        let mut lines: Vec<RingLine> = [
            known(C::Running, self.is_running, Unmet, Advice::StartPhone),
            known(C::Network, self.has_network, Unmet, Advice::CheckNetwork),
            known(C::Account, Some(!self.accounts.is_empty()), Unmet, Advice::AddAccount),
            known(C::Undisturbed, Some(!self.do_not_disturb), Unmet, Advice::EndDoNotDisturb),
            Some(RingLine { figure: Some(RingFigure::Rings(self.who_rings)), ..of_phone(C::Strangers, true, Limited, Advice::Nothing) }),
            known(C::Notifications, self.may_notify, Unmet, Advice::AllowNotifications),
            known(C::FullScreen, self.may_fill_screen, Limited, Advice::AllowFullScreen),
            known(C::Background, self.may_stay_awake, Limited, Advice::AllowBackground),
            known(C::Power, self.saves_power.map(|saves| !saves), Limited, Advice::EndPowerSaving),
            known(C::Microphone, self.may_listen, Limited, Advice::CheckMicrophone),
        ]
        .into_iter()
        .flatten()
        .collect();
        lines.extend(self.accounts.iter().flat_map(|account| account.lines(self.looks_from_beside, unix)));
        lines.sort_by_key(|line| line.condition);
        lines
    }
}

impl AccountSituation {
    fn lines(&self, looks_from_beside: bool, unix: Duration) -> Vec<RingLine> {
        let heard = self.heard.as_ref();
        let is_in = self.state.as_ref().is_some_and(AccountState::is_registered);
        let certificate = heard.and_then(|heard| heard.certificate_until).filter(|_| is_in).map(|until| {
            let line = self.line(RingCondition::Certificate, until > unix + SOON, RingLevel::Limited, Advice::AskOperator);
            RingLine { figure: Some(RingFigure::HoldsUntil(until)), ..line }
        });
        let clock = heard.and_then(|heard| heard.clocks).map(|(theirs, ours)| {
            let off = theirs.abs_diff(ours);
            let line = self.line(RingCondition::Clock, off <= CLOCKS, RingLevel::Limited, Advice::CheckClock);
            RingLine { figure: Some(RingFigure::ClockOff(off)), ..line }
        });
        [Some(self.logged_in(looks_from_beside)), self.encrypted(), certificate, clock].into_iter().flatten().collect()
    }

    fn logged_in(&self, looks_from_beside: bool) -> RingLine {
        let line = |is_met, advice| self.line(RingCondition::LoggedIn, is_met, RingLevel::Unmet, advice);
        let because = |reason: EndReason| RingLine { advice: reason.advice(), reason: Some(reason), ..line(false, Advice::Nothing) };
        match &self.state {
            // Who looks is the only device that its server knows.
            Some(AccountState::Registered { devices: 1, .. }) if looks_from_beside => line(false, Advice::Wait),
            Some(AccountState::Registered { devices, .. }) => {
                let heard = self.heard.map(|heard| RingFigure::HeardAt(heard.at));
                RingLine { figure: heard.or(Some(RingFigure::Devices(*devices))), ..line(true, Advice::Nothing) }
            }
            Some(AccountState::Failed { trouble, .. }) => because(trouble.end_reason()),
            // Connected on purpose, without logging in: calls can be made and none comes.
            Some(AccountState::Connected) => line(false, Advice::TakeCalls),
            Some(AccountState::Connecting) | None => line(false, Advice::Wait),
        }
    }

    fn encrypted(&self) -> Option<RingLine> {
        let Some(AccountState::Registered { transport, .. }) = &self.state else { return None };
        let line = self.line(RingCondition::Encrypted, *transport == Transport::Tls, RingLevel::Limited, Advice::UseTls);
        let is_by_added = *transport == Transport::Tls && self.heard.is_some_and(|heard| heard.by_added_authority);
        Some(RingLine { figure: is_by_added.then_some(RingFigure::AddedAuthority), ..line })
    }

    fn line(&self, condition: RingCondition, is_met: bool, level: RingLevel, advice: Advice) -> RingLine {
        RingLine { account: Some(self.address.clone()), ..of_phone(condition, is_met, level, advice) }
    }
}

/// `level` and `advice` hold where it is not met.
fn of_phone(condition: RingCondition, is_met: bool, level: RingLevel, advice: Advice) -> RingLine {
    let (level, advice) = if is_met { (RingLevel::Met, Advice::Nothing) } else { (level, advice) };
    RingLine { condition, account: None, level, reason: None, figure: None, advice }
}

#[cfg(test)]
mod tests {
    use cooee_call::{LoginTrouble, TlsTrouble};

    use super::super::would_ring;
    use super::*;
    use crate::AccountTrouble;

    const NOW: Duration = Duration::from_secs(1_800_000_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn heard() -> ServerHeard {
        ServerHeard {
            at: NOW - Duration::from_secs(40),
            certificate_until: Some(NOW + 30 * DAY),
            by_added_authority: false,
            clocks: Some((NOW, NOW)),
        }
    }

    fn account(address: &str, state: AccountState) -> AccountSituation {
        AccountSituation { address: Pii(address.to_owned()), state: Some(state), heard: Some(heard()) }
    }

    fn phone(accounts: Vec<AccountSituation>) -> RingSituation {
        RingSituation { accounts, ..RingSituation::default() }
    }

    fn registered(transport: Transport) -> AccountState {
        AccountState::Registered { transport, devices: 1 }
    }

    fn good() -> RingSituation {
        phone(vec![account("anna@example.org", registered(Transport::Tls))])
    }

    /// What is not met, and whether it rings all the same.
    fn wrong(situation: &RingSituation) -> (Vec<(&'static str, RingLevel, Advice)>, bool) {
        let lines = situation.lines(NOW);
        let wrong = lines.iter().filter(|line| line.level != RingLevel::Met);
        (wrong.map(|line| (line.condition.as_str(), line.level, line.advice)).collect(), would_ring(&lines))
    }

    #[test]
    fn a_phone_that_is_logged_in_over_tls_rings_and_says_how_it_knows() {
        assert_eq!(wrong(&good()), (vec![], true));
        let lines = good().lines(NOW);
        assert!(lines.iter().all(|line| line.advice == Advice::Nothing));
        let figures: Vec<_> = lines.iter().filter_map(|line| line.figure).collect();
        let expected = [
            RingFigure::HeardAt(NOW - Duration::from_secs(40)),
            RingFigure::HoldsUntil(NOW + 30 * DAY),
            RingFigure::ClockOff(Duration::ZERO),
            RingFigure::Rings(WhoRings::OwnDomain),
        ];
        assert_eq!(figures, expected);
        assert!(lines.is_sorted_by_key(|line| line.condition));
    }

    #[test]
    fn a_server_that_only_an_added_authority_vouches_for_is_encrypted_and_told_apart() {
        let figure = |transport| {
            let mut account = account("anna@example.org", registered(transport));
            account.heard = Some(ServerHeard { by_added_authority: true, ..heard() });
            phone(vec![account]).lines(NOW).into_iter().find(|line| line.condition == RingCondition::Encrypted).unwrap().figure
        };
        assert_eq!((figure(Transport::Tls), figure(Transport::Tcp)), (Some(RingFigure::AddedAuthority), None));
    }

    #[test]
    fn an_account_that_is_not_in_says_what_mends_it() {
        use RingLevel::{Limited, Unmet};
        assert_eq!(wrong(&phone(vec![])), (vec![("account", Unmet, Advice::AddAccount)], false));
        let failed = |trouble| AccountState::Failed { trouble, retry_in: None };
        for (state, condition, level, advice) in [
            (failed(AccountTrouble::Login(LoginTrouble::WrongPassword)), "logged-in", Unmet, Advice::AddAccountAgain),
            (failed(AccountTrouble::Untrusted(TlsTrouble::Expired)), "logged-in", Unmet, Advice::CheckClock),
            (AccountState::Connected, "logged-in", Unmet, Advice::TakeCalls),
            (AccountState::Connecting, "logged-in", Unmet, Advice::Wait),
            (registered(Transport::Udp), "encrypted", Limited, Advice::UseTls),
        ] {
            let situation = phone(vec![account("anna@example.org", state)]);
            assert_eq!(wrong(&situation), (vec![(condition, level, advice)], level == Limited));
        }
    }

    #[test]
    fn who_looks_from_beside_is_not_taken_for_the_phone_that_rings() {
        let look = |devices| {
            let state = AccountState::Registered { transport: Transport::Tls, devices };
            wrong(&RingSituation { looks_from_beside: true, ..phone(vec![account("anna@example.org", state)]) })
        };
        assert_eq!(look(1), (vec![("logged-in", RingLevel::Unmet, Advice::Wait)], false));
        assert_eq!([look(2), look(0)], [(vec![], true), (vec![], true)], "where the server does not say, nothing is held against it");
    }

    #[test]
    fn one_account_of_several_is_enough_to_ring_at() {
        let broken = account("ben@example.net", AccountState::Connecting);
        let mut situation = phone(vec![broken.clone(), broken]);
        assert!(!would_ring(&situation.lines(NOW)));
        situation.accounts.extend(good().accounts);
        assert!(would_ring(&situation.lines(NOW)));
    }

    #[test]
    fn a_certificate_that_ends_soon_and_a_wrong_clock_are_told_before_they_do_harm() {
        let mut situation = good();
        situation.accounts[0].heard =
            Some(ServerHeard { certificate_until: Some(NOW + 2 * DAY), clocks: Some((NOW, NOW - Duration::from_secs(301))), ..heard() });
        let expected = vec![("certificate", RingLevel::Limited, Advice::AskOperator), ("clock", RingLevel::Limited, Advice::CheckClock)];
        assert_eq!(wrong(&situation), (expected, true));
    }

    #[test]
    fn what_the_device_forbids_has_an_action_each_and_what_it_does_not_know_has_no_line() {
        let forbidden = Some(false);
        let situation = RingSituation {
            is_running: forbidden,
            has_network: forbidden,
            do_not_disturb: true,
            who_rings: WhoRings::Known,
            may_notify: forbidden,
            may_fill_screen: forbidden,
            may_stay_awake: forbidden,
            saves_power: Some(true),
            may_listen: forbidden,
            ..good()
        };
        let (wrong, rings) = wrong(&situation);
        let names: Vec<&str> = wrong.iter().map(|(name, ..)| *name).collect();
        let expected = ["running", "network", "undisturbed", "notifications", "full-screen", "background", "power", "microphone"];
        assert_eq!(names, expected);
        assert!(!rings && wrong.iter().all(|(.., advice)| *advice != Advice::Nothing));
        assert_eq!(good().lines(NOW).len(), 7);
    }
}
