//! `cargo xtask determinism`: tells the same days three times, the third with all state written and read back in between,
//! and compares what was decided. After each event of a first stretch the state is read back, and after others by lot:
//! a reload costs a hundred times what an event does, and the lot leaves no two events that it could not fall between.

use std::{env, process::ExitCode, time::Instant};

use routewright_tests::day::{Reloads, prove};

const USAGE: &str = "\
cargo xtask determinism [--events N] [--closely N] [--one-in N] [--seed N]

  --events N    inputs, timers and heartbeats of each telling (10000000)
  --closely N   reload after each of so many first events (100000)
  --one-in N    reload after one in so many of the others, by lot (50); 1 for each
  --seed N      decides everything (1)
";

fn main() -> ExitCode {
    let Some((seed, events, reloads)) = read(env::args().skip(1)) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    match prove(seed, events, reloads) {
        Ok(told) => {
            println!(
                "seed {seed}: {} events ({} timers, {} heartbeats), {} contacts, {} facts, told twice and once with {} \
                 reloads between two events, all alike: {}; {} s",
                told.events,
                told.timers,
                told.heartbeats,
                told.contacts,
                told.facts,
                told.reloads,
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

fn read(mut args: impl Iterator<Item = String>) -> Option<(u64, u64, Reloads)> {
    let (mut seed, mut events, mut closely, mut one_in) = (1, 10_000_000, 100_000, 50);
    while let Some(arg) = args.next() {
        let number = args.next()?.parse().ok()?;
        match arg.as_str() {
            "--seed" => seed = number,
            "--events" => events = number,
            "--closely" => closely = number,
            "--one-in" if 0 < number => one_in = number,
            _ => return None,
        }
    }
    Some((seed, events, Reloads::Often { closely, one_in }))
}
