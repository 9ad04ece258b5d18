use super::peer;
use super::security::{self, Protected};
use crate::{Candidate, Description, DtlsRole, LocalMedia, Media, MediaKind, Origin, Protocol, Setup};

/// The offer of one audio stream, protected as `local.security` wants and `local` has keys for.
#[must_use]
pub fn offer(local: &LocalMedia, origin: &Origin) -> Description {
    let Protected { protocol, dtls, sdes } = security::for_offer(local);
    let mut media = described(local, protocol);
    if dtls {
        media.fingerprints.extend(local.fingerprint.clone());
        media.setup = Some(Setup::ActPass);
    }
    if sdes {
        media.crypto.clone_from(&local.crypto);
    }
    media.codecs = local.codecs.clone();
    media.rtcp_mux = local.rtcp_mux;
    media.rtcp = local.rtcp.filter(|_| !media.rtcp_mux);
    if local.ice.is_some() {
        add_ice(&mut media, local);
    }
    describe(origin, local, vec![media])
}

/// What an offer and an answer of ours have in common: address, times, direction.
pub(super) fn described(local: &LocalMedia, protocol: Protocol) -> Media {
    let attributes = protocol.has_feedback().then(|| peer::RATE_REQUESTS.to_owned()).into_iter().collect();
    Media {
        kind: MediaKind::Audio,
        port: local.address.port(),
        address: Some(local.address.ip()),
        protocol,
        codecs: Vec::new(),
        formats: Vec::new(),
        direction: local.direction,
        ptime: local.ptime,
        max_ptime: local.max_ptime,
        bandwidth: local.bandwidth,
        ice: None,
        candidates: Vec::new(),
        end_of_candidates: false,
        ice_mismatch: false,
        fingerprints: Vec::new(),
        setup: None,
        crypto: Vec::new(),
        rtcp_mux: false,
        rtcp: None,
        mid: None,
        attributes,
    }
}

/// Credentials and candidates, of the second component if its default is described.
pub(super) fn add_ice(media: &mut Media, local: &LocalMedia) {
    media.ice = local.ice.clone();
    let is_described = |candidate: &&Candidate| candidate.component == 1 || media.rtcp.is_some();
    media.candidates = local.candidates.iter().filter(is_described).cloned().collect();
    media.end_of_candidates = local.end_of_candidates;
}

pub(super) fn describe(origin: &Origin, local: &LocalMedia, media: Vec<Media>) -> Description {
    Description {
        origin: origin.clone(),
        ice_lite: false,
        // RFC 8839 5.6: we nominate as RFC 8445 says.
        ice_options: local.ice.iter().map(|_| "ice2".to_owned()).collect(),
        bundle: Vec::new(),
        media,
        attributes: Vec::new(),
    }
}

impl DtlsRole {
    /// How an answer says it.
    #[must_use]
    pub fn setup(self) -> Setup {
        match self {
            Self::Client => Setup::Active,
            Self::Server => Setup::Passive,
        }
    }
}
