//! `routewright backup`: the store as one file that `serve --data` can run from, once it lies in a directory of its own.
//! The server need not stop for it.
//!
//! It reads the data directory itself and is no request to the server: a backup holds every tenant, and a key opens one.

use std::path::PathBuf;

use clap::Args;
use routewright_flows::Words;
use routewright_runtime::store::backup;
use serde_json::json;

use super::{DataDir, Format, Reader, Stop, Verdict, print_json};

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    data: DataDir,
}

impl Backup {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let made = backup(&self.data.path, &self.to).map_err(|error| Stop(error.words()))?;
        let (name, group, at, bytes) = (self.to.display(), made.group, made.at, made.bytes);
        match reader.format {
            Format::Json => {
                print_json(&json!({ "file": name.to_string(), "group": group, "at": at.to_string(), "bytes": bytes }));
            }
            Format::Text => println!(
                "{}",
                reader.say(&Words::new(
                    format!("copied to {name} and read through: {bytes} bytes, up to group {group} of {at}"),
                    format!("copié dans {name} et relu : {bytes} octets, jusqu’au groupe {group} du {at}"),
                ))
            ),
        }
        Ok(Verdict::Fine)
    }
}
