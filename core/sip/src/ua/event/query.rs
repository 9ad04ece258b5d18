use cooee_machine::Pii;

/// Names one question whether somebody is there: ours, or another's to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryId(pub u64);

/// OPTIONS outside of any dialog (RFC 3261 11).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryEvent {
    /// Our question has come to its end.
    Answered {
        /// Which.
        id: QueryId,
        /// The final status: 408 for no answer, 503 for no flow; `None` if there is no such address to ask.
        status: Option<u16>,
    },
    /// Somebody asks whether we are there: answer by [`UserAgent::answer_query`](crate::UserAgent::answer_query).
    Asked {
        /// Which.
        id: QueryId,
        /// Who asks, as the server let it pass.
        from: Pii<String>,
        /// Who it is by word of our own server (RFC 3325), where it says so over TLS.
        asserted: Option<Pii<String>>,
        /// Who asks does not want to be known (RFC 3323).
        anonymous: bool,
    },
}
