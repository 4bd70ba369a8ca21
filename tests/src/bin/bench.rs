//! `cargo xtask bench [NAMES..]`: prints the figures of `docs/performance.md`. Names: step, nodes, hostile, store, http,
//! parked, check, occupancy, rehearsals, idle, timers, day.

use std::process::ExitCode;

use routewright_tests::bench::{self, Figure};

/// The one that the product uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Section = (&'static str, &'static str, fn() -> Result<Vec<Figure>, String>);

const SECTIONS: [Section; 12] = [
    ("step", "One message event in memory", bench::step::run),
    ("nodes", "Nodes, expressions and decision tables", bench::nodes::run),
    ("hostile", "Work beside hostile scripts", bench::hostile::run),
    ("store", "Durable turns on SQLite", bench::store::run),
    ("http", "Durable requests over HTTP", bench::http::run),
    ("parked", "Parked interactions", bench::parked::run),
    ("check", "Check of a document", bench::check::run),
    ("occupancy", "Who stands where", bench::occupancy::run),
    ("rehearsals", "Tests in documents", bench::rehearsals::run),
    ("idle", "Idle footprint", bench::idle::run),
    ("timers", "Pending timers", bench::timers::run),
    ("day", "A simulated day of a centre", bench::day::run),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("--load") => bench::http::load_process(&args[1..]),
        Some("--hostile") => bench::hostile::child(args.get(1).map_or("", String::as_str)),
        Some("--bare-peer") => bench::http::bare_peer_process(args.get(1).map_or("", String::as_str)),
        Some("--reopen") => bench::parked::reopen_process(args.get(1).map_or("", String::as_str)),
        _ => sections(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}

fn sections(wanted: &[String]) -> Result<(), String> {
    if let Some(unknown) = wanted.iter().find(|w| !SECTIONS.iter().any(|(name, ..)| name == w)) {
        let names: Vec<_> = SECTIONS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("no section '{unknown}': one of {}", names.join(", ")));
    }
    println!("{}", bench::machine::describe());
    for (name, title, run) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            bench::print(title, &run()?);
        }
    }
    Ok(())
}
