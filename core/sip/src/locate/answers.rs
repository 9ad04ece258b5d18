use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{DnsSecurity, Question, Record, RecordType, Resolution, ResolveFailure, Transport};

use super::LocateFailure;
use super::service::srv_question;

/// Why a search has no result (yet).
pub(super) enum Stop {
    /// Questions are wanted.
    Wait,
    Failed(LocateFailure),
}

/// An answer as far as a search cares.
#[derive(Clone, Copy)]
pub(super) enum Answer<'a> {
    Records(&'a [Record], DnsSecurity),
    Nothing {
        no_such_name: bool,
        security: DnsSecurity,
    },
    Failed(ResolveFailure),
    /// Not asked, or not answered yet.
    Unknown,
}

impl<'a> Answer<'a> {
    pub(super) fn records(self) -> &'a [Record] {
        if let Self::Records(records, _) = self { records } else { &[] }
    }
}

/// What is known so far, and what a walk through it would ask next.
pub(super) struct Answers<'a> {
    known: &'a BTreeMap<Question, Resolution>,
    wanted: Vec<Question>,
    ttl: Duration,
    is_bogus: bool,
}

impl<'a> Answers<'a> {
    pub(super) fn new(known: &'a BTreeMap<Question, Resolution>) -> Self {
        Self { known, wanted: Vec::new(), ttl: Duration::MAX, is_bogus: false }
    }

    pub(super) fn into_wanted(self) -> Vec<Question> {
        self.wanted
    }

    /// The shortest time to live of what was looked at.
    pub(super) fn ttl(&self) -> Duration {
        self.ttl
    }

    pub(super) fn ask(&mut self, question: Question) -> Answer<'a> {
        match self.known.get(&question) {
            Some(Resolution::Records { records, ttl, security }) => {
                self.ttl = self.ttl.min(*ttl);
                Answer::Records(records, *security)
            }
            Some(Resolution::Nothing { no_such_name, ttl, security }) => {
                self.ttl = self.ttl.min(*ttl);
                Answer::Nothing { no_such_name: *no_such_name, security: *security }
            }
            Some(Resolution::Failed(failure)) => {
                self.is_bogus |= *failure == ResolveFailure::Bogus && matches!(question.kind, RecordType::Naptr | RecordType::Srv);
                Answer::Failed(*failure)
            }
            None => {
                if !self.wanted.contains(&question) {
                    self.wanted.push(question);
                }
                Answer::Unknown
            }
        }
    }

    pub(super) fn naptr(&mut self, name: &str) -> Answer<'a> {
        self.ask(Question { name: name.to_owned(), kind: RecordType::Naptr })
    }

    /// The well-known service names of these transports.
    pub(super) fn services(&mut self, transports: &[Transport], name: &str) -> Vec<(Transport, Answer<'a>)> {
        transports.iter().map(|transport| (*transport, self.ask(srv_question(*transport, name)))).collect()
    }

    /// Goes on only with all answers in hand, and never past a rule or service whose signatures are wrong.
    pub(super) fn settle(&self) -> Result<(), Stop> {
        if self.is_bogus {
            return Err(Stop::Failed(LocateFailure::Dns(ResolveFailure::Bogus)));
        }
        if !self.wanted.is_empty() {
            return Err(Stop::Wait);
        }
        Ok(())
    }
}
