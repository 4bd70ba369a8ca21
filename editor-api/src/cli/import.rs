//! `routewright import`: flows of other systems as documents, with the report on what was kept and lost.
//!
//! Exit codes: 0 when all is native and bound, 1 when somebody must act before the flows can go live, 2 when a file
//! cannot be read; the others are imported all the same.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use routewright_flows::{
    canonical, format,
    import::{BindingKind, Bindings, EXPORT_BYTES_MAX, ImportError, Imported, Importer, Report, SourceFormat},
};
use serde_json::{Value, json};

use super::{Format, Reader, Stop, Verdict, print_json};
use crate::importing;

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The system that exported the files.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    from: SourceFormat,
    /// Exports of that system; they may call each other's flows.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Directory to write documents, `report.json` and `bindings.json` to; without it only the report is printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A `bindings.json` of an earlier import, filled in.
    #[arg(long, value_name = "FILE")]
    bindings: Option<PathBuf>,
}

fn formats() -> impl TypedValueParser<Value = SourceFormat> {
    PossibleValuesParser::new(SourceFormat::ALL.map(SourceFormat::as_str)).try_map(|name| name.parse::<SourceFormat>())
}

impl Import {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let bindings = self.bindings.as_deref().map_or(Ok(Bindings::new()), read_bindings)?;
        let mut importer = Importer::new(self.from, bindings);
        let mut unreadable = Vec::new();
        for path in &self.files {
            let name = path.display().to_string();
            if let Err(error) = read(path).and_then(|bytes| importer.add(&name, &bytes)) {
                eprintln!("{}", error.for_language(reader.language().tag()));
                unreadable.push(error);
            }
        }
        let mut imported = importer.finish();
        importing::check(&mut imported).map_err(Stop::because)?;
        let whole = whole(&imported.report, &unreadable)?;
        if let Some(out) = &self.out {
            write(out, &imported, &whole)?;
        }
        match reader.format {
            Format::Json => {
                print_json(&whole);
            }
            Format::Text => print_text(&imported.report, reader),
        }
        if !unreadable.is_empty() {
            let (read, all) = (self.files.len() - unreadable.len(), self.files.len());
            return Err(Stop::new(
                format!("{read} of {all} files could be read"),
                format!("{read} fichiers sur {all} ont pu être lus"),
            ));
        }
        Ok(if imported.report.needs_attention() { Verdict::Findings } else { Verdict::Fine })
    }
}

/// A file, as far as imports read at most: a larger one never fills the memory.
fn read(path: &Path) -> Result<Vec<u8>, ImportError> {
    let most = u64::try_from(EXPORT_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let outcome = File::open(path).and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes));
    outcome.map(|_| bytes).map_err(|error| ImportError::unreadable(&path.display().to_string(), &error))
}

fn whole(report: &Report, unreadable: &[ImportError]) -> Result<Value, Stop> {
    let mut whole = serde_json::to_value(report).map_err(Stop::because)?;
    whole["unreadable"] = serde_json::to_value(unreadable).map_err(Stop::because)?;
    Ok(whole)
}

fn read_bindings(path: &Path) -> Result<Bindings, Stop> {
    let name = path.display();
    let wrong = |error: &dyn std::fmt::Display| {
        Stop::new(
            format!(
                "'{name}' is no table of bindings ({error}): expected the form of a bindings.json that import wrote"
            ),
            format!(
                "« {name} » n’est pas une table de liaisons ({error}) : attendu la forme d’un bindings.json écrit par import"
            ),
        )
    };
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let filled: std::collections::BTreeMap<BindingKind, std::collections::BTreeMap<String, Option<String>>> =
        serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    let given = |names: std::collections::BTreeMap<String, Option<String>>| {
        names.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    };
    Ok(filled.into_iter().map(|(kind, names)| (kind, given(names))).collect())
}

fn write(out: &Path, imported: &Imported, whole: &Value) -> Result<(), Stop> {
    let put = |name: String, text: String| {
        let path = out.join(name);
        fs::write(&path, text).map_err(|error| {
            let path = path.display();
            Stop::new(format!("cannot write '{path}': {error}"), format!("impossible d’écrire « {path} » : {error}"))
        })
    };
    fs::create_dir_all(out).map_err(|error| {
        let out = out.display();
        Stop::new(format!("cannot make '{out}': {error}"), format!("impossible de créer « {out} » : {error}"))
    })?;
    for document in &imported.documents {
        put(format!("{}.json", document.id), format(document))?;
    }
    let mut bindings = json!({});
    for binding in &imported.report.bindings {
        let kind = serde_json::to_value(binding.kind).map_err(Stop::because)?;
        bindings[kind.as_str().unwrap_or_default()][&binding.name] = json!(binding.value);
    }
    put("bindings.json".to_owned(), canonical::pretty(&bindings))?;
    put("report.json".to_owned(), canonical::pretty(whole))
}

fn print_text(report: &Report, reader: Reader) {
    let language = reader.language().tag();
    for flow in &report.flows {
        print!("{}", flow.render(language));
    }
    let open = report.bindings.iter().filter(|binding| binding.is_open());
    for binding in open {
        let kind = serde_json::to_value(binding.kind).unwrap_or_default();
        let (kind, name, source) = (kind.as_str().unwrap_or_default(), &binding.name, &binding.source);
        match language {
            "fr" => println!("à remplir : {kind} {name} (dans la source : {source})"),
            _ => println!("to fill in: {kind} {name} (in the source: {source})"),
        }
    }
}
