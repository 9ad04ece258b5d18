/// What a call of the device's own, over the mobile network, does to ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SystemCall {
    /// There is none: the sound is ours.
    #[default]
    None,
    /// There is one, and the sound is ours nevertheless. Whoever calls meanwhile is a second call: it counts among those that may be at a
    /// time.
    Busy,
    /// It has the sound. Calls of ours are on hold until it is over, unless the person chooses one.
    Held,
}

impl SystemCall {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Busy, Self::Held];

    /// For scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Busy => "busy",
            Self::Held => "held",
        }
    }
}
