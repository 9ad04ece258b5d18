use crate::Direction;

impl Direction {
    /// The describing side sends.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// The describing side receives.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// From two yes or no.
    #[must_use]
    pub fn of(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// The same flow seen from the other side.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self::of(self.receives(), self.sends())
    }

    /// What both allow, seen from the same side.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::of(self.sends() && other.sends(), self.receives() && other.receives())
    }
}

#[cfg(test)]
mod tests {
    use super::Direction::{self, Inactive, RecvOnly, SendOnly, SendRecv};

    #[test]
    fn the_answers_to_each_direction_are_those_of_rfc_3264_6_1() {
        let willing = |offered: Direction, ours: Direction| offered.mirrored().and(ours);
        assert_eq!(
            [SendRecv, SendOnly, RecvOnly, Inactive].map(|offered| willing(offered, SendRecv)),
            [SendRecv, RecvOnly, SendOnly, Inactive]
        );
        assert_eq!(
            [SendRecv, SendOnly, RecvOnly, Inactive].map(|offered| willing(offered, SendOnly)),
            [SendOnly, Inactive, SendOnly, Inactive]
        );
        assert_eq!([SendRecv, SendOnly, RecvOnly, Inactive].map(|offered| willing(offered, Inactive)), [Inactive; 4]);
    }
}
