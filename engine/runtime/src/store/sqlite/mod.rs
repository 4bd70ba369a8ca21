//! The embedded store: one SQLite file in write-ahead mode, synced at every commit.
//!
//! What it deliberately does not do: no memory map (a disk fault must be an error, not a signal), no second writer (a
//! lock file beside the database keeps other processes out, and checkpoints write no row), no automatic repair.

mod backup;
mod checkpoint;
mod columns;
mod lag;
mod read;
mod write;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use routewright_engine::InteractionId;
use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{
    error::{OpenError, StoreError},
    store::{Group, Reader, Store, Tidied},
};
pub use backup::{BackupReport, backup};
use checkpoint::Checkpoints;
use lag::Tail;
use read::SqliteReader;

/// "RWrt": tells `file(1)`, and us, whose database this is.
const APPLICATION_ID: i32 = 0x5257_7274;

/// The version of `schema.sql`.
const SCHEMA_VERSION: i32 = 2;

/// What makes version 1 version 2: in version 1 no row was ever late.
const FROM_VERSION_1: &str = "CREATE TABLE settled (upto INTEGER NOT NULL);
    INSERT INTO settled (upto) SELECT coalesce(max(seq), 0) FROM journal;";

/// Late rows written in one transaction at a quiet moment: some ten milliseconds, which is what the next caller may have to
/// wait.
const SETTLED_AT_ONCE: usize = 512;

/// Pages that the writer keeps in memory, in KiB: random rows of a large table are what a commit costs.
const WRITER_CACHE_KIB: i32 = 16 * 1024;

/// The same for one reader.
const READER_CACHE_KIB: i32 = 2 * 1024;

/// How long a statement waits for a lock. Only a checkpoint at the moment of opening can hold one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The writer of one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    tail: Tail,
    path: PathBuf,
    checkpoints: Checkpoints,
    /// Held for the life of the writer; the system lets go of it when the process dies, however it dies.
    _lock: File,
}

impl SqliteStore {
    /// The name of the database in a data directory.
    pub const FILE: &str = "routewright.db";

    /// Opens the store of a data directory, made when it does not exist.
    ///
    /// # Errors
    /// [`OpenError`] when the directory cannot be used, another process has it, or the file is not a sound store of
    /// this version.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Directory { path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(unusable)?;
        let lock = File::create(directory.join("routewright.lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: directory.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let path = directory.join(Self::FILE);
        let mut connection = Connection::open(&path).map_err(failed("open the database"))?;
        prepare_connection(&connection, WRITER_CACHE_KIB)?;
        adopt(&mut connection)?;
        hold_promises(&connection)?;
        let tail = tail(&connection).map_err(failed("be read"))?;
        let checkpoints = Checkpoints::of(path.clone());
        Ok(Self { connection, tail, path, checkpoints, _lock: lock })
    }

    /// Writes rows of interactions as soon as the groups that changed them make up so many bytes of journal. For tests
    /// that need late rows to be settled often, or (with 0) never late.
    pub fn bound_lag(&mut self, bytes: usize) {
        self.tail.bound(bytes);
    }

    /// Bounds the log to so many pages. For tests that need many checkpoints.
    pub fn bound_log(&mut self, pages: u32) {
        self.checkpoints.bound(pages);
    }

    /// Lets the database grow by so many pages more and then refuse, as on a disk without room. For tests of that
    /// moment: it holds for this writer's life and is not kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not obey.
    pub fn bound_growth(&self, pages: u32) -> Result<(), StoreError> {
        let number = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
        let bound = number("page_count").map_err(failed("be read"))?.saturating_add(pages);
        self.connection
            .pragma_update_and_check(None, "max_page_count", bound, |_| Ok(()))
            .map_err(failed("be configured"))
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        let plan = self.tail.plan(group);
        write::commit(&mut self.connection, group, &plan)?;
        self.tail.committed(group, plan);
        self.checkpoints.look(&self.connection)
    }

    fn settled(&self) -> u64 {
        self.tail.settled()
    }

    fn recall(&mut self, group: &Group) -> Result<(), StoreError> {
        let version = |id: InteractionId| {
            let mut version = self.connection.prepare_cached("SELECT version FROM interactions WHERE id = ?1")?;
            version.query_row([columns::int(id.0)], |row| columns::uint(row, 0))
        };
        self.tail.recall(group, version).map_err(failed("be read"))
    }

    fn tidy(&mut self) -> Result<Tidied, StoreError> {
        let plan = self.tail.plan_quiet(SETTLED_AT_ONCE);
        if plan.settled.is_some() || !plan.changed.is_empty() {
            let is_full = SETTLED_AT_ONCE <= plan.changed.len();
            write::settle(&mut self.connection, &plan)?;
            self.tail.wrote(plan);
            if is_full {
                return Ok(Tidied::MoreToDo);
            }
        }
        checkpoint::move_log(&self.connection)?;
        Ok(Tidied::Done)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader::new(read_only(&self.path)?, self.tail.lag.clone())))
    }
}

/// Where the journal stands, and how far it is in the rows.
fn tail(connection: &Connection) -> rusqlite::Result<Tail> {
    let number = |sql| connection.query_row(sql, [], |row| columns::uint(row, 0));
    let settled = number("SELECT upto FROM settled")?;
    let last = number("SELECT coalesce(max(seq), 0) FROM journal")?;
    let last_id = number("SELECT coalesce(max(id), 0) FROM interactions")?;
    Ok(Tail::new(settled, last, InteractionId(last_id)))
}

fn read_only(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed("open a reader"))?;
    prepare_connection(&connection, READER_CACHE_KIB)?;
    Ok(connection)
}

/// Wraps what the database said with what we were doing.
fn failed(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| StoreError::Failed { doing, message: error.to_string() }
}

fn prepare_connection(connection: &Connection, cache_kib: i32) -> Result<(), StoreError> {
    let set = |name, value: i32| connection.pragma_update(None, name, value).map_err(failed("be configured"));
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed("be configured"))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Plans depend on statements alone. Otherwise some are made anew for every value bound to them, which cost more than
    // everything else in a turn.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed("be configured"))?;
    set("mmap_size", 0)?;
    set("cache_size", -cache_kib)?;
    set("foreign_keys", 1)
}

/// Makes an empty file ours, brings an older version's up to date, and refuses one that is not ours, or that a newer
/// version wrote.
fn adopt(connection: &mut Connection) -> Result<(), StoreError> {
    let tables: u32 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed("be read"))?;
    if tables == 0 && number(connection, "application_id")? == 0 {
        // Outside the transaction: the mode of a file cannot change inside one.
        connection.pragma_update(None, "journal_mode", "wal").map_err(failed("be configured"))?;
        let transaction = connection.transaction().map_err(failed("be created"))?;
        transaction.execute_batch(include_str!("schema.sql")).map_err(failed("be created"))?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed("be created"))?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed("be created"))?;
        return transaction.commit().map_err(failed("be created"));
    }
    if number(connection, "application_id")? == APPLICATION_ID && number(connection, "user_version")? == 1 {
        let transaction = connection.transaction().map_err(failed("be brought up to date"))?;
        transaction.execute_batch(FROM_VERSION_1).map_err(failed("be brought up to date"))?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed("be brought up to date"))?;
        transaction.commit().map_err(failed("be brought up to date"))?;
    }
    recognise(connection)
}

/// Refuses a file that is not a store of this version.
fn recognise(connection: &Connection) -> Result<(), StoreError> {
    let (application, version) = (number(connection, "application_id")?, number(connection, "user_version")?);
    if application != APPLICATION_ID {
        return Err(StoreError::Foreign(format!("its application id is {application:#x}, not {APPLICATION_ID:#x}")));
    }
    if version != SCHEMA_VERSION {
        return Err(StoreError::Foreign(format!(
            "its layout is version {version}, this program reads version {SCHEMA_VERSION}: use the version that wrote it"
        )));
    }
    Ok(())
}

fn number(connection: &Connection, pragma: &str) -> Result<i32, StoreError> {
    connection.pragma_query_value(None, pragma, |row| row.get(0)).map_err(failed("be read"))
}

/// Asserts what durability rests on, after asking for it: a library built otherwise would ignore the asking.
fn hold_promises(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed("be configured"))?;
    // No commit moves the log by itself: `checkpoint` does, and at quiet moments `tidy`.
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(failed("be configured"))?;
    let text = |name| -> Result<String, StoreError> {
        connection
            .pragma_query_value(None, name, |row| {
                row.get_ref(0).map(|value| match value {
                    rusqlite::types::ValueRef::Integer(n) => n.to_string(),
                    rusqlite::types::ValueRef::Text(t) => String::from_utf8_lossy(t).into_owned(),
                    rusqlite::types::ValueRef::Null
                    | rusqlite::types::ValueRef::Real(_)
                    | rusqlite::types::ValueRef::Blob(_) => String::new(),
                })
            })
            .map_err(failed("be read"))
    };
    for (name, wanted) in
        [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("locking_mode", "normal")]
    {
        let found = text(name)?;
        if found != wanted {
            return Err(StoreError::Promise(format!("PRAGMA {name} is '{found}', not '{wanted}'")));
        }
    }
    tracing::info!(journal_mode = "wal", synchronous = "full", schema = SCHEMA_VERSION, "store opened");
    Ok(())
}
