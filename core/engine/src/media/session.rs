use std::time::Instant;

use cooee_codec::EncoderConfig;
use cooee_machine::Now;
use cooee_rtc::{MediaSecurity, Path, SessionEvent, SessionId, Statistics};
use cooee_sdp::{Direction, Negotiated};

use super::Speaker;
use super::microphone::Microphone;

/// One media session: its microphone, its loudspeaker, and what is known of it.
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) microphone: Microphone,
    pub(super) speaker: Speaker,
    pub(super) codec: String,
    /// Which ways sound was agreed to flow.
    pub(super) sends: bool,
    pub(super) receives: bool,
    pub(super) secured: Option<Secured>,
    pub(super) path: Option<Path>,
    /// As last reported; for a session that is no more.
    pub(super) statistics: Statistics,
}

/// When and how the keys came.
#[derive(Clone, Copy)]
pub(super) struct Secured {
    pub(super) at: Instant,
    pub(super) security: MediaSecurity,
    pub(super) cipher: &'static str,
}

impl Session {
    pub(super) fn new(id: SessionId, negotiated: &Negotiated, encoder: EncoderConfig) -> Self {
        Self {
            id,
            microphone: Microphone::new(negotiated, encoder),
            speaker: Speaker::new(&negotiated.receive),
            codec: negotiated.codec.name.clone(),
            sends: sends(negotiated.direction),
            receives: receives(negotiated.direction),
            secured: None,
            path: None,
            statistics: Statistics::default(),
        }
    }

    pub(super) fn update(&mut self, negotiated: &Negotiated, encoder: EncoderConfig) {
        self.microphone.update(negotiated, encoder);
        self.speaker.receive.clone_from(&negotiated.receive);
        self.codec.clone_from(&negotiated.codec.name);
        (self.sends, self.receives) = (sends(negotiated.direction), receives(negotiated.direction));
    }

    /// Takes from an event what sound needs to know.
    pub(super) fn note(&mut self, event: &SessionEvent, now: Now) {
        match event {
            SessionEvent::Secured { security, cipher } => {
                self.secured = Some(Secured { at: now.instant, security: *security, cipher });
            }
            SessionEvent::Path(path) => self.path = Some(*path),
            SessionEvent::Report(statistics) => {
                self.statistics = *statistics;
                if let Some(loss) = statistics.remote_loss {
                    self.microphone.reported_loss(loss);
                }
            }
            SessionEvent::RateLimited(limit) => self.microphone.keep_within(*limit),
            SessionEvent::Failed(_) => self.secured = None,
            _ => {}
        }
    }
}

fn sends(direction: Direction) -> bool {
    matches!(direction, Direction::SendRecv | Direction::SendOnly)
}

fn receives(direction: Direction) -> bool {
    matches!(direction, Direction::SendRecv | Direction::RecvOnly)
}
