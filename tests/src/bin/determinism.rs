//! `cargo xtask determinism`: tells the same days three times, the third with all state written and read back between any
//! two events, and compares what was decided.

use std::{env, process::ExitCode, time::Instant};

use routewright_tests::day::prove;

const USAGE: &str = "\
cargo xtask determinism [--events N] [--seed N]

  --events N   inputs, timers and heartbeats of each telling (10000000)
  --seed N     decides everything (1)
";

fn main() -> ExitCode {
    let Some((seed, events)) = read(env::args().skip(1)) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    match prove(seed, events) {
        Ok(told) => {
            println!(
                "seed {seed}: {} events ({} timers, {} heartbeats), {} contacts, {} facts, told twice and once with a \
                 reload after each event, all alike: {}; {} s",
                told.events,
                told.timers,
                told.heartbeats,
                told.contacts,
                told.facts,
                told.hash,
                begun.elapsed().as_secs()
            );
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("determinism: seed {seed}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut args: impl Iterator<Item = String>) -> Option<(u64, u64)> {
    let (mut seed, mut events) = (1, 10_000_000);
    while let Some(arg) = args.next() {
        let number = args.next()?.parse().ok()?;
        match arg.as_str() {
            "--seed" => seed = number,
            "--events" => events = number,
            _ => return None,
        }
    }
    Some((seed, events))
}
