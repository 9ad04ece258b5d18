use rusqlite::{Connection, TransactionBehavior};

/// The schema of a database; 0 for an empty one.
///
/// # Errors
/// The file cannot be read.
pub fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Takes the steps that are missing, each wholly or not at all. Step n leads from schema n to n + 1. A published step is never
/// changed; a new one is added below it.
///
/// # Errors
/// The file cannot be written, or a step is wrong.
pub fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read within the transaction: another program may be taking the same steps.
        let done = version(&transaction)?;
        let Some(step) = usize::try_from(done).ok().and_then(|done| steps.get(done)) else { return Ok(()) };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", done + 1)?;
        transaction.commit()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_once_each_from_wherever_the_database_stands() {
        let steps = ["CREATE TABLE one (a TEXT) STRICT", "ALTER TABLE one ADD COLUMN b TEXT", "INSERT INTO one (b) VALUES ('three')"];
        for begin in 0..=steps.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            migrate(&mut connection, &steps[..begin]).unwrap();
            migrate(&mut connection, &steps).unwrap();
            migrate(&mut connection, &steps).unwrap();
            assert_eq!(version(&connection).unwrap(), 3);
            let rows: i64 = connection.query_row("SELECT count(*) FROM one WHERE b = 'three'", [], |row| row.get(0)).unwrap();
            assert_eq!(rows, 1, "from {begin}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = ["CREATE TABLE one (a TEXT) STRICT", "CREATE TABLE two (a TEXT) STRICT; CREATE TABLE one (a TEXT) STRICT"];
        assert!(migrate(&mut connection, &steps).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT * FROM two").is_err());
    }
}
