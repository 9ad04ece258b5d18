use std::net::SocketAddr;

use cooee_call::{DialogId, MediaEvent, MediaRequest};
use cooee_rtc::{LocalTransport, MediaFailure, MediaSecurity, Path, SessionEvent, Statistics};
use cooee_sdp::{Candidate, CandidateKind, Fingerprint, IceCredentials};

/// What a phone's media side does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MediaMode {
    /// Path, keys and sound as soon as the call is answered.
    Works,
    /// The session fails.
    Fails(MediaFailure),
    /// Nothing is ever heard of it.
    Silent,
}

impl MediaMode {
    pub fn answer(self, phone: usize, request: &MediaRequest) -> Vec<MediaEvent> {
        match request {
            MediaRequest::Gather { .. } if self != Self::Silent => vec![MediaEvent::Gathered(transport(phone))],
            MediaRequest::Keep { dialog, .. } => self.sound(*dialog),
            MediaRequest::Stop { .. } if self != Self::Silent => {
                vec![MediaEvent::Stopped { statistics: Some(Statistics { packets_sent: 7, ..Statistics::default() }) }]
            }
            _ => Vec::new(),
        }
    }

    fn sound(self, dialog: DialogId) -> Vec<MediaEvent> {
        let events = match self {
            Self::Works => {
                let (local, remote) = (SocketAddr::from(([192, 0, 2, 1], 4000)), SocketAddr::from(([192, 0, 2, 2], 4000)));
                let path = Path { local, local_kind: CandidateKind::Host, remote, remote_kind: CandidateKind::Host, rtt: None };
                let secured = SessionEvent::Secured { security: MediaSecurity::EndToEnd, cipher: "AEAD_AES_128_GCM" };
                vec![SessionEvent::Path(path), secured, SessionEvent::Active]
            }
            Self::Fails(failure) => vec![SessionEvent::Failed(failure)],
            Self::Silent => Vec::new(),
        };
        events.into_iter().map(|event| MediaEvent::Session { dialog, event }).collect()
    }
}

/// Behind a NAT: at home it is at 10.0.0.x, and servers see 192.0.2.x.
pub fn transport(phone: usize) -> LocalTransport {
    let octet = u8::try_from(phone + 1).unwrap_or(1);
    let address = SocketAddr::from(([192, 0, 2, octet], 4000));
    let candidate = |priority, address, kind| Candidate { foundation: "1".into(), component: 1, priority, address, kind, related: None };
    let host = candidate(2_130_706_431, SocketAddr::from(([10, 0, 0, octet], 4000)), CandidateKind::Host);
    LocalTransport {
        rtcp: None,
        candidates: vec![host, candidate(1_694_498_815, address, CandidateKind::ServerReflexive)],
        ice: IceCredentials { ufrag: format!("ufrag{octet}"), pwd: "abcdefghijklmnopqrstuvwx".into() },
        fingerprint: Fingerprint { hash: "sha-256".into(), digest: vec![octet; 32] },
        address,
    }
}
