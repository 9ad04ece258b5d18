//! The neutral media description that SDP and Jingle both map to; SDP (RFC 8866); offer and answer (RFC 3264).
#![forbid(unsafe_code)]

mod description;

pub use description::{
    Candidate, CandidateKind, Codec, Crypto, Description, Direction, Fingerprint, IceCredentials, Media, MediaKind, Origin, Protocol, Setup,
};
