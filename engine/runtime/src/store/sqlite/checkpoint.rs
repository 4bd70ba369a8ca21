//! The log is moved into the database beside the writer, so that no group waits for it (ADR 0016).
//!
//! Left to itself, SQLite does it inside the commit that makes the log too long, and that group's callers wait while
//! thousands of pages are written and synced. Here a thread with a connection of its own does it, and the writer goes on.
//! What the writer added meanwhile it moves itself: that is little, and without it the log could never begin anew.
//!
//! What it deliberately does not do: it tries nothing again. A checkpoint that fails may have lost a sync, so its failure
//! is one of the writer, as that of a commit is.

use std::{
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, OpenFlags};

use super::{failed, prepare_connection};
use crate::{
    error::StoreError,
    limits::{CHECKPOINT_AT_PART, WAL_PAGES_MAX},
};

/// Pages that a checkpoint keeps in memory, in KiB: it reads none, but for the first.
const CACHE_KIB: i32 = 64;

/// Keeps the log within its bound.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// The one that runs, or has ended and was not yet looked at.
    running: Option<JoinHandle<Result<(), StoreError>>>,
    /// Where the database is.
    path: PathBuf,
    /// Pages that the log had when the last one was complete; 0 once it began anew.
    moved: u32,
    /// See [`WAL_PAGES_MAX`].
    pages_max: u32,
}

impl Checkpoints {
    pub(super) fn of(path: PathBuf) -> Self {
        Self { running: None, path, moved: 0, pages_max: WAL_PAGES_MAX }
    }

    pub(super) fn bound(&mut self, pages: u32) {
        self.pages_max = pages;
    }

    /// Looks at the log after a commit of the writer: begins a checkpoint when enough is new in it, and completes
    /// one that has ended. At the bound it waits for the one that runs.
    pub(super) fn look(&mut self, writer: &Connection) -> Result<(), StoreError> {
        let pages = pages(writer)?;
        if pages < self.moved {
            self.moved = 0;
        }
        // A log that a slow reader keeps from beginning anew is not looked through again and again.
        let new = pages - self.moved;
        if let Some(ended) = self.running.take_if(|running| running.is_finished() || self.pages_max <= new) {
            joined(ended)?;
            self.moved = pages;
            return move_log(writer);
        }
        if self.running.is_none() && self.pages_max / CHECKPOINT_AT_PART <= new {
            let path = self.path.clone();
            let thread = thread::Builder::new().name("routewright-checkpoint".to_owned()).spawn(move || beside(&path));
            self.running = Some(thread.map_err(|error| StoreError::Failed {
                doing: "start a thread for its log",
                message: error.to_string(),
            })?);
        }
        Ok(())
    }
}

impl Drop for Checkpoints {
    /// The directory is free only when nobody has its database open.
    fn drop(&mut self) {
        if let Some(Err(error)) = self.running.take().map(joined) {
            tracing::warn!(%error, "the last checkpoint failed; everything acknowledged is in the log");
        }
    }
}

/// Pages in the log.
fn pages(writer: &Connection) -> Result<u32, StoreError> {
    let mut ask = writer.prepare_cached("PRAGMA wal_checkpoint(NOOP)").map_err(failed("look at its log"))?;
    let pages: i64 = ask.query_row([], |row| row.get(1)).map_err(failed("look at its log"))?;
    // It says -1 when it cannot tell just now.
    Ok(u32::try_from(pages).unwrap_or(0))
}

/// Moves what can be moved without waiting for anybody; what readers still need stays.
pub(super) fn move_log(connection: &Connection) -> Result<(), StoreError> {
    connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        .map_err(failed("move its log into the database"))
}

fn beside(path: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed("open its log"))?;
    prepare_connection(&connection, CACHE_KIB)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed("be configured"))?;
    move_log(&connection)
}

fn joined(thread: JoinHandle<Result<(), StoreError>>) -> Result<(), StoreError> {
    thread.join().unwrap_or_else(|_| {
        Err(StoreError::Failed { doing: "move its log into the database", message: "the thread panicked".to_owned() })
    })
}
