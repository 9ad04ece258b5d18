use std::time::Duration;

use cooee_call::{Advice, Fact};
use cooee_phone as core;

use crate::{EndReason, Story, StoryStep, WhoRings};

/// One thing that ringing needs, as it is. Of what the device does not know there is none.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct RingLine {
    /// Which.
    pub condition: RingCondition,
    /// Of which account, `anna@example.org`; none: of the whole phone.
    pub account: Option<String>,
    /// How far it is met.
    pub level: RingLevel,
    /// Why not, where a server or the network said so.
    pub reason: Option<EndReason>,
    /// What belongs into the sentence.
    pub figure: Option<RingFigure>,
    /// What mends it.
    pub mend: RingMend,
}

/// Without whose account it is.
impl std::fmt::Debug for RingLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RingLine({:?} {:?} {:?} {:?})", self.condition, self.level, self.figure, self.mend)
    }
}

/// One thing that ringing needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum RingCondition {
    /// The device has a network.
    Network,
    /// There is an address that can be called.
    Account,
    /// Its server knows that this phone is here.
    LoggedIn,
    /// What the server says comes by TLS.
    Encrypted,
    /// The server's certificate holds for a while yet.
    Certificate,
    /// The device's clock is right.
    Clock,
    /// Calls are not kept from ringing by do not disturb.
    Undisturbed,
    /// Whose calls ring aloud.
    Strangers,
    /// The system lets it ring while it is out of sight.
    Notifications,
    /// The system lets an incoming call show over what else is on the screen.
    FullScreen,
    /// The system lets it keep its connection while the device sleeps.
    Background,
    /// The device is not told to save power.
    Power,
    /// There is something to speak into, and it may be used.
    Microphone,
}

/// How far a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RingLevel {
    /// It is.
    Met,
    /// Calls ring, but not all of them, not always, or not for long any more.
    Limited,
    /// Without it none does.
    Unmet,
}

/// What belongs into the sentence of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RingFigure {
    /// When the server was heard last.
    HeardAt {
        /// Since the Unix epoch.
        at: Duration,
    },
    /// Until when the certificate holds.
    HoldsUntil {
        /// Since the Unix epoch.
        at: Duration,
    },
    /// Only an authority vouches for the server that was added to this device: whoever added it could be in between.
    AddedAuthority,
    /// The device's clock differs from the server's.
    ClockOff {
        /// By so much.
        by: Duration,
    },
    /// Whose calls ring aloud.
    Rings {
        /// Whose.
        who: WhoRings,
    },
    /// How many devices have this address.
    Devices {
        /// So many.
        count: u32,
    },
}

/// What mends a condition: a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum RingMend {
    /// Nothing needs mending.
    Nothing,
    /// Wait a moment.
    Wait,
    /// Add an address.
    AddAccount,
    /// Add the account again, with the right password.
    AddAccountAgain,
    /// Look how the account's address is spelled.
    CheckAccount,
    /// Trust the authority of the own server, or pin its certificate.
    TrustServer,
    /// Let the account speak to its server by TLS, or choose a transport.
    ChooseTransport,
    /// Let the account take calls.
    TakeCalls,
    /// Look at this device's network.
    CheckNetwork,
    /// Look at this device's clock.
    CheckClock,
    /// Ask who runs the server.
    AskOperator,
    /// Let calls ring again.
    EndDoNotDisturb,
    /// Let the system show that it rings.
    AllowNotifications,
    /// Let the system show incoming calls over what else is on the screen.
    AllowFullScreen,
    /// Let the system keep the connection while the device sleeps.
    AllowBackground,
    /// Let the device use power as it likes.
    EndPowerSaving,
    /// Let the app use the microphone, or look at it.
    CheckMicrophone,
    /// Try again later.
    TryLater,
}

/// What calling the own address has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RingProof {
    /// Nothing: no call came back and rang.
    Nothing,
    /// A call came back at once, and rang: the way is there and back.
    Path,
    /// The server waited before it let the call ring: a phone that has slept meanwhile is woken by calls.
    Later,
}

/// How a test of ringing went.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct RingTest {
    /// Which account's.
    pub account: u64,
    /// What it has shown.
    pub proof: RingProof,
    /// The call that came back.
    pub call: Option<u64>,
    /// How long it took from when it was to ring until it did.
    pub took: Option<Duration>,
    /// The server has waited so long first; zero where it cannot.
    pub waited: Duration,
    /// Why it did not ring.
    pub reason: Option<EndReason>,
    /// What happened, in its order.
    pub steps: Vec<StoryStep>,
}

impl From<&core::RingTestResult> for RingTest {
    fn from(result: &core::RingTestResult) -> Self {
        let ended = |fact: &Fact| if let Fact::Ended(reason) = fact { Some(EndReason::from(reason)) } else { None };
        Self {
            account: result.account.0,
            proof: match result.proof() {
                core::RingProof::Nothing => RingProof::Nothing,
                core::RingProof::Path => RingProof::Path,
                core::RingProof::Later => RingProof::Later,
            },
            call: result.call.map(|call| call.0),
            took: result.took,
            waited: result.waited,
            steps: Story::new(Duration::ZERO, &result.story).steps,
            reason: result.story.steps().iter().rev().find_map(|step| ended(&step.fact)),
        }
    }
}

impl RingLine {
    /// What a phone says of itself, but for whether it runs: it does.
    pub(crate) fn all(lines: Vec<core::RingLine>) -> Vec<Self> {
        lines.into_iter().filter_map(Self::of).collect()
    }

    fn of(line: core::RingLine) -> Option<Self> {
        Some(Self {
            condition: RingCondition::of(line.condition)?,
            account: line.account.map(|account| account.0),
            level: line.level.into(),
            reason: line.reason.as_ref().map(EndReason::from),
            figure: line.figure.map(RingFigure::from),
            mend: RingMend::of(line.advice),
        })
    }
}

impl RingCondition {
    fn of(condition: core::RingCondition) -> Option<Self> {
        use core::RingCondition as C;
        Some(match condition {
            C::Network => Self::Network,
            C::Account => Self::Account,
            C::LoggedIn => Self::LoggedIn,
            C::Encrypted => Self::Encrypted,
            C::Certificate => Self::Certificate,
            C::Clock => Self::Clock,
            C::Undisturbed => Self::Undisturbed,
            C::Strangers => Self::Strangers,
            C::Notifications => Self::Notifications,
            C::FullScreen => Self::FullScreen,
            C::Background => Self::Background,
            C::Power => Self::Power,
            C::Microphone => Self::Microphone,
            _ => return None,
        })
    }
}

impl From<core::RingLevel> for RingLevel {
    fn from(level: core::RingLevel) -> Self {
        match level {
            core::RingLevel::Met => Self::Met,
            core::RingLevel::Limited => Self::Limited,
            core::RingLevel::Unmet => Self::Unmet,
        }
    }
}

impl From<core::RingFigure> for RingFigure {
    fn from(figure: core::RingFigure) -> Self {
        match figure {
            core::RingFigure::HeardAt(at) => Self::HeardAt { at },
            core::RingFigure::HoldsUntil(at) => Self::HoldsUntil { at },
            core::RingFigure::AddedAuthority => Self::AddedAuthority,
            core::RingFigure::ClockOff(by) => Self::ClockOff { by },
            core::RingFigure::Rings(who) => Self::Rings { who: who.into() },
            core::RingFigure::Devices(count) => Self::Devices { count: u32::try_from(count).unwrap_or(u32::MAX) },
        }
    }
}

impl RingMend {
    /// Of what says why an account does not work, all that is only for a call comes to trying again.
    fn of(advice: Advice) -> Self {
        match advice {
            Advice::Nothing => Self::Nothing,
            Advice::Wait => Self::Wait,
            Advice::AddAccount => Self::AddAccount,
            Advice::AddAccountAgain => Self::AddAccountAgain,
            Advice::CheckAccount | Advice::CheckAddress => Self::CheckAccount,
            Advice::TrustServer => Self::TrustServer,
            Advice::ChooseTransport | Advice::UseTls => Self::ChooseTransport,
            Advice::TakeCalls | Advice::StartPhone => Self::TakeCalls,
            Advice::CheckNetwork | Advice::TryAnotherNetwork => Self::CheckNetwork,
            Advice::CheckClock => Self::CheckClock,
            Advice::AskOperator => Self::AskOperator,
            Advice::EndDoNotDisturb => Self::EndDoNotDisturb,
            Advice::AllowNotifications => Self::AllowNotifications,
            Advice::AllowFullScreen => Self::AllowFullScreen,
            Advice::AllowBackground => Self::AllowBackground,
            Advice::EndPowerSaving => Self::EndPowerSaving,
            Advice::CheckMicrophone => Self::CheckMicrophone,
            _ => Self::TryLater,
        }
    }
}
