//! The family server: accounts, registrar, proxy, STUN.
