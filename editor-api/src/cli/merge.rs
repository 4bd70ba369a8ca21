//! `routewright merge`: two lines of work on one flow document brought together. Made to be git's merge driver: the
//! merged document is written whatever came of it, conflicts go to standard error, and exit code 1 tells git of them.

use std::{fs, path::PathBuf};

use clap::Args;
use routewright_flows::{format, merge};
use serde_json::json;

use super::{Format, Reader, Stop, Verdict, source};

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub(super) struct Merge {
    /// The document that both sides started from; git's `%O`.
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// Our side, which the merged document keeps at a conflict; git's `%A`.
    #[arg(value_name = "OURS")]
    ours: PathBuf,
    /// Their side; git's `%B`.
    #[arg(value_name = "THEIRS")]
    theirs: PathBuf,
    /// Where the merged document goes; standard output when absent.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Merge {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let [base, ours, theirs] = source::documents([self.base.as_path(), &self.ours, &self.theirs], reader)?;
        let merged = merge(&base, &ours, &theirs);
        let text = format(&merged.document);
        match &self.output {
            None => print!("{text}"),
            Some(path) => fs::write(path, text).map_err(|error| {
                let name = path.display();
                Stop::new(
                    format!("cannot write '{name}': {error}"),
                    format!("impossible d’écrire « {name} » : {error}"),
                )
            })?,
        }
        match reader.format {
            Format::Text => merged.conflicts.iter().for_each(|conflict| {
                eprintln!("{}: {}", conflict.pointer, reader.say(&conflict.words));
            }),
            Format::Json => eprintln!("{:#}", json!({ "conflicts": merged.conflicts })),
        }
        Ok(if merged.conflicts.is_empty() { Verdict::Fine } else { Verdict::Findings })
    }
}
