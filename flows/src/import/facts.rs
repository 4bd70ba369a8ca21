//! Graph facts of a source flow, counted before anything is mapped: what an import must account for.

use std::collections::BTreeMap;

use petgraph::{
    algo::kosaraju_scc,
    graph::{DiGraph, NodeIndex},
    visit::Dfs,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::source::SourceFlow;

/// Counts over the graph of a source flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Facts {
    /// Nodes.
    pub nodes: usize,
    /// Ways out of nodes, whether they lead anywhere or not.
    pub edges: usize,
    /// Edges that name no target.
    pub edges_without_target: usize,
    /// Edges to a node that does not exist.
    pub dangling_targets: usize,
    /// Nodes that no path from the start reaches; all of them when there is no start.
    pub unreachable: usize,
    /// Groups of nodes that lead back to themselves.
    pub cycles: usize,
}

impl Facts {
    pub(super) fn of(flow: &SourceFlow) -> Self {
        let mut graph = DiGraph::<(), ()>::new();
        let mut places: BTreeMap<&str, NodeIndex> = BTreeMap::new();
        for node in &flow.nodes {
            places.entry(&node.id).or_insert_with(|| graph.add_node(()));
        }
        let mut facts = Self {
            nodes: flow.nodes.len(),
            edges: 0,
            edges_without_target: 0,
            dangling_targets: 0,
            unreachable: 0,
            cycles: 0,
        };
        for node in &flow.nodes {
            let from = places[node.id.as_str()];
            for edge in &node.edges {
                facts.edges += 1;
                match edge.target.as_deref().map(|target| places.get(target)) {
                    None => facts.edges_without_target += 1,
                    Some(None) => facts.dangling_targets += 1,
                    Some(Some(to)) => {
                        graph.add_edge(from, *to, ());
                    }
                }
            }
        }
        let mut reached = 0;
        if let Some(start) = flow.entry.as_deref().and_then(|entry| places.get(entry)) {
            let mut search = Dfs::new(&graph, *start);
            while search.next(&graph).is_some() {
                reached += 1;
            }
        }
        facts.unreachable = graph.node_count() - reached;
        // Kosaraju's search keeps its own stack; a recursive one would end the process on a long chain of nodes.
        let turns_back = |group: &Vec<NodeIndex>| group.len() > 1 || graph.contains_edge(group[0], group[0]);
        facts.cycles = kosaraju_scc(&graph).iter().filter(|group| turns_back(group)).count();
        facts
    }
}
