use std::time::Duration;

use cooee_call::Request;
use cooee_database::rusqlite::{self, Connection, OptionalExtension, params};
use cooee_machine::Pii;
use cooee_phone::BlockRule;

use super::log::read;
use super::person::uri_of;
use super::{List, PastCall, Store, StoreError};

/// So many people who ask are told.
const MOST: usize = 100;

/// Somebody who asked to be let through, and of whom the owner has said nothing yet. It is read off the log: what is forgotten there is
/// no request any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRequest {
    /// The last call's number in the log.
    pub call: u64,
    /// The address of our account that was called.
    pub account: Pii<String>,
    /// Who asks, e.g. `sip:ben@example.org`.
    pub peer: Pii<String>,
    /// The name it showed.
    pub peer_name: Option<Pii<String>>,
    /// When it called last, since the Unix epoch.
    pub at: Duration,
    /// So many times in a row.
    pub times: u32,
    /// Who stands for it, and one line: what it said when it called, else the last text that came.
    pub request: Request,
}

impl Store {
    /// Who asked to be let through, and was neither answered, called, written to, blocked nor allowed since; of many, those who asked
    /// last, the last one last.
    pub(crate) fn requests(&mut self) -> Result<Vec<PastRequest>, StoreError> {
        let decided = [self.listed(List::Blocked)?, self.listed(List::Allowed)?].concat();
        const LAST: &str = "SELECT * FROM call AS last WHERE direction = 'incoming' AND story LIKE '%rang-here silently=true%' AND story LIKE '%introduced%'
             AND NOT EXISTS (SELECT 1 FROM call WHERE person = last.person AND id > last.id)
             AND NOT EXISTS (SELECT 1 FROM message WHERE person = last.person AND state <> 'received' AND at >= last.begun)
             ORDER BY id";
        self.0.with(|connection| {
            let mut statement = connection.prepare(LAST)?;
            let rows: Vec<_> = statement.query_map([], |row| Ok((read(row)?, row.get("person")?)))?.collect::<Result<_, _>>()?;
            let is_open = |call: &PastCall| !BlockRule::meaning(call.peer.reveal()).iter().any(|rule| decided.contains(rule));
            let open = rows.into_iter().filter(|((_, call), _)| is_open(call));
            let open = open.filter_map(|((_, call), person): (_, String)| Some((call.story.request()?, call, person)));
            let mut open: Vec<_> = open.collect();
            open.drain(..open.len().saturating_sub(MOST));
            open.into_iter()
                .map(|(request, call, person)| {
                    let said = match request.line {
                        None => last_text(connection, &person)?,
                        line => line,
                    };
                    Ok(PastRequest {
                        call: call.number,
                        account: call.account,
                        peer: call.peer,
                        peer_name: call.peer_name,
                        at: call.begun,
                        times: call.times,
                        request: Request::new(request.domain, said.as_ref().map(|said| said.reveal().as_str())),
                    })
                })
                .collect()
        })
    }

    /// Whom this side has called or written to.
    pub(crate) fn called(&mut self) -> Result<Vec<Pii<String>>, StoreError> {
        const WHO: &str = "SELECT person FROM call WHERE direction = 'outgoing' UNION SELECT person FROM message WHERE state <> 'received'";
        self.0.with(|connection| {
            let mut statement = connection.prepare(WHO)?;
            statement.query_map([], |row| row.get(0).map(uri_of))?.collect()
        })
    }
}

fn last_text(connection: &Connection, person: &str) -> rusqlite::Result<Option<Pii<String>>> {
    let last = "SELECT text FROM message WHERE person = ? AND state = 'received' ORDER BY id DESC LIMIT 1";
    connection.query_row(last, params![person], |row| row.get(0).map(Pii)).optional()
}
