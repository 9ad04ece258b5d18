use cooee_machine::Entropy;
use cooee_sdp::{
    Codec, Crypto, Description, Direction, DtlsRole, Fingerprint, LocalMedia, NegotiatedSecurity, Protocol, Refusal, SecurityPolicy,
    answer, offer,
};

use super::Call;
use crate::{EndReason, MediaPreferences};

/// Whether an offer could be answered at all, before anything is gathered for it.
pub(super) fn judge(offered: &Description, preferences: &MediaPreferences, accepted: SecurityPolicy) -> Result<(), Refusal> {
    let placeholder = LocalMedia {
        address: std::net::SocketAddr::from(([0, 0, 0, 0], 9)),
        candidates: Vec::new(),
        end_of_candidates: false,
        ice: None,
        fingerprint: Some(Fingerprint { hash: "sha-256".into(), digest: vec![0; 32] }),
        crypto: Crypto::fresh(&mut Entropy::from_seed([0; 32])),
        security: accepted,
        codecs: preferences.codecs.clone(),
        direction: Direction::SendRecv,
        ptime: None,
        max_ptime: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    };
    answer(offered, &placeholder, &cooee_sdp::Origin::anonymous(0)).map(|_| ())
}

impl Call {
    /// What we can do, once the candidates are known.
    pub(super) fn local_media(&self, direction: Direction) -> Option<LocalMedia> {
        let transport = self.local.as_ref()?;
        let role = self.winner.and_then(|id| self.dialogs.find(id)).and_then(|dialog| match &dialog.negotiated.security {
            NegotiatedSecurity::Dtls { role, .. } => Some(*role),
            _ => None,
        });
        Some(LocalMedia {
            address: transport.address,
            candidates: transport.candidates.clone(),
            end_of_candidates: true,
            ice: Some(transport.ice.clone()),
            fingerprint: Some(transport.fingerprint.clone()),
            crypto: self.crypto.clone(),
            security: self.offered,
            codecs: self.preferences.codecs.clone(),
            direction,
            ptime: self.preferences.ptime,
            max_ptime: None,
            rtcp_mux: true,
            answer_role: role.unwrap_or(DtlsRole::Client),
        })
    }

    /// What an offer in mid-call describes: what is in use, so that nothing but what is meant to change does.
    fn local_media_in_use(&self, direction: Direction) -> Option<LocalMedia> {
        let local = self.local_media(direction)?;
        let Some(dialog) = self.winner.and_then(|id| self.dialogs.find(id)) else { return Some(local) };
        let agreed = &dialog.negotiated;
        let crypto = match &agreed.security {
            NegotiatedSecurity::Sdes { ours, .. } => vec![ours.clone()],
            _ => Vec::new(),
        };
        Some(LocalMedia {
            ice: local.ice.filter(|_| agreed.ice.is_some()),
            crypto,
            security: self.mid_call_policy(),
            codecs: in_use(&agreed.receive, &local.codecs),
            rtcp_mux: agreed.rtcp_mux,
            ..local
        })
    }

    /// The protection in use and no other, in the profile in use.
    pub(super) fn mid_call_policy(&self) -> SecurityPolicy {
        let Some(dialog) = self.winner.and_then(|id| self.dialogs.find(id)) else { return self.offered };
        let policy = match &dialog.negotiated.security {
            NegotiatedSecurity::Dtls { .. } => SecurityPolicy::DTLS_ONLY,
            NegotiatedSecurity::Sdes { .. } => SecurityPolicy::SDES_ONLY,
            NegotiatedSecurity::None => SecurityPolicy::PLAIN_ONLY,
        };
        let protocol = self.ours.iter().flat_map(|ours| &ours.media).find(|media| media.port != 0).map(|media| &media.protocol);
        let best_effort = matches!(protocol, Some(Protocol::RtpAvp | Protocol::RtpAvpf));
        SecurityPolicy { best_effort, feedback: protocol != Some(&Protocol::DtlsSavp), ..policy }
    }

    /// Our offer as octets; `None` before the candidates are known.
    pub(super) fn make_offer(&mut self, direction: Direction) -> Option<Vec<u8>> {
        let description = offer(&self.local_media_in_use(direction)?, &self.origin);
        Some(self.describe(description))
    }

    /// Remembers what we describe, under a new version if it is not what we described last (RFC 3264 8).
    pub(super) fn describe(&mut self, mut description: Description) -> Vec<u8> {
        if let Some(last) = &self.ours {
            description.origin = last.origin.clone();
            if description != *last {
                description.origin = last.origin.next_version();
            }
            self.origin = description.origin.clone();
        }
        let octets = description.to_string().into_bytes();
        self.ours = Some(description);
        octets
    }
}

/// The codecs in use under their numbers, which hold as long as the call does (RFC 3264 8.3.2), then what else we know.
fn in_use(agreed: &[Codec], known: &[Codec]) -> Vec<Codec> {
    let is_free = |codec: &&Codec| !agreed.iter().any(|used| used.payload_type == codec.payload_type || used.is_same_encoding(codec));
    agreed.iter().chain(known.iter().filter(is_free)).cloned().collect()
}

/// How a call ends that comes to no agreement.
pub(super) fn end_reason(refusal: Refusal) -> EndReason {
    match refusal {
        Refusal::NoCommonCodec | Refusal::CodecNotOffered => EndReason::NoCommonCodec,
        Refusal::SecurityRefused => EndReason::SecurityRefused,
        Refusal::NoAudio | Refusal::AudioRejected => EndReason::NotAcceptable { text: refusal.to_string() },
        _ => EndReason::BadDescription,
    }
}
