use serde::Serialize;

/// How the sound of a call has fared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Media {
    /// Which call.
    pub call: u64,
    /// What was sent.
    pub codec: String,
    /// What was heard last.
    pub codec_received: Option<String>,
    /// Payload bits a second sent.
    pub bitrate_sent: u32,
    /// Payload bits a second received.
    pub bitrate_received: u32,
    /// Octets a second on the network that were sent, all headers included.
    pub data_sent: u32,
    /// The same for what was received.
    pub data_received: u32,
    /// From their mouth to our ear, estimated.
    pub delay_ms: Option<f64>,
    /// The share of their packets that never came, 0 to 1.
    pub loss: f64,
    /// Their packets' jitter.
    pub jitter_ms: f64,
    /// The round trip.
    pub rtt_ms: Option<f64>,
    /// Sound invented in place of lost packets.
    pub concealed_ms: u64,
    /// Sound recovered from redundancy.
    pub recovered_ms: u64,
    /// Processor time of the media thread.
    pub cpu_ms: Option<u64>,
}

impl Media {
    pub(super) fn sentence(&self) -> String {
        let delay = self.delay_ms.map_or_else(String::new, |ms| format!(", about {ms:.0} ms from mouth to ear"));
        let loss = self.loss * 100.0;
        format!(
            "{} at {:.0} kbit/s ({:.1} kB/s sent and {:.1} kB/s received in all){delay}, {loss:.1} % lost, {} ms made up",
            self.codec,
            f64::from(self.bitrate_sent) / 1000.0,
            f64::from(self.data_sent) / 1000.0,
            f64::from(self.data_received) / 1000.0,
            self.concealed_ms
        )
    }
}
