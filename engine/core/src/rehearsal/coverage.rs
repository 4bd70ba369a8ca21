//! What the tests of a flow show of it: which nodes, exits, failure exits and cases were taken at least once.
//!
//! What it deliberately does not do: it judges no expectation. A test that fails still shows what it went through.

use std::collections::BTreeSet;

use routewright_flows::{Descriptor, ExitName, ExitRole, FlowDocument, NodeId, check::Kinds};
use schemars::JsonSchema;
use serde::Serialize;

use super::Rehearsal;
use crate::node::Registry;

/// What tests went through, of what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    /// Nodes that the flow came to.
    pub nodes: Part,
    /// Exits of the kinds themselves that must be wired, deadlines among them.
    pub exits: Part,
    /// Wired exits that are taken on a failure.
    pub error_exits: Part,
    /// Exits that configurations name: options of menus, cases of branches.
    pub cases: Part,
}

/// One kind of thing to cover.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Part {
    /// How many were taken.
    pub covered: usize,
    /// How many there are.
    pub total: usize,
    /// Those that were not taken: `node`, or `node.exit`.
    pub missing: Vec<String>,
}

impl Part {
    fn note(&mut self, name: impl FnOnce() -> String, taken: bool) {
        self.total += 1;
        self.covered += usize::from(taken);
        if !taken {
            self.missing.push(name());
        }
    }

    /// In a hundred, rounded down; 100 where there is nothing to cover.
    #[must_use]
    pub fn percent(&self) -> usize {
        (100 * self.covered).checked_div(self.total).unwrap_or(100)
    }
}

impl Coverage {
    /// What these rehearsals show of a flow. Nodes of unknown kinds have no exits.
    #[must_use]
    pub fn of(document: &FlowDocument, rehearsals: &[Rehearsal], registry: &Registry) -> Self {
        let nodes: BTreeSet<&NodeId> = rehearsals.iter().flat_map(|rehearsal| &rehearsal.nodes).collect();
        let exits: BTreeSet<(&NodeId, &ExitName)> =
            rehearsals.iter().flat_map(|rehearsal| &rehearsal.exits).map(|(node, exit)| (node, exit)).collect();
        let mut coverage = Self::default();
        for (id, node) in &document.nodes {
            coverage.nodes.note(|| id.to_string(), nodes.contains(id));
            let descriptor = registry.descriptor(node.kind.as_str());
            let named: BTreeSet<&str> = descriptor
                .map(|kind| kind.exits.named_in(&node.config))
                .into_iter()
                .flatten()
                .map(|e| e.name)
                .collect();
            for exit in node.exits.keys() {
                let part = match (named.contains(exit.as_str()), role(descriptor, exit)) {
                    (true, _) => &mut coverage.cases,
                    (false, ExitRole::Error) => &mut coverage.error_exits,
                    (false, ExitRole::Normal | ExitRole::Timeout | ExitRole::Repeat) => &mut coverage.exits,
                };
                part.note(|| format!("{id}.{exit}"), exits.contains(&(id, exit)));
            }
        }
        coverage
    }

    /// The four parts, in the order of reports.
    #[must_use]
    pub fn parts(&self) -> [&Part; 4] {
        [&self.nodes, &self.exits, &self.error_exits, &self.cases]
    }

    /// All of them together, in a hundred, rounded down.
    #[must_use]
    pub fn percent(&self) -> usize {
        let sum = |of: fn(&Part) -> usize| self.parts().into_iter().map(of).sum::<usize>();
        (100 * sum(|part| part.covered)).checked_div(sum(|part| part.total)).unwrap_or(100)
    }
}

fn role(descriptor: Option<&Descriptor>, exit: &ExitName) -> ExitRole {
    descriptor.map_or(ExitRole::Normal, |kind| kind.exits.role(exit.as_str()))
}
