//! The neutral media description that SDP and Jingle both map to; SDP (RFC 8866); offer and answer (RFC 3264).
//!
//! ```
//! use cooee_sdp::{Description, accept, answer, offer};
//! # use cooee_sdp::{Bandwidth, Codec, Direction, DtlsRole, Fingerprint, LocalMedia, Origin, SecurityPolicy};
//! # let anna = LocalMedia {
//! #     address: "192.0.2.1:4000".parse()?, candidates: vec![], end_of_candidates: true, ice: None,
//! #     fingerprint: Some(Fingerprint { hash: "sha-256".into(), digest: vec![1; 32] }), crypto: vec![],
//! #     security: SecurityPolicy::DTLS_ONLY, codecs: Codec::defaults(), direction: Direction::SendRecv,
//! #     ptime: None, max_ptime: None, bandwidth: Bandwidth::default(), rtcp: None, rtcp_mux: true, answer_role: DtlsRole::Client,
//! # };
//! # let ben = anna.clone();
//! let offered = offer(&anna, &Origin::anonymous(1));
//! let (answered, bens) = answer(&Description::parse(offered.to_string().as_bytes())?, &ben, &Origin::anonymous(2))?;
//! let annas = accept(&offered, &answered, anna.security)?;
//! assert_eq!(annas.codec, bens.codec);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod agree;
mod bandwidth;
mod codec;
mod description;
mod local;
mod negotiated;
mod opus;
mod parse;
mod print;
mod refusal;
mod suite;

pub use agree::{accept, answer, offer};
pub use bandwidth::Bandwidth;
pub use description::{
    Candidate, CandidateKind, Codec, Crypto, Description, Direction, Fingerprint, IceCredentials, Media, MediaKind, Origin, Protocol, Setup,
};
pub use local::{LocalMedia, SecurityPolicy};
pub use negotiated::{DtlsRole, Negotiated, NegotiatedSecurity, RemoteIce};
pub use opus::OpusParameters;
pub use parse::{MAX_ATTRIBUTE_LENGTH, MAX_ATTRIBUTES, MAX_CANDIDATES, MAX_CODECS, MAX_KEYS, MAX_LINES, MAX_MEDIA, MAX_OCTETS, SdpError};
pub use refusal::Refusal;
pub use suite::SrtpSuite;
