use cooee_machine::{DnsSecurity, ResolveFailure};

use super::{EnumService, EnumSuffix, RuleFault};
use crate::Address;

/// One way to reach who has the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumAnswer {
    /// Where it was found.
    pub suffix: EnumSuffix,
    /// What it is for.
    pub service: EnumService,
    /// Whom to call.
    pub address: Address,
    /// Whether every record on the way to it was validated.
    pub security: DnsSecurity,
    /// As its domain ordered it; lower first.
    pub order: u16,
    /// Among those of equal order; lower first.
    pub preference: u16,
}

/// What came of a lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumResult {
    /// Best first: of the most trusted suffix, validated ones before others, then as the domain ordered them.
    pub answers: Vec<EnumAnswer>,
    /// All suffixes in order of trust, asked or not.
    pub suffixes: Vec<AskedSuffix>,
}

/// What became of one suffix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedSuffix {
    /// Which.
    pub suffix: EnumSuffix,
    /// What.
    pub state: SuffixState,
    /// Records that were of no use, and why.
    pub faults: Vec<RuleFault>,
}

/// Whether a suffix knows the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuffixState {
    /// Another one answered before its turn: it did not learn the number.
    NotAsked,
    /// It was asked and has not answered.
    Unanswered,
    /// It has no such number.
    NoSuchNumber(DnsSecurity),
    /// It has records, usable or not.
    Known(DnsSecurity),
    /// It could not be asked, or its answer not be believed.
    Failed(ResolveFailure),
}
