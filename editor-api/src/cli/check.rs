//! `routewright check`: every finding of every file, as a compiler prints them, and of sound ones the longest silence.
//!
//! Without a server there is no catalogue: names are taken as existing, unless `--catalogue` says which ones do. Flows
//! given together may always call each other, and are held to what they pass and take.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use clap::Args;
use routewright_engine::script::Sandbox;
use routewright_flows::{
    Checker, Finding, Lifetime, Severity,
    check::Names,
    descriptor::{ReferenceKind, TOUCHPOINT},
    render::render,
};
use serde_json::json;

use super::{Format, Reader, Stop, Verdict, node::OwnTypes, source};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Files to check.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// JSON file of the names that exist, by kind; without it every name is taken as existing.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    #[command(flatten)]
    types: OwnTypes,
}

impl Check {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let sources = source::read(&self.files)?;
        let mut names = match &self.catalogue {
            Some(path) => Given::read(path)?,
            None => Given { names: None },
        };
        names.add_flows(sources.iter().filter_map(|s| s.parsed.as_ref().ok()).map(|p| p.document().id.to_string()));
        let checker = Checker::new(&*self.types.registry()?).map_err(Stop::because)?;
        let sandbox = Sandbox::default();
        let mut verdict = Verdict::Fine;
        let mut report = Vec::new();
        let readable: Vec<_> = sources.iter().filter_map(|source| source.parsed.as_ref().ok()).collect();
        let mut reports = checker.check_all(&readable, &sandbox, &names).into_iter();
        for source in &sources {
            let name = source.name();
            let (findings, lifetime) = match &source.parsed {
                Ok(_) => reports.next().map(|report| (report.findings, report.lifetime)).unwrap_or_default(),
                Err(findings) => (findings.clone(), None),
            };
            if findings.iter().any(|finding| finding.severity == Severity::Error) {
                verdict = Verdict::Findings;
            }
            match reader.format {
                Format::Text => print_text(&name, &findings, lifetime.as_ref(), reader),
                Format::Json => report.push(json!({ "file": name, "findings": findings, "lifetime": lifetime })),
            }
        }
        if reader.format == Format::Json {
            super::print_json(&report.into());
        }
        Ok(verdict)
    }
}

fn print_text(name: &str, findings: &[Finding], lifetime: Option<&Lifetime>, reader: Reader) {
    let language = reader.language().tag();
    if findings.is_empty() {
        println!("{name}: ok");
    } else {
        print!("{}", render(findings, name, language));
    }
    if let Some(lifetime) = lifetime {
        println!("  {}", lifetime.words().for_language(language));
    }
}

/// The names that exist; all of them when no catalogue was given.
struct Given {
    names: Option<BTreeMap<ReferenceKind, BTreeSet<String>>>,
}

impl Given {
    fn read(path: &PathBuf) -> Result<Self, Stop> {
        let name = path.display();
        let wrong = |error: &dyn std::fmt::Display| {
            Stop::new(
                format!(
                    "'{name}' is no catalogue ({error}): expected {{\"skill\": [\"sales\"], \"calendar\": [], ...}}"
                ),
                format!(
                    "« {name} » n’est pas un catalogue ({error}) : attendu {{\"skill\": [\"sales\"], \"calendar\": [], ...}}"
                ),
            )
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let names = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        Ok(Self { names: Some(names) })
    }

    fn add_flows(&mut self, ids: impl Iterator<Item = String>) {
        if let Some(names) = &mut self.names {
            names.entry(ReferenceKind::Flow).or_default().extend(ids);
        }
    }
}

impl Names for Given {
    fn exists(&self, kind: ReferenceKind, name: &str) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        name == TOUCHPOINT || names.get(&kind).is_some_and(|known| known.contains(name))
    }

    fn names(&self, kind: ReferenceKind) -> Vec<String> {
        self.names.as_ref().and_then(|names| names.get(&kind)).into_iter().flatten().cloned().collect()
    }
}
