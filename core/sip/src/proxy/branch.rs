use std::time::Instant;

use crate::flow::FlowId;
use crate::transaction::TransactionId;

/// One place a request was forwarded to.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) flow: FlowId,
    /// Its client transaction, until that is gone.
    pub(super) client: Option<TransactionId>,
    /// Whether there was a provisional response: only then may it be cancelled (RFC 3261 9.1).
    pub(super) is_proceeding: bool,
    /// Whether there was a final response, or will be none.
    pub(super) is_final: bool,
    pub(super) cancel: Cancel,
    /// Timer C, or after CANCEL the end of patience.
    pub(super) deadline: Option<Instant>,
}

/// Whether a branch is to be cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cancel {
    No,
    /// As soon as it may be, with this `Reason`.
    Wanted(Option<String>),
    Sent,
}

impl Branch {
    pub(super) fn new(flow: FlowId, client: TransactionId, deadline: Option<Instant>) -> Self {
        Self { flow, client: Some(client), is_proceeding: false, is_final: false, cancel: Cancel::No, deadline }
    }
}
