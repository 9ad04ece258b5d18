use cooee_engine as core;
use cooee_phone::BlockRule;

/// What the owner has said about somebody's calls and texts.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Standing {
    /// Nothing of theirs is taken, because of this; that comes first.
    pub blocked_by: Option<Rule>,
    /// Their calls ring at any time, because of this.
    pub allowed_by: Option<Rule>,
}

/// Who is meant by a line of who is blocked or allowed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Rule {
    /// One person, or more.
    pub scope: RuleScope,
    /// As [`Phone::unblock`](crate::Phone::unblock) and its like take it: `ben@example.org`, `example.org`, `+41446681800`.
    pub whom: String,
}

/// Whom a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RuleScope {
    /// One address.
    Address,
    /// Everybody of a domain.
    Domain,
    /// A telephone number, whoever carries its calls.
    Number,
}

impl From<core::Standing> for Standing {
    fn from(standing: core::Standing) -> Self {
        Self { blocked_by: standing.blocked_by.map(Rule::from), allowed_by: standing.allowed_by.map(Rule::from) }
    }
}

impl From<BlockRule> for Rule {
    fn from(rule: BlockRule) -> Self {
        let scope = match rule {
            BlockRule::Address(_) => RuleScope::Address,
            BlockRule::Domain(_) => RuleScope::Domain,
            BlockRule::Number(_) => RuleScope::Number,
        };
        Self { scope, whom: rule.to_string() }
    }
}
