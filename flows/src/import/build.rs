//! From a source flow and the mapping of its nodes to a document, its layout and its report.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    Read, SourceFormat,
    binding::BindingTable,
    draft::{Draft, Foreign, Goal, Note, Step},
    excellent,
    facts::Facts,
    names::Names,
    report::{FlowReport, Item, ItemKind, Tally},
    source::{EdgeRole, SourceEdge, SourceFlow, SourceNode},
};
use crate::{
    channel::Channel,
    document::{EndTarget, FlowDocument, Handlers, NodeDocument, SCHEMA, Target},
    name::{ExitName, FlowId, Kind, Locale, NodeId},
    words::{Localised, Words},
};

/// The kind that stands for what has no equivalent.
pub(super) const FOREIGN: &str = "foreign";

/// Exits that stand for failures, in every kind: unwired, the flow's error handler takes over.
const FAILURE_EXITS: [&str; 3] = ["error", "failed", "rejected"];

/// Makes the document of a flow, and the report on it.
pub(super) fn build(
    format: SourceFormat,
    read: &Read,
    flows: &BTreeMap<&str, &FlowId>,
    table: &mut BindingTable,
) -> (FlowDocument, FlowReport) {
    let mut maker = Maker::new(format, &read.flow);
    let source: String = read.flow.nodes.iter().map(|node| node.settings.to_string()).collect();
    let mut draft = Draft::new(&read.id, flows, &source, table);
    for (node, id) in read.flow.nodes.iter().zip(maker.ids.clone()) {
        maker.node(node, &id, &mut draft);
    }
    let entry = maker.entry();
    let title = if read.flow.name.is_empty() { read.id.to_string() } else { read.flow.name.clone() };
    let document = FlowDocument {
        schema: SCHEMA,
        id: read.id.clone(),
        title: Localised([(english(), title)].into()),
        channels: Channel::ALL.into_iter().collect(),
        attributes: draft.specs,
        inputs: BTreeMap::new(),
        outputs: BTreeMap::new(),
        texts: draft.texts,
        library: library(&draft.functions),
        entry,
        handlers: Handlers::default(),
        nodes: maker.nodes,
        tests: Vec::new(),
        layout: maker.layout,
        vendor: vendor(format, json!({ "format": read.flow.format, "id": read.flow.id, "flow": read.flow.rest })),
    };
    let report = FlowReport {
        file: read.file.clone(),
        flow: read.id.clone(),
        name: read.flow.name.clone(),
        source_id: read.flow.id.clone(),
        source_format: read.flow.format.clone(),
        facts: Facts::of(&read.flow),
        native: maker.types.values().map(|tally| tally.native).sum(),
        foreign: maker.types.values().map(|tally| tally.foreign).sum(),
        types: maker.types,
        items: maker.items,
        findings: Vec::new(),
    };
    (document, report)
}

/// The helpers that expressions call, each on its line.
fn library(functions: &BTreeSet<&'static str>) -> String {
    let helpers = excellent::HELPERS.iter().filter(|(name, _)| functions.contains(name));
    helpers.map(|(_, source)| *source).collect::<Vec<_>>().join("\n")
}

/// The language of a source's names.
fn english() -> Locale {
    Locale::new("en").expect("'en' is a language tag")
}

fn vendor(format: SourceFormat, kept: Value) -> Map<String, Value> {
    Map::from_iter([(format.as_str().to_owned(), kept)])
}

struct Maker<'f> {
    format: SourceFormat,
    flow: &'f SourceFlow,
    names: Names,
    /// The id of each source node, in their order.
    ids: Vec<NodeId>,
    /// The first node here of each source id.
    places: BTreeMap<String, NodeId>,
    nodes: BTreeMap<NodeId, NodeDocument>,
    layout: Map<String, Value>,
    items: Vec<Item>,
    types: BTreeMap<String, Tally>,
}

fn node_id(text: &str) -> NodeId {
    NodeId::new(text).expect("a name made here follows the rule of identifiers")
}

impl<'f> Maker<'f> {
    fn new(format: SourceFormat, flow: &'f SourceFlow) -> Self {
        let mut names = Names::default();
        let ids: Vec<NodeId> = flow.nodes.iter().map(|node| node_id(&names.unique(&node.name, "node"))).collect();
        let mut places = BTreeMap::new();
        for (node, id) in flow.nodes.iter().zip(&ids) {
            places.entry(node.id.clone()).or_insert_with(|| id.clone());
        }
        Self {
            format,
            flow,
            names,
            ids,
            places,
            nodes: BTreeMap::new(),
            layout: Map::new(),
            items: Vec::new(),
            types: BTreeMap::new(),
        }
    }

    /// The first node; where the source has none, the check says so.
    fn entry(&mut self) -> NodeId {
        let entry = self.flow.entry.as_deref().unwrap_or("start");
        self.place(entry)
    }

    /// The node here of a source id; an id that names nothing where the source id does.
    fn place(&mut self, source: &str) -> NodeId {
        if let Some(id) = self.places.get(source) {
            return id.clone();
        }
        let id = node_id(&self.names.unique(&format!("missing_{source}"), "missing"));
        self.places.insert(source.to_owned(), id.clone());
        id
    }

    fn node(&mut self, node: &SourceNode, id: &NodeId, draft: &mut Draft<'_>) {
        draft.begin(id.as_str());
        let tally = self.types.entry(node.kind.clone()).or_default();
        let steps = match self.format.reader().map(self.flow, node, draft) {
            Ok(steps) => {
                tally.native += 1;
                let notes = std::mem::take(&mut draft.notes);
                notes.into_iter().for_each(|note| self.approximation(node, id, note));
                steps
            }
            Err(Foreign { reason }) => {
                tally.foreign += 1;
                draft.take_back();
                let hint = Words::new(
                    "Replace the node by ones that do what it did; its settings are kept in it",
                    "Remplacez le nœud par d’autres qui fassent ce qu’il faisait ; il garde ses réglages",
                );
                self.item(ItemKind::Foreign, node, id, reason, hint);
                vec![self.foreign(node)]
            }
        };
        self.uncovered(node, id, &steps);
        self.place_steps(node, id, steps);
        for edge in node.edges.iter().filter(|edge| edge.target.is_none() && edge.role != EdgeRole::Normal) {
            self.unwired(node, id, edge);
        }
    }

    fn foreign(&self, node: &SourceNode) -> Step {
        let mut names = Names::default();
        // `error` is the node's own exit.
        names.unique("error", "error");
        let mut step = Step::new(FOREIGN, "", json!({}));
        let mut exits = Vec::new();
        for (at, edge) in node.edges.iter().enumerate() {
            let exit = names.unique(&edge.label, "exit");
            exits.push(json!(exit));
            step = step.exit(exit, Goal::Edge(at));
        }
        for (key, value) in [
            ("format", json!(self.flow.format)),
            ("type", json!(node.kind)),
            ("payload", node.payload.clone()),
            ("exits", Value::Array(exits)),
        ] {
            step.config.insert(key.to_owned(), value);
        }
        step
    }

    fn place_steps(&mut self, node: &SourceNode, id: &NodeId, steps: Vec<Step>) {
        let ids: Vec<NodeId> = steps
            .iter()
            .enumerate()
            .map(|(at, step)| match at {
                0 => id.clone(),
                _ => node_id(&self.names.unique(&format!("{id}_{}", step.part), "node")),
            })
            .collect();
        for (at, step) in steps.into_iter().enumerate() {
            let mut exits = BTreeMap::new();
            for (name, goal) in step.exits {
                if let Some(target) = self.target(node, &name, &goal, &ids) {
                    let name = ExitName::new(&name).expect("exits are named here by the rule of identifiers");
                    exits.insert(name, target);
                }
            }
            let mut kept = json!({ "id": node.id, "type": node.kind });
            // A foreign node holds its payload as its settings; later steps point to the first.
            if at == 0 && step.kind != FOREIGN {
                kept["node"] = node.payload.clone();
            }
            let document = NodeDocument {
                kind: Kind::new(step.kind).expect("kinds are written out in this crate"),
                title: None,
                config: step.config,
                exits,
                note: None,
                vendor: vendor(self.format, kept),
            };
            if let Some((x, y)) = node.position {
                // Steps of one node stand below each other.
                let below = 60.0 * f64::from(u32::try_from(at).unwrap_or(u32::MAX));
                self.layout.insert(ids[at].to_string(), json!({ "x": x, "y": y + below }));
            }
            self.nodes.insert(ids[at].clone(), document);
        }
    }

    fn target(&mut self, node: &SourceNode, exit: &str, goal: &Goal, ids: &[NodeId]) -> Option<Target> {
        let end = |name: &str| {
            let end = ExitName::new(name).expect("ends are written out in this crate");
            Some(Target::End(EndTarget { end }))
        };
        match goal {
            Goal::Step(at) => Some(Target::Node(ids[*at].clone())),
            Goal::End(name) => end(name),
            Goal::Edge(at) => {
                let edge = &node.edges[*at];
                match (&edge.target, edge.role) {
                    (Some(target), _) => Some(Target::Node(self.place(target))),
                    (None, _) if FAILURE_EXITS.contains(&exit) => None,
                    (None, EdgeRole::Normal) => end("completed"),
                    (None, EdgeRole::Timeout) => end("timeout"),
                    (None, EdgeRole::Failure) => end("failed"),
                }
            }
        }
    }

    /// Says which edges no step took, unless another one leads to the same place.
    fn uncovered(&mut self, node: &SourceNode, id: &NodeId, steps: &[Step]) {
        let taken: BTreeSet<usize> = steps
            .iter()
            .flat_map(|step| &step.exits)
            .filter_map(|(_, goal)| match goal {
                Goal::Edge(at) => Some(*at),
                Goal::Step(_) | Goal::End(_) => None,
            })
            .collect();
        let reached: BTreeSet<&str> = taken.iter().filter_map(|at| node.edges[*at].target.as_deref()).collect();
        for (_, edge) in node.edges.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
            let Some(target) = edge.target.as_deref().filter(|target| !reached.contains(target)) else { continue };
            let (label, target) = (&edge.label, self.places.get(target).map_or(target, NodeId::as_str));
            let reason = Words::new(
                format!("the way '{label}' to '{target}' has no exit here, because it cannot be taken"),
                format!("la voie « {label} » vers « {target} » n’a pas de sortie ici, car elle ne peut être prise"),
            );
            let hint = Words::new("Make sure that nothing is missed there", "Assurez-vous que rien n’y manque");
            self.item(ItemKind::Approximation, node, id, reason, hint);
        }
    }

    fn unwired(&mut self, node: &SourceNode, id: &NodeId, edge: &SourceEdge) {
        let label = &edge.label;
        let reason = Words::new(
            format!("'{label}' leads nowhere in the source: the flow would end there without a word"),
            format!("« {label} » ne mène nulle part dans la source : le scénario y finirait sans un mot"),
        );
        let hint = Words::new(
            "Lead it somewhere, or leave it to the flow's error handler",
            "Faites-la mener quelque part, ou laissez faire le gestionnaire d’erreur du scénario",
        );
        self.item(ItemKind::Unwired, node, id, reason, hint);
    }

    fn approximation(&mut self, node: &SourceNode, id: &NodeId, note: Note) {
        self.item(ItemKind::Approximation, node, id, note.reason, note.hint);
    }

    fn item(&mut self, kind: ItemKind, node: &SourceNode, id: &NodeId, reason: Words, hint: Words) {
        let (source_id, source_type) = (node.id.clone(), node.kind.clone());
        self.items.push(Item { kind, node: id.clone(), source_id, source_type, reason, hint });
    }
}
