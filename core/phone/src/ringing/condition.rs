/// One thing that ringing needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RingCondition {
    /// A phone runs, and is not only looked at.
    Running,
    /// The device has a network.
    Network,
    /// There is an address that can be called.
    Account,
    /// Its server knows that this phone is here.
    LoggedIn,
    /// What the server says comes by TLS: nobody on the way can ring it, or keep it from ringing unseen.
    Encrypted,
    /// The server's certificate holds for a while yet.
    Certificate,
    /// The device's clock is right: with a wrong one certificates and alarms go wrong.
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

impl RingCondition {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 14] = [
        Self::Running,
        Self::Network,
        Self::Account,
        Self::LoggedIn,
        Self::Encrypted,
        Self::Certificate,
        Self::Clock,
        Self::Undisturbed,
        Self::Strangers,
        Self::Notifications,
        Self::FullScreen,
        Self::Background,
        Self::Power,
        Self::Microphone,
    ];

    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Network => "network",
            Self::Account => "account",
            Self::LoggedIn => "logged-in",
            Self::Encrypted => "encrypted",
            Self::Certificate => "certificate",
            Self::Clock => "clock",
            Self::Undisturbed => "undisturbed",
            Self::Strangers => "strangers",
            Self::Notifications => "notifications",
            Self::FullScreen => "full-screen",
            Self::Background => "background",
            Self::Power => "power",
            Self::Microphone => "microphone",
        }
    }
}
