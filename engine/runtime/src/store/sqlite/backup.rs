//! A copy of the store as one file, made while a server works on it or while none does.
//!
//! The copy is of one moment: its connection holds a snapshot, so whatever is committed meanwhile neither waits for the
//! copy nor makes it begin again. It goes a few pages at a time, which leaves the disk to the writer. The file appears
//! under its name once it is whole, read through and synced; until then it is `NAME.part`.
//!
//! What it deliberately does not do: it takes no lock on the data directory and asks no server. The write-ahead log
//! cannot be emptied while the snapshot lasts, so the disk needs room for what is written meanwhile.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use routewright_engine::Timestamp;
use rusqlite::{Connection, backup::Backup};

use super::{
    READER_CACHE_KIB, SqliteStore, failed, lag::SharedLag, prepare_connection, read::SqliteReader, read_only, recognise,
};
use crate::{error::BackupError, store::Reader};

/// Pages copied at once: a mebibyte, which a disk takes in a few milliseconds.
const PAGES_PER_STEP: i32 = 256;

/// The breath between two steps, for the writer's syncs.
const PAUSE: Duration = Duration::from_millis(5);

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The last group in it; everything acknowledged up to that group is in the copy. Zero for an empty store.
    pub group: u64,
    /// The logical now of that group.
    pub at: Timestamp,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Copies the store of a data directory to a new file.
///
/// # Errors
/// [`BackupError`]; nothing is left at `to` then.
pub fn backup(directory: &Path, to: &Path) -> Result<BackupReport, BackupError> {
    let from = directory.join(SqliteStore::FILE);
    if !from.exists() {
        return Err(BackupError::NoStore { directory: directory.to_owned() });
    }
    if to.exists() {
        return Err(BackupError::Exists { file: to.to_owned() });
    }
    let part = part_of(to);
    let in_file = |source: io::Error| BackupError::File { file: to.to_owned(), source };
    remove(&part).map_err(in_file)?;
    let copied = copy(&from, &part).and_then(|(group, at)| {
        let file = File::open(&part).map_err(in_file)?;
        file.sync_all().map_err(in_file)?;
        let bytes = file.metadata().map_err(in_file)?.len();
        fs::rename(&part, to).map_err(in_file)?;
        sync_directory_of(to).map_err(in_file)?;
        Ok(BackupReport { group, at, bytes })
    });
    if copied.is_err() {
        // What went wrong is told; a remainder that cannot be removed is replaced the next time.
        let _ = remove(&part);
    }
    copied
}

/// Copies the pages of one snapshot and reads the copy through.
fn copy(from: &Path, to: &Path) -> Result<(u64, Timestamp), BackupError> {
    let source = read_only(from)?;
    recognise(&source)?;
    source.execute_batch("BEGIN").map_err(failed("begin a snapshot"))?;
    // Late rows are in the journal, and so in the copy.
    let mut source = SqliteReader::new(source, SharedLag::default());
    // The first read fixes what the snapshot shows.
    let (group, at) = source.last_group()?.unwrap_or_default();
    let mut target = Connection::open(to).map_err(failed("open the copy"))?;
    prepare_connection(&target, READER_CACHE_KIB)?;
    Backup::new(source.connection(), &mut target)
        .and_then(|backup| backup.run_to_completion(PAGES_PER_STEP, PAUSE, None))
        .map_err(failed("be copied"))?;
    recognise(&target)?;
    let mut copy = SqliteReader::new(target, SharedLag::default());
    let wrong = copy.integrity()?;
    let last = copy.last_group()?.unwrap_or_default();
    match wrong.into_iter().next() {
        Some(finding) => Err(BackupError::Unsound { finding }),
        None if last != (group, at) => {
            let finding = format!("its last group is {}, not {group}", last.0);
            Err(BackupError::Unsound { finding })
        }
        None => Ok((group, at)),
    }
}

fn part_of(to: &Path) -> PathBuf {
    let mut name: OsString = to.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Removes a file that may not be there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes the new name durable.
fn sync_directory_of(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
