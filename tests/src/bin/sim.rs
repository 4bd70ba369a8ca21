//! `cargo xtask sim`: tells the stories of seeds and reports the first that breaks a rule.

use std::{env, process::ExitCode};

use routewright_tests::sim::{Options, run};

const USAGE: &str = "\
cargo xtask sim [--seed N] [--seeds N] [--inputs N] [--no-crashes] [--no-vanishing]

  --seed N          the first seed (1)
  --seeds N         how many seeds, one after the other (1)
  --inputs N        how many things people do in each story (2000)
  --no-crashes      the shard never crashes
  --no-vanishing    desks never vanish without a word
";

fn main() -> ExitCode {
    let Some((first, seeds)) = read(env::args().skip(1)) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    for seed in first.seed..first.seed.saturating_add(seeds) {
        match run(Options { seed, ..first }) {
            Ok(told) => println!(
                "seed {seed}: {} inputs, {} crashes, {} interactions, {} messages, {} offers, {} facts, {}",
                told.handled,
                told.crashes,
                told.interactions,
                told.messages,
                told.offers,
                told.facts,
                &told.hash[..16]
            ),
            Err(failure) => {
                eprintln!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn read(mut args: impl Iterator<Item = String>) -> Option<(Options, u64)> {
    let mut options = Options { seed: 1, inputs: 2_000, crashes: true, vanish: true };
    let mut seeds = 1;
    while let Some(arg) = args.next() {
        let mut number = || args.next()?.parse().ok();
        match arg.as_str() {
            "--seed" => options.seed = number()?,
            "--seeds" => seeds = number()?,
            "--inputs" => options.inputs = number()?,
            "--no-crashes" => options.crashes = false,
            "--no-vanishing" => options.vanish = false,
            _ => return None,
        }
    }
    Some((options, seeds))
}
