//! SIP as values: messages, transactions, dialogs, user agents, location, registrar and proxy.
#![forbid(unsafe_code)]
