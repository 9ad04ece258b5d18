use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{Entropy, Now, Pii, Wake};

use super::{Inquiry, InquiryConfig, Person, Reply};
use crate::probe::{Conditions, Schedule};

/// More are not asked: whoever has called so many has other worries.
const PEOPLE_MAX: usize = 10_000;

/// Decides who is asked when: one person at a time, at most once a week each and so many a day, spread unevenly, in an order of chance, and
/// nobody while traffic costs money or the battery is low.
#[derive(Debug)]
pub(crate) struct Inquirer {
    config: InquiryConfig,
    entropy: Entropy,
    conditions: Conditions,
    people: BTreeMap<Pii<String>, Person>,
    schedule: Schedule,
    /// Who is being asked.
    under_way: Option<Pii<String>>,
    /// Something is other than when it was looked last.
    is_changed: bool,
}

impl Inquirer {
    pub(crate) fn new(config: InquiryConfig, entropy: Entropy) -> Self {
        let schedule = Schedule::new(config.spread);
        let (conditions, people) = (Conditions::default(), BTreeMap::new());
        Self { config, entropy, conditions, people, schedule, under_way: None, is_changed: false }
    }

    /// The people who may be asked, in place of the former ones.
    pub(crate) fn set_people(&mut self, people: Vec<Person>) {
        let known = std::mem::take(&mut self.people);
        for person in people.into_iter().take(PEOPLE_MAX) {
            let key = person.address.canonical();
            // What has just been asked may not be written down yet where these come from.
            let before = known.get(&key).and_then(|known| known.inquiry);
            let is_newer = before.is_some_and(|before| person.inquiry.is_none_or(|inquiry| inquiry.asked < before.asked));
            let inquiry = if is_newer { before } else { person.inquiry };
            self.people.insert(key, Person { inquiry, ..person });
        }
        self.is_changed = true;
    }

    /// Whether somebody is one of them.
    pub(crate) fn knows(&self, address: &Pii<String>) -> bool {
        self.people.contains_key(address)
    }

    pub(crate) fn set_conditions(&mut self, conditions: Conditions) {
        self.is_changed |= self.conditions != conditions;
        self.conditions = conditions;
    }

    /// Whether anybody's turn may have come.
    pub(crate) fn is_time(&mut self, now: Now) -> bool {
        if self.people.is_empty() || self.under_way.is_some() || !self.conditions.allow_unprompted() {
            self.schedule.pause();
            return false;
        }
        let is_early = self.schedule.wake().is_some_and(|wake| wake.at > now.instant);
        std::mem::take(&mut self.is_changed) || !is_early
    }

    /// Whose week is over.
    pub(crate) fn due(&self, now: Now) -> impl Iterator<Item = &Person> {
        self.people.values().filter(move |person| person.due_at(&self.config) <= now.unix)
    }

    /// Who is asked now, if anybody is, of those that are due and can be asked; [`Inquirer::replied`] must follow.
    pub(crate) fn choose(&mut self, due: &[Pii<String>], now: Now) -> Option<Person> {
        let left = self.config.people_a_day.saturating_sub(self.spent(now.unix));
        // Who is due and cannot be asked may soon: an account is connecting.
        let later = self.people.values().map(|person| person.due_at(&self.config).saturating_sub(now.unix)).min();
        let later = later.map(|later| later.max(self.config.spread / 24));
        if !self.schedule.is_due(due.len(), left, later, now, &mut self.entropy) {
            return None;
        }
        let choice = usize::try_from(self.entropy.below(due.len() as u64)).unwrap_or_default();
        let person = self.people.get_mut(due.get(choice)?)?;
        person.inquiry = Some(Inquiry { asked: now.unix, said: person.inquiry.and_then(|before| before.said) });
        self.under_way = due.get(choice).cloned();
        Some(person.clone())
    }

    /// What came of it.
    pub(crate) fn replied(&mut self, reply: Reply, now: Now) {
        let Some(person) = self.under_way.take().and_then(|key| self.people.get_mut(&key)) else { return };
        if let Some(inquiry) = person.inquiry.as_mut().filter(|_| reply != Reply::Unknown) {
            inquiry.said = Some((reply, now.unix));
        }
        self.is_changed = true;
    }

    pub(crate) fn next_wake(&self) -> Option<Wake> {
        self.schedule.wake()
    }

    /// How many were asked within the last day.
    fn spent(&self, unix: Duration) -> usize {
        let recent = |inquiry: Inquiry| inquiry.asked <= unix && unix - inquiry.asked < self.config.day;
        self.people.values().filter(|person| person.inquiry.is_some_and(recent)).count()
    }
}
