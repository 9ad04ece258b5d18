//! The neutral media description that SDP and Jingle both map to; SDP (RFC 8866); offer and answer (RFC 3264).
#![forbid(unsafe_code)]

mod description;
mod local;
mod negotiated;
mod refusal;

pub use description::{
    Candidate, CandidateKind, Codec, Crypto, Description, Direction, Fingerprint, IceCredentials, Media, MediaKind, Origin, Protocol, Setup,
};
pub use local::{LocalMedia, SecurityPolicy};
pub use negotiated::{DtlsRole, Negotiated, NegotiatedSecurity, RemoteIce};
pub use refusal::Refusal;
