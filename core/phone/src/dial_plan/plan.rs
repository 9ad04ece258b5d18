use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::Pii;
use cooee_sip::Uri;

use super::caller::{Caller, choose, takes};
use super::{Choice, Obstacle, Reason, Route, Way};
use crate::number::dialled_for;
use crate::probe::Reach;
use crate::{AccountId, Address, EnumAnswer, Number, SipAddress, XmppAddress};

/// Who may call, and what is known of those who are called.
#[derive(Clone, Debug, Default)]
pub struct DialPlan {
    /// The accounts, in the order of their names.
    pub callers: Vec<Caller>,
    /// The account that was named.
    pub named: Option<AccountId>,
    /// What was chosen for who is called.
    pub choice: Choice,
    /// What is known, by [`Address::canonical`].
    pub reach: BTreeMap<Pii<String>, Reach>,
}

impl DialPlan {
    /// Who calls this address.
    #[must_use]
    pub fn caller(&self, address: &Address) -> Option<&Caller> {
        let of = |account| self.callers.iter().find(|caller| caller.account == account);
        match self.named {
            Some(named) => of(named),
            None => self.chosen_caller().or_else(|| choose(&self.callers, address)),
        }
    }

    /// The account that was chosen for who is called; one that is gone by now counts as none.
    fn chosen_caller(&self) -> Option<&Caller> {
        self.callers.iter().find(|caller| self.named.is_none() && Some(caller.account) == self.choice.account)
    }

    /// All ways to call an address, the best first. `found` is what ENUM found of it, if it is a number; `unix` tells how old what is known is.
    #[must_use]
    pub fn routes(&self, address: &Address, found: &[EnumAnswer], unix: Duration) -> Vec<Route> {
        let mut routes = match address {
            Address::Sip(_) | Address::User(_) => vec![self.sip(address)],
            Address::Xmpp(_) => vec![self.xmpp(address)],
            Address::Mailbox(mailbox) => {
                let sip = mailbox.sip().map(|sip: SipAddress| self.sip(&Address::Sip(sip)));
                let xmpp = mailbox.xmpp().map(|xmpp: XmppAddress| self.xmpp(&Address::Xmpp(xmpp)));
                sip.into_iter().chain(xmpp).collect()
            }
            Address::Number(number) => self.number(number, found),
        };
        let is_chosen = |route: &Route| self.choice.address.as_ref() == Some(&route.address.canonical());
        for route in routes.iter_mut().filter(|route| is_chosen(route)) {
            route.reasons.push(Reason::ChosenAddress);
        }
        routes.sort_by_cached_key(|route| route.rank(unix));
        routes
    }

    fn number(&self, number: &Number, found: &[EnumAnswer]) -> Vec<Route> {
        let address = Address::Number(number.clone());
        let ordinary = |reason| self.route(Way::OrdinaryDialler, &address, None, reason, None);
        let last = match number {
            Number::Emergency(_) => return vec![ordinary(Reason::Emergency)],
            Number::Short(_) => Reason::Short,
            Number::International(_) | Number::Local { .. } => Reason::LastResort,
        };
        let mut routes: Vec<Route> = found.iter().map(|answer| self.found(answer, number)).collect();
        let is_over = |routes: &[Route], caller: &Caller| {
            routes.iter().any(|route| route.way == Way::Exchange && route.address == address && route.account == Some(caller.account))
        };
        if let Some(caller) = self.caller(&address).filter(|caller| takes(caller, number) || self.named.is_some())
            && !is_over(&routes, caller)
        {
            routes.push(self.route(Way::Exchange, &address, Some(caller.account), self.why(caller, &address), None));
        }
        // Whose server takes numbers takes this one where another does not.
        let is_global = !matches!(number, Number::Local { .. });
        let others = self.callers.iter().filter(|caller| is_global && self.named.is_none() && takes(caller, number));
        let mut others: Vec<&Caller> = others.filter(|caller| !is_over(&routes, caller)).collect();
        others.sort_by_key(|caller| Reverse(caller.readiness));
        let others: Vec<Route> = others
            .into_iter()
            .map(|caller| self.route(Way::Exchange, &address, Some(caller.account), Reason::TakesNumbers, None))
            .collect();
        routes.extend(others);
        // A number of the exchange is no number elsewhere.
        if !matches!(number, Number::Local { .. }) || routes.is_empty() {
            routes.push(ordinary(last));
        }
        routes
    }

    fn found(&self, answer: &EnumAnswer, dialled: &Number) -> Route {
        let mut route = match &answer.address {
            Address::Xmpp(_) => self.xmpp(&answer.address),
            // Whoever owns a number's records makes no phone call for help.
            Address::Number(Number::Emergency(_)) => self.route(Way::OrdinaryDialler, &answer.address, None, Reason::Emergency, None),
            Address::Number(number) => {
                let caller = self.caller(&answer.address).filter(|caller| takes(caller, number));
                match caller {
                    Some(caller) => {
                        self.route(Way::Exchange, &answer.address, Some(caller.account), self.why(caller, &answer.address), None)
                    }
                    None => self.route(Way::OrdinaryDialler, &answer.address, None, Reason::LastResort, None),
                }
            }
            address => self.sip(address),
        };
        if self.is_other_number(&answer.address, dialled) {
            route.obstacle = Some(Obstacle::OtherNumber);
        }
        route.reasons.push(Reason::Found { suffix: answer.suffix.clone(), security: answer.security });
        route
    }

    /// Whoever owns the records of a number could name one that costs; the telephone network has the one that was dialled anyhow.
    fn is_other_number(&self, found: &Address, dialled: &Number) -> bool {
        let dialled = dialled.dialled();
        let bare = dialled.trim_start_matches('+');
        match found {
            Address::Number(number) => number.dialled() != dialled,
            Address::Sip(sip) => {
                let host = sip.host().to_string();
                let is_exchange = self.callers.iter().any(|caller| caller.takes_numbers && caller.host == host);
                let is_other = |uri: Uri<'_>| dialled_for(&uri).is_some_and(|number| number.trim_start_matches('+') != bare);
                is_exchange && Uri::parse(sip.uri().reveal()).is_ok_and(is_other)
            }
            _ => false,
        }
    }

    fn sip(&self, address: &Address) -> Route {
        let is_secure = matches!(address, Address::Sip(sip) if sip.is_secure());
        match self.caller(address) {
            None => self.route(Way::Sip, address, None, Reason::FirstThatWorks, Some(Obstacle::NoAccount)),
            Some(caller) => {
                let obstacle = (is_secure && !caller.is_encrypted).then_some(Obstacle::NotSecure);
                self.route(Way::Sip, address, Some(caller.account), self.why(caller, address), obstacle)
            }
        }
    }

    fn xmpp(&self, address: &Address) -> Route {
        Route { reasons: Vec::new(), ..self.route(Way::Xmpp, address, None, Reason::FirstThatWorks, Some(Obstacle::NotYet)) }
    }

    fn why(&self, caller: &Caller, address: &Address) -> Reason {
        let is_of_host = address.host().is_some_and(|host| host.to_string() == caller.host);
        match address {
            _ if self.named.is_some() => Reason::Named,
            _ if self.choice.account == Some(caller.account) => Reason::ChosenAccount,
            _ if is_of_host => Reason::SameDomain,
            Address::Number(_) if caller.takes_numbers => Reason::TakesNumbers,
            _ => Reason::FirstThatWorks,
        }
    }

    fn route(&self, way: Way, address: &Address, account: Option<AccountId>, reason: Reason, obstacle: Option<Obstacle>) -> Route {
        let reach = self.reach.get(&address.canonical()).cloned().unwrap_or_default();
        Route { way, address: address.clone(), account, reasons: vec![reason], obstacle, reach }
    }
}
