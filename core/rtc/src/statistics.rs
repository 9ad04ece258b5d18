use std::time::Duration;

/// How a session has fared so far. Counters only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// RTP packets sent.
    pub packets_sent: u64,
    /// Octets of RTP payload sent.
    pub bytes_sent: u64,
    /// RTP packets received, authenticated, duplicates included.
    pub packets_received: u64,
    /// Octets of RTP payload received.
    pub bytes_received: u64,
    /// Octets on the network for what was sent, reports and all headers (SRTP, RTP, UDP, IP) included.
    pub wire_sent: u64,
    /// The same for what was received.
    pub wire_received: u64,
    /// Packets of the peer that never came (RFC 3550 A.3).
    pub packets_lost: u64,
    /// Packets that came too late to be played.
    pub packets_late: u64,
    /// Packets that came twice.
    pub packets_duplicate: u64,
    /// Packets dropped because they could not be authenticated, or were no valid RTP.
    pub packets_refused: u64,
    /// Frames asked for by the audio side.
    pub frames_played: u64,
    /// Of these, recovered from the redundancy of the next packet.
    pub frames_recovered: u64,
    /// Of these, concealed by the codec.
    pub frames_concealed: u64,
    /// Inter-arrival jitter (RFC 3550 A.8).
    pub jitter: Duration,
    /// How long a packet waits in the jitter buffer before it is played, averaged over the last seconds.
    pub playout_delay: Duration,
    /// What the jitter buffer aims at.
    pub target_delay: Duration,
    /// Round trip: of RTCP if a report allowed it, else of STUN.
    pub rtt: Option<Duration>,
    /// What the peer says it lost of ours since its last report, 0.0..=1.0; `None` before its first report.
    pub remote_loss: Option<f32>,
    /// What the peer says it lost of ours in all.
    pub remote_lost: u64,
    /// The jitter that the peer sees.
    pub remote_jitter: Option<Duration>,
}
