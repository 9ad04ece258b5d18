use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::Region;

/// Made by `core/phone/numbering/generate.py`; the columns are named there.
const TABLE: &str = include_str!("../../numbering/plan.tsv");

/// Stands for the region of codes that belong to none, as of satellites.
const WORLD: &str = "001";

/// How telephone numbers are dialled in one region, or within one country code that belongs to none.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) region: &'static str,
    /// Without plus sign.
    pub(super) country_code: &'static str,
    is_main: bool,
    international_prefix: Pattern,
    national_prefix: Pattern,
    transform: &'static str,
    national: Pattern,
    lengths: Vec<usize>,
    short: Pattern,
    emergency: Pattern,
}

impl Plan {
    pub(super) fn of(region: Region) -> Option<&'static Self> {
        Self::of_region(region.code())
    }

    /// `CH`.
    pub(super) fn of_region(code: &str) -> Option<&'static Self> {
        plans().by_region.get(code).copied()
    }

    /// The plan of the region that a country code belongs to, or to most of whose numbers it does, and what follows the code.
    pub(super) fn of_number(digits: &str) -> Option<(&'static Self, &str)> {
        (1..=3).find_map(|length| {
            let (code, rest) = digits.split_at_checked(length)?;
            plans().by_code.get(code).map(|plan| (*plan, rest))
        })
    }

    /// The digits behind the prefix for calls abroad: `0041…` in most of the world. A zero behind it is none of theirs.
    pub(super) fn after_international_prefix<'a>(&self, digits: &'a str) -> Option<&'a str> {
        let end = self.international_prefix.regex()?.find(digits.as_bytes())?.end();
        digits.get(end..).filter(|rest| !rest.is_empty() && !rest.starts_with('0'))
    }

    /// What is left of a number of this plan without its trunk prefix; as it is, where it makes sense with it and not without.
    pub(super) fn without_national_prefix(&self, digits: &str) -> String {
        let Some(regex) = self.national_prefix.regex() else { return digits.to_owned() };
        let Some(found) = regex.captures(digits.as_bytes()) else {
            return digits.to_owned();
        };
        let has_last_group = found.get(found.len() - 1).is_some();
        let rest = if self.transform.is_empty() || !has_last_group {
            digits.get(found.get(0).map_or(0, |all| all.end())..).unwrap_or_default().to_owned()
        } else {
            let replaced = regex.replacen(digits.as_bytes(), 1, braced(self.transform).as_bytes());
            String::from_utf8_lossy(&replaced).into_owned()
        };
        if self.is_national(digits) && !self.is_national(&rest) { digits.to_owned() } else { rest }
    }

    /// It has the form of a national number of this plan (national significant number, E.164).
    pub(super) fn is_national(&self, digits: &str) -> bool {
        self.national.fits(digits)
    }

    /// So many digits can be dialled from anywhere.
    pub(super) fn is_possible(&self, digits: &str) -> bool {
        self.lengths.is_empty() || self.lengths.contains(&digits.len())
    }

    /// So are so many in some region of the same country code.
    pub(super) fn is_possible_abroad(&self, digits: &str) -> bool {
        let same_code = plans().by_region.values().filter(|plan| plan.country_code == self.country_code);
        self.is_possible(digits) || same_code.into_iter().any(|plan| plan.is_possible(digits))
    }

    pub(super) fn is_too_short(&self, digits: &str) -> bool {
        self.lengths.first().is_some_and(|least| digits.len() < *least)
    }

    pub(super) fn is_too_long(&self, digits: &str) -> bool {
        self.lengths.last().is_some_and(|most| digits.len() > *most)
    }

    pub(super) fn is_short(&self, digits: &str) -> bool {
        self.short.fits(digits)
    }

    pub(super) fn is_emergency(&self, digits: &str) -> bool {
        self.emergency.fits(digits)
    }

    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let mut next = || columns.next();
        Some(Self {
            region: next()?,
            country_code: next()?,
            is_main: next()? == "main",
            international_prefix: Pattern::prefix(next()?),
            national_prefix: Pattern::prefix(next()?),
            transform: next()?,
            national: Pattern::whole(next()?),
            lengths: next()?.split(',').filter_map(|length| length.parse().ok()).collect(),
            short: next().and_then(|_local_lengths| next()).map(Pattern::whole)?,
            emergency: Pattern::whole(next()?),
        })
    }
}

#[derive(Debug, Default)]
struct Plans {
    by_region: BTreeMap<&'static str, &'static Plan>,
    /// Of several regions with one code, the main one.
    by_code: BTreeMap<&'static str, &'static Plan>,
}

fn plans() -> &'static Plans {
    static ROWS: OnceLock<Vec<Plan>> = OnceLock::new();
    static PLANS: OnceLock<Plans> = OnceLock::new();
    PLANS.get_or_init(|| {
        let rows = ROWS.get_or_init(|| TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(Plan::read).collect());
        let mut plans = Plans::default();
        for plan in rows {
            if plan.region != WORLD {
                plans.by_region.insert(plan.region, plan);
            }
            if plan.is_main || !plans.by_code.contains_key(plan.country_code) {
                plans.by_code.insert(plan.country_code, plan);
            }
        }
        plans
    })
}

/// A regular expression over digits, compiled when it is first needed.
#[derive(Debug)]
struct Pattern {
    text: &'static str,
    end: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Matches at the start, and may leave digits over.
    fn prefix(text: &'static str) -> Self {
        Self { text, end: "", compiled: OnceLock::new() }
    }

    /// Matches all digits.
    fn whole(text: &'static str) -> Self {
        Self { text, end: "$", compiled: OnceLock::new() }
    }

    /// `None` where the plan has no such thing.
    fn regex(&self) -> Option<&Regex> {
        let compile = || {
            let anchored = format!("^(?:{}){}", self.text, self.end);
            RegexBuilder::new(&anchored).unicode(false).build().ok().filter(|_| !self.text.is_empty())
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    fn fits(&self, digits: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(digits.as_bytes()))
    }
}

/// `$1` before a digit is group 1 in libphonenumber, and a group of two digits to the regex crate.
fn braced(transform: &str) -> String {
    let mut out = String::with_capacity(transform.len() + 4);
    let mut chars = transform.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '$' { chars.next() } else { None }) {
            ('$', Some(group)) => out.extend(['$', '{', group, '}']),
            _ => out.push(c),
        }
    }
    out
}
