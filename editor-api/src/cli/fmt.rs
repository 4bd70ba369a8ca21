//! `routewright fmt`: canonical text, written in place. A file that is no flow document is left as it is.

use std::{fs, path::PathBuf};

use clap::Args;
use routewright_flows::{format, render::render};
use serde_json::json;

use super::{Format, Reader, Stop, Verdict, print_json, source};

/// Arguments of `fmt`.
#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// Files to format.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write nothing; exit with 1 when a file is not in canonical form.
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let mut verdict = Verdict::Fine;
        let mut report = Vec::new();
        for source in source::read(&self.files)? {
            let name = source.name();
            let outcome = match &source.parsed {
                Err(findings) => {
                    verdict = Verdict::Findings;
                    if reader.format == Format::Text {
                        print!("{}", render(findings, &name, reader.language().tag()));
                    }
                    "unreadable"
                }
                Ok(parsed) => match format(parsed.document()) {
                    canonical if canonical == source.text => "canonical",
                    _ if self.check => {
                        verdict = Verdict::Findings;
                        "not_canonical"
                    }
                    canonical => {
                        fs::write(&source.path, canonical).map_err(|error| {
                            Stop::new(
                                format!("cannot write '{name}': {error}"),
                                format!("impossible d’écrire « {name} » : {error}"),
                            )
                        })?;
                        "formatted"
                    }
                },
            };
            match reader.format {
                Format::Text if outcome != "canonical" && outcome != "unreadable" => println!("{name}: {outcome}"),
                Format::Text => {}
                Format::Json => report.push(json!({ "file": name, "outcome": outcome })),
            }
        }
        if reader.format == Format::Json {
            print_json(&report.into());
        }
        Ok(verdict)
    }
}
