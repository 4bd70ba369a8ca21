//! The empty server: resident memory, and time from start to ready on an empty directory.

use super::{
    Figure,
    memory::{mib, resident},
    ms, quantile, timed,
};
use crate::server::Server;

const ROUNDS: usize = 7;

/// Starts the real binary several times on empty directories.
///
/// # Errors
/// When it does not become ready.
pub fn run() -> Result<Vec<Figure>, String> {
    let mut starts = Vec::new();
    let mut sizes = Vec::new();
    for _ in 0..ROUNDS {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let (took, server) = timed(|| Server::start(dir.path(), &[]));
        let server = server?;
        starts.push(took);
        sizes.push(resident(Some(server.pid())));
    }
    let start = quantile(&mut starts, 0.5);
    sizes.sort_unstable();
    let size = sizes[ROUNDS / 2];
    Ok(vec![
        Figure::judged("resident, ready and idle", mib(size), "at most 64 MiB", size <= 64 << 20),
        Figure::judged("start to ready on an empty directory", ms(start), "at most 200 ms", start.as_millis() <= 200),
    ])
}
