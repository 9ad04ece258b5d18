use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{DatabaseError, migrate, version};

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In this file, with two more beside it while it is open. Its folder must be there.
    File(PathBuf),
    /// Nowhere: gone when it is closed.
    Memory,
}

/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Before asking again.
const PAUSE: Duration = Duration::from_millis(10);

/// An open database, its schema up to date.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    path: PathBuf,
    /// What SQLite counts of others' changes, when it was asked last.
    seen: i64,
}

impl Database {
    /// Opens it, makes it if it is not there, and takes the `steps` that its schema lacks. A damaged or newer one is left
    /// untouched.
    ///
    /// # Errors
    /// It cannot be opened, read or written, is damaged, or a later version's.
    pub fn open(location: &Location, steps: &[&str]) -> Result<Self, DatabaseError> {
        let (path, connection) = match location {
            Location::File(path) => {
                make_private(path);
                (path.clone(), Connection::open(path))
            }
            Location::Memory => (PathBuf::from("memory"), Connection::open_in_memory()),
        };
        let connection = connection.map_err(|error| DatabaseError::of(&error, &path))?;
        let mut database = Self { connection, path, seen: 0 };
        database.prepare_patiently(steps)?;
        database.was_changed()?;
        Ok(database)
    }

    /// SQLite does not wait for others where that could end in a deadlock, such as in turning the write-ahead log on: it is asked
    /// again.
    fn prepare_patiently(&mut self, steps: &[&str]) -> Result<(), DatabaseError> {
        let begun = Instant::now();
        loop {
            match self.prepare(steps) {
                Err(DatabaseError::Busy { .. }) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                done => return done,
            }
        }
    }

    fn prepare(&mut self, steps: &[&str]) -> Result<(), DatabaseError> {
        self.with(|connection| connection.busy_timeout(PATIENCE))?;
        let (found, known) = (self.with(|connection| version(connection))?, i64::try_from(steps.len()).unwrap_or(i64::MAX));
        if found > known {
            return Err(DatabaseError::TooNew { path: self.path.clone(), found, known });
        }
        let sound: String = self.with(|connection| connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        if sound != "ok" {
            return Err(DatabaseError::Corrupt { path: self.path.clone() });
        }
        self.with(|connection| {
            // In memory there is no write-ahead log: the answer is "memory".
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
            connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
            migrate(connection, steps)
        })
    }

    /// Does some work on the connection; its error says what to do.
    ///
    /// # Errors
    /// As the work fails.
    pub fn with<T>(&mut self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, DatabaseError> {
        work(&mut self.connection).map_err(|error| DatabaseError::of(&error, &self.path))
    }

    /// Does some work wholly or not at all. It takes the writer's lock at once, so that it cannot fail half-way for want of it.
    ///
    /// # Errors
    /// As the work fails, or what it wrote cannot be kept.
    pub fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, DatabaseError> {
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }

    /// Whether another connection, of this program or another, has changed anything since this was asked last.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn was_changed(&mut self) -> Result<bool, DatabaseError> {
        let seen = self.with(|connection| connection.query_row("PRAGMA data_version", [], |row| row.get(0)))?;
        Ok(std::mem::replace(&mut self.seen, seen) != seen)
    }

    /// Where it is, for an error of its owner's.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts everything into the one file. Also done by dropping, but then nobody hears of a failure.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn close(self) -> Result<(), DatabaseError> {
        self.connection.close().map_err(|(_, error)| DatabaseError::of(&error, &self.path))
    }
}

/// A new file is for its owner alone; SQLite gives its side files the same mode. If it cannot be made, opening it says why.
fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[&str] = &["CREATE TABLE one (a TEXT) STRICT"];

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("cooee-database-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn file(&self) -> PathBuf {
            self.0.join("test.db")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_is_written_is_there_after_closing_and_opening_again() {
        let folder = Folder::new("again");
        let location = Location::File(folder.file());
        let mut database = Database::open(&location, STEPS).unwrap();
        database.with(|connection| connection.execute("INSERT INTO one VALUES ('kept')", [])).unwrap();
        database.close().unwrap();
        let mut database = Database::open(&location, STEPS).unwrap();
        let kept: String = database.with(|connection| connection.query_row("SELECT a FROM one", [], |row| row.get(0))).unwrap();
        assert_eq!(kept, "kept");
    }

    #[test]
    fn a_damaged_file_is_named_and_left_as_it_was() {
        let folder = Folder::new("damaged");
        std::fs::write(folder.file(), "this is no database, whatever its name says").unwrap();
        let error = Database::open(&Location::File(folder.file()), STEPS).unwrap_err();
        assert_eq!(error, DatabaseError::Corrupt { path: folder.file() });
        assert!(std::fs::read_to_string(folder.file()).unwrap().starts_with("this is no database"));
    }

    #[test]
    fn a_newer_schema_is_left_alone() {
        let folder = Folder::new("newer");
        let location = Location::File(folder.file());
        Database::open(&location, &[STEPS[0], "CREATE TABLE two (a TEXT) STRICT"]).unwrap();
        let error = Database::open(&location, STEPS).unwrap_err();
        assert_eq!(error, DatabaseError::TooNew { path: folder.file(), found: 2, known: 1 });
    }

    #[test]
    fn what_fails_half_way_leaves_nothing_behind() {
        let mut database = Database::open(&Location::Memory, STEPS).unwrap();
        let half = database.write(|transaction| {
            transaction.execute("INSERT INTO one VALUES ('half')", [])?;
            transaction.execute("INSERT INTO nowhere VALUES ('half')", [])
        });
        assert!(half.is_err());
        database.write(|transaction| transaction.execute("INSERT INTO one VALUES ('whole')", [])).unwrap();
        let rows: i64 = database.with(|connection| connection.query_row("SELECT count(*) FROM one", [], |row| row.get(0))).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn two_programs_may_open_a_new_database_at_once() {
        let folder = Folder::new("race");
        let location = Location::File(folder.file());
        let open = || {
            std::thread::spawn({
                let location = location.clone();
                move || Database::open(&location, STEPS).map(drop)
            })
        };
        let all: Vec<_> = (0..8).map(|_| open()).collect();
        all.into_iter().for_each(|one| one.join().unwrap().unwrap());
    }

    #[test]
    fn what_another_program_changes_is_noticed_once_and_what_this_one_does_is_not() {
        let folder = Folder::new("others");
        let location = Location::File(folder.file());
        let (mut one, mut other) = (Database::open(&location, STEPS).unwrap(), Database::open(&location, STEPS).unwrap());
        let insert = |connection: &mut Connection| connection.execute("INSERT INTO one VALUES ('new')", []);
        one.with(insert).unwrap();
        assert!(!one.was_changed().unwrap());
        other.with(insert).unwrap();
        assert!(one.was_changed().unwrap() && !one.was_changed().unwrap());
    }

    #[test]
    fn a_full_disk_is_called_so() {
        let mut database = Database::open(&Location::Memory, STEPS).unwrap();
        let fill = |connection: &mut Connection| {
            connection.execute_batch("PRAGMA max_page_count = 4")?;
            connection.execute("INSERT INTO one VALUES (?1)", ["x".repeat(100_000)])
        };
        assert!(matches!(database.with(fill), Err(DatabaseError::DiskFull { .. })));
    }

    #[test]
    fn a_missing_folder_is_called_so() {
        let error = Database::open(&Location::File("/nonexistent/test.db".into()), STEPS).unwrap_err();
        assert!(matches!(error, DatabaseError::CannotOpen { .. }), "{error}");
    }
}
