//! One call, blind to protocol: legs, forks, one winner, media attachment, end reasons.
#![forbid(unsafe_code)]
