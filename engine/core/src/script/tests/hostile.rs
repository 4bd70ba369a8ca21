//! Scripts that want to stop the process, and what becomes of them. Each runs in a process of its own: it must end
//! by itself with a typed error or a harmless value, never abort, and stay within its memory. No watch is lent, so
//! every one of these ends by the deterministic bounds alone.

mod cases;

use std::{
    env, fs,
    process::{self, Command},
    sync::mpsc,
    thread,
    time::Duration,
};

use routewright_flows::{FlowDocument, check::Scripts, descriptor::Slot};

use super::{
    super::{Sandbox, ScriptError},
    Scene, document,
};
use cases::{As, Case, cases};

/// Names the case that a child process runs.
const CASE: &str = "ROUTEWRIGHT_HOSTILE_CASE";
/// What a script thread of the runtime has.
const STACK_BYTES: usize = 64 * 1024 * 1024;
/// Resident memory that a script may take over an empty child.
const MEMORY_KIB_MAX: u64 = 32 * 1024;
/// Far above what any case needs, for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a case ends: `value`, or the code of the first fault or error.
fn outcome(case: &Case) -> String {
    let (sandbox, scene, mut flow) = (Sandbox::new(), Scene::default(), document());
    let first = |faults: Vec<_>| match faults.into_iter().next() {
        Some(routewright_flows::check::ScriptFault { code, .. }) => code.to_owned(),
        None => "no fault".to_owned(),
    };
    let ended = |result: Result<(), ScriptError>| match result {
        Ok(()) => "value".to_owned(),
        Err(error) => error.code().to_owned(),
    };
    let (slot, source) = match case.kind {
        As::Condition => (Slot::Expression { returns: routewright_flows::descriptor::Returns::Boolean }, &case.source),
        As::Script => (Slot::Script, &case.source),
        As::Template => (Slot::Template, &case.source),
        As::Library => {
            flow = FlowDocument { library: case.source.clone(), ..flow };
            let found = sandbox.library_faults(&flow);
            if !found.is_empty() {
                assert!(sandbox.compile_script("f(1)", &flow).is_err(), "a faulty library is not to be called");
                return first(found);
            }
            (Slot::Script, &"f(1)".to_owned())
        }
    };
    let found = sandbox.faults(&slot, source, &flow);
    match case.kind {
        As::Condition => match sandbox.compile_condition(source, &flow) {
            Err(faults) => first(faults),
            Ok(program) => ended(sandbox.test(&program, &scene).map(drop)),
        },
        As::Script | As::Library => match sandbox.compile_script(source, &flow) {
            Err(faults) => {
                assert_eq!(found, faults, "the check and the compiler agree");
                first(faults)
            }
            Ok(program) => ended(sandbox.run(&program, &scene).map(drop)),
        },
        As::Template => match sandbox.compile_template(source, &flow) {
            Err(faults) => first(faults),
            Ok(program) => ended(sandbox.fill(&program, &scene).map(drop)),
        },
    }
}

/// The child's part: runs the one case that the environment names on a thread like the runtime's. Without a name it
/// runs the first.
#[test]
fn child() {
    let wanted = env::var_os(CASE).and_then(|n| n.to_str().and_then(|n| n.parse::<usize>().ok())).unwrap_or(0);
    let (done, wait) = mpsc::channel();
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let case = cases().swap_remove(wanted);
            let began_us = processor_us();
            let ended = outcome(&case);
            done.send((ended, processor_us() - began_us)).expect("the parent thread waits");
        })
        .expect("a thread");
    let Ok((ended, took_us)) = wait.recv_timeout(PATIENCE) else { process::exit(3) };
    println!("ended={ended};kib={};us={took_us};", memory_kib());
}

/// Processor time of this thread, compiling included: whatever else the machine does counts for nothing.
fn processor_us() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0) / 1_000
}

/// The most memory this process ever had resident.
fn memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0)
}

fn field<'a>(output: &'a str, name: &str) -> Option<&'a str> {
    output.split(';').find_map(|part| part.rsplit_once(&format!("{name}=")).map(|(_, value)| value))
}

#[test]
fn no_hostile_script_stops_the_process() {
    let program = env::current_exe().expect("this test's own binary");
    let all = cases();
    assert!(60 <= all.len());
    let mut empty_kib = 0;
    let mut wrong = Vec::new();
    let (mut times_us, mut worst_kib) = (Vec::new(), (0, ""));
    for (i, case) in all.iter().enumerate() {
        let output = Command::new(&program)
            .args(["--exact", "script::tests::hostile::child", "--nocapture", "--test-threads=1"])
            .env(CASE, i.to_string())
            .env("RUST_BACKTRACE", "0")
            .output()
            .expect("a child process");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (Some(ended), Some(kib), Some(us)) = (
            field(&said, "ended"),
            field(&said, "kib").and_then(|n| n.parse::<u64>().ok()),
            field(&said, "us").and_then(|n| n.parse::<u64>().ok()),
        ) else {
            wrong.push(format!(
                "{}: {:?} {said} {}",
                case.name,
                output.status,
                String::from_utf8_lossy(&output.stderr)
            ));
            continue;
        };
        if i == 0 {
            empty_kib = kib;
        }
        let over_kib = kib.saturating_sub(empty_kib);
        if !output.status.success() || !case.ends.contains(&ended) || MEMORY_KIB_MAX < over_kib {
            wrong.push(format!("{}: {ended} with {:?}, {over_kib} KiB, {us} us", case.name, output.status));
        }
        times_us.push((us, case.name));
        worst_kib = worst_kib.max((over_kib, case.name));
    }
    times_us.sort_unstable();
    times_us.reverse();
    times_us.truncate(8);
    println!("{} cases; slowest, in us: {times_us:?}; largest {worst_kib:?} KiB over {empty_kib}", all.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
