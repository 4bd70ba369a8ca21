//! Flow documents in files, as the commands read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use routewright_flows::{Finding, FlowDocument, ParsedDocument, render::render};

use super::{Reader, Stop};

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

/// Reads documents that must all be readable; the faults of those that are not go to standard error.
pub(super) fn documents<const N: usize>(files: [&Path; N], reader: Reader) -> Result<[FlowDocument; N], Stop> {
    let mut documents = Vec::with_capacity(N);
    for path in files {
        let source = one(path)?;
        let name = source.name();
        let document = source.parsed.map_err(|findings| {
            eprint!("{}", render(&findings, &name, reader.language().tag()));
            Stop::new(
                format!("'{name}' is no flow document: correct it and try again"),
                format!("« {name} » n’est pas un scénario : corrigez-le et réessayez"),
            )
        })?;
        documents.push(document.into_document());
    }
    documents.try_into().map_err(|_| Stop::because("as many documents as files"))
}

fn one(path: &Path) -> Result<Source, Stop> {
    let text = fs::read_to_string(path).map_err(|error| {
        let name = path.display();
        Stop::new(format!("cannot read '{name}': {error}"), format!("impossible de lire « {name} » : {error}"))
    })?;
    Ok(Source { path: path.to_owned(), parsed: routewright_flows::parse(&text), text })
}
