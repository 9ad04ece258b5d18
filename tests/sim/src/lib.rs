//! The network in virtual time: links, NATs, DNS, storage, suspend; seeded.
#![forbid(unsafe_code)]
