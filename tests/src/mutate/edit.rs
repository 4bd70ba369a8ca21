//! The bed a mistake is made in, and mistakes as data: edits of a document, or of its text.

use std::collections::BTreeSet;

use routewright_engine::node::Registry;
use routewright_flows::{
    Descriptor, ExitRole,
    check::Kinds,
    descriptor::{ReferenceKind, Slot},
    slots::SlotMap,
    source::escape,
};
use serde_json::{Map, Value};

/// One mistake: the edits that make it.
#[derive(Debug, Clone)]
pub struct Defect(Vec<Edit>);

/// One change of a document.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Puts a value at a pointer; `-` appends to a list.
    Set(String, Value),
    /// Takes the value at a pointer away.
    Remove(String),
    /// Calls the member at a pointer otherwise.
    Rename(String, String),
    /// Cuts the character out of the canonical text that stands there.
    Cut(usize),
    /// Writes the first member of the document twice.
    Twice,
}

impl Defect {
    /// A mistake of one edit.
    pub(super) fn of(edit: Edit) -> Self {
        Self(vec![edit])
    }

    /// What is done, for people.
    #[must_use]
    pub fn what(&self) -> String {
        format!("{:?}", self.0)
    }

    /// A mistake that takes several edits.
    pub(super) fn all(edits: Vec<Edit>) -> Self {
        Self(edits)
    }

    /// The document as a file, with the mistake in it.
    #[must_use]
    pub fn text(&self, document: &Value) -> String {
        let mut document = document.clone();
        for edit in &self.0 {
            edit.apply(&mut document);
        }
        let mut text = format!("{document:#}");
        for edit in &self.0 {
            match edit {
                Edit::Cut(at) => drop(text.remove(*at)),
                Edit::Twice => text.insert_str(1, "\n  \"id\": \"twice\","),
                Edit::Set(..) | Edit::Remove(_) | Edit::Rename(..) => {}
            }
        }
        text
    }

    /// Where places of the document are once the mistake is made; `None` for one that is gone.
    pub(super) fn moved<'p>(&self, document: &Value, places: impl Iterator<Item = &'p str>) -> Vec<Option<String>> {
        let mut places: Vec<Option<String>> = places.map(|place| Some(place.to_owned())).collect();
        let mut document = document.clone();
        for edit in &self.0 {
            places.iter_mut().for_each(|place| *place = place.as_ref().and_then(|place| edit.moved(&document, place)));
            edit.apply(&mut document);
        }
        places
    }
}

/// The pointer of what holds a place, and the place's name or number in it.
fn split(pointer: &str) -> (&str, String) {
    let (holder, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    (holder, key.replace("~1", "/").replace("~0", "~"))
}

/// Where a place is once an earlier element of its list is taken away; `None` for a place that stays.
fn closed_up(document: &Value, removed: &str, place: &str) -> Option<String> {
    let (list, number) = split(removed);
    document.pointer(list)?.as_array()?;
    let inside = place.strip_prefix(list)?.strip_prefix('/')?;
    let (own, further) = inside.split_at(inside.find('/').unwrap_or(inside.len()));
    let own: usize = own.parse().ok()?;
    (number.parse::<usize>().ok()? < own).then(|| format!("{list}/{}{further}", own - 1))
}

impl Edit {
    /// Where a place of the document is once the edit is made; `None` for one that is gone.
    fn moved(&self, document: &Value, place: &str) -> Option<String> {
        let under = |pointer: &str| place.strip_prefix(pointer).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match self {
            Self::Remove(pointer) => match under(pointer) {
                Some(_) => None,
                None => Some(closed_up(document, pointer, place).unwrap_or_else(|| place.to_owned())),
            },
            Self::Rename(pointer, name) => match under(pointer) {
                Some(rest) => Some(format!("{}/{}{rest}", split(pointer).0, escape(name))),
                None => Some(place.to_owned()),
            },
            Self::Set(..) | Self::Cut(_) | Self::Twice => Some(place.to_owned()),
        }
    }

    fn apply(&self, document: &mut Value) {
        match self {
            Self::Set(pointer, value) => {
                let (parent, key) = split(pointer);
                match holder(document, parent) {
                    Value::Array(items) => match key.parse::<usize>() {
                        Ok(index) => items[index] = value.clone(),
                        Err(_) => items.push(value.clone()),
                    },
                    Value::Object(fields) => drop(fields.insert(key, value.clone())),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                }
            }
            Self::Remove(pointer) => {
                let (parent, key) = split(pointer);
                match holder(document, parent) {
                    Value::Array(items) => drop(key.parse().map(|index: usize| items.remove(index))),
                    Value::Object(fields) => drop(fields.remove(&key)),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                }
            }
            Self::Rename(pointer, name) => {
                let (parent, key) = split(pointer);
                if let Value::Object(fields) = holder(document, parent)
                    && let Some(value) = fields.remove(&key)
                {
                    fields.insert(name.clone(), value);
                }
            }
            Self::Cut(_) | Self::Twice => {}
        }
    }
}

/// The container at a pointer; objects on the way that are not there are made, as an author would make them.
fn holder<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Value {
    let mut at = document;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        at = match at {
            Value::Array(items) => {
                let index = token.parse::<usize>().unwrap_or(0).min(items.len().saturating_sub(1));
                &mut items[index]
            }
            other => {
                if !other.is_object() {
                    *other = Value::Object(Map::new());
                }
                other[token.as_str()].take_or_object()
            }
        };
    }
    at
}

trait TakeOrObject {
    fn take_or_object(&mut self) -> &mut Value;
}

impl TakeOrObject for Value {
    fn take_or_object(&mut self) -> &mut Value {
        if self.is_null() {
            *self = Self::Object(Map::new());
        }
        self
    }
}

/// A flow among others, with the node types.
pub(super) struct Bed<'a> {
    pub(super) flows: &'a [Value],
    /// Which of them is to be spoilt.
    pub(super) at: usize,
    pub(super) registry: &'a Registry,
}

/// A node of the flow.
pub(super) struct Spot<'a> {
    pub(super) id: &'a str,
    pub(super) node: &'a Value,
    pub(super) descriptor: &'a Descriptor,
}

/// A slot that a node fills, with its pointer into the document.
pub(super) struct Filled<'a> {
    pub(super) pointer: String,
    pub(super) slot: Slot,
    pub(super) text: &'a str,
    /// True for the key of a member.
    pub(super) is_key: bool,
}

impl<'a> Bed<'a> {
    pub(super) fn flow(&self) -> &'a Value {
        &self.flows[self.at]
    }

    /// The nodes that something leads to. What is done to another changes nothing that ever happens, and it is found
    /// already.
    pub(super) fn spots(&self) -> Vec<Spot<'a>> {
        let live = self.reachable(&self.roots(), None);
        self.all().into_iter().filter(|spot| live.contains(spot.id)).collect()
    }

    fn all(&self) -> Vec<Spot<'a>> {
        let nodes = self.flow()["nodes"].as_object().into_iter().flatten();
        let known = nodes.filter_map(|(id, node)| {
            let descriptor = self.registry.descriptor(node["kind"].as_str()?)?;
            Some(Spot { id, node, descriptor })
        });
        known.collect()
    }

    /// Every slot of every node.
    pub(super) fn slots(&self) -> Vec<Filled<'a>> {
        self.spots().iter().flat_map(Spot::slots).collect()
    }

    /// What the flow names of the catalogue.
    pub(super) fn references(&self) -> Vec<(ReferenceKind, String)> {
        let slots = self.all().into_iter().flat_map(|spot| spot.slots());
        let named = slots.filter_map(|filled| match filled.slot {
            Slot::Reference { to } => Some((to, filled.text.to_owned())),
            Slot::Expression { .. } | Slot::Script | Slot::Template | Slot::Text | Slot::Attribute => None,
        });
        named.collect()
    }

    /// Nodes that something leads to from these, themselves included.
    pub(super) fn reachable(&self, from: &[&str], without: Option<&str>) -> BTreeSet<String> {
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut left: Vec<String> = from.iter().map(|id| (*id).to_owned()).collect();
        while let Some(id) = left.pop() {
            if Some(id.as_str()) == without || !reached.insert(id.clone()) {
                continue;
            }
            let exits = self.flow()["nodes"][&id]["exits"].as_object().into_iter().flatten();
            left.extend(exits.filter_map(|(_, to)| Some(to.as_str()?.to_owned())));
        }
        reached
    }

    /// True for the entry and the nodes of the handlers.
    pub(super) fn is_root(&self, id: &str) -> bool {
        self.roots().contains(&id)
    }

    fn roots(&self) -> Vec<&'a str> {
        let flow = self.flow();
        let roots = [&flow["entry"], &flow["handlers"]["error"], &flow["handlers"]["disconnect"]];
        roots.into_iter().filter_map(Value::as_str).collect()
    }

    /// The attributes and inputs that the flow declares, with their declarations.
    pub(super) fn attributes(&self) -> Vec<(&'a str, &'static str, &'a Value)> {
        ["attributes", "inputs"]
            .into_iter()
            .flat_map(|table| {
                let all = self.flow()[table].as_object().into_iter().flatten();
                all.map(move |(name, spec)| (name.as_str(), table, spec))
            })
            .collect()
    }

    /// Every text of the flow: pointer of the text by language, and the languages.
    pub(super) fn texts(&self) -> Vec<(String, &'a Map<String, Value>)> {
        let table = self.flow()["texts"].as_object().into_iter().flatten();
        let table = table.filter_map(|(key, text)| Some((format!("/texts/{}", escape(key)), text.as_object()?)));
        let inline = self.spots().into_iter().flat_map(|spot| {
            let Some(config) = spot.node["config"].as_object() else { return Vec::new() };
            let found = SlotMap::of(&spot.descriptor.config).find(config);
            found
                .into_iter()
                .filter(|found| found.slot == Slot::Text)
                .filter_map(|found| {
                    let pointer = spot.config(&found.pointer);
                    let routewright_flows::slots::SlotContent::Value(value) = found.content else { return None };
                    Some((pointer, value.as_object()?))
                })
                .collect::<Vec<_>>()
        });
        table.chain(inline).collect()
    }
}

impl<'a> Spot<'a> {
    pub(super) fn pointer(&self, path: &str) -> String {
        format!("/nodes/{}{path}", self.id)
    }

    pub(super) fn config(&self, path: &str) -> String {
        format!("/nodes/{}/config{path}", self.id)
    }

    pub(super) fn exits(&self) -> Vec<(&'a str, &'a Value)> {
        let exits = self.node["exits"].as_object().into_iter().flatten();
        exits.map(|(name, to)| (name.as_str(), to)).collect()
    }

    pub(super) fn role(&self, exit: &str) -> ExitRole {
        self.descriptor.exits.role(exit)
    }

    pub(super) fn slots(&self) -> Vec<Filled<'a>> {
        let Some(config) = self.node["config"].as_object() else { return Vec::new() };
        let found = SlotMap::of(&self.descriptor.config).find(config);
        let filled = found.into_iter().filter_map(|found| {
            let is_key = matches!(found.content, routewright_flows::slots::SlotContent::Key(_));
            Some(Filled { pointer: self.config(&found.pointer), text: found.text()?, slot: found.slot, is_key })
        });
        filled.collect()
    }

    /// Names of exits that the configuration gives, with where.
    pub(super) fn named_exits(&self) -> Vec<(String, &'a str)> {
        let Some(config) = self.node["config"].as_object() else { return Vec::new() };
        self.descriptor.exits.named_in(config).into_iter().map(|exit| (self.config(&exit.pointer), exit.name)).collect()
    }
}

/// A slip of the pen: two letters swapped where they differ, else one more letter.
pub(super) fn slip(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = (1..letters.len())
        .rev()
        .find(|at| letters[*at] != letters[at - 1] && letters[*at].is_alphabetic() && letters[at - 1].is_alphabetic());
    match at {
        Some(at) => letters.swap(at, at - 1),
        None => letters.push('x'),
    }
    letters.into_iter().collect()
}
