//! A million parked interactions: memory over an empty data directory, and time from start to the first
//! acknowledged event, beside a hundred thousand to show that both stay flat.

use std::{
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Figure,
    memory::{mib, resident},
    ms,
};
use crate::centre::Centre;

/// Fills, closes and reopens two data directories.
///
/// # Errors
/// When a store refuses, or the reopening process fails.
pub fn run() -> Result<Vec<Figure>, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    let mut figures = Vec::new();
    let empty = tempfile::tempdir().map_err(|e| e.to_string())?;
    runtime.block_on(fill(empty.path(), 1))?;
    let base = reopen(empty.path())?.size;
    figures.push(Figure::noted("resident with one parked interaction", mib(base)));
    for contacts in [100_000, 1_000_000] {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        runtime.block_on(fill(dir.path(), contacts))?;
        let Reopened { first, whole, size } = reopen(dir.path())?;
        let over = size.saturating_sub(base);
        let bytes = std::fs::metadata(dir.path().join("routewright.db")).map_or(0, |m| m.len());
        figures.push(Figure::noted(format!("{contacts} parked: size of the file"), mib(bytes)));
        figures.push(Figure::judged(
            format!("{contacts} parked: resident over empty, once it is known where everybody stands"),
            mib(over),
            "at most 128 MiB",
            over <= 128 << 20,
        ));
        figures.push(Figure::judged(
            format!("{contacts} parked: process start to first acknowledged event"),
            ms(first),
            "at most 2 s",
            first <= Duration::from_secs(2),
        ));
        figures.push(Figure::noted(format!("{contacts} parked: until it is known where everybody stands"), ms(whole)));
    }
    Ok(figures)
}

async fn fill(dir: &Path, contacts: usize) -> Result<(), String> {
    let centre = Arc::new(Centre::open(dir).await?);
    centre.greet(contacts).await?;
    Arc::into_inner(centre).ok_or("a worker still holds the centre")?.close().await;
    Ok(())
}

/// What a reopened process says of itself.
struct Reopened {
    /// From its start to the first acknowledged event.
    first: Duration,
    /// From its start until it knows where everybody stands.
    whole: Duration,
    /// Resident bytes then.
    size: u64,
}

/// Reopens in a process of its own, so that nothing of the filling is counted.
fn reopen(dir: &Path) -> Result<Reopened, String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let start = Instant::now();
    let out = Command::new(me).arg("--reopen").arg(dir).output().map_err(|e| e.to_string())?;
    let lived = start.elapsed();
    let text = String::from_utf8_lossy(&out.stdout);
    let mut words = text.split_whitespace().map(str::parse::<u64>);
    let (Some(Ok(after_first)), Some(Ok(after_all)), Some(Ok(size))) = (words.next(), words.next(), words.next())
    else {
        return Err(format!("the reopened process said: {text}{}", String::from_utf8_lossy(&out.stderr)));
    };
    let until = |micros| lived.saturating_sub(Duration::from_micros(micros));
    Ok(Reopened { first: until(after_first), whole: until(after_all), size })
}

/// The reopened process: one turn of a parked contact, then where everybody stands, then its memory. Prints the
/// microseconds that it lived after the acknowledgement and after it knew of everybody, and its resident bytes.
///
/// # Errors
/// When the store cannot be opened, the turn is refused, or somebody is missing.
pub fn reopen_process(dir: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let centre = Centre::open(Path::new(dir)).await?;
        centre.turn(0, usize::MAX).await?;
        let acknowledged = Instant::now();
        centre.standing().await?;
        let known = Instant::now();
        let size = resident(None);
        centre.close().await;
        println!("{} {} {size}", acknowledged.elapsed().as_micros(), known.elapsed().as_micros());
        Ok(())
    })
}
