//! Durable turns through the shard, beside a bare rusqlite loop that writes the same bytes in the same batches, and
//! beside raw append + fdatasync.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};

use super::{Figure, ms, quantile, rate};
use crate::centre::Centre;

const IN_FLIGHT: usize = 256;
const TURNS: usize = 40_000;
const CONTACTS: usize = 10_000;
const LONE: usize = 300;

/// Opens a database as the product does: WAL, `synchronous=FULL`; with the tables of both peers.
///
/// # Errors
/// When SQLite refuses.
pub fn open_bare(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.execute_batch(
        "CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
         CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL);
         CREATE TABLE state (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, due INTEGER, body BLOB NOT NULL);
         CREATE INDEX state_due ON state (due) WHERE due IS NOT NULL;",
    )?;
    Ok(db)
}

/// Runs the comparison.
///
/// # Errors
/// When a directory, database or turn fails.
pub fn run() -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    let (took, lone) = runtime.block_on(async {
        let centre = Arc::new(Centre::open(dir.path()).await?);
        centre.greet(CONTACTS).await?;
        let took = storm(&centre).await?;
        let lone = lone_turns(&centre).await?;
        Arc::into_inner(centre).ok_or("a worker still holds the centre")?.close().await;
        Ok::<_, String>((took, lone))
    })?;
    let shape = Shape::read(&dir.path().join("routewright.db"))?;
    let ours = rate(TURNS, took);
    let bare = rate(TURNS, bare_loop(&shape)?);
    let raw = rate(TURNS, raw_append(&shape)?);
    let (sync_p50, sync_p99) = raw_sync()?;
    let [p50, p99] = lone;
    figures.push(Figure::noted(
        format!("durable turns a second, {IN_FLIGHT} in flight, acknowledged after sync"),
        format!("{ours:.0}"),
    ));
    figures.push(Figure::noted("turns in a group commit, mean", format!("{:.0}", shape.group)));
    figures.push(Figure::noted(
        "bytes of a turn: journal / state row",
        format!("{} / {}", shape.journal_bytes, shape.state_bytes),
    ));
    figures.push(Figure::noted("bare rusqlite loop, same bytes, same batches", format!("{bare:.0}")));
    figures.push(Figure::judged("ratio to it", format!("{:.2}", ours / bare), "at least 0.6", 0.6 <= ours / bare));
    figures.push(Figure::noted("raw append + fdatasync, same bytes, same batches", format!("{raw:.0}")));
    figures.push(Figure::noted("ratio to it", format!("{:.2}", ours / raw)));
    figures.push(Figure::noted(
        "fdatasync of one 8 KiB append, p50 / p99",
        format!("{} / {}", ms(sync_p50), ms(sync_p99)),
    ));
    let bound = sync_p50 + Duration::from_micros(300);
    figures.push(Figure::judged("one lone event, p50", ms(p50), format!("at most {}", ms(bound)), p50 <= bound));
    figures.push(Figure::noted("one lone event, p99", ms(p99)));
    Ok(figures)
}

async fn storm(centre: &Arc<Centre>) -> Result<Duration, String> {
    let start = Instant::now();
    let workers: Vec<_> = (0..IN_FLIGHT)
        .map(|worker| {
            let centre = Arc::clone(centre);
            tokio::spawn(async move {
                for turn in (worker..TURNS).step_by(IN_FLIGHT) {
                    centre.turn((turn * 7_919) % CONTACTS, turn).await?;
                }
                Ok::<_, String>(())
            })
        })
        .collect();
    for worker in workers {
        worker.await.map_err(|e| e.to_string())??;
    }
    Ok(start.elapsed())
}

async fn lone_turns(centre: &Centre) -> Result<[Duration; 2], String> {
    let mut samples = Vec::with_capacity(LONE);
    for n in 0..LONE {
        let start = Instant::now();
        centre.turn((n * 31) % CONTACTS, TURNS + n).await?;
        samples.push(start.elapsed());
    }
    Ok([quantile(&mut samples, 0.5), quantile(&mut samples, 0.99)])
}

/// What the product wrote, read back from its own file.
struct Shape {
    group: f64,
    groups: usize,
    journal_bytes: usize,
    state_bytes: usize,
}

impl Shape {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes")]
    fn read(path: &Path) -> Result<Self, String> {
        let db = Connection::open(path).map_err(|e| e.to_string())?;
        let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, f64>(0)).map_err(|e| format!("{sql}: {e}"));
        // The storm's groups are those between the greetings, which come first, and the lone turns, which come last.
        let all = one("SELECT CAST(count(*) AS REAL) FROM journal")?;
        let greeted = one("SELECT CAST(min(seq) AS REAL) FROM journal WHERE CAST(body AS TEXT) LIKE '%\"storm-%'")?;
        let groups = all - greeted + 1.0 - LONE as f64;
        let bytes = db
            .query_row(
                "SELECT CAST(sum(length(body)) AS REAL) FROM journal WHERE ?1 <= seq AND seq < ?1 + ?2",
                params![greeted, groups],
                |row| row.get::<_, f64>(0),
            )
            .map_err(|e| e.to_string())?;
        let state = one("SELECT avg(length(body)) FROM interactions")?;
        Ok(Self {
            group: TURNS as f64 / groups,
            groups: groups as usize,
            journal_bytes: (bytes / TURNS as f64) as usize,
            state_bytes: state as usize,
        })
    }
}

fn bare_loop(shape: &Shape) -> Result<Duration, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut db = open_bare(&dir.path().join("bare.db")).map_err(|e| e.to_string())?;
    bare_turns(&mut db, shape).map_err(|e| e.to_string())
}

fn bare_turns(db: &mut Connection, shape: &Shape) -> rusqlite::Result<Duration> {
    let state = vec![b'x'; shape.state_bytes];
    let fill = db.transaction()?;
    for id in 0..number(CONTACTS) {
        fill.execute("INSERT INTO state VALUES (?1, 0, ?1, ?2)", params![id, state])?;
    }
    fill.commit()?;
    let start = Instant::now();
    let mut turn = 0;
    for group in 0..shape.groups {
        let until = TURNS * (group + 1) / shape.groups;
        let blob = vec![b'j'; (until - turn) * shape.journal_bytes];
        let transaction = db.transaction()?;
        transaction
            .prepare_cached("INSERT INTO journal (at, body) VALUES (?1, ?2)")?
            .execute(params![number(group), blob])?;
        let mut update =
            transaction.prepare_cached("UPDATE state SET version = ?2, due = ?3, body = ?4 WHERE id = ?1")?;
        while turn < until {
            update.execute(params![number((turn * 7_919) % CONTACTS), number(turn), number(turn), state])?;
            turn += 1;
        }
        drop(update);
        transaction.commit()?;
    }
    Ok(start.elapsed())
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn raw_append(shape: &Shape) -> Result<Duration, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut file = File::create(dir.path().join("raw.log")).map_err(|e| e.to_string())?;
    let start = Instant::now();
    let mut turn = 0;
    for group in 0..shape.groups {
        let until = TURNS * (group + 1) / shape.groups;
        let blob = vec![b'j'; (until - turn) * (shape.journal_bytes + shape.state_bytes)];
        file.write_all(&blob).and_then(|()| file.sync_data()).map_err(|e| e.to_string())?;
        turn = until;
    }
    Ok(start.elapsed())
}

fn raw_sync() -> Result<(Duration, Duration), String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut file = File::create(dir.path().join("sync.log")).map_err(|e| e.to_string())?;
    let page = [b's'; 8_192];
    let mut samples = Vec::with_capacity(LONE);
    for _ in 0..LONE {
        let start = Instant::now();
        file.write_all(&page).and_then(|()| file.sync_data()).map_err(|e| e.to_string())?;
        samples.push(start.elapsed());
    }
    Ok((quantile(&mut samples, 0.5), quantile(&mut samples, 0.99)))
}
