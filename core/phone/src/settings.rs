use std::time::Duration;

use cooee_call::CallTimes;

use crate::InquiryConfig;

/// Settings of the whole phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneConfig {
    /// Name and version for `User-Agent`.
    pub user_agent: String,
    /// With this many calls going on, ringing ones included, a further incoming one is answered 486; 2. Strangers who only make the
    /// phone ring do not count for who is known. Outgoing calls are never refused for that.
    pub max_calls: usize,
    /// How long calls wait.
    pub times: CallTimes,
    /// How accounts come back after failures.
    pub reconnect: ReconnectTimes,
    /// Whether people are asked if they are there.
    pub inquiries: InquiryConfig,
    /// How long a wake-up may take until it is answered; 20 s.
    pub wake: Duration,
    /// How long [`Command::Shutdown`] waits for servers and peers; 3 s.
    pub shutdown: Duration,
}

impl Default for PhoneConfig {
    fn default() -> Self {
        Self {
            user_agent: concat!("Cooee/", env!("CARGO_PKG_VERSION")).to_owned(),
            max_calls: 2,
            times: CallTimes::default(),
            reconnect: ReconnectTimes::default(),
            inquiries: InquiryConfig::default(),
            wake: Duration::from_secs(20),
            shutdown: Duration::from_secs(3),
        }
    }
}

/// Back-off after failures: doubled each time from `first` to `most`, then drawn from its upper half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReconnectTimes {
    /// After the first failure of a connection that had worked; 1 s.
    pub first: Duration,
    /// Never longer; 5 min.
    pub most: Duration,
    /// How long one connect (and TLS handshake) may take; 8 s.
    pub connect: Duration,
    /// The same while there is a further server or address to try; 3 s.
    pub connect_before_next: Duration,
}

impl Default for ReconnectTimes {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            most: Duration::from_secs(300),
            connect: Duration::from_secs(8),
            connect_before_next: Duration::from_secs(3),
        }
    }
}
