//! The phone as one value: accounts, registration, dialling, calls.
#![forbid(unsafe_code)]
