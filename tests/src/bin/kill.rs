//! `cargo xtask kill [--kills N] [--contacts N] [--agents N] [--seed N]`: the kill test, as long as one likes.

use std::process::ExitCode;

use routewright_tests::kill::{Plan, run};

fn main() -> ExitCode {
    let mut plan = Plan { kills: 100, contacts: 12, agents: 4, seed: 1 };
    let args: Vec<String> = std::env::args().skip(1).collect();
    for pair in args.chunks(2) {
        let [name, value] = pair else { return usage() };
        let Ok(number) = value.parse::<u32>() else { return usage() };
        match name.as_str() {
            "--kills" => plan.kills = number,
            "--contacts" => plan.contacts = number,
            "--agents" => plan.agents = number,
            "--seed" => plan.seed = u64::from(number),
            _ => return usage(),
        }
    }
    let Ok(dir) = tempfile::tempdir() else { return ExitCode::from(2) };
    match run(dir.path(), plan) {
        Ok(outcome) => {
            println!("{} kills, every promise kept: {outcome:?}", plan.kills);
            ExitCode::SUCCESS
        }
        Err(broken) => {
            eprintln!("kill: {broken}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: kill [--kills N] [--contacts N] [--agents N] [--seed N]");
    ExitCode::from(2)
}
