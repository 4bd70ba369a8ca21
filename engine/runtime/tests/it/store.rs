//! The embedded store against the conformance suite, and what only it promises.

use std::fs;

use routewright_runtime::{
    OpenError, conformance,
    store::{SqliteStore, Store},
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
fn a_backup_opens_as_a_store_of_its_own() {
    let (directory, copy) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let mut store = SqliteStore::open(directory.path()).expect("it opens");
    let group = routewright_runtime::store::Group { seq: 1, journal: b"1".to_vec(), ..Default::default() };
    store.commit(&group).expect("a group is taken");
    let to = copy.path().join(SqliteStore::FILE);
    store.reader().expect("a reader opens").backup(&to).expect("a copy is made");
    let restored = SqliteStore::open(copy.path()).expect("the copy opens");
    assert_eq!(restored.reader().expect("a reader opens").last_group().expect("it reads").map(|(seq, _)| seq), Some(1));
}
