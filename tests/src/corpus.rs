//! Flows of other systems, imported as anybody would import them. They are not part of this repository: the corpus
//! stands beside it, or where `ROUTEWRIGHT_SHARED` says.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use routewright_flows::{
    FlowDocument,
    import::{Bindings, Importer, SourceFormat},
};

/// The documents of every export, each export's together; `None` where there is no corpus.
///
/// # Panics
/// When an export of the corpus is not read as one: the importers' own tests say more.
#[must_use]
pub fn imports() -> Option<Vec<Vec<FlowDocument>>> {
    let corpus = folder()?;
    let mut imports = Vec::new();
    for format in SourceFormat::ALL {
        let entries = fs::read_dir(corpus.join(format.as_str())).expect("the corpus has a folder of each format");
        let files: BTreeSet<PathBuf> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "json")) {
            let mut importer = Importer::new(format, Bindings::default());
            let bytes = fs::read(file).expect("an export can be read");
            importer.add(&file.display().to_string(), &bytes).unwrap_or_else(|error| panic!("{error}"));
            imports.push(importer.finish().documents);
        }
    }
    Some(imports)
}

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let corpus = env::var_os("ROUTEWRIGHT_SHARED").map_or(beside, PathBuf::from).join("corpus");
    corpus.is_dir().then_some(corpus)
}
