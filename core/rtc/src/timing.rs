use std::time::Duration;

/// All timers of a media session in one place; [`Timing::default`] is what is shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Ta: the pace of connectivity checks (RFC 8445 14.2).
    pub ta: Duration,
    /// First retransmission of a check.
    pub rto: Duration,
    /// Longest pause between checks of a pair until one is nominated.
    pub hunt: Duration,
    /// The same afterwards: the interval of consent checks (RFC 7675).
    pub consent: Duration,
    /// How long consent lasts without an answer (RFC 7675: 30 s).
    pub consent_expiry: Duration,
    /// First retransmission of a DTLS flight, doubled each time up to 500 ms; never below 1.5 times the round trip that ICE
    /// measured.
    pub dtls_rto: Duration,
    /// A session without path or keys fails after this.
    pub fail_after: Duration,
    /// Silence after which ICE asks whether the peer is still there.
    pub silence: Duration,
    /// Pace of these questions; four unanswered ones mean that the path is lost.
    pub probe: Duration,
    /// Silence after which a path without ICE counts as lost.
    pub silence_without_ice: Duration,
    /// How long to wait for [`crate::SessionEvent::Active`] before calling the session one-way.
    pub one_way_after: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            ta: ms(20),
            rto: ms(100),
            hunt: ms(500),
            consent: ms(2_000),
            consent_expiry: ms(30_000),
            dtls_rto: ms(120),
            fail_after: ms(20_000),
            silence: ms(1_000),
            probe: ms(250),
            silence_without_ice: ms(30_000),
            one_way_after: ms(5_000),
        }
    }
}
