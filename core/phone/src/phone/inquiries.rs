//! Who is there: people whom the user has called or marked are asked (OPTIONS, RFC 3261 11), and others who ask are told by policy.

use cooee_machine::{Now, Pii, Transport};
use cooee_sip::ua::{QueryEvent, QueryId};

use super::who::Who;
use super::{Phone, Shutdown};
use crate::address::Target;
use crate::{AccountId, Address, Person, PhoneEvent, Reply};

/// A question under way.
#[derive(Debug)]
pub(super) struct Asking {
    account: AccountId,
    query: QueryId,
    address: Address,
}

impl Phone {
    /// Asks whose turn has come.
    pub(super) fn pump_inquiries(&mut self, now: Now) -> bool {
        if !self.inquirer.is_time(now) {
            return false;
        }
        let due = self.inquirer.due(now).filter(|person| self.way_to_ask(person).is_some());
        let due: Vec<Pii<String>> = due.map(|person| person.address.canonical()).collect();
        let Some(person) = self.inquirer.choose(&due, now) else { return false };
        let Some((id, uri)) = self.way_to_ask(&person) else { return false };
        let Some(account) = self.accounts.get_mut(&id) else { return false };
        let query = account.agent.query(&uri, now);
        self.asking = Some(Asking { account: id, query, address: person.address.clone() });
        self.tell(PhoneEvent::PersonAsked { account: id, address: person.address });
        true
    }

    /// Over which account somebody can be asked now, and by which URI: by SIP, over a connection by TLS that is up.
    fn way_to_ask(&self, person: &Person) -> Option<(AccountId, String)> {
        let chosen = person.account.filter(|account| self.staying(*account).is_some());
        let id = chosen.or_else(|| self.choose_account(&person.address))?;
        let account = self.staying(id).filter(|account| account.is_ready() && account.transport() == Transport::Tls)?;
        let target = Target::of(&person.address).filter(|target| !target.is_number && target.domain.is_some())?;
        let uri = target.within(&account.own.domain);
        let may = self.shutdown == Shutdown::No && !self.screen.blocks(&uri) && !self.accounts.values().any(|own| own.is_own(&uri));
        may.then_some((id, uri))
    }

    /// News of OPTIONS, ours or another's.
    pub(super) fn handle_query(&mut self, account: AccountId, event: QueryEvent, now: Now) {
        match event {
            QueryEvent::Answered { id, status } if self.is_asking(account, id) => {
                self.person_replied(status.map_or(Reply::Unknown, Reply::of), now);
            }
            QueryEvent::Asked { id, from, asserted, anonymous } => {
                let is_told = !anonymous && self.may_know_that_we_are_here(account, &from, asserted.as_ref());
                if let Some(account) = self.accounts.get_mut(&account) {
                    account.agent.answer_query(id, is_told, now);
                }
            }
            _ => {}
        }
    }

    /// An account is gone, and with it what it was asking.
    pub(super) fn drop_inquiry(&mut self, account: AccountId, now: Now) {
        if self.asking.as_ref().is_some_and(|asking| asking.account == account) {
            self.person_replied(Reply::Unknown, now);
        }
    }

    fn is_asking(&self, account: AccountId, query: QueryId) -> bool {
        self.asking.as_ref().is_some_and(|asking| (asking.account, asking.query) == (account, query))
    }

    fn person_replied(&mut self, reply: Reply, now: Now) {
        let Some(Asking { address, .. }) = self.asking.take() else { return };
        self.inquirer.replied(reply, now);
        self.tell(PhoneEvent::PersonReplied { address, reply });
    }

    /// Whether who asks may know: whom we have called or may ask ourselves, whose call was answered, the people of the own domain, and who
    /// may always ring; not who is blocked. The word of our own server counts more than what they write of themselves.
    fn may_know_that_we_are_here(&self, account: AccountId, from: &Pii<String>, asserted: Option<&Pii<String>>) -> bool {
        let Some(account) = self.accounts.get(&account) else { return false };
        let who = Who::of(account, from, asserted);
        let is_to_be_asked = Address::understand(who.address, None).is_ok_and(|who| self.inquirer.knows(&who.address.canonical()));
        let is_familiar = self.acquaintances.knows(account, who.address) || self.familiar.knows(account, who.address);
        let is_known = is_to_be_asked || is_familiar || self.screen.allows([who]);
        is_known && self.screen.blocker(from, asserted).is_none()
    }
}
