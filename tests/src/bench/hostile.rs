//! A thousand well-behaved interactions on a real server while hostile scripts run beside them, each in a process of
//! its own, one after another; and, for the record, while a flow of the same server runs a hostile script.
//!
//! What it deliberately does not do: it is no test. Both sides are measured in turns in one run, and the work is paced,
//! so that the machine is not full before anything hostile starts.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use routewright_engine::script::{Sandbox, ScriptError};
use routewright_flows::{
    FlowDocument,
    check::{ScriptFault, Scripts as _},
};
use serde_json::{Value, json};

use super::{Figure, ms, quantile, scene::Scene};
use crate::{client::request, server::Server};

#[path = "../../../engine/core/src/script/tests/hostile/cases.rs"]
mod cases;

use cases::{As, Case, cases};

const INTERACTIONS: usize = 1_000;
const ROUNDS: usize = 3;
/// Connections that write; each as fast as its share of the pace.
const WRITERS: usize = 4;
/// Between two messages of all: 200 a second, a tenth of what two cores serve.
const PACE: Duration = Duration::from_millis(5);
/// Between two messages to the hostile flow of the server.
const HOSTILE_PACE: Duration = Duration::from_millis(500);
/// What the runtime gives the threads that scripts run on.
const STACK_BYTES: usize = 64 * 1024 * 1024;
/// What is asked of each script.
const TIME_MAX: Duration = Duration::from_millis(100);
const MEMORY_KIB_MAX: u64 = 32 * 1024;

/// Measures both.
///
/// # Errors
/// When a server cannot be started, a request is not answered with success, or a hostile script ends otherwise than it
/// must.
pub fn run() -> Result<Vec<Figure>, String> {
    let seen = Mutex::new(Suite::default());
    let (mut quiet, mut busy, mut beside, mut within) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let server = Server::start(dir.path(), &["--demo"])?;
        let key = |name: &str| server.demo_key(name).ok_or("the demonstration printed no keys");
        let (address, touchpoint, admin) = (server.address(), key("TOUCHPOINT")?, key("ADMIN")?);
        publish_hostile(address, &admin)?;
        let work = |stage: &str| paced(address, &touchpoint, &format!("{round}-{stage}"));
        work("warm")?;
        quiet.push(work("quiet")?);
        busy.push(during(spin, || work("busy"))?);
        beside.push(during(|stop| suite(stop, &seen), || work("beside"))?);
        within.push(during(|stop| attack(stop, address, &admin), || work("within"))?);
    }
    let [quiet, busy, beside, within] = [quiet, busy, beside, within].map(|mut p99s| quantile(&mut p99s, 0.5));
    let suite = seen.into_inner().map_err(|e| e.to_string())?;
    let times = |p99: Duration| p99.as_secs_f64() / quiet.as_secs_f64().max(1e-9);
    let stops = suite.slowest <= TIME_MAX && suite.largest_kib <= MEMORY_KIB_MAX;
    Ok(vec![
        Figure::noted(format!("p99 of {INTERACTIONS} interactions, undisturbed"), ms(quiet)),
        Figure::noted(
            "p99 beside one thread that only counts: what the system's scheduler does to any neighbour",
            format!("{}: {:.2} times", ms(busy), times(busy)),
        ),
        Figure::judged(
            format!("p99 beside {} hostile scripts in processes of their own", suite.ran),
            format!("{}: {:.2} times", ms(beside), times(beside)),
            "at most 2 times",
            times(beside) <= 2.0,
        ),
        Figure::judged(
            format!("the slowest and the largest of {} hostile scripts", cases().len()),
            format!("{} ({}), {} KiB", ms(suite.slowest), suite.slowest_name, suite.largest_kib),
            "at most 100 ms and 32 MiB",
            stops,
        ),
        Figure::noted(
            format!("p99 while a flow of the same server meets its script's budget every {}", ms(HOSTILE_PACE)),
            format!("{}: {:.2} times", ms(within), times(within)),
        ),
    ])
}

/// Works while something else goes on, which is then told to stop.
fn during(
    other: impl FnOnce(&AtomicBool) -> Result<(), String> + Send,
    work: impl FnOnce() -> Result<Duration, String>,
) -> Result<Duration, String> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let other = scope.spawn(|| other(&stop));
        let p99 = work();
        stop.store(true, Ordering::Relaxed);
        other.join().map_err(|_| "what ran beside the work panicked".to_owned())??;
        p99
    })
}

/// A neighbour that does nothing but keep one core busy.
fn spin(stop: &AtomicBool) -> Result<(), String> {
    let mut n = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        n = std::hint::black_box(n.wrapping_add(1));
    }
    Ok(())
}

/// One message of each interaction at the pace, and the 99th percentile of the answers' latency, counted from the instant
/// at which each message was due.
fn paced(address: SocketAddr, key: &str, stage: &str) -> Result<Duration, String> {
    let start = Instant::now();
    let samples: Result<Vec<Vec<Duration>>, String> = thread::scope(|scope| {
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || write(address, key, stage, writer, start))).collect();
        writers.into_iter().map(|writer| writer.join().map_err(|_| "a writer panicked".to_owned())?).collect()
    });
    Ok(quantile(&mut samples?.concat(), 0.99))
}

fn write(address: SocketAddr, key: &str, stage: &str, writer: usize, start: Instant) -> Result<Vec<Duration>, String> {
    let mut samples = Vec::new();
    for n in (writer..INTERACTIONS).step_by(WRITERS) {
        let due = start + PACE * u32::try_from(n).map_err(|e| e.to_string())?;
        wait_until(due);
        let body = json!({ "from": format!("{stage}-{n}"), "event_id": format!("{stage}-{n}"), "text": "bonjour" });
        expect_success(request(address, "POST", "/api/v1/touchpoints/whatsapp/messages", key, Some(&body))?)?;
        samples.push(due.elapsed());
    }
    Ok(samples)
}

fn wait_until(due: Instant) {
    while let Some(left) = due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        thread::park_timeout(left);
    }
}

fn expect_success(reply: crate::client::Reply) -> Result<Value, String> {
    if (200..300).contains(&reply.status) { Ok(reply.body) } else { Err(format!("refused: {reply:?}")) }
}

/// A touchpoint whose flow runs until its script's budget is spent.
fn publish_hostile(address: SocketAddr, admin: &str) -> Result<(), String> {
    let node = |config: Value, exits: Value| json!({ "kind": "run_script", "config": config, "exits": exits });
    let end = json!({ "end": "stopped" });
    let flow = json!({
        "schema": 1, "id": "hostile", "channels": ["webchat"], "entry": "spin",
        "nodes": { "spin": node(json!({ "script": "let n = 0; while true { n += 1; } n" }), json!({ "done": end, "error": end })) },
    });
    let publish = json!({ "message": "measured", "release": true });
    let touchpoint =
        json!({ "channel": "webchat", "default_skill": "sales", "default_flow": "hostile", "active": true });
    let touchpoint = json!({ "id": "hostile", "settings": touchpoint });
    for (path, body) in
        [("/api/v1/flows", flow), ("/api/v1/flows/hostile/publish", publish), ("/api/v1/touchpoints", touchpoint)]
    {
        expect_success(request(address, "POST", path, admin, Some(&body))?)?;
    }
    Ok(())
}

fn attack(stop: &AtomicBool, address: SocketAddr, admin: &str) -> Result<(), String> {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let body = json!({ "from": format!("hostile-{n}"), "event_id": format!("hostile-{n}"), "text": "…" });
        expect_success(request(address, "POST", "/api/v1/touchpoints/hostile/messages", admin, Some(&body))?)?;
        wait_until(Instant::now() + HOSTILE_PACE);
    }
    Ok(())
}

/// What was seen of the hostile scripts.
#[derive(Debug, Default)]
struct Suite {
    ran: usize,
    slowest: Duration,
    slowest_name: String,
    largest_kib: u64,
}

/// Runs the scripts over and over, each in a process of its own.
fn suite(stop: &AtomicBool, seen: &Mutex<Suite>) -> Result<(), String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    for (number, case) in cases().iter().enumerate().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let child = Command::new(&me).arg("--hostile").arg(number.to_string()).stderr(Stdio::null()).output();
        let output = child.map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = text.split_whitespace();
        let (Some(ended), Some(Ok(micros)), Some(Ok(kib))) =
            (words.next(), words.next().map(str::parse::<u64>), words.next().map(str::parse::<u64>))
        else {
            return Err(format!("'{}' ended with {:?}: {text}", case.name, output.status));
        };
        if !case.ends.contains(&ended) {
            return Err(format!("'{}' ended with {ended}: expected {:?}", case.name, case.ends));
        }
        let mut seen = seen.lock().map_err(|e| e.to_string())?;
        seen.ran += 1;
        seen.largest_kib = seen.largest_kib.max(kib);
        if seen.slowest.as_micros() < u128::from(micros) {
            (seen.slowest, seen.slowest_name) = (Duration::from_micros(micros), case.name.to_owned());
        }
    }
    Ok(())
}

/// The child's part: prints how the script ended, the processor time that took in microseconds, and by how much the
/// process grew in KiB.
///
/// # Errors
/// When there is no such script, or the process cannot be looked at.
pub fn child(number: &str) -> Result<(), String> {
    let number: usize = number.parse().map_err(|_| "--hostile NUMBER")?;
    let case = cases().into_iter().nth(number).ok_or("no such script")?;
    let thread = thread::Builder::new().stack_size(STACK_BYTES);
    let (sandbox, document, scene) = (Sandbox::new(), document()?, Scene::new(json!({}), json!({}), None)?);
    let before = memory_kib()?;
    let job = thread.spawn(move || {
        let began = cpu_micros();
        let ended = outcome(&case, &sandbox, document, &scene);
        let took = cpu_micros()?.saturating_sub(began?);
        Ok::<_, String>((ended, took))
    });
    let (ended, took) =
        job.map_err(|e| e.to_string())?.join().map_err(|_| "the script's thread panicked".to_owned())??;
    println!("{ended} {took} {}", memory_kib()?.saturating_sub(before));
    Ok(())
}

fn document() -> Result<FlowDocument, String> {
    let any = |kind: &str| json!({ "type": kind });
    let flow = json!({
        "schema": 1, "id": "hostile", "entry": "n", "nodes": { "n": { "kind": "close", "exits": {} } },
        "attributes": {
            "topic": any("string"), "count": any("integer"), "ratio": any("number"), "urgent": any("boolean"),
            "empty": any("string"), "text": any("string"), "list": any("array"), "skills": any("array"),
            "nested": any("object"), "never_set": any("string"),
        },
    });
    serde_json::from_value(flow).map_err(|e| e.to_string())
}

/// How a case ends: `value`, or the code of the first fault or error.
fn outcome(case: &Case, sandbox: &Sandbox, document: FlowDocument, scene: &Scene) -> String {
    let first = |faults: Vec<ScriptFault>| faults.first().map_or_else(String::new, |fault| fault.code.to_owned());
    let ended = |result: Result<(), ScriptError>| match result {
        Ok(()) => "value".to_owned(),
        Err(error) => error.code().to_owned(),
    };
    let run = |source: &str, document: &FlowDocument| match sandbox.compile_script(source, document) {
        Err(faults) => first(faults),
        Ok(program) => ended(sandbox.run(&program, scene).map(drop)),
    };
    match case.kind {
        As::Condition => match sandbox.compile_condition(&case.source, &document) {
            Err(faults) => first(faults),
            Ok(program) => ended(sandbox.test(&program, scene).map(drop)),
        },
        As::Script => run(&case.source, &document),
        As::Library => {
            let document = FlowDocument { library: case.source.clone(), ..document };
            let faults = sandbox.library_faults(&document);
            if faults.is_empty() { run("f(1)", &document) } else { first(faults) }
        }
        As::Template => match sandbox.compile_template(&case.source, &document) {
            Err(faults) => first(faults),
            Ok(program) => ended(sandbox.fill(&program, scene).map(drop)),
        },
    }
}

/// Processor time of this thread. Beside work, what a script takes of the clock is not its own.
fn cpu_micros() -> Result<u64, String> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").map_err(|e| e.to_string())?;
    let nanos: u64 = text.split_whitespace().next().and_then(|n| n.parse().ok()).ok_or("no processor time")?;
    Ok(nanos / 1_000)
}

/// The most memory this process ever had resident.
fn memory_kib() -> Result<u64, String> {
    let status = fs::read_to_string(Path::new("/proc/self/status")).map_err(|e| e.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no memory figure")?;
    line.trim().trim_end_matches("kB").trim().parse().map_err(|_| format!("'{line}' is no figure"))
}
