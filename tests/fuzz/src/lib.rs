//! Seeded mutants against everything a peer can send.
