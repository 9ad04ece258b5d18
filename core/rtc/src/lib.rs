//! Real-time media as values: gathering, ICE (RFC 8445), DTLS-SRTP (RFC 5763, 5764), SRTP (RFC 3711), RTP and RTCP (RFC 3550), and the
//! decisions of the jitter buffer. No clock, no socket, no task, no samples.
//!
//! A call has one [`Gathering`]: its sockets, candidates and credentials. Each answer to the offer starts one media session in it. Whoever
//! owns it calls a `handle_*` function or a command and then [`Gathering::poll_output`] until it answers [`GatheringOutput::Wake`].
#![forbid(unsafe_code)]

mod candidate;
mod certificate;
mod component;
mod dtls;
mod event;
mod gather;
mod gathering;
mod ice;
pub mod jitter;
mod mux;
mod outbox;
mod playout;
mod rtcp;
mod rtp;
mod session;
mod srtp;
mod statistics;
mod stun;
mod timing;

pub use candidate::CandidatePolicy;
pub use certificate::{Certificate, CertificateError};
pub use event::{MediaFailure, MediaSecurity, OneWayCause, Path, RateLimit, SessionEvent};
pub use gathering::{EncodedFrame, Gathering, GatheringConfig, GatheringOutput, LocalTransport, SessionId};
pub use playout::{Playout, Stretch};
pub use statistics::Statistics;
pub use timing::Timing;

/// A time for tests to begin at.
#[cfg(test)]
#[allow(clippy::disallowed_methods)]
fn some_moment() -> std::time::Instant {
    std::time::Instant::now()
}
