//! What every check looks at: the document, its graph, and of each node its kind, exits and filled slots, worked out once.

use std::{collections::BTreeMap, ops::Range};

use serde_json::Value;

use super::{
    Names, Reading, Scripts,
    checker::CheckedKind,
    reading::{Token, embedded, tokens},
};
use crate::{
    descriptor::Slot,
    document::{FlowDocument, NodeDocument},
    exits::NamedExit,
    graph::Graph,
    name::NodeId,
    slots::{FoundSlot, SlotContent},
    stay::AnswerTimes,
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
    /// Every script, expression and template: first those of the table of texts, then those of the nodes.
    sources: Vec<Source<'a>>,
    /// How many of them are of the table.
    table: usize,
}

/// One node, looked up.
pub(super) struct Node<'a> {
    pub(super) id: &'a NodeId,
    pub(super) document: &'a NodeDocument,
    /// None for an unknown kind.
    pub(super) kind: Option<&'a CheckedKind>,
    /// False when its kind's schema refuses its configuration, and for an unknown kind.
    pub(super) config_fits: bool,
    /// What the node says of itself, or why it refuses a configuration that its schema takes.
    pub(super) reading: Result<Reading, String>,
    /// Exits that its configuration names.
    pub(super) named_exits: Vec<NamedExit<'a>>,
    /// Slots that its configuration fills; pointers lead into the configuration.
    pub(super) slots: Vec<FoundSlot<'a>>,
    /// Where its scripts, expressions and templates are among those of the document.
    sources: Range<usize>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        document: &'a FlowDocument,
        kinds: &'a BTreeMap<String, CheckedKind>,
        scripts: &'a dyn Scripts,
        names: &'a dyn Names,
    ) -> Self {
        let mut sources = table_sources(document);
        let table = sources.len();
        let times = names.answer_times(&document.channels);
        let nodes = document.nodes.iter().map(|(id, node)| Node::new(id, node, kinds, times, &mut sources)).collect();
        Self { document, kinds, scripts, names, nodes, graph: Graph::of(document), sources, table }
    }

    /// True when some node's configuration cannot be read for want of its kind, so that nothing may be called unused.
    pub(super) fn is_partly_unknown(&self) -> bool {
        self.nodes.iter().any(|node| node.kind.is_none())
    }

    /// Every script, expression and template of the document, with its pointer; the library apart.
    pub(super) fn sources(&self) -> &[Source<'a>] {
        &self.sources
    }

    /// The texts of the table.
    pub(super) fn table_sources(&self) -> &[Source<'a>] {
        &self.sources[..self.table]
    }

    /// Those that a node's configuration holds itself.
    pub(super) fn sources_of(&self, node: &Node<'_>) -> &[Source<'a>] {
        &self.sources[node.sources.clone()]
    }
}

fn table_sources(document: &FlowDocument) -> Vec<Source<'_>> {
    let texts =
        document.texts.iter().flat_map(|(key, text)| text.0.iter().map(move |(locale, text)| (key, locale, text)));
    texts.map(|(key, locale, text)| Source::new(format!("/texts/{key}/{locale}"), Slot::Template, text)).collect()
}

/// A piece of source for the script compiler, with its words.
pub(super) struct Source<'a> {
    pub(super) pointer: String,
    pub(super) slot: Slot,
    pub(super) text: &'a str,
    /// The words of everything in it that is a script.
    pub(super) tokens: Vec<Token<'a>>,
}

impl<'a> Source<'a> {
    fn new(pointer: String, slot: Slot, text: &'a str) -> Self {
        let tokens = match slot {
            Slot::Template | Slot::Text => embedded(text),
            Slot::Expression { .. } | Slot::Script | Slot::Reference { .. } | Slot::Attribute => tokens(text),
        };
        Self { pointer, slot, text, tokens }
    }
}

impl<'a> Node<'a> {
    fn new(
        id: &'a NodeId,
        node: &'a NodeDocument,
        kinds: &'a BTreeMap<String, CheckedKind>,
        times: AnswerTimes,
        sources: &mut Vec<Source<'a>>,
    ) -> Self {
        let Some(kind) = kinds.get(node.kind.as_str()) else {
            let sources = sources.len()..sources.len();
            let (reading, named_exits, slots) = (Ok(Reading::default()), Vec::new(), Vec::new());
            return Self { id, document: node, kind: None, config_fits: false, reading, named_exits, slots, sources };
        };
        let config = Value::Object(node.config.clone());
        let config_fits = kind.validator.is_valid(&config);
        let reading = match (config, &kind.reader) {
            (Value::Object(config), Some(reader)) if config_fits => reader.read(config, times),
            _ => Ok(Reading::default()),
        };
        let slots = kind.slots.find(&node.config);
        let first = sources.len();
        add_sources(id, &slots, sources);
        Self {
            id,
            document: node,
            kind: Some(kind),
            config_fits,
            reading,
            named_exits: kind.descriptor.exits.named_in(&node.config),
            slots,
            sources: first..sources.len(),
        }
    }

    /// The pointer of this node, with a path into it.
    pub(super) fn pointer(&self, path: &str) -> String {
        format!("/nodes/{}{path}", self.id)
    }

    /// The pointer of a place in its configuration.
    pub(super) fn config_pointer(&self, path: &str) -> String {
        format!("/nodes/{}/config{path}", self.id)
    }
}

/// The scripts, expressions and templates that a configuration holds itself.
fn add_sources<'a>(id: &NodeId, slots: &[FoundSlot<'a>], sources: &mut Vec<Source<'a>>) {
    for found in slots {
        let at = &found.pointer;
        match (&found.slot, found.content) {
            (Slot::Expression { .. } | Slot::Script | Slot::Template, _) => {
                let source =
                    found.text().map(|text| Source::new(format!("/nodes/{id}/config{at}"), found.slot.clone(), text));
                sources.extend(source);
            }
            (Slot::Text, SlotContent::Value(value)) => {
                let texts =
                    value.as_object().into_iter().flatten().filter_map(|(locale, text)| Some((locale, text.as_str()?)));
                sources.extend(texts.map(|(locale, text)| {
                    Source::new(format!("/nodes/{id}/config{at}/{locale}"), Slot::Template, text)
                }));
            }
            (Slot::Text, SlotContent::Key(_)) | (Slot::Reference { .. } | Slot::Attribute, _) => {}
        }
    }
}
