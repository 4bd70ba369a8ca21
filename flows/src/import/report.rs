//! The loss report: for every flow what it was, what it became, and whatever needs a person.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Binding, Facts, SourceFormat};
use crate::{
    finding::{Finding, Severity},
    name::{FlowId, NodeId},
    words::Words,
};

/// What an import kept, approximated and lost.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Report {
    /// The format that was read.
    pub format: SourceFormat,
    /// One entry for each source flow.
    pub flows: Vec<FlowReport>,
    /// What must be named or filled in before publishing.
    pub bindings: Vec<Binding>,
}

/// The report on one flow.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FlowReport {
    /// The file it came in.
    pub file: String,
    /// The document it became.
    pub flow: FlowId,
    /// What the vendor calls it.
    pub name: String,
    /// The vendor's id.
    pub source_id: String,
    /// Format and version of the source.
    pub source_format: String,
    /// Counts over the source graph.
    #[serde(flatten)]
    pub facts: Facts,
    /// Source nodes that became native ones.
    pub native: usize,
    /// Source nodes that are kept as foreign.
    pub foreign: usize,
    /// The same by the vendor's type: native, foreign.
    pub types: BTreeMap<String, Tally>,
    /// Each approximation and each foreign node.
    pub items: Vec<Item>,
    /// What the checks find in the document, the source's own defects among them.
    pub findings: Vec<Finding>,
}

/// What became of one type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// Nodes that became native.
    pub native: usize,
    /// Nodes that stayed foreign.
    pub foreign: usize,
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// The node of the document.
    pub node: NodeId,
    /// The vendor's id of the node.
    pub source_id: String,
    /// The vendor's type of the node.
    pub source_type: String,
    /// What happened and why.
    pub reason: Words,
    /// What to do.
    pub hint: Words,
}

/// Kinds of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A node without equivalent, kept as it was.
    Foreign,
    /// Something that is nearly but not quite the same.
    Approximation,
    /// A way on a failure, or after a time, that leads nowhere in the source.
    Unwired,
}

impl Report {
    /// True when somebody must act before these flows can go live.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.bindings.iter().any(Binding::is_open) || self.flows.iter().any(FlowReport::needs_attention)
    }
}

impl FlowReport {
    fn needs_attention(&self) -> bool {
        self.foreign > 0 || self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The report for people, in their language.
    #[must_use]
    pub fn render(&self, language: &str) -> String {
        let french = language.starts_with("fr");
        let Facts { nodes, edges, edges_without_target, dangling_targets, unreachable, cycles } = self.facts;
        let mut text = if french {
            format!(
                "{} -> {}.json ({})\n  {nodes} nœuds, {edges} liens ({edges_without_target} sans cible, {dangling_targets} vers rien), \
                 {unreachable} inatteignables, {cycles} cycles ; {} natifs, {} étrangers\n",
                self.file, self.flow, self.source_format, self.native, self.foreign
            )
        } else {
            format!(
                "{} -> {}.json ({})\n  {nodes} nodes, {edges} edges ({edges_without_target} without target, {dangling_targets} dangling), \
                 {unreachable} unreachable, {cycles} cycles; {} native, {} foreign\n",
                self.file, self.flow, self.source_format, self.native, self.foreign
            )
        };
        for item in &self.items {
            let kind = match (item.kind, french) {
                (ItemKind::Foreign, false) => "foreign",
                (ItemKind::Foreign, true) => "étranger",
                (ItemKind::Approximation, false) => "approximation",
                (ItemKind::Approximation, true) => "approximation",
                (ItemKind::Unwired, false) => "unwired",
                (ItemKind::Unwired, true) => "sans suite",
            };
            let (reason, hint) = (item.reason.for_language(language), item.hint.for_language(language));
            text.push_str(&format!("  {kind} {} ({}): {reason}. {hint}\n", item.node, item.source_type));
        }
        for finding in &self.findings {
            let message = finding.message.for_language(language);
            let place = if french { "constat" } else { "finding" };
            text.push_str(&format!("  {place} {} {}: {message}\n", finding.code, finding.pointer));
        }
        text
    }
}
