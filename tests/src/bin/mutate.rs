//! `cargo xtask mutate [--seed N] [--mistakes N] [FILE..]`: the mutation test over the library, over further flows, and
//! over the imported corpus where there is one.

use std::process::ExitCode;

use routewright_flows::FlowDocument;
use routewright_tests::{
    corpus,
    mutate::{Bench, Outcome, Tally},
    sim::centre,
};

/// Found of a thousand mistakes at least.
const RECALL_MIN: usize = 990;

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
    match spoil(flows, seed, mistakes) {
        Ok(recall) if RECALL_MIN <= recall => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("mutate: {why}");
            ExitCode::from(2)
        }
    }
}

/// Spoils sound flows, and those of the corpus; the lower recall of the two.
fn spoil(flows: Vec<FlowDocument>, seed: u64, mistakes: usize) -> Result<usize, String> {
    let sound = Bench::new([flows])?;
    if let Some(finding) = sound.findings_before().first() {
        return Err(format!("the flows are not sound to begin with: {finding}"));
    }
    let sound = sound.run(seed, mistakes);
    let imported = match corpus::imports() {
        Some(imports) => Some(Bench::new(imports)?.run(seed, mistakes)),
        None => None,
    };
    println!("{:<56} {:^21}  {:^21}", "", "library", "imported corpus");
    let head = "possible  made found";
    println!("{:<56} {head:>21}  {head:>21}", "mistake");
    for (name, tally) in &sound.classes {
        let other = imported.as_ref().and_then(|outcome| outcome.classes.get(name));
        println!("{name:<56} {:>21}  {:>21}", figures(tally), other.map(figures).unwrap_or_default());
    }
    let mut recall = report("library", &sound, seed);
    match &imported {
        Some(imported) => recall = recall.min(report("imported corpus", imported, seed)),
        None => println!("imported corpus: none here; set ROUTEWRIGHT_SHARED"),
    }
    Ok(recall)
}

fn figures(tally: &Tally) -> String {
    format!("{:>9} {:>5} {:>5}", tally.possible, tally.made, tally.found)
}

fn report(what: &str, outcome: &Outcome, seed: u64) -> usize {
    for missed in &outcome.missed {
        println!("{what}: missed: {}", missed.chars().take(300).collect::<String>());
    }
    let (found, made, recall) = (outcome.found(), outcome.made(), outcome.recall_per_mille());
    println!("{what}: seed {seed}: {found} of {made} found, {}.{} %", recall / 10, recall % 10);
    recall
}

fn usage() -> ExitCode {
    eprintln!("usage: mutate [--seed N] [--mistakes N] [FILE..]");
    ExitCode::from(2)
}
