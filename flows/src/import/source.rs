//! The neutral form of a source flow: nodes with their edges, whatever the vendor calls them.

use serde_json::Value;

/// A flow as its export says it.
#[derive(Debug)]
pub(super) struct SourceFlow {
    /// The vendor's id; may be empty.
    pub(super) id: String,
    /// What people call it; may be empty.
    pub(super) name: String,
    /// Format and version, such as `connect-2019-10-30`.
    pub(super) format: String,
    /// The vendor's id of the first node.
    pub(super) entry: Option<String>,
    /// In the order of the export.
    pub(super) nodes: Vec<SourceNode>,
    /// Everything of the flow but its nodes, kept under `vendor`.
    pub(super) rest: Value,
    /// What the mapping needs besides nodes: texts, languages, names of other flows.
    pub(super) context: Value,
}

/// A node.
#[derive(Debug)]
pub(super) struct SourceNode {
    /// The vendor's id.
    pub(super) id: String,
    /// A name that a person gave, or one made from what it does.
    pub(super) name: String,
    /// The vendor's type.
    pub(super) kind: String,
    /// Its settings in the form that the mapping reads, which may be a modernised one.
    pub(super) settings: Value,
    /// The node as the export has it.
    pub(super) payload: Value,
    /// Ways out, in the order of the export.
    pub(super) edges: Vec<SourceEdge>,
    /// Place on the canvas.
    pub(super) position: Option<(f64, f64)>,
}

/// A way out of a node.
#[derive(Debug, Clone)]
pub(super) struct SourceEdge {
    /// What the vendor calls it: an event, an error, a category.
    pub(super) label: String,
    /// What it stands for.
    pub(super) role: EdgeRole,
    /// The vendor's id of the next node; none where it leads nowhere.
    pub(super) target: Option<String>,
    /// The condition under which it is taken, in the vendor's form.
    pub(super) when: Value,
}

/// What an edge stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EdgeRole {
    Normal,
    Timeout,
    Failure,
}

impl SourceNode {
    /// The first edge of this label.
    pub(super) fn edge(&self, label: &str) -> Option<usize> {
        self.edges.iter().position(|edge| edge.label == label)
    }

    /// A setting as text.
    pub(super) fn setting(&self, key: &str) -> Option<&str> {
        self.settings.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

impl SourceEdge {
    pub(super) fn new(label: &str, role: EdgeRole, target: Option<&str>) -> Self {
        // Some exports write "no target" as an empty text.
        let target = target.filter(|target| !target.is_empty()).map(str::to_owned);
        Self { label: label.to_owned(), role, target, when: Value::Null }
    }

    pub(super) fn when(mut self, condition: Value) -> Self {
        self.when = condition;
        self
    }
}
