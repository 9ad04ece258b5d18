use std::time::Duration;

/// Whom the prober's questions go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResolverClass {
    /// Nobody can be asked.
    #[default]
    None,
    /// Whoever the network names: it learns a burst only if the user types one.
    Network,
    /// The account's own server, which knows its user anyway.
    AccountServer,
    /// One that the user chose, over DoT or DoH: nobody on the way reads along.
    Private,
}

/// What there is to probe with. Whoever drives the prober tells it, at the start and on each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Whom the questions go to.
    pub resolver: ResolverClass,
    /// A network is up.
    pub online: bool,
    /// Traffic costs money.
    pub metered: bool,
    /// The network is a foreign operator's.
    pub roaming: bool,
    /// The battery is low, or is to last.
    pub low_battery: bool,
}

impl Conditions {
    /// Whether a burst that the user typed may go out.
    #[must_use]
    pub fn allow_typed(&self) -> bool {
        self.online && self.resolver != ResolverClass::None
    }

    /// Whether a resolver may be asked what nobody typed.
    #[must_use]
    pub fn allow_background(&self) -> bool {
        matches!(self.resolver, ResolverClass::AccountServer | ResolverClass::Private) && self.allow_unprompted()
    }

    /// Whether the device has anything to spare for what nobody typed, whomever it is asked of.
    #[must_use]
    pub fn allow_unprompted(&self) -> bool {
        self.online && !self.metered && !self.roaming && !self.low_battery
    }
}

/// Times and bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProberConfig {
    /// Questions under way at once.
    pub in_flight: usize,
    /// What counts as a day of the background: what is due is spread over it. Tests live faster.
    pub day: Duration,
    /// Domains asked in the background within any such day, each with at most 8 questions.
    pub domains_a_day: usize,
    /// A finding is not asked again within this time, however short-lived its records: by a typed burst.
    pub typed_rest: Duration,
    /// The same, in the background.
    pub background_rest: Duration,
    /// Before a domain that could not be found out is asked again in the background.
    pub retry: Duration,
}

impl Default for ProberConfig {
    fn default() -> Self {
        Self { in_flight: 64, day: DAY, domains_a_day: 200, typed_rest: Duration::from_secs(3600), background_rest: WEEK, retry: DAY }
    }
}

/// 24 hours.
const DAY: Duration = Duration::from_secs(86_400);
/// Seven days: no finding counts as fresh for longer.
pub(super) const WEEK: Duration = Duration::from_secs(7 * 86_400);
