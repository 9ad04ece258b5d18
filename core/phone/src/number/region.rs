use std::fmt;
use std::str::FromStr;

use super::plan::Plan;

/// A country or territory whose numbering plan is used, by its ISO 3166 code: `CH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(&'static str);

/// Not the code of a region whose numbering plan is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region is a country's code of two letters, e.g. CH")]
pub struct NoRegion;

impl Region {
    /// `CH`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0
    }

    /// What its numbers begin with when called from abroad, without plus sign: `41`.
    #[must_use]
    pub fn country_code(self) -> &'static str {
        Plan::of(self).map_or("", |plan| plan.country_code)
    }
}

impl FromStr for Region {
    type Err = NoRegion;

    fn from_str(text: &str) -> Result<Self, NoRegion> {
        Plan::of_region(&text.trim().to_ascii_uppercase()).map(|plan| Self(plan.region)).ok_or(NoRegion)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
