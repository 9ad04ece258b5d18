use std::fmt;

use cooee_machine::Question;

/// Is told what leaves the machine, for whoever keeps a journal of it.
pub trait DnsObserver: fmt::Debug + Send + Sync {
    /// `question` goes to `server` now: as [`DnsServer`](crate::DnsServer) is written, or `platform`. Told once for each server
    /// that is asked, before the first packet; not again for repetitions, nor for what is answered from memory. Must not block.
    fn asked(&self, server: &str, question: &Question);
}
