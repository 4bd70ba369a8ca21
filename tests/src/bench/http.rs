//! Durable requests per second over HTTP, beside a bare axum handler that inserts one row with the same group commit.
//!
//! Server and load are two processes on the same machine, for both contestants alike.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use rusqlite::{Connection, params};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::{Figure, ms, quantile, rate, us};
use crate::server::Server;

const CONNECTIONS: usize = 64;
const REQUESTS: usize = 30_000;
const ROUNDS: usize = 3;

/// Runs both contestants in turn, three times, and compares the medians.
///
/// # Errors
/// When a server cannot be started or a request is not answered with success.
pub fn run() -> Result<Vec<Figure>, String> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let (mut p50, mut p99) = (Vec::new(), Vec::new());
    let (mut our_work, mut bare_work) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let server = Server::start(dir.path(), &["--demo"])?;
        let key = server.demo_key("TOUCHPOINT").ok_or("the demonstration printed no touchpoint key")?;
        let path = "/api/v1/touchpoints/whatsapp/messages";
        let (work, outcome) = worked(server.pid(), || load(server.address(), path, &key))?;
        drop(server);
        ours.push(outcome.rate);
        p50.push(outcome.p50);
        p99.push(outcome.p99);
        our_work.push(work);

        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let peer = BarePeer::start(dir.path())?;
        let (work, outcome) = worked(peer.process.0.id(), || load(peer.address, "/", "none"))?;
        bare.push(outcome.rate);
        bare_work.push(work);
    }
    let (ours, bare) = (median(&mut ours), median(&mut bare));
    let [p50, p99, our_work, bare_work] =
        [p50, p99, our_work, bare_work].map(|mut samples| quantile(&mut samples, 0.5));
    Ok(vec![
        Figure::noted(format!("durable `POST .../messages` a second, {CONNECTIONS} connections"), format!("{ours:.0}")),
        Figure::noted("bare axum handler, one row, same group commit", format!("{bare:.0}")),
        Figure::judged("ratio", format!("{:.2}", ours / bare), "at least 0.6", 0.6 <= ours / bare),
        Figure::noted("our latency, p50 / p99", format!("{} / {}", ms(p50), ms(p99))),
        Figure::noted(
            "processor time of the server for a request: ours / the bare handler's",
            format!("{} / {}", us(our_work), us(bare_work)),
        ),
    ])
}

/// What a load takes of a server's processor time, for one request: unlike a rate it does not depend on what else the
/// machine does.
fn worked<T>(pid: u32, load: impl FnOnce() -> Result<T, String>) -> Result<(Duration, T), String> {
    let before = processor_time(pid)?;
    let outcome = load()?;
    let requests = u32::try_from(REQUESTS / CONNECTIONS * CONNECTIONS).map_err(|e| e.to_string())?;
    Ok(((processor_time(pid)? - before) / requests, outcome))
}

/// Of all threads of a process, also those that have ended, in whole hundredths of a second: Linux counts so.
fn processor_time(pid: u32) -> Result<Duration, String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|e| e.to_string())?;
    // The name of the program, in brackets, may have spaces; user and system time are the 12th and 13th after it.
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let spent = after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap_or_default());
    Ok(Duration::from_millis(10 * spent.sum::<u64>()))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

struct Outcome {
    rate: f64,
    p50: Duration,
    p99: Duration,
}

/// Runs the load in a process of its own and reads its one line of result.
fn load(address: SocketAddr, path: &str, key: &str) -> Result<Outcome, String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let out = Command::new(me)
        .args(["--load", &address.to_string(), path, key])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&out.stdout);
    let mut words = text.split_whitespace().map(str::parse::<f64>);
    match (words.next(), words.next(), words.next()) {
        (Some(Ok(rate)), Some(Ok(p50)), Some(Ok(p99))) => {
            Ok(Outcome { rate, p50: Duration::from_secs_f64(p50), p99: Duration::from_secs_f64(p99) })
        }
        _ => Err(format!("the load process said: {text}")),
    }
}

/// The load process: [`CONNECTIONS`] keep-alive connections, each contact writing the next message when the last
/// was answered. Prints rate, p50 and p99 in seconds.
///
/// # Errors
/// When a connection breaks or an answer is not a success.
pub fn load_process(args: &[String]) -> Result<(), String> {
    let [address, path, key] = args else { return Err("--load ADDRESS PATH KEY".into()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let start = Instant::now();
    let mut samples = runtime.block_on(async {
        let workers: Vec<_> =
            (0..CONNECTIONS).map(|n| tokio::spawn(client(address.clone(), path.clone(), key.clone(), n))).collect();
        let mut all = Vec::with_capacity(REQUESTS);
        for worker in workers {
            all.extend(worker.await.map_err(|e| e.to_string())??);
        }
        Ok::<_, String>(all)
    })?;
    let rate = rate(samples.len(), start.elapsed());
    let p50 = quantile(&mut samples, 0.5).as_secs_f64();
    println!("{rate} {p50} {}", quantile(&mut samples, 0.99).as_secs_f64());
    Ok(())
}

async fn client(address: String, path: String, key: String, n: usize) -> Result<Vec<Duration>, String> {
    let mut socket = TcpStream::connect(&address).await.map_err(|e| e.to_string())?;
    socket.set_nodelay(true).map_err(|e| e.to_string())?;
    let mut samples = Vec::new();
    let mut buffer = Vec::with_capacity(8_192);
    for i in 0..REQUESTS / CONNECTIONS {
        let body = format!(r#"{{"from":"visitor-{n}-{}","event_id":"e{n}-{i}","text":"bonjour"}}"#, i % 20);
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let start = Instant::now();
        socket.write_all(request.as_bytes()).await.map_err(|e| e.to_string())?;
        read_answer(&mut socket, &mut buffer).await?;
        samples.push(start.elapsed());
    }
    Ok(samples)
}

async fn read_answer(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), String> {
    buffer.clear();
    loop {
        let n = socket.read_buf(buffer).await.map_err(|e| e.to_string())?;
        if n == 0 {
            return Err("the server closed the connection".into());
        }
        let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        if !head.starts_with("http/1.1 2") {
            return Err(format!("not a success: {}", String::from_utf8_lossy(buffer)));
        }
        let length: usize = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length:"))
            .and_then(|v| v.trim().parse().ok())
            .ok_or("an answer without content-length")?;
        if end + 4 + length <= buffer.len() {
            return Ok(());
        }
    }
}

/// The peer: axum, one row per request, a writer thread that commits whatever is ready.
struct BarePeer {
    address: SocketAddr,
    process: Killed,
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl BarePeer {
    fn start(dir: &Path) -> Result<Self, String> {
        let me = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut child =
            Command::new(me).arg("--bare-peer").arg(dir).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).map_err(|e| e.to_string())?;
        let address = line.trim().parse().map_err(|_| format!("the peer said: {line}"))?;
        Ok(Self { address, process: Killed(child) })
    }
}

type Row = (Bytes, oneshot::Sender<()>);

/// The peer's process: prints its address, then serves until it is killed.
///
/// # Errors
/// When the socket or the database cannot be opened.
pub fn bare_peer_process(dir: &str) -> Result<(), String> {
    let (rows, ready) = mpsc::sync_channel::<Row>(1_024);
    let db = super::store::open_bare(&Path::new(dir).join("bare.db")).map_err(|e| e.to_string())?;
    std::thread::spawn(move || write_groups(db, &ready));
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        println!("{}", listener.local_addr().map_err(|e| e.to_string())?);
        let app = Router::new().route("/", post(insert)).with_state(Arc::new(Mutex::new(rows)));
        axum::serve(listener, app).await.map_err(|e| e.to_string())
    })
}

async fn insert(State(rows): State<Arc<Mutex<mpsc::SyncSender<Row>>>>, body: Bytes) -> &'static str {
    let (done, written) = oneshot::channel();
    rows.lock().expect("no holder panics").send((body, done)).expect("the writer lives as long as the process");
    written.await.expect("the writer answers every row");
    r#"{"done":true}"#
}

fn write_groups(mut db: Connection, ready: &mpsc::Receiver<Row>) {
    while let Ok(first) = ready.recv() {
        let mut group = vec![first];
        group.extend(ready.try_iter().take(511));
        let transaction = db.transaction().expect("the peer's database is open");
        {
            let mut insert = transaction.prepare_cached("INSERT INTO rows (body) VALUES (?1)").expect("valid SQL");
            for (body, _) in &group {
                insert.execute(params![body.as_ref()]).expect("the disk takes the row");
            }
        }
        transaction.commit().expect("the disk syncs");
        for (_, done) in group {
            let _ = done.send(());
        }
    }
}
