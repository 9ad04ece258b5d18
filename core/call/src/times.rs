use std::time::Duration;

/// How long a call waits for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallTimes {
    /// For a call that a push has announced; 20 s.
    pub announced: Duration,
    /// For the account's server, before the call can be placed; 20 s.
    pub server: Duration,
    /// For a sign of life from over there, where there is another way to try; 4 s.
    pub ringing: Duration,
    /// For the device's system to let a call ring, where an app has to ask it; 2 s.
    pub permission: Duration,
    /// For an answer, here or there; held within 60 to 180 s. 120 s.
    pub answer: Duration,
    /// For the media to say whether it works, once answered; 30 s.
    pub media: Duration,
    /// For a lost path to come back; 30 s.
    pub path: Duration,
    /// For an address of ours to come back, when the network that the sound goes over is gone; 15 s.
    pub network: Duration,
    /// For the person to say whether to call somebody else, as the peer asks; 30 s.
    pub decision: Duration,
    /// For the media's last figures, once over; 1 s.
    pub figures: Duration,
}

impl CallTimes {
    /// [`CallTimes::answer`] within its bounds.
    #[must_use]
    pub fn answer_within_bounds(&self) -> Duration {
        self.answer.clamp(Duration::from_secs(60), Duration::from_secs(180))
    }
}

impl Default for CallTimes {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            announced: seconds(20),
            server: seconds(20),
            ringing: seconds(4),
            permission: seconds(2),
            answer: seconds(120),
            media: seconds(30),
            path: seconds(30),
            network: seconds(15),
            decision: seconds(30),
            figures: seconds(1),
        }
    }
}
