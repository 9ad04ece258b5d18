use cooee_machine::Entropy;
use cooee_sdp::{
    Codec, Crypto, Description, Direction, DtlsRole, Fingerprint, IceCredentials, LocalMedia, Negotiated, NegotiatedSecurity, Protocol,
    Refusal, SecurityPolicy, answer, offer,
};

use super::Call;
use super::dialog::{Dialog, Ours};
use crate::{DialogId, EndReason, MediaPreferences};

/// What an offer would come to, before anything is gathered for it.
pub(super) fn judge(offered: &Description, preferences: &MediaPreferences, accepted: SecurityPolicy) -> Result<Negotiated, Refusal> {
    let placeholder = LocalMedia {
        address: std::net::SocketAddr::from(([0, 0, 0, 0], 9)),
        candidates: Vec::new(),
        end_of_candidates: false,
        rtcp: None,
        ice: Some(IceCredentials { ufrag: String::new(), pwd: String::new() }),
        fingerprint: Some(Fingerprint { hash: "sha-256".into(), digest: vec![0; 32] }),
        crypto: Crypto::fresh(&mut Entropy::from_seed([0; 32])),
        security: accepted,
        codecs: preferences.described_codecs(),
        direction: Direction::SendRecv,
        ptime: None,
        max_ptime: None,
        bandwidth: preferences.bandwidth(),
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    };
    answer(offered, &placeholder, &cooee_sdp::Origin::anonymous(0)).map(|(_, negotiated)| negotiated)
}

impl Call {
    /// What we can do, once the candidates are known; in the words that this dialog knows.
    pub(super) fn local_media(&self, dialog: Option<&Dialog>, direction: Direction) -> Option<LocalMedia> {
        let transport = self.local.as_ref()?.under(self.shown);
        let role = dialog.and_then(|dialog| match &dialog.negotiated.security {
            NegotiatedSecurity::Dtls { role, .. } => Some(*role),
            _ => None,
        });
        let (ice, crypto) = dialog.map_or((&transport.ice, &self.crypto), |dialog| (&dialog.ours.ice, &dialog.ours.crypto));
        Some(LocalMedia {
            address: transport.address,
            candidates: transport.candidates,
            end_of_candidates: true,
            rtcp: transport.rtcp,
            ice: Some(ice.clone()),
            fingerprint: Some(transport.fingerprint),
            crypto: crypto.clone(),
            security: self.offered,
            codecs: self.preferences.described_codecs(),
            direction,
            ptime: self.preferences.described_ptime(),
            max_ptime: None,
            bandwidth: self.preferences.bandwidth(),
            rtcp_mux: true,
            answer_role: role.unwrap_or(DtlsRole::Client),
        })
    }

    /// Our first offer as octets; `None` before the candidates are known.
    pub(super) fn first_offer(&mut self, direction: Direction) -> Option<Vec<u8>> {
        let description = offer(&self.local_media(None, direction)?, &self.origin);
        let description = renewed(description, self.offer.as_ref());
        let octets = description.to_string().into_bytes();
        self.offer = Some(description);
        Some(octets)
    }

    /// What whoever answers our first offer knows of us.
    pub(super) fn ours(&self, description: Description) -> Option<Ours> {
        let ice = self.local.as_ref()?.ice.clone();
        Some(Ours { description, before: None, ice, crypto: self.crypto.clone() })
    }

    /// A further offer within a dialog, as octets: of what is in use, so that nothing but what is meant to change does.
    pub(super) fn make_offer(&mut self, id: DialogId, direction: Direction) -> Option<Vec<u8>> {
        let dialog = self.dialogs.find(id)?;
        let agreed = &dialog.negotiated;
        let local = self.local_media(Some(dialog), direction)?;
        let crypto = match &agreed.security {
            NegotiatedSecurity::Sdes { ours, .. } => vec![ours.clone()],
            _ => Vec::new(),
        };
        let media = LocalMedia {
            ice: local.ice.filter(|_| agreed.ice.is_some()),
            crypto,
            security: dialog.policy(),
            codecs: in_use(&agreed.receive, &local.codecs),
            rtcp_mux: agreed.rtcp_mux,
            ..local
        };
        let description = offer(&media, &self.origin);
        let before = dialog.ours.before.clone().unwrap_or_else(|| dialog.ours.description.clone());
        let octets = self.describe(id, description)?;
        self.dialogs.find_mut(id)?.ours.before = Some(before);
        Some(octets)
    }

    /// Remembers what we describe in a dialog, under a new version if it is not what we described there last (RFC 3264 8).
    pub(super) fn describe(&mut self, dialog: DialogId, description: Description) -> Option<Vec<u8>> {
        let ours = &mut self.dialogs.find_mut(dialog)?.ours;
        ours.description = renewed(description, Some(&ours.description));
        ours.before = None;
        Some(ours.description.to_string().into_bytes())
    }
}

impl Ours {
    /// Our offer was refused, and what stood before stands; its number is used up (RFC 3264 8).
    pub(super) fn withdraw(&mut self) {
        if let Some(before) = self.before.take() {
            self.description = Description { origin: self.description.origin.clone(), ..before };
        }
    }
}

impl Dialog {
    /// The protection in use and no other, in the profile in use.
    pub(super) fn policy(&self) -> SecurityPolicy {
        let policy = match &self.negotiated.security {
            NegotiatedSecurity::Dtls { .. } => SecurityPolicy::DTLS_ONLY,
            NegotiatedSecurity::Sdes { .. } => SecurityPolicy::SDES_ONLY,
            NegotiatedSecurity::None => SecurityPolicy::PLAIN_ONLY,
        };
        let protocol = self.ours.description.media.iter().find(|media| media.port != 0).map(|media| &media.protocol);
        let best_effort = matches!(protocol, Some(Protocol::RtpAvp | Protocol::RtpAvpf));
        SecurityPolicy { best_effort, feedback: protocol != Some(&Protocol::DtlsSavp), ..policy }
    }
}

/// A description as the one that follows another of the same session.
fn renewed(mut description: Description, last: Option<&Description>) -> Description {
    if let Some(last) = last {
        description.origin = last.origin.clone();
        if description != *last {
            description.origin = last.origin.next_version();
        }
    }
    description
}

/// The codecs in use under their numbers, which hold as long as the call does (RFC 3264 8.3.2), then what else we know.
fn in_use(agreed: &[Codec], known: &[Codec]) -> Vec<Codec> {
    let is_free = |codec: &&Codec| !agreed.iter().any(|used| used.payload_type == codec.payload_type || used.is_same_encoding(codec));
    // Their parameters may change.
    let now = |used: &Codec| match known.iter().find(|codec| codec.is_same_encoding(used)) {
        Some(codec) => Codec { payload_type: used.payload_type, ..codec.clone() },
        None => used.clone(),
    };
    agreed.iter().map(now).chain(known.iter().filter(is_free).cloned()).collect()
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
