use std::collections::{BTreeMap, BTreeSet};

use cooee_machine::{DnsSecurity, NaptrRecord, Record, Resolution};

use super::substitution::Substitution;
use super::{EnumAnswer, EnumService, EnumSuffix, RuleFault};
use crate::{Address, E164, Host, NoAddress, Number};

/// Records of one name that are looked at.
const MOST_RECORDS: usize = 32;
/// Names in a row that non-terminal rules lead to (RFC 6116 5.2.1).
const MOST_STEPS: usize = 5;
/// Answers and faults that are kept.
const MOST_KEPT: usize = 16;
/// Expressions that are tried: each costs up to a millisecond, and a walk is done anew with each answer.
const MOST_TRIED: usize = 48;

/// All that the answers so far say of a number below one suffix. Done anew with each answer, so there is no state to get wrong.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    number: &'a E164,
    suffix: &'a EnumSuffix,
    known: &'a BTreeMap<String, Resolution>,
    /// Names to ask for before it can be finished.
    pub(super) wanted: Vec<String>,
    pub(super) answers: Vec<EnumAnswer>,
    pub(super) faults: Vec<RuleFault>,
    /// Each name stands in one place only, the first: many ways to one name would otherwise multiply.
    seen: BTreeSet<String>,
    tried: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(number: &'a E164, suffix: &'a EnumSuffix, known: &'a BTreeMap<String, Resolution>) -> Self {
        let (wanted, answers, faults) = (Vec::new(), Vec::new(), Vec::new());
        let name = suffix.name(number);
        let mut walk = Self { number, suffix, known, wanted, answers, faults, seen: BTreeSet::from([name.clone()]), tried: 0 };
        walk.visit(name, 0, DnsSecurity::Secure);
        // Stable: those of equal trust stay as their domain ordered them.
        walk.answers.sort_by_key(|answer| answer.security != DnsSecurity::Secure);
        walk
    }

    /// `steps` rules led here; what is found is at most as trustworthy as the way to it.
    fn visit(&mut self, name: String, steps: usize, on_the_way: DnsSecurity) {
        let (records, security) = match self.known.get(&name) {
            Some(Resolution::Records { records, security, .. }) => (records, security.weaker(on_the_way)),
            Some(_) => return,
            None => return self.wanted.push(name),
        };
        let mut rules: Vec<&NaptrRecord> = records.iter().filter_map(naptr).take(MOST_RECORDS).collect();
        rules.sort_by_key(|rule| (rule.order, rule.preference));
        for rule in rules {
            let outcome = if rule.flags.is_empty() { self.follow(rule, steps, security) } else { self.end(rule, security) };
            if let Err(fault) = outcome
                && self.faults.len() < MOST_KEPT
            {
                self.faults.push(fault);
            }
        }
    }

    /// A non-terminal rule: what it names is asked next, and stands in its place.
    fn follow(&mut self, rule: &NaptrRecord, steps: usize, security: DnsSecurity) -> Result<(), RuleFault> {
        let Some(Host::Domain(next)) = Host::parse(&rule.replacement) else { return Err(RuleFault::Shape) };
        if steps >= MOST_STEPS || !self.seen.insert(next.clone()) {
            return Err(RuleFault::Circle);
        }
        self.visit(next, steps + 1, security);
        Ok(())
    }

    fn end(&mut self, rule: &NaptrRecord, security: DnsSecurity) -> Result<(), RuleFault> {
        if !rule.flags.eq_ignore_ascii_case("u") {
            return Err(RuleFault::Flag);
        }
        let services = EnumService::read(&rule.services);
        if services.is_empty() {
            return Err(RuleFault::Service);
        }
        self.tried += 1;
        if self.tried > MOST_TRIED {
            return Err(RuleFault::TooLarge);
        }
        let made = Substitution::parse(&rule.regexp)?.apply(&self.number.dialled())?;
        // Numbers are understood in full or not at all: nobody knows where their writer telephones from.
        let address = Address::understand(&made, None).map_err(RuleFault::Address)?.address;
        let service = services.into_iter().find(|service| is_for(*service, &address)).ok_or(RuleFault::Address(NoAddress::Malformed))?;
        let is_known = self.answers.iter().any(|answer| answer.address.canonical() == address.canonical());
        if !is_known && self.answers.len() < MOST_KEPT {
            let (order, preference, suffix) = (rule.order, rule.preference, self.suffix.clone());
            self.answers.push(EnumAnswer { suffix, service, address, security, order, preference });
        }
        Ok(())
    }
}

fn is_for(service: EnumService, address: &Address) -> bool {
    match service {
        EnumService::Sip => matches!(address, Address::Sip(_)),
        EnumService::Xmpp => matches!(address, Address::Xmpp(_)),
        EnumService::Tel => matches!(address, Address::Number(Number::International(_))),
    }
}

fn naptr(record: &Record) -> Option<&NaptrRecord> {
    if let Record::Naptr(rule) = record { Some(rule) } else { None }
}
