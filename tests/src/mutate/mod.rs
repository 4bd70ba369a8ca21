//! The mutation test: one mistake at a time is put into a flow, and the checks must find it.
//!
//! A mistake is what a tired author does: an exit forgotten, a name misspelt, a condition that contradicts itself. Each
//! class of mistake lists every place of a flow where it can be made; a seed draws from them. Flows of other systems come
//! with findings of their own: there, only a finding that was not there before counts. What it deliberately does not do:
//! mistakes of intent (two exits swapped) are sound documents, and only a flow's own tests can find them.

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

/// A catalogue that has exactly what some flows name, and the flows themselves.
#[derive(Debug)]
struct Known(BTreeSet<(ReferenceKind, String)>);

impl Known {
    fn by(flows: &[Value], registry: &Registry) -> Self {
        let named = (0..flows.len()).flat_map(|at| Bed { flows, at, registry }.references());
        let ids = flows.iter().filter_map(|flow| Some((ReferenceKind::Flow, flow["id"].as_str()?.to_owned())));
        Self(named.chain(ids).collect())
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

/// How often each finding is made: by flow of the set, code and pointer.
type Findings = BTreeMap<(usize, String, String), usize>;

/// Flows that may call each other, with what the checks say of them as they are.
struct Set {
    flows: Vec<Value>,
    parsed: Vec<ParsedDocument>,
    names: Known,
    before: Findings,
}

/// A mistake that can be made in a flow of a set.
struct Chance<'s> {
    set: &'s Set,
    at: usize,
    defect: Defect,
}

/// The bench on which flows are spoilt and checked.
pub struct Bench {
    registry: Registry,
    checker: Checker,
    sandbox: Sandbox,
    sets: Vec<Set>,
}

impl Bench {
    /// Lays out sets of flows that may call each other.
    ///
    /// # Errors
    /// Why a document cannot be read back, or the vocabulary cannot be used.
    pub fn new(sets: impl IntoIterator<Item = Vec<FlowDocument>>) -> Result<Self, String> {
        let registry = routewright_nodes::standard();
        let checker = Checker::new(&registry).map_err(|bad: BadDescriptor| bad.to_string())?;
        let mut bench = Self { registry, checker, sandbox: Sandbox::new(), sets: Vec::new() };
        for documents in sets {
            let flows: Vec<Value> = documents
                .into_iter()
                .map(|document| serde_json::to_value(document).map_err(|e| e.to_string()))
                .collect::<Result<_, _>>()?;
            let parsed =
                flows.iter().map(|flow| parse_value(flow).map_err(|f| format!("{f:?}"))).collect::<Result<_, _>>()?;
            let names = Known::by(&flows, &bench.registry);
            let mut set = Set { flows, parsed, names, before: Findings::new() };
            set.before = bench.findings(&set, &set.parsed.iter().collect::<Vec<_>>());
            bench.sets.push(set);
        }
        Ok(bench)
    }

    /// What the checks find before any mistake is made: flow, code and pointer.
    #[must_use]
    pub fn findings_before(&self) -> Vec<String> {
        let of = |set: &Set| -> Vec<String> {
            let found = set.before.keys();
            found.map(|(at, code, pointer)| format!("{}: {code} at {pointer}", set.flows[*at]["id"])).collect()
        };
        self.sets.iter().flat_map(of).collect()
    }

    /// Makes so many mistakes, drawn by the seed, none twice; every class gets its turn.
    #[must_use]
    pub fn run(&self, seed: u64, mistakes: usize) -> Outcome {
        let mut rng = Rng::new(seed);
        let mut outcome = Outcome::default();
        let mut classes: Vec<(&'static str, Vec<Chance<'_>>)> = Vec::new();
        for class in self.classes() {
            let mut possible = Vec::new();
            for set in &self.sets {
                for at in 0..set.flows.len() {
                    let bed = Bed { flows: &set.flows, at, registry: &self.registry };
                    possible.extend((class.all)(&bed).into_iter().map(|defect| Chance { set, at, defect }));
                }
            }
            outcome.classes.insert(class.name, Tally { possible: possible.len(), ..Tally::default() });
            classes.push((class.name, possible));
        }
        while outcome.made() < mistakes && classes.iter().any(|(_, left)| !left.is_empty()) {
            for (name, left) in &mut classes {
                if left.is_empty() || mistakes <= outcome.made() {
                    continue;
                }
                let drawn = usize::try_from(rng.below(left.len() as u64)).unwrap_or(0);
                let Chance { set, at, defect } = left.swap_remove(drawn);
                // Another word for what stands there is no mistake: a failure that leads where success leads already.
                if defect.text(&set.flows[at]) == format!("{:#}", set.flows[at]) {
                    continue;
                }
                let found = self.finds(set, at, &defect);
                if let Some(tally) = outcome.classes.get_mut(name) {
                    tally.made += 1;
                    tally.found += usize::from(found);
                }
                if !found {
                    let flow = set.flows[at]["id"].as_str().unwrap_or_default();
                    outcome.missed.push(format!("{name}: {flow}: {}", defect.what()));
                }
            }
        }
        outcome.missed.sort();
        outcome
    }

    /// True when the checks report anything new about the flows once this mistake is in one of them.
    fn finds(&self, set: &Set, at: usize, defect: &Defect) -> bool {
        let Ok(spoilt) = parse(&defect.text(&set.flows[at])) else { return true };
        let all: Vec<&ParsedDocument> =
            set.parsed.iter().enumerate().map(|(index, sound)| if index == at { &spoilt } else { sound }).collect();
        let (own, mut known): (Findings, Findings) =
            set.before.iter().map(|(key, times)| (key.clone(), *times)).partition(|((flow, ..), _)| *flow == at);
        let moved = defect.moved(&set.flows[at], own.keys().map(|(_, _, pointer)| pointer.as_str()));
        for (((flow, code, _), times), pointer) in own.into_iter().zip(moved) {
            if let Some(pointer) = pointer {
                *known.entry((flow, code, pointer)).or_default() += times;
            }
        }
        self.findings(set, &all).iter().any(|(finding, times)| known.get(finding).copied().unwrap_or(0) < *times)
    }

    fn findings(&self, set: &Set, documents: &[&ParsedDocument]) -> Findings {
        let mut findings = Findings::new();
        let reports = self.checker.check_all(documents, &self.sandbox, &set.names);
        for (at, report) in reports.into_iter().enumerate() {
            for finding in report.findings {
                *findings.entry((at, finding.code, finding.pointer)).or_default() += 1;
            }
        }
        findings
    }

    fn classes(&self) -> impl Iterator<Item = &'static Class> {
        [graph::CLASSES, settings::CLASSES, words::CLASSES, scripts::CLASSES, sets::CLASSES].into_iter().flatten()
    }
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("sets", &self.sets.len()).finish_non_exhaustive()
    }
}
