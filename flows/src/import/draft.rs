//! A document while it is made: what the mapping of a node may ask for, and what it gives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    binding::{Binding, BindingKind, BindingTable},
    names::{self, Names},
};
use crate::{
    document::{AttributeSpec, AttributeType},
    name::{AttributeName, FlowId, Locale, TextKey},
    words::{Localised, Words},
};

/// A node of the document, made for a source node.
#[derive(Debug)]
pub(super) struct Step {
    /// Its kind.
    pub(super) kind: &'static str,
    /// What distinguishes its id from that of the source node's first step.
    pub(super) part: &'static str,
    /// Its settings.
    pub(super) config: Map<String, Value>,
    /// Where its exits lead.
    pub(super) exits: Vec<(String, Goal)>,
}

/// Where an exit of a step leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// Where an edge of the source node leads.
    Edge(usize),
    /// To another step of the same source node, counted from 0.
    Step(usize),
    /// The flow ends.
    End(&'static str),
}

impl Step {
    pub(super) fn new(kind: &'static str, part: &'static str, config: Value) -> Self {
        let Value::Object(config) = config else { unreachable!("settings are written as objects in this crate") };
        Self { kind, part, config, exits: Vec::new() }
    }

    pub(super) fn exit(mut self, name: impl Into<String>, goal: Goal) -> Self {
        self.exits.push((name.into(), goal));
        self
    }

    /// An exit for an edge that the source may leave out.
    pub(super) fn exit_if(self, name: &str, edge: Option<usize>) -> Self {
        match edge {
            Some(edge) => self.exit(name, Goal::Edge(edge)),
            None => self,
        }
    }

    /// An exit for an edge that the source may leave out, and an end where it does.
    pub(super) fn exit_or(self, name: &str, edge: Option<usize>, end: &'static str) -> Self {
        self.exit(name, edge.map_or(Goal::End(end), Goal::Edge))
    }
}

/// Why a node has no equivalent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foreign {
    pub(super) reason: Words,
}

impl Foreign {
    pub(super) fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { reason: Words::new(en, fr) }
    }

    /// For types that are not mapped at all.
    pub(super) fn unknown(kind: &str) -> Self {
        Self::new(format!("the type '{kind}' has no equivalent"), format!("le type « {kind} » n’a pas d’équivalent"))
    }
}

/// An approximation, said while a node is mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) reason: Words,
    pub(super) hint: Words,
}

/// What is collected for one document.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    /// The document.
    pub(super) flow: &'a FlowId,
    /// Flows of this import, by the vendor's id.
    pub(super) flows: &'a BTreeMap<&'a str, &'a FlowId>,
    /// Attributes by the name the source gives them.
    pub(super) attributes: BTreeMap<String, AttributeName>,
    pub(super) specs: BTreeMap<AttributeName, AttributeSpec>,
    pub(super) texts: BTreeMap<TextKey, Localised>,
    /// Helpers that translated expressions call.
    pub(super) functions: BTreeSet<&'static str>,
    pub(super) notes: Vec<Note>,
    /// What the node being mapped has added to the above.
    added: Added,
    /// The id of the node being mapped.
    pub(super) node: String,
    /// Everything that the source's nodes say, for what is worth keeping only when something reads it.
    source: &'a str,
    table: &'a mut BindingTable,
    attribute_names: Names,
    text_names: Names,
}

/// What one node has added, so that it can be taken back without a copy of everything before it.
#[derive(Debug, Default)]
struct Added {
    attributes: Vec<String>,
    texts: Vec<TextKey>,
    functions: Vec<&'static str>,
}

/// Languages of one text, each in its turn.
pub(super) type Said = BTreeMap<Locale, String>;

impl<'a> Draft<'a> {
    pub(super) fn new(
        flow: &'a FlowId,
        flows: &'a BTreeMap<&'a str, &'a FlowId>,
        source: &'a str,
        table: &'a mut BindingTable,
    ) -> Self {
        Self {
            flow,
            flows,
            attributes: BTreeMap::new(),
            specs: BTreeMap::new(),
            texts: BTreeMap::new(),
            functions: BTreeSet::new(),
            notes: Vec::new(),
            added: Added::default(),
            node: String::new(),
            source,
            table,
            attribute_names: Names::default(),
            text_names: Names::default(),
        }
    }

    /// The next node is mapped under this id.
    pub(super) fn begin(&mut self, node: &str) {
        node.clone_into(&mut self.node);
        self.added = Added::default();
    }

    /// Takes back what the node has added and said.
    pub(super) fn take_back(&mut self) {
        let Added { attributes, texts, functions } = std::mem::take(&mut self.added);
        for name in attributes.iter().filter_map(|path| self.attributes.remove(path)) {
            self.specs.remove(&name);
        }
        for key in texts {
            self.texts.remove(&key);
        }
        for function in functions {
            self.functions.remove(function);
        }
        self.notes.clear();
    }

    /// The attribute that holds what the source calls `path`; declared at its first use. Source variables have no
    /// type, so it may hold anything.
    pub(super) fn attribute(&mut self, path: &str) -> AttributeName {
        if let Some(name) = self.attributes.get(path) {
            return name.clone();
        }
        let unique = self.attribute_names.unique(&names::variable(path), "value");
        let name = AttributeName::new(&unique).expect("a unique variable name begins with a letter");
        let spec = AttributeSpec { kind: AttributeType::Any, one_of: None, default: None, description: None };
        self.specs.insert(name.clone(), spec);
        self.attributes.insert(path.to_owned(), name.clone());
        self.added.attributes.push(path.to_owned());
        name
    }

    /// A helper that an expression calls; the document's library gets it.
    pub(super) fn function(&mut self, name: &'static str) -> &'static str {
        if self.functions.insert(name) {
            self.added.functions.push(name);
        }
        name
    }

    /// True when something in the source names this.
    pub(super) fn reads(&self, reference: &str) -> bool {
        self.source.contains(reference)
    }

    /// Puts a text into the table and gives the reference to it.
    pub(super) fn text(&mut self, part: &str, said: Said) -> Value {
        let wanted = if part.is_empty() { self.node.clone() } else { format!("{}_{part}", self.node) };
        let key = self.text_names.unique(&wanted, "text");
        let key = TextKey::new(&key).expect("a name made here follows the rule of identifiers");
        let reference = json!(format!("@{key}"));
        self.added.texts.push(key.clone());
        self.texts.insert(key, Localised(said));
        reference
    }

    /// Says that something is only nearly the same.
    pub(super) fn note(&mut self, reason: (&str, &str), hint: (&str, &str)) {
        let note = Note { reason: Words::new(reason.0, reason.1), hint: Words::new(hint.0, hint.1) };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The row of the binding table for a source's id.
    pub(super) fn bind(&mut self, kind: BindingKind, source: &str, called: &str) -> &Binding {
        self.table.row(kind, source, called, self.flow.as_str())
    }

    /// The name of a skill, calendar or secret that stands for a source's id.
    pub(super) fn named(&mut self, kind: BindingKind, source: &str, called: &str) -> String {
        let row = self.bind(kind, source, called);
        row.value.clone().unwrap_or_else(|| row.name.clone())
    }

    /// The id of a flow that the source calls by its own id; bound when it is not part of this import.
    pub(super) fn flow(&mut self, source: &str, called: &str) -> String {
        match self.flows.get(source) {
            Some(id) => id.to_string(),
            None => self.named(BindingKind::Flow, source, called),
        }
    }

    /// The address of a function or service. Until it is bound it is one that can never answer (RFC 2606).
    pub(super) fn address(&mut self, source: &str, called: &str) -> String {
        let row = self.bind(BindingKind::Url, source, called);
        let host = row.name.to_ascii_lowercase().replace('_', "-");
        row.value.clone().unwrap_or_else(|| format!("https://{}.invalid", host.trim_matches('-')))
    }
}
