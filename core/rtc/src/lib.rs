//! Real-time media as values: gathering, ICE, DTLS-SRTP, RTP and RTCP, jitter buffer decisions.
#![forbid(unsafe_code)]
