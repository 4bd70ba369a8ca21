//! The mutation test: one mistake at a time is put into a sound flow, and the checks must find it.
//!
//! A mistake is what a tired author does: an exit forgotten, a name misspelt, a condition that contradicts itself. Each
//! class of mistake lists every place of a flow where it can be made; a seed draws from them. What it deliberately does
//! not do: mistakes of intent (two exits swapped) are sound documents, and only a flow's own tests can find them.

mod edit;
mod graph;
mod scripts;
mod sets;
mod settings;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use routewright_engine::{node::Registry, script::Sandbox};
use routewright_flows::{
    Checker, FlowDocument, ParsedDocument,
    check::{BadDescriptor, Names},
    descriptor::ReferenceKind,
    parse, parse_value,
};
use serde_json::Value;

pub use edit::{Defect, Edit};

use crate::sim::rng::Rng;
use edit::Bed;

/// A class of mistakes.
struct Class {
    /// Its name in reports.
    name: &'static str,
    /// Every such mistake that can be made in a flow.
    all: fn(&Bed<'_>) -> Vec<Defect>,
}

/// What became of the mistakes of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Mistakes that could be made.
    pub possible: usize,
    /// Mistakes that were made.
    pub made: usize,
    /// Those that some finding reported.
    pub found: usize,
}

/// What became of all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// By class.
    pub classes: BTreeMap<&'static str, Tally>,
    /// Mistakes that no finding reported: flow and what was done to it.
    pub missed: Vec<String>,
}

impl Outcome {
    /// Mistakes that were made.
    #[must_use]
    pub fn made(&self) -> usize {
        self.classes.values().map(|tally| tally.made).sum()
    }

    /// Mistakes that were found.
    #[must_use]
    pub fn found(&self) -> usize {
        self.classes.values().map(|tally| tally.found).sum()
    }

    /// Found of a thousand made, rounded down.
    #[must_use]
    pub fn recall_per_mille(&self) -> usize {
        (1_000 * self.found()).checked_div(self.made()).unwrap_or(0)
    }
}

/// A catalogue that has exactly what the flows name, and the flows themselves.
#[derive(Debug)]
struct Known(BTreeSet<(ReferenceKind, String)>);

impl Known {
    fn by(documents: &[Value], registry: &Registry) -> Self {
        let slots =
            documents.iter().enumerate().flat_map(|(at, _)| Bed { flows: documents, at, registry }.references());
        let flows = documents.iter().filter_map(|d| Some((ReferenceKind::Flow, d["id"].as_str()?.to_owned())));
        let ids: Vec<_> = flows.collect();
        Self(slots.filter(|(kind, _)| *kind != ReferenceKind::Flow).chain(ids).collect())
    }
}

impl Names for Known {
    fn exists(&self, kind: ReferenceKind, name: &str) -> bool {
        self.0.contains(&(kind, name.to_owned()))
    }

    fn names(&self, kind: ReferenceKind) -> Vec<String> {
        self.0.iter().filter(|(known, _)| *known == kind).map(|(_, name)| name.clone()).collect()
    }
}

/// The bench on which flows are spoilt and checked.
pub struct Bench {
    registry: Registry,
    checker: Checker,
    sandbox: Sandbox,
    names: Known,
    flows: Vec<Value>,
    parsed: Vec<ParsedDocument>,
}

impl Bench {
    /// Lays out flows that together have no finding.
    ///
    /// # Errors
    /// The first finding; mistakes cannot be told from what was wrong before.
    pub fn new(documents: impl IntoIterator<Item = FlowDocument>) -> Result<Self, String> {
        let registry = routewright_nodes::standard();
        let checker = Checker::new(&registry).map_err(|bad: BadDescriptor| bad.to_string())?;
        let flows: Vec<Value> = documents
            .into_iter()
            .map(|document| serde_json::to_value(document).map_err(|e| e.to_string()))
            .collect::<Result<_, _>>()?;
        let names = Known::by(&flows, &registry);
        let parsed =
            flows.iter().map(|flow| parse_value(flow).map_err(|f| format!("{f:?}"))).collect::<Result<_, _>>()?;
        let bench = Self { registry, checker, sandbox: Sandbox::new(), names, flows, parsed };
        let parsed: Vec<&ParsedDocument> = bench.parsed.iter().collect();
        let findings = bench.checker.check_all(&parsed, &bench.sandbox, &bench.names);
        match findings.iter().flat_map(|report| &report.findings).next() {
            Some(finding) => Err(format!("the flows are not sound to begin with: {finding:?}")),
            None => Ok(bench),
        }
    }

    /// Makes so many mistakes, drawn by the seed, none twice; every class gets its turn.
    #[must_use]
    pub fn run(&self, seed: u64, mistakes: usize) -> Outcome {
        let mut rng = Rng::new(seed);
        let mut outcome = Outcome::default();
        let mut classes: Vec<(&'static str, Vec<(usize, Defect)>)> = Vec::new();
        for class in self.classes() {
            let possible: Vec<(usize, Defect)> = (0..self.flows.len())
                .flat_map(|at| {
                    let bed = Bed { flows: &self.flows, at, registry: &self.registry };
                    (class.all)(&bed).into_iter().map(move |defect| (at, defect))
                })
                .collect();
            outcome.classes.insert(class.name, Tally { possible: possible.len(), ..Tally::default() });
            classes.push((class.name, possible));
        }
        while outcome.made() < mistakes && classes.iter().any(|(_, left)| !left.is_empty()) {
            for (name, left) in &mut classes {
                if left.is_empty() || mistakes <= outcome.made() {
                    continue;
                }
                let drawn = usize::try_from(rng.below(left.len() as u64)).unwrap_or(0);
                let (at, defect) = left.swap_remove(drawn);
                let found = self.finds(at, &defect);
                if let Some(tally) = outcome.classes.get_mut(name) {
                    tally.made += 1;
                    tally.found += usize::from(found);
                }
                if !found {
                    let flow = self.flows[at]["id"].as_str().unwrap_or_default();
                    outcome.missed.push(format!("{name}: {flow}: {}", defect.what));
                }
            }
        }
        outcome.missed.sort();
        outcome
    }

    /// True when the checks report anything about the flows once this mistake is in one of them.
    fn finds(&self, at: usize, defect: &Defect) -> bool {
        let Ok(spoilt) = parse(&defect.text(&self.flows[at])) else { return true };
        let all: Vec<&ParsedDocument> =
            self.parsed.iter().enumerate().map(|(index, sound)| if index == at { &spoilt } else { sound }).collect();
        let reports = self.checker.check_all(&all, &self.sandbox, &self.names);
        reports.iter().any(|report| !report.findings.is_empty())
    }

    fn classes(&self) -> impl Iterator<Item = &'static Class> {
        [graph::CLASSES, settings::CLASSES, words::CLASSES, scripts::CLASSES, sets::CLASSES].into_iter().flatten()
    }
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("flows", &self.flows.len()).finish_non_exhaustive()
    }
}
