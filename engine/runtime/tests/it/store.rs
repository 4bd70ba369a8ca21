//! The embedded store against the conformance suite, and what only it promises.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use routewright_engine::Timestamp;
use routewright_runtime::{
    BackupError, OpenError, conformance,
    store::{Group, SqliteStore, Store, backup},
};

#[test]
fn sqlite_keeps_every_promise_of_a_store() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    conformance::run(|| Ok(Box::new(SqliteStore::open(directory.path())?)));
}

#[test]
fn a_directory_in_use_is_refused_until_it_is_free() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let first = SqliteStore::open(directory.path()).expect("an empty directory opens");
    assert!(matches!(SqliteStore::open(directory.path()), Err(OpenError::InUse { .. })));
    drop(first);
    SqliteStore::open(directory.path()).expect("a free directory opens");
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join(SqliteStore::FILE);
    fs::write(&path, "this is no database, but it is somebody's work").expect("the directory is writable");
    assert!(matches!(SqliteStore::open(directory.path()), Err(OpenError::Store(_))));
    assert_eq!(fs::read_to_string(&path).expect("it is still there"), "this is no database, but it is somebody's work");
}

#[test]
fn a_store_of_the_first_layout_is_brought_up_to_date() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut store = SqliteStore::open(directory.path()).expect("it opens");
    store.commit(&group(1)).expect("a group is taken");
    drop(store);
    let as_it_was = rusqlite::Connection::open(directory.path().join(SqliteStore::FILE)).expect("it opens");
    as_it_was.execute_batch("DROP TABLE settled; PRAGMA user_version = 1").expect("it was so");
    drop(as_it_was);
    let store = SqliteStore::open(directory.path()).expect("an older layout opens");
    assert_eq!(store.settled(), 1, "no row of the first layout was ever late");
    assert_eq!(store.reader().expect("a reader opens").last_group().expect("it reads"), Some((1, Timestamp(1))));
    drop(store);
    SqliteStore::open(directory.path()).expect("and opens again");
}

#[test]
fn a_backup_opens_as_a_store_of_its_own() {
    let (directory, copy) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let to = copy.path().join(SqliteStore::FILE);
    assert!(matches!(backup(directory.path(), &to), Err(BackupError::NoStore { .. })));
    let mut store = SqliteStore::open(directory.path()).expect("it opens");
    store.commit(&group(1)).expect("a group is taken");
    let made = backup(directory.path(), &to).expect("a copy is made");
    assert_eq!((made.group, made.at), (1, Timestamp(1)));
    assert_eq!(made.bytes, fs::metadata(&to).expect("it is there").len());
    assert!(matches!(backup(directory.path(), &to), Err(BackupError::Exists { .. })), "no file is written over");
    let names: Vec<_> = fs::read_dir(copy.path()).expect("it lists").map(|f| f.expect("a file").file_name()).collect();
    assert_eq!(names, [SqliteStore::FILE], "one file, and nothing beside it");
    let restored = SqliteStore::open(copy.path()).expect("the copy opens");
    assert_eq!(restored.reader().expect("a reader opens").last_group().expect("it reads"), Some((1, Timestamp(1))));
}

#[test]
fn a_backup_ends_although_the_writer_never_pauses_and_holds_one_moment() {
    const BEFORE: u64 = 150;
    let (directory, copy) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let mut store = SqliteStore::open(directory.path()).expect("it opens");
    (1..=BEFORE).for_each(|seq| store.commit(&group(seq)).expect("a group is taken"));
    let to = copy.path().join(SqliteStore::FILE);
    let is_made = AtomicBool::new(false);
    let (made, last) = thread::scope(|threads| {
        let writing = threads.spawn(|| {
            let mut seq = BEFORE;
            while !is_made.load(Ordering::SeqCst) {
                seq += 1;
                store.commit(&group(seq)).expect("the writer is not held up");
            }
            seq
        });
        let made = backup(directory.path(), &to);
        is_made.store(true, Ordering::SeqCst);
        (made.expect("a copy is made"), writing.join().expect("no panic"))
    });
    assert!(BEFORE <= made.group && made.group < last, "{} of {last} groups: others came meanwhile", made.group);
    let restored = SqliteStore::open(copy.path()).expect("the copy opens");
    let journal = restored.reader().expect("a reader opens").journal(0, u32::MAX).expect("it reads");
    let seqs: Vec<_> = journal.iter().map(|row| row.seq).collect();
    assert_eq!(seqs, (1..=made.group).collect::<Vec<_>>(), "everything up to that moment, and nothing after");
}

#[test]
fn the_log_stays_within_its_bound_although_the_writer_never_pauses_and_nothing_is_lost() {
    const PAGES_MAX: u32 = 64;
    const GROUPS: u64 = 400;
    let directory = tempfile::tempdir().expect("a directory");
    let mut store = SqliteStore::open(directory.path()).expect("it opens");
    store.bound_log(PAGES_MAX);
    let mut longest = 0;
    for seq in 1..=GROUPS {
        store.commit(&group(seq)).expect("a group is taken");
        let log = fs::metadata(directory.path().join(format!("{}-wal", SqliteStore::FILE))).expect("there is a log");
        longest = longest.max(log.len());
    }
    let page = 4_096 + 24;
    assert!(longest <= page * (u64::from(PAGES_MAX) + 20), "{longest} bytes: the bound, and two groups of ten pages");
    assert_eq!(store.reader().expect("a reader opens").integrity().expect("it reads"), Vec::<String>::new());
    drop(store);
    let again = SqliteStore::open(directory.path()).expect("it opens");
    let journal = again.reader().expect("a reader opens").journal(0, u32::MAX).expect("it reads");
    assert_eq!(journal.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=GROUPS).collect::<Vec<_>>());
}

/// A group of some pages.
fn group(seq: u64) -> Group {
    let at = Timestamp(i64::try_from(seq).expect("a small number"));
    Group { seq, at, journal: vec![7; 32 * 1024], ..Group::default() }
}
