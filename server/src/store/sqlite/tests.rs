use std::path::PathBuf;
use std::time::Duration;

use cooee_database::rusqlite::Connection;
use cooee_database::version;
use cooee_machine::{Entropy, Secret, SocketId, StreamId, Transport};
use cooee_sip::digest::Verifier;
use cooee_sip::registrar::{Binding, BindingKey};
use cooee_sip::{Flow, FlowId};

use super::*;
use crate::account::{Account, UserName};

/// A directory that goes away with the test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cooee-server-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self) -> Result<Domain, StoreError> {
        Domain::open(&self.0, "example.org", [1; 32])
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn account(name: &str, password: &str) -> Account {
    let user = UserName::parse(name).unwrap();
    Account::new(user, "example.org", &Secret::new(password), &mut Entropy::for_test(1)).unwrap()
}

fn binding(key: u64, id: FlowId) -> Binding {
    let remote = "[2001:db8::1]:40000".parse().unwrap();
    Binding {
        key: BindingKey(key),
        contact: "sip:anna@10.0.0.1;transport=tls".into(),
        params: ";reg-id=1;+sip.instance=\"<urn:uuid:1>\"".into(),
        instance: Some("urn:uuid:1".into()),
        reg_id: Some(1),
        q: 500,
        expires: Duration::from_secs(2_000_000_000),
        updated: Duration::from_millis(1_800_000_000_123),
        call_id: "id".into(),
        cseq: u32::MAX,
        path: vec!["<sip:a;lr>".into(), "<sip:b;lr>".into()],
        flow: Flow {
            id,
            transport: if id.is_reliable() { Transport::Tls } else { Transport::Udp },
            local: "192.0.2.1:5061".parse().unwrap(),
            remote,
        },
        epoch: u64::MAX,
        user_agent: None,
    }
}

#[test]
fn what_was_written_is_read_again_after_a_restart() {
    let home = Home::new("restart");
    let anna = account("anna", "hunter2");
    let remote = "[2001:db8::1]:40000".parse().unwrap();
    let both = [binding(u64::MAX, FlowId::Stream(StreamId(7))), binding(3, FlowId::Udp { socket: SocketId(0), remote })];
    {
        let mut database = home.open().unwrap();
        assert!(database.add_account(&anna).unwrap());
        assert!(!database.add_account(&account("anna", "other")).unwrap(), "a user is not overwritten");
        database.rebind(&anna.user, &both, &[]).unwrap();
        database.rebind(&anna.user, &both, &[]).unwrap();
    }
    let mut database = home.open().unwrap();
    let mut read = database.bindings(&anna.user).unwrap().unwrap();
    read.sort_by_key(|binding| std::cmp::Reverse(binding.key));
    assert!(read == both);
    assert!(database.verifier(&anna.user).unwrap() == Some(anna.digest.clone()));
    database.rebind(&anna.user, &[], &[BindingKey(3)]).unwrap();
    assert_eq!(database.bindings(&anna.user).unwrap().unwrap().len(), 1);
    assert!(database.change_account(&account("anna", "new")).unwrap());
    assert_eq!(database.bindings(&anna.user).unwrap().unwrap().len(), 1, "a new password does not unregister");
    assert!(database.verifier(&anna.user).unwrap() != Some(anna.digest));
}

#[test]
fn a_removed_user_is_gone_with_all_bindings_and_gets_no_new_ones() {
    let home = Home::new("remove");
    let mut database = home.open().unwrap();
    let ben = account("ben", "x");
    database.add_account(&ben).unwrap();
    database.rebind(&ben.user, &[binding(1, FlowId::Stream(StreamId(1)))], &[]).unwrap();
    assert!(database.remove_account(&ben.user).unwrap());
    assert!(!database.remove_account(&ben.user).unwrap());
    database.rebind(&ben.user, &[binding(1, FlowId::Stream(StreamId(1)))], &[]).unwrap();
    assert!(database.bindings(&ben.user).unwrap().is_none());
    database.add_account(&ben).unwrap();
    assert_eq!(database.bindings(&ben.user).unwrap(), Some(Vec::new()));
    assert!(!database.change_account(&account("carl", "x")).unwrap());
}

#[test]
fn expired_bindings_are_purged() {
    let home = Home::new("purge");
    let mut database = home.open().unwrap();
    let anna = account("anna", "x");
    database.add_account(&anna).unwrap();
    database.rebind(&anna.user, &[binding(1, FlowId::Stream(StreamId(1)))], &[]).unwrap();
    assert_eq!(database.purge(Duration::from_secs(1_999_999_999)).unwrap(), 0);
    assert_eq!(database.purge(Duration::from_secs(2_000_000_000)).unwrap(), 1);
}

#[test]
fn the_secret_and_the_domain_stay_the_first_ones() {
    let home = Home::new("domain");
    home.open().unwrap();
    let again = Domain::open(&home.0, "example.org", [2; 32]).unwrap();
    assert_eq!(again.secret(), [1; 32]);
    let Err(error) = Domain::open(&home.0, "other.example", [2; 32]) else { panic!("another domain must be refused") };
    assert!(matches!(error, StoreError::OtherDomain { .. }));
    assert!(error.to_string().contains("“example.org”, not “other.example”"));
}

#[test]
fn a_database_of_each_past_version_is_brought_up_to_date_with_all_that_is_in_it() {
    let fixtures = [include_str!("fixtures/schema-1.sql"), include_str!("fixtures/schema-2.sql")];
    assert_eq!(fixtures.len(), STEPS.len(), "each version needs its fixture");
    for (schema, fixture) in (1..).zip(fixtures) {
        let home = Home::new(&format!("version{schema}"));
        std::fs::create_dir_all(&home.0).unwrap();
        let old = Connection::open(home.0.join(FILE)).unwrap();
        old.execute_batch(fixture).unwrap();
        assert_eq!(version(&old).unwrap(), schema);
        drop(old);
        let mut database = Domain::open(&home.0, "example.org", [2; 32]).unwrap();
        assert_eq!(database.secret(), [1; 32]);
        let anna = UserName::parse("anna").unwrap();
        assert_eq!(database.accounts().unwrap(), std::slice::from_ref(&anna));
        assert_eq!(database.verifier(&anna).unwrap(), Some(Verifier::stored("example.org", [0; 16], [0; 32])));
        let keys = |bindings: Option<Vec<Binding>>| bindings.unwrap().iter().map(|binding| binding.key.0).collect::<Vec<_>>();
        let kept: &[u64] = if schema < 2 { &[] } else { &[7] };
        assert_eq!(keys(database.bindings(&anna).unwrap()), kept);
        database.rebind(&anna, &[binding(9, FlowId::Stream(StreamId(1)))], &[]).unwrap();
        assert_eq!(keys(database.bindings(&anna).unwrap()), [kept, &[9]].concat());
    }
}

#[test]
fn a_newer_database_is_left_alone() {
    let home = Home::new("newer");
    home.open().unwrap();
    Connection::open(home.0.join(FILE)).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(home.open(), Err(StoreError::Database(DatabaseError::TooNew { found: 99, known: 2, .. }))));
}

#[test]
fn damage_is_seen_at_the_start_and_told_in_a_sentence() {
    let home = Home::new("corrupt");
    home.open().unwrap();
    let path = home.0.join(FILE);
    std::fs::write(&path, b"this is no database at all, but it is long enough to look at").unwrap();
    let error = home.open().err().unwrap();
    assert!(matches!(error, StoreError::Database(DatabaseError::Corrupt { .. })), "{error:?}");
    assert!(error.to_string().contains("is damaged, or not a database of Cooee"));
    // A page in the middle overwritten.
    std::fs::remove_dir_all(&home.0).unwrap();
    let mut database = home.open().unwrap();
    for number in 0..200 {
        database.add_account(&Account { user: UserName::parse(&format!("user{number}")).unwrap(), ..account("x", "x") }).unwrap();
    }
    drop(database);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 4096 / 2 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(home.open(), Err(StoreError::Database(DatabaseError::Corrupt { .. }))));
}

#[test]
fn a_full_disk_is_told_apart_and_what_was_there_stays() {
    let home = Home::new("full");
    let mut database = home.open().unwrap();
    let anna = account("anna", "x");
    database.add_account(&anna).unwrap();
    let pages: u32 = database.database.with(|connection| connection.pragma_query_value(None, "page_count", |row| row.get(0))).unwrap();
    database.database.with(|connection| connection.pragma_update(None, "max_page_count", pages)).unwrap();
    let many: Vec<Binding> = (0..500).map(|key| binding(key, FlowId::Stream(StreamId(1)))).collect();
    let error = database.rebind(&anna.user, &many, &[]).unwrap_err();
    assert!(matches!(error, DatabaseError::DiskFull { .. }), "{error:?}");
    assert!(error.to_string().contains("free some space"));
    assert_eq!(database.bindings(&anna.user).unwrap(), Some(Vec::new()), "all of it or nothing");
}

#[cfg(unix)]
#[test]
fn only_this_user_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new("private");
    let mut database = home.open().unwrap();
    database.add_account(&account("anna", "x")).unwrap();
    for entry in std::fs::read_dir(&home.0).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    assert_eq!(std::fs::metadata(&home.0).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_directory_that_cannot_be_made_is_told() {
    let home = Home::new("nowhere");
    std::fs::create_dir_all(&home.0).unwrap();
    let file = home.0.join("file");
    std::fs::write(&file, b"").unwrap();
    let error = Domain::open(&file.join("below"), "example.org", [1; 32]).err().unwrap();
    assert!(matches!(error, StoreError::NoDirectory { .. }), "{error:?}");
}
