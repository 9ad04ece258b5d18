use cooee_machine::Entropy;
use cooee_sdp::{Crypto, Description, Direction, DtlsRole, Fingerprint, LocalMedia, NegotiatedSecurity, Refusal, answer, offer};

use super::Call;
use crate::{EndReason, MediaPreferences};

/// One key for each suite, if the account allows SDES at all.
pub(super) fn sdes_keys(preferences: &MediaPreferences, entropy: &mut Entropy) -> Vec<Crypto> {
    if preferences.security.sdes { Crypto::fresh(entropy) } else { Vec::new() }
}

/// Whether an offer could be answered at all, before anything is gathered for it.
pub(super) fn judge(offered: &Description, preferences: &MediaPreferences) -> Result<(), Refusal> {
    let placeholder = LocalMedia {
        address: std::net::SocketAddr::from(([0, 0, 0, 0], 9)),
        candidates: Vec::new(),
        end_of_candidates: false,
        ice: None,
        fingerprint: Some(Fingerprint { hash: "sha-256".into(), digest: vec![0; 32] }),
        crypto: sdes_keys(preferences, &mut Entropy::from_seed([0; 32])),
        security: preferences.security,
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
    pub(super) fn local_media(&self) -> Option<LocalMedia> {
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
            security: self.preferences.security,
            codecs: self.preferences.codecs.clone(),
            direction: Direction::SendRecv,
            ptime: self.preferences.ptime,
            max_ptime: None,
            rtcp_mux: true,
            answer_role: role.unwrap_or(DtlsRole::Client),
        })
    }

    /// Our offer as octets; `None` before the candidates are known.
    pub(super) fn make_offer(&mut self) -> Option<Vec<u8>> {
        let description = offer(&self.local_media()?, &self.origin);
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

/// How a call ends that comes to no agreement.
pub(super) fn end_reason(refusal: Refusal) -> EndReason {
    match refusal {
        Refusal::NoCommonCodec | Refusal::CodecNotOffered => EndReason::NoCommonCodec,
        Refusal::SecurityRefused => EndReason::SecurityRefused,
        Refusal::NoAudio | Refusal::AudioRejected => EndReason::NotAcceptable { text: refusal.to_string() },
        _ => EndReason::BadDescription,
    }
}
