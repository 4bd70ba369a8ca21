//! Ways through the graph: every node can be reached, no cycle runs without waiting, and from everywhere there is a way
//! to an end.
//!
//! Faults are reported by their root: a cycle once, not once per node; of the nodes that cannot end, only the last
//! region that holds the contact.

use petgraph::{
    algo::tarjan_scc,
    graph::NodeIndex,
    visit::{EdgeFiltered, EdgeRef, Reversed},
};

use super::{
    codes::Code,
    sink::Sink,
    world::{Node, World},
};
use crate::{
    descriptor::{ExitRole, Flavour},
    document::Target,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let reachable = Set::of(world, world.graph.reachable(world.graph.roots.iter().copied()));
    // Without any start everything would be unreachable, which the missing entry already says.
    if !world.graph.roots.is_empty() {
        unreachable(world, &reachable, sink);
    }
    endless(world, sink);
    stranded(world, &reachable, sink);
}

fn unreachable(world: &World<'_>, reachable: &Set, sink: &mut Sink<'_>) {
    for (index, node) in indexed(world).filter(|(index, _)| !reachable.has(*index)) {
        let id = world.graph.id(index);
        let message =
            Words::new(format!("no way leads to the node '{id}'"), format!("aucun chemin ne mène au nœud « {id} »"));
        sink.key(Code::UnreachableNode, &node.pointer(""), message);
    }
}

/// Cycles over nodes that all go on at once, by ways that nothing counts. Nodes of unknown kinds are given the benefit
/// of the doubt.
fn endless(world: &World<'_>, sink: &mut Sink<'_>) {
    let runs_on = |index: NodeIndex| {
        world.nodes[index.index()].kind.is_some_and(|kind| match kind.descriptor.flavour {
            Flavour::Instant => true,
            Flavour::Waiting | Flavour::Terminal => false,
        })
    };
    let running = EdgeFiltered::from_fn(&world.graph.edges, |edge| {
        runs_on(edge.source()) && runs_on(edge.target()) && !is_counted(world, edge.source(), edge.target())
    });
    for region in tarjan_scc(&running) {
        let Some(first) = region.iter().min().copied() else { continue };
        let to_itself = world.graph.edges.contains_edge(first, first) && !is_counted(world, first, first);
        if region.len() == 1 && !(runs_on(first) && to_itself) {
            continue;
        }
        let list = list(world, &region);
        let message = Words::new(
            format!("these nodes lead back to themselves without waiting: {list}"),
            format!("ces nœuds se ramènent à eux-mêmes sans attendre : {list}"),
        );
        sink.key(Code::CycleWithoutWait, &world.nodes[first.index()].pointer(""), message);
    }
}

/// True when every way from one node to another is taken a bounded number of times.
fn is_counted(world: &World<'_>, from: NodeIndex, to: NodeIndex) -> bool {
    let (node, to) = (&world.nodes[from.index()], world.graph.id(to));
    let Some(kind) = node.kind else { return false };
    let leads_there = |target: &Target| match target {
        Target::Node(id) => id == to,
        Target::End(_) => false,
        Target::Handler(handler) => world.document.handlers.node(handler.handler) == Some(to),
    };
    let mut ways = node.document.exits.iter().filter(|(_, target)| leads_there(target));
    ways.all(|(exit, _)| kind.descriptor.exits.role(exit.as_str()) == ExitRole::Repeat)
}

/// Regions that can be entered but never left.
fn stranded(world: &World<'_>, reachable: &Set, sink: &mut Sink<'_>) {
    let ends = indexed(world).filter(|(_, node)| may_end(world, node)).map(|(index, _)| index);
    let can_end = Set::of(world, reach_backwards(world, ends));
    if indexed(world).all(|(index, _)| can_end.has(index) || !reachable.has(index)) {
        return;
    }
    let regions = tarjan_scc(&world.graph.edges);
    let mut region_of = vec![0; world.nodes.len()];
    for (number, region) in regions.iter().enumerate() {
        region.iter().for_each(|index| region_of[index.index()] = number);
    }
    for (number, region) in regions.iter().enumerate() {
        let Some(first) = region.iter().min().copied() else { continue };
        if can_end.has(first) || !reachable.has(first) {
            continue;
        }
        let mut next = region.iter().flat_map(|index| world.graph.edges.neighbors(*index));
        if next.any(|index| region_of[index.index()] != number) {
            continue;
        }
        let list = list(world, region);
        let message = Words::new(
            format!("the flow can never end from: {list}"),
            format!("le scénario ne peut jamais finir depuis : {list}"),
        );
        sink.key(Code::NoWayToEnd, &world.nodes[first.index()].pointer(""), message);
    }
}

/// True when the flow may end at this node, or when another finding already says that a way out of it is broken.
fn may_end(world: &World<'_>, node: &Node<'_>) -> bool {
    let Some(kind) = node.kind else { return true };
    let exits = &kind.descriptor.exits;
    let ends = |target: &Target| match target {
        Target::Node(id) => !world.document.nodes.contains_key(id),
        Target::End(_) => true,
        Target::Handler(to) => world.document.handlers.node(to.handler).is_none(),
    };
    let wired = &node.document.exits;
    let fixed = exits
        .fixed_in(&node.document.config)
        .filter(|exit| exit.role != ExitRole::Error)
        .map(|exit| exit.name.as_str());
    let mut must_be_wired = fixed.chain(node.named_exits.iter().map(|exit| exit.name));
    kind.descriptor.flavour == Flavour::Terminal
        || wired.values().any(ends)
        || must_be_wired.any(|exit| !wired.contains_key(exit))
}

fn reach_backwards(world: &World<'_>, from: impl Iterator<Item = NodeIndex>) -> Vec<NodeIndex> {
    let edges = Reversed(&world.graph.edges);
    let mut search = petgraph::visit::Dfs::empty(edges);
    let mut reached = Vec::new();
    for start in from {
        search.move_to(start);
        while let Some(next) = search.next(edges) {
            reached.push(next);
        }
    }
    reached
}

fn indexed<'w, 'a>(world: &'w World<'a>) -> impl Iterator<Item = (NodeIndex, &'w Node<'a>)> {
    world.nodes.iter().enumerate().map(|(index, node)| (NodeIndex::new(index), node))
}

/// Nodes named in one message at most.
const NODES_SHOWN: usize = 8;

fn list(world: &World<'_>, region: &[NodeIndex]) -> String {
    let mut region = region.to_vec();
    region.sort_unstable();
    let mut list: Vec<&str> = region.iter().take(NODES_SHOWN).map(|index| world.graph.id(*index).as_str()).collect();
    if NODES_SHOWN < region.len() {
        list.push("…");
    }
    list.join(", ")
}

/// A set of nodes of one graph.
struct Set(Vec<bool>);

impl Set {
    fn of(world: &World<'_>, members: impl IntoIterator<Item = NodeIndex>) -> Self {
        let mut set = vec![false; world.nodes.len()];
        for index in members {
            set[index.index()] = true;
        }
        Self(set)
    }

    fn has(&self, index: NodeIndex) -> bool {
        self.0[index.index()]
    }
}
