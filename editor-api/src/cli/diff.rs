//! `routewright diff`: what changed between two flow documents, in words. Exit code 1 says that something did.

use std::path::PathBuf;

use clap::Args;
use routewright_flows::diff;

use super::{Format, Reader, Stop, Verdict, print_json, source};

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The earlier document.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The later document.
    #[arg(value_name = "NEW")]
    new: PathBuf,
}

impl Diff {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let [old, new] = source::documents([self.old.as_path(), &self.new], reader)?;
        let found = diff(&old, &new);
        match reader.format {
            Format::Text => print!("{}", found.render(reader.language().tag())),
            Format::Json => {
                print_json(&serde_json::to_value(&found).map_err(Stop::because)?);
            }
        }
        Ok(if found.is_empty() { Verdict::Fine } else { Verdict::Findings })
    }
}
