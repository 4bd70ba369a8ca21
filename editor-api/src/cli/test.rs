//! `routewright test`: plays the `tests` section of flow documents with the engine itself, under a virtual clock, with
//! no network and no disk. Files given together may call each other as sub-flows.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use routewright_engine::{rehearsal::Troupe, script::Sandbox};
use routewright_flows::{FlowDocument, Words, render::render};
use serde_json::json;

use super::{Format, Reader, Stop, Verdict, print_json, source};

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Files to play; each may call the others.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the transcript of tests that pass, too.
    #[arg(long)]
    verbose: bool,
}

impl Test {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let mut verdict = Verdict::Fine;
        let mut flows: Vec<(String, Arc<FlowDocument>)> = Vec::new();
        for source in source::read(&self.files)? {
            let name = source.name();
            match source.parsed {
                Ok(parsed) => flows.push((name, Arc::new(parsed.into_document()))),
                Err(findings) => {
                    verdict = Verdict::Findings;
                    eprint!("{}", render(&findings, &name, reader.language().tag()));
                }
            }
        }
        let library: Vec<_> = flows.iter().map(|(_, document)| Arc::clone(document)).collect();
        let (registry, sandbox) = (super::registry(), Arc::new(Sandbox::default()));
        let (mut played, mut failed) = (0_usize, 0_usize);
        let mut report = Vec::new();
        for (name, document) in &flows {
            let troupe = Troupe::new(document, &library, &registry, &sandbox).map_err(|fault| {
                let words = fault.words();
                Stop::new(format!("{name}: {}", words.en), format!("{name} : {}", words.fr))
            })?;
            for scenario in &document.tests {
                let rehearsal = troupe.play(scenario);
                played += 1;
                failed += usize::from(!rehearsal.passed);
                match reader.format {
                    Format::Json => report.push(json!({
                        "file": name,
                        "test": rehearsal.name,
                        "passed": rehearsal.passed,
                        "failures": rehearsal.failures.iter().map(|f| json!({
                            "step": f.step, "expected": f.expected, "got": f.got, "message": f.message,
                        })).collect::<Vec<_>>(),
                        "transcript": rehearsal.transcript,
                    })),
                    Format::Text => {
                        print!("{name}: {}", rehearsal.report(reader.language().tag()));
                        if self.verbose || !rehearsal.passed {
                            println!("{}", rehearsal.transcript);
                        }
                    }
                }
            }
        }
        match reader.format {
            Format::Json => {
                print_json(&report.into());
            }
            Format::Text => println!(
                "{}",
                reader.say(&Words::new(
                    format!("{played} test(s), {failed} failed"),
                    format!("{played} test(s), {failed} en échec"),
                ))
            ),
        }
        Ok(if failed == 0 { verdict } else { Verdict::Findings })
    }
}
