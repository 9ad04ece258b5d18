use cooee_call as core;

/// What a person can do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum Advice {
    /// Nothing needs doing.
    Nothing,
    /// Call again, now.
    CallAgain,
    /// Call again later.
    CallLater,
    /// Call back: somebody tried to reach you.
    CallBack,
    /// Look how the address that was called is spelled.
    CheckAddress,
    /// Look how the account's address is spelled.
    CheckAccount,
    /// Add an account first: there is none to call from.
    AddAccount,
    /// Add the account again, with the right password.
    AddAccountAgain,
    /// Trust the authority of your own server, or pin its certificate.
    TrustServer,
    /// Look at this device's clock.
    CheckClock,
    /// Look at this device's network.
    CheckNetwork,
    /// Try another network, on either side.
    TryAnotherNetwork,
    /// Ask who runs your server.
    AskOperator,
    /// Ask the other side to look at theirs: phone, server or address.
    AskThem,
    /// Choose the account's transport, which then is not encrypted.
    ChooseTransport,
    /// Allow more codecs, or other protection of the sound.
    LoosenMedia,
    /// Let the microphone be heard again.
    Unmute,
    /// Take the call back from hold.
    Resume,
    /// Look at the microphone: is it on, and the right one?
    CheckMicrophone,
    /// Turn the microphone down.
    TurnDownMicrophone,
    /// End another call first, or wait.
    EndOtherCalls,
    /// Let this caller ring although you are not to be disturbed.
    AllowCaller,
    /// Take calls of this caller again.
    UnblockCaller,
    /// Call it on an ordinary telephone.
    UseTelephone,
    /// Do not say anything that others must not hear.
    DistrustPath,
    /// Report this: it is a fault of this program.
    Report,
}

/// Where something happened, or whose it is to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum StorySide {
    /// This phone, or its owner.
    Yours,
    /// The account's own server.
    YourServer,
    /// What lies between.
    Network,
    /// The other side's server.
    TheirServer,
    /// The other phone, or its owner.
    Theirs,
}

impl From<core::Advice> for Advice {
    fn from(advice: core::Advice) -> Self {
        use core::Advice as Core;
        match advice {
            Core::CallAgain => Self::CallAgain,
            Core::CallLater => Self::CallLater,
            Core::CallBack => Self::CallBack,
            Core::CheckAddress => Self::CheckAddress,
            Core::CheckAccount => Self::CheckAccount,
            Core::AddAccount => Self::AddAccount,
            Core::AddAccountAgain => Self::AddAccountAgain,
            Core::TrustServer => Self::TrustServer,
            Core::CheckClock => Self::CheckClock,
            Core::CheckNetwork => Self::CheckNetwork,
            Core::TryAnotherNetwork => Self::TryAnotherNetwork,
            Core::AskOperator => Self::AskOperator,
            Core::AskThem => Self::AskThem,
            Core::ChooseTransport => Self::ChooseTransport,
            Core::LoosenMedia => Self::LoosenMedia,
            Core::Unmute => Self::Unmute,
            Core::Resume => Self::Resume,
            Core::CheckMicrophone => Self::CheckMicrophone,
            Core::TurnDownMicrophone => Self::TurnDownMicrophone,
            Core::EndOtherCalls => Self::EndOtherCalls,
            Core::AllowCaller => Self::AllowCaller,
            Core::UnblockCaller => Self::UnblockCaller,
            Core::UseTelephone => Self::UseTelephone,
            Core::DistrustPath => Self::DistrustPath,
            Core::Report => Self::Report,
            // What only a later version can advise is no advice.
            _ => Self::Nothing,
        }
    }
}

impl From<core::StorySide> for StorySide {
    fn from(side: core::StorySide) -> Self {
        match side {
            core::StorySide::Yours => Self::Yours,
            core::StorySide::YourServer => Self::YourServer,
            core::StorySide::Network => Self::Network,
            core::StorySide::TheirServer => Self::TheirServer,
            core::StorySide::Theirs => Self::Theirs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advice_that_the_core_gives_has_a_word_here() {
        for reason in core::EndReason::examples("its words") {
            let advice = reason.advice();
            assert_eq!(Advice::from(advice) == Advice::Nothing, advice == core::Advice::Nothing, "{reason}: add it to Advice");
        }
    }
}
