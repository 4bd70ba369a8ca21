//! Flow documents in files, as the commands `check`, `test` and `fmt` read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use routewright_flows::{Finding, ParsedDocument};

use super::Stop;

/// A file with its flow.
pub(super) struct Source {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
    /// The flow, or the faults of its shape.
    pub parsed: Result<ParsedDocument, Vec<Finding>>,
}

impl Source {
    /// The file's name, as findings show it.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// Reads every file. One that cannot be read stops the command: a check that skipped it would say too much.
pub(super) fn read(files: &[PathBuf]) -> Result<Vec<Source>, Stop> {
    files.iter().map(|path| one(path)).collect()
}

fn one(path: &Path) -> Result<Source, Stop> {
    let text = fs::read_to_string(path).map_err(|error| {
        let name = path.display();
        Stop::new(format!("cannot read '{name}': {error}"), format!("impossible de lire « {name} » : {error}"))
    })?;
    Ok(Source { path: path.to_owned(), parsed: routewright_flows::parse(&text), text })
}
