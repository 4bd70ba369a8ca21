//! What every check looks at: the document, its graph, and of each node its kind, exits and filled slots, worked out once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Names, Scripts, checker::CheckedKind};
use crate::{
    descriptor::Slot,
    document::{FlowDocument, NodeDocument},
    exits::NamedExit,
    graph::Graph,
    name::NodeId,
    slots::{FoundSlot, SlotContent},
};

/// Everything the checks of one document share.
pub(super) struct World<'a> {
    pub(super) document: &'a FlowDocument,
    pub(super) kinds: &'a BTreeMap<String, CheckedKind>,
    pub(super) scripts: &'a dyn Scripts,
    pub(super) names: &'a dyn Names,
    /// In the order of the graph's indices.
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) graph: Graph,
}

/// One node, looked up.
pub(super) struct Node<'a> {
    pub(super) id: &'a NodeId,
    pub(super) document: &'a NodeDocument,
    /// None for an unknown kind.
    pub(super) kind: Option<&'a CheckedKind>,
    /// False when its kind's schema refuses its configuration, and for an unknown kind.
    pub(super) config_fits: bool,
    /// Exits that its configuration names.
    pub(super) named_exits: Vec<NamedExit<'a>>,
    /// Slots that its configuration fills; pointers lead into the configuration.
    pub(super) slots: Vec<FoundSlot<'a>>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        document: &'a FlowDocument,
        kinds: &'a BTreeMap<String, CheckedKind>,
        scripts: &'a dyn Scripts,
        names: &'a dyn Names,
    ) -> Self {
        let node = |(id, node): (&'a NodeId, &'a NodeDocument)| {
            let kind = kinds.get(node.kind.as_str());
            Node {
                id,
                document: node,
                kind,
                config_fits: kind.is_some_and(|kind| kind.validator.is_valid(&Value::Object(node.config.clone()))),
                named_exits: kind.map(|kind| kind.descriptor.exits.named_in(&node.config)).unwrap_or_default(),
                slots: kind.map(|kind| kind.slots.find(&node.config)).unwrap_or_default(),
            }
        };
        let nodes = document.nodes.iter().map(node).collect();
        Self { document, kinds, scripts, names, nodes, graph: Graph::of(document) }
    }

    /// True when some node's configuration cannot be read for want of its kind, so that nothing may be called unused.
    pub(super) fn is_partly_unknown(&self) -> bool {
        self.nodes.iter().any(|node| node.kind.is_none())
    }

    /// Every script, expression and template of the document, with its pointer; the library apart.
    pub(super) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        self.table_sources().chain(self.nodes.iter().flat_map(Node::sources))
    }

    /// The texts of the table.
    pub(super) fn table_sources(&self) -> impl Iterator<Item = Source<'_>> {
        self.document.texts.iter().flat_map(|(key, text)| {
            text.0.iter().map(move |(locale, text)| Source {
                pointer: format!("/texts/{key}/{locale}"),
                slot: Slot::Template,
                text,
            })
        })
    }
}

/// A piece of source for the script compiler.
pub(super) struct Source<'a> {
    pub(super) pointer: String,
    pub(super) slot: Slot,
    pub(super) text: &'a str,
}

impl<'a> Node<'a> {
    /// The pointer of this node, with a path into it.
    pub(super) fn pointer(&self, path: &str) -> String {
        format!("/nodes/{}{path}", self.id)
    }

    /// The pointer of a place in its configuration.
    pub(super) fn config_pointer(&self, path: &str) -> String {
        format!("/nodes/{}/config{path}", self.id)
    }

    /// Every script, expression and template that its configuration holds itself.
    pub(super) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        self.slots.iter().flat_map(|found| {
            let mut sources = Vec::new();
            match (&found.slot, found.content) {
                (Slot::Expression { .. } | Slot::Script | Slot::Template, _) => {
                    sources.extend(found.text().map(|text| Source {
                        pointer: self.config_pointer(&found.pointer),
                        slot: found.slot.clone(),
                        text,
                    }));
                }
                (Slot::Text, SlotContent::Value(value)) => {
                    sources.extend(value.as_object().into_iter().flatten().filter_map(|(locale, text)| {
                        let pointer = self.config_pointer(&format!("{}/{locale}", found.pointer));
                        Some(Source { pointer, slot: Slot::Template, text: text.as_str()? })
                    }));
                }
                (Slot::Text, SlotContent::Key(_)) | (Slot::Reference { .. } | Slot::Attribute, _) => {}
            }
            sources
        })
    }
}
