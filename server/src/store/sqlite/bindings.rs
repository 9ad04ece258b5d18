use std::time::Duration;

use cooee_database::DatabaseError;
use cooee_database::rusqlite::{self, Row, named_params};
use cooee_machine::{SocketId, StreamId, Transport};
use cooee_sip::registrar::{Binding, BindingKey};
use cooee_sip::{Flow, FlowId};

use super::Domain;
use crate::account::UserName;

const COLUMNS: &str = "key, contact, params, instance, reg_id, q, expires, updated, call_id, cseq, path, transport, local, remote, flow, \
                       epoch, user_agent";

impl Domain {
    /// `None`: there is no such user. A row that cannot be read is left out: the device will register again.
    pub(super) fn bindings(&mut self, user: &UserName) -> Result<Option<Vec<Binding>>, DatabaseError> {
        self.database.with(|connection| {
            let mut known = connection.prepare_cached("SELECT 1 FROM account WHERE user = ?1")?;
            if !known.exists([user.as_str()])? {
                return Ok(None);
            }
            let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM binding WHERE user = ?1 ORDER BY key"))?;
            let rows: Vec<Option<Binding>> = statement.query_map([user.as_str()], |row| Ok(read(row).ok()))?.collect::<Result<_, _>>()?;
            Ok(Some(rows.into_iter().flatten().collect()))
        })
    }

    /// A user who was removed meanwhile gets none.
    pub(super) fn rebind(&mut self, user: &UserName, put: &[Binding], remove: &[BindingKey]) -> Result<(), DatabaseError> {
        self.database.write(|transaction| {
            let mut delete = transaction.prepare_cached("DELETE FROM binding WHERE user = ?1 AND key = ?2")?;
            for key in remove {
                delete.execute((user.as_str(), key.0.cast_signed()))?;
            }
            let mut insert = transaction.prepare_cached(&format!(
                "INSERT OR REPLACE INTO binding (user, {COLUMNS})
                 SELECT user, :key, :contact, :params, :instance, :reg_id, :q, :expires, :updated, :call_id, :cseq, :path, :transport,
                 :local, :remote, :flow, :epoch, :user_agent FROM account WHERE user = :user"
            ))?;
            put.iter().try_for_each(|binding| write(&mut insert, user, binding))
        })
    }

    /// Deletes what is over: nobody asks for the bindings of a user who never comes back.
    pub(crate) fn purge(&mut self, unix: Duration) -> Result<usize, DatabaseError> {
        self.database.write(|transaction| transaction.execute("DELETE FROM binding WHERE expires <= ?1", [milliseconds(unix)]))
    }
}

fn write(insert: &mut rusqlite::CachedStatement<'_>, user: &UserName, binding: &Binding) -> rusqlite::Result<()> {
    let (transport, number) = match binding.flow.id {
        FlowId::Udp { socket, .. } => ("udp", socket.0),
        FlowId::Stream(stream) if binding.flow.transport == Transport::Tls => ("tls", stream.0),
        FlowId::Stream(stream) => ("tcp", stream.0),
    };
    insert.execute(named_params! {
        ":user": user.as_str(),
        ":key": binding.key.0.cast_signed(),
        ":contact": binding.contact,
        ":params": binding.params,
        ":instance": binding.instance,
        ":reg_id": binding.reg_id,
        ":q": binding.q,
        ":expires": milliseconds(binding.expires),
        ":updated": milliseconds(binding.updated),
        ":call_id": binding.call_id,
        ":cseq": binding.cseq,
        ":path": binding.path.join("\n"),
        ":transport": transport,
        ":local": binding.flow.local.to_string(),
        ":remote": binding.flow.remote.to_string(),
        ":flow": number.cast_signed(),
        ":epoch": binding.epoch.cast_signed(),
        ":user_agent": binding.user_agent,
    })?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Binding> {
    let number: i64 = row.get("flow")?;
    let (local, remote) = (address(row, "local")?, address(row, "remote")?);
    let stream = FlowId::Stream(StreamId(number.cast_unsigned()));
    let (id, transport) = match row.get::<_, String>("transport")?.as_str() {
        "udp" => (FlowId::Udp { socket: SocketId(number.cast_unsigned()), remote }, Transport::Udp),
        "tcp" => (stream, Transport::Tcp),
        _ => (stream, Transport::Tls),
    };
    let path: String = row.get("path")?;
    Ok(Binding {
        key: BindingKey(row.get::<_, i64>("key")?.cast_unsigned()),
        contact: row.get("contact")?,
        params: row.get("params")?,
        instance: row.get("instance")?,
        reg_id: row.get("reg_id")?,
        q: row.get("q")?,
        expires: moment(row, "expires")?,
        updated: moment(row, "updated")?,
        call_id: row.get("call_id")?,
        cseq: row.get("cseq")?,
        path: path.lines().map(str::to_owned).collect(),
        flow: Flow { id, transport, local, remote },
        epoch: row.get::<_, i64>("epoch")?.cast_unsigned(),
        user_agent: row.get("user_agent")?,
    })
}

fn address(row: &Row<'_>, column: &str) -> rusqlite::Result<std::net::SocketAddr> {
    row.get::<_, String>(column)?.parse().map_err(|_| rusqlite::Error::InvalidQuery)
}

fn moment(row: &Row<'_>, column: &str) -> rusqlite::Result<Duration> {
    row.get::<_, i64>(column).map(|milliseconds| Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)))
}

fn milliseconds(unix: Duration) -> i64 {
    i64::try_from(unix.as_millis()).unwrap_or(i64::MAX)
}
