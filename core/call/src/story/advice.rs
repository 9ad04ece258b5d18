use crate::{EndReason, LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, Side, TlsTrouble};

/// What a person can do next. Whoever shows it knows the words and the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    /// Add an address to call from and be called at.
    AddAccount,
    /// Sign in again: with the right password, or with another key.
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
    /// Let this caller ring at any time: somebody not known, or who calls while you are not to be disturbed.
    AllowCaller,
    /// Take calls of this caller again.
    UnblockCaller,
    /// Call it on an ordinary telephone.
    UseTelephone,
    /// Do not say anything that others must not hear.
    DistrustPath,
    /// Report this: it is a fault of this program.
    Report,
    /// Start the phone: only one that runs rings.
    StartPhone,
    /// Wait a moment.
    Wait,
    /// Let the account take calls.
    TakeCalls,
    /// Let the account speak to its server by TLS.
    UseTls,
    /// Let calls ring again.
    EndDoNotDisturb,
    /// Let the system show that it rings.
    AllowNotifications,
    /// Let the system show incoming calls over what else is on the screen.
    AllowFullScreen,
    /// Let the system keep this program's connection while the device sleeps.
    AllowBackground,
    /// Let the device use power as it likes.
    EndPowerSaving,
}

impl Advice {
    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::CallAgain => "call-again",
            Self::CallLater => "call-later",
            Self::CallBack => "call-back",
            Self::CheckAddress => "check-address",
            Self::CheckAccount => "check-account",
            Self::AddAccount => "add-account",
            Self::AddAccountAgain => "add-account-again",
            Self::TrustServer => "trust-server",
            Self::CheckClock => "check-clock",
            Self::CheckNetwork => "check-network",
            Self::TryAnotherNetwork => "try-another-network",
            Self::AskOperator => "ask-operator",
            Self::AskThem => "ask-them",
            Self::ChooseTransport => "choose-transport",
            Self::LoosenMedia => "loosen-media",
            Self::Unmute => "unmute",
            Self::Resume => "resume",
            Self::CheckMicrophone => "check-microphone",
            Self::TurnDownMicrophone => "turn-down-microphone",
            Self::EndOtherCalls => "end-other-calls",
            Self::AllowCaller => "allow-caller",
            Self::UnblockCaller => "unblock-caller",
            Self::UseTelephone => "use-telephone",
            Self::DistrustPath => "distrust-path",
            Self::Report => "report",
            Self::StartPhone => "start-phone",
            Self::Wait => "wait",
            Self::TakeCalls => "take-calls",
            Self::UseTls => "use-tls",
            Self::EndDoNotDisturb => "end-do-not-disturb",
            Self::AllowNotifications => "allow-notifications",
            Self::AllowFullScreen => "allow-full-screen",
            Self::AllowBackground => "allow-background",
            Self::EndPowerSaving => "end-power-saving",
        }
    }
}

impl EndReason {
    /// What can be done about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Busy(Side::Peer) | Self::NoAnswer(Side::Peer) | Self::Unavailable | Self::NoSign => Advice::CallLater,
            Self::NoAnswer(Side::Us) | Self::Cancelled(Side::Peer) | Self::Busy(Side::Us) | Self::ShutDown | Self::NotArrived => {
                Advice::CallBack
            }
            Self::DoNotDisturb => Advice::AllowCaller,
            Self::Blocked => Advice::UnblockCaller,
            Self::NotFound | Self::BadAddress => Advice::CheckAddress,
            Self::NoAccount => Advice::AddAccount,
            Self::Emergency | Self::OrdinaryDialler | Self::Redirected(RedirectTrouble::Emergency) => Advice::UseTelephone,
            Self::NotYet | Self::Redirected(RedirectTrouble::Nowhere | RedirectTrouble::TooMany | RedirectTrouble::Loop) => Advice::AskThem,
            Self::Redirected(_) => Advice::CheckAddress,
            Self::NoSuchDomain { .. } | Self::NoService { .. } => Advice::CheckAccount,
            Self::InsecureOnly { .. } => Advice::ChooseTransport,
            Self::Login(LoginTrouble::WrongPassword | LoginTrouble::PasswordLost | LoginTrouble::KeyLost) => Advice::AddAccountAgain,
            Self::Login(LoginTrouble::UnknownUser) => Advice::CheckAccount,
            Self::Login(_) => Advice::AskOperator,
            Self::Untrusted(TlsTrouble::UnknownAuthority { .. } | TlsTrouble::OtherAuthority { .. } | TlsTrouble::NotPinned { .. }) => {
                Advice::TrustServer
            }
            Self::Untrusted(TlsTrouble::Expired) => Advice::CheckClock,
            Self::Untrusted(TlsTrouble::WrongName { .. }) => Advice::CheckAccount,
            Self::Untrusted(_) => Advice::AskOperator,
            Self::Unreachable(NetworkTrouble::Refused | NetworkTrouble::Silent) => Advice::AskOperator,
            Self::Unreachable(NetworkTrouble::NoAddress { .. }) => Advice::CheckAccount,
            Self::Unreachable(_) | Self::ServerGone => Advice::CheckNetwork,
            Self::Forbidden { .. } | Self::PeerError { .. } | Self::BadDescription => Advice::AskThem,
            Self::ServerError { .. } => Advice::CallLater,
            Self::PeerSilent | Self::NetworkChanged | Self::SessionExpired | Self::CutOff | Self::CutOffUnanswered => Advice::CallAgain,
            Self::Media(MediaTrouble::NoPath) => Advice::TryAnotherNetwork,
            Self::Media(MediaTrouble::Fingerprint) => Advice::DistrustPath,
            Self::Media(MediaTrouble::NoAddress) => Advice::AskThem,
            Self::Media(MediaTrouble::NoSocket { .. }) | Self::Overload => Advice::EndOtherCalls,
            Self::Media(MediaTrouble::Internal) => Advice::Report,
            Self::Media(MediaTrouble::Handshake | MediaTrouble::Timeout) => Advice::CallAgain,
            Self::Media(MediaTrouble::NoCommonCipher) => Advice::AskThem,
            Self::NoCommonCodec | Self::SecurityRefused | Self::NotAcceptable { .. } => Advice::LoosenMedia,
            _ => Advice::Nothing,
        }
    }
}
