//! The checked graph. A [`Flow`] exists only because every check passed: [`crate::check::Checker`] alone makes one, so
//! whoever holds one need not look for dangling targets or endless cycles again.
//!
//! It deliberately holds no behaviour: nodes are prepared and scripts compiled by the engine.

use std::{collections::BTreeSet, sync::Arc};

use petgraph::{
    graph::{DiGraph, NodeIndex},
    visit::Dfs,
};

use crate::{
    canonical::{self, ContentHash},
    descriptor::ReferenceKind,
    document::{FlowDocument, Handler, Handlers, NodeDocument, Target},
    name::{ExitName, FlowId, NodeId},
};

/// A flow that passed every check.
#[derive(Debug, Clone)]
pub struct Flow {
    document: Arc<FlowDocument>,
    graph: Graph,
    references: BTreeSet<Reference>,
}

/// Something of the catalogue that a flow names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What it is.
    pub to: ReferenceKind,
    /// Its name; `@touchpoint` where the flow leaves the choice to the touchpoint.
    pub name: String,
}

impl Flow {
    /// Only the checker calls this, after it found no error.
    pub(crate) fn new(document: Arc<FlowDocument>, graph: Graph, references: BTreeSet<Reference>) -> Self {
        Self { document, graph, references }
    }

    /// The document it was made from.
    #[must_use]
    pub fn document(&self) -> &FlowDocument {
        &self.document
    }

    /// The flow's id.
    #[must_use]
    pub fn id(&self) -> &FlowId {
        &self.document.id
    }

    /// The hash of its content; see [`canonical::content_hash`].
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        canonical::content_hash(&self.document)
    }

    /// Where an interaction starts.
    #[must_use]
    pub fn entry(&self) -> &NodeId {
        &self.document.entry
    }

    /// Where a handler starts, when the flow declares it.
    #[must_use]
    pub fn handler(&self, handler: Handler) -> Option<&NodeId> {
        self.document.handlers.node(handler)
    }

    /// Every node id, sorted.
    pub fn node_ids(&self) -> impl Iterator<Item = &NodeId> {
        self.document.nodes.keys()
    }

    /// A node's document.
    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<&NodeDocument> {
        self.document.nodes.get(id)
    }

    /// Where one exit of a node leads; none for an exit taken on a failure that is not wired.
    #[must_use]
    pub fn target(&self, node: &NodeId, exit: &str) -> Option<&Target> {
        self.node(node)?.exits.get(exit)
    }

    /// Where the exits of a node lead.
    pub fn targets(&self, node: &NodeId) -> impl Iterator<Item = (&ExitName, &Target)> {
        self.node(node).into_iter().flat_map(|node| &node.exits)
    }

    /// The nodes that an interaction can come to from one node, itself included.
    #[must_use]
    pub fn reachable_from(&self, node: &NodeId) -> BTreeSet<&NodeId> {
        let start = self.graph.index(node);
        self.graph.reachable(start).into_iter().map(|index| self.graph.id(index)).collect()
    }

    /// What the flow names of the catalogue.
    #[must_use]
    pub fn references(&self) -> &BTreeSet<Reference> {
        &self.references
    }
}

/// The nodes of a document and the ways between them, whether the document is sound or not; targets that do not exist
/// are left out.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    pub(crate) edges: DiGraph<NodeId, ()>,
    /// Nodes where something can start: the entry and the handlers.
    pub(crate) roots: Vec<NodeIndex>,
}

impl Graph {
    pub(crate) fn of(document: &FlowDocument) -> Self {
        let mut edges = DiGraph::with_capacity(document.nodes.len(), 2 * document.nodes.len());
        for id in document.nodes.keys() {
            edges.add_node(id.clone());
        }
        let mut graph = Self { edges, roots: Vec::new() };
        for (from, node) in document.nodes.values().enumerate() {
            for target in node.exits.values() {
                let to = match target {
                    Target::Node(id) => graph.index(id),
                    Target::End(_) => None,
                    Target::Handler(target) => document.handlers.node(target.handler).and_then(|id| graph.index(id)),
                };
                if let Some(to) = to {
                    graph.edges.add_edge(NodeIndex::new(from), to, ());
                }
            }
        }
        let Handlers { error, disconnect } = &document.handlers;
        let starts = [Some(&document.entry), error.as_ref(), disconnect.as_ref()];
        graph.roots = starts.into_iter().flatten().filter_map(|id| graph.index(id)).collect();
        graph
    }

    /// Nodes were added in the order of their ids, so an id is found by halving.
    pub(crate) fn index(&self, id: &NodeId) -> Option<NodeIndex> {
        let nodes = self.edges.raw_nodes();
        nodes.binary_search_by(|node| node.weight.cmp(id)).ok().map(NodeIndex::new)
    }

    pub(crate) fn id(&self, index: NodeIndex) -> &NodeId {
        &self.edges[index]
    }

    /// Everything that can be reached from some nodes, themselves included.
    pub(crate) fn reachable(&self, from: impl IntoIterator<Item = NodeIndex>) -> Vec<NodeIndex> {
        let mut search = Dfs::empty(&self.edges);
        let mut reached = Vec::new();
        for start in from {
            search.move_to(start);
            while let Some(next) = search.next(&self.edges) {
                reached.push(next);
            }
        }
        reached
    }
}
