//! `cargo xtask mutate [--seed N] [--mistakes N] [FILE..]`: the mutation test over the library and further flows.

use std::process::ExitCode;

use routewright_tests::{mutate::Bench, sim::centre};

fn main() -> ExitCode {
    let (mut seed, mut mistakes) = (1, 1_000);
    let mut flows: Vec<_> = centre::library().iter().map(|flow| flow.as_ref().clone()).collect();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let figure = |given: Option<String>| given.and_then(|text| text.parse::<u32>().ok());
        match arg.as_str() {
            "--seed" => match figure(args.next()) {
                Some(given) => seed = u64::from(given),
                None => return usage(),
            },
            "--mistakes" => match figure(args.next()) {
                Some(given) => mistakes = given as usize,
                None => return usage(),
            },
            file => match std::fs::read_to_string(file).map(|text| routewright_flows::parse(&text)) {
                Ok(Ok(parsed)) => flows.push(parsed.into_document()),
                Ok(Err(findings)) => {
                    eprintln!("mutate: '{file}' is no flow: {findings:?}");
                    return ExitCode::from(2);
                }
                Err(error) => {
                    eprintln!("mutate: '{file}' cannot be read: {error}");
                    return ExitCode::from(2);
                }
            },
        }
    }
    let outcome = match Bench::new(flows) {
        Ok(bench) => bench.run(seed, mistakes),
        Err(why) => {
            eprintln!("mutate: {why}");
            return ExitCode::from(2);
        }
    };
    println!("{:<56} {:>8} {:>5} {:>5}", "mistake", "possible", "made", "found");
    for (name, tally) in &outcome.classes {
        println!("{name:<56} {:>8} {:>5} {:>5}", tally.possible, tally.made, tally.found);
    }
    for missed in &outcome.missed {
        println!("missed: {}", missed.chars().take(300).collect::<String>());
    }
    let (found, made, recall) = (outcome.found(), outcome.made(), outcome.recall_per_mille());
    println!("seed {seed}: {found} of {made} found, {}.{} %", recall / 10, recall % 10);
    if recall < 990 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn usage() -> ExitCode {
    eprintln!("usage: mutate [--seed N] [--mistakes N] [FILE..]");
    ExitCode::from(2)
}
