//! Definite assignment: an attribute is read only where every way from the start has given it a value.
//!
//! A forward flow of facts over the graph: what is surely assigned at a node is what is surely assigned behind every
//! exit that leads to it. Attributes with a default and inputs always are. An exit taken on a failure or a deadline
//! assigns nothing; handlers may be entered from anywhere, so nothing is sure there.
//!
//! An attribute that some script holds against `()` is left alone: its author knows that it may have no value.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::graph::NodeIndex;

use super::{
    codes::Code,
    reading::{Token, asks_for_nothing, readings},
    sink::Sink,
    world::{Node, World},
};
use crate::{
    descriptor::{ExitRole, Slot},
    document::Target,
    name::AttributeName,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    if world.is_partly_unknown() {
        return;
    }
    let tracked = tracked(world);
    if tracked.is_empty() {
        return;
    }
    let table = table_readings(world, &tracked);
    let assigned = solve(world, &tracked);
    for (index, node) in world.nodes.iter().enumerate() {
        let Some(assigned) = &assigned[index] else { continue };
        let mut reported = BTreeSet::new();
        for (pointer, attribute) in node_readings(world, node, &tracked, &table) {
            if assigned.has(tracked[attribute]) || !reported.insert(attribute) {
                continue;
            }
            let message = Words::new(
                format!("'{}' reads the attribute '{attribute}', which may have no value there", node.id),
                format!(
                    "« {} » lit l’attribut « {attribute} », qui peut ne pas avoir de valeur à cet endroit",
                    node.id
                ),
            );
            sink.value(Code::UnassignedAttribute, &pointer, message);
        }
    }
}

/// Attributes by their number; only those that may be without a value somewhere.
type Tracked<'a> = BTreeMap<&'a str, usize>;

fn tracked<'a>(world: &World<'a>) -> Tracked<'a> {
    let mut known_to_miss = BTreeSet::new();
    for source in world.sources() {
        if asks_for_nothing(&source.tokens) {
            known_to_miss.extend(readings(&source.tokens).iter().map(|reading| reading.attribute.to_owned()));
        }
    }
    let document = world.document;
    let open = document.attributes.iter().filter(|(name, spec)| {
        spec.default.is_none() && !document.inputs.contains_key(*name) && !known_to_miss.contains(name.as_str())
    });
    open.enumerate().map(|(number, (name, _))| (AttributeName::as_str(name), number)).collect()
}

/// The attributes that each text of the table reads.
fn table_readings<'a>(world: &World<'a>, tracked: &Tracked<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut table: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in world.table_sources() {
        let Some(key) = source.pointer.split('/').nth(2) else { continue };
        let Some((key, _)) = world.document.texts.get_key_value(key) else { continue };
        let read = readings(&source.tokens)
            .into_iter()
            .filter_map(|r| tracked.get_key_value(r.attribute).map(|(name, _)| *name));
        table.entry(key.as_str()).or_default().extend(read);
    }
    table
}

/// Every attribute that a node reads, with where.
fn node_readings<'a>(
    world: &World<'a>,
    node: &Node<'a>,
    tracked: &Tracked<'a>,
    table: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> Vec<(String, &'a str)> {
    let mut found = Vec::new();
    for source in world.sources_of(node) {
        let read = readings(&source.tokens).into_iter().filter_map(|r| tracked.get_key_value(r.attribute));
        found.extend(read.map(|(name, _)| (source.pointer.clone(), *name)));
    }
    for slot in node.slots.iter().filter(|slot| slot.slot == Slot::Text) {
        let read = slot.text().and_then(|text| table.get(text.strip_prefix('@')?)).into_iter().flatten();
        found.extend(read.map(|name| (node.config_pointer(&slot.pointer), *name)));
    }
    found
}

/// The attributes that a node assigns before it leaves by an ordinary exit. A script that sets anything is taken to set
/// every attribute that it names.
fn writes(node: &Node<'_>, tracked: &Tracked<'_>) -> Set {
    let mut set = Set::empty(tracked.len());
    for slot in &node.slots {
        match (&slot.slot, slot.text()) {
            (Slot::Attribute, Some(name)) => set.extend(tracked.get(name).copied()),
            (Slot::Script, Some(script)) => {
                let tokens = super::reading::tokens(script);
                let sets = tokens.iter().any(|token| matches!(token, Token::Word("set") | Token::Text("set")));
                let names = tokens.iter().filter_map(|token| match token {
                    Token::Word(name) | Token::Text(name) => tracked.get(name).copied(),
                    Token::Number(_) | Token::Symbol(_) => None,
                });
                if sets {
                    set.extend(names);
                }
            }
            (
                Slot::Attribute
                | Slot::Script
                | Slot::Expression { .. }
                | Slot::Template
                | Slot::Text
                | Slot::Reference { .. },
                _,
            ) => {}
        }
    }
    set
}

/// What is surely assigned on entering each node; nothing for nodes that cannot be reached.
fn solve(world: &World<'_>, tracked: &Tracked<'_>) -> Vec<Option<Set>> {
    let writes: Vec<Set> = world.nodes.iter().map(|node| writes(node, tracked)).collect();
    let mut assigned: Vec<Option<Set>> = vec![None; world.nodes.len()];
    let mut waiting: VecDeque<NodeIndex> = VecDeque::new();
    for root in &world.graph.roots {
        assigned[root.index()] = Some(Set::empty(tracked.len()));
        waiting.push_back(*root);
    }
    // Each visit follows a set that shrank, so a node is visited once per tracked attribute at most.
    while let Some(index) = waiting.pop_front() {
        let node = &world.nodes[index.index()];
        let Some(before) = assigned[index.index()].clone() else { continue };
        let after = before.union(&writes[index.index()]);
        for (exit, target) in &node.document.exits {
            let Target::Node(to) = target else { continue };
            let Some(to) = world.graph.index(to) else { continue };
            let role = node.kind.map_or(ExitRole::Normal, |kind| kind.descriptor.exits.role(exit.as_str()));
            let brought = match role {
                ExitRole::Normal | ExitRole::Repeat => &after,
                ExitRole::Timeout | ExitRole::Error => &before,
            };
            let there = &mut assigned[to.index()];
            let met = there.as_ref().map_or_else(|| brought.clone(), |there| there.intersection(brought));
            if there.as_ref() != Some(&met) {
                *there = Some(met);
                waiting.push_back(to);
            }
        }
    }
    assigned
}

/// A set of attribute numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Set(Vec<u64>);

impl Set {
    fn empty(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    fn extend(&mut self, numbers: impl IntoIterator<Item = usize>) {
        numbers.into_iter().for_each(|number| self.0[number / 64] |= 1 << (number % 64));
    }

    fn has(&self, number: usize) -> bool {
        self.0[number / 64] & 1 << (number % 64) != 0
    }

    fn union(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    fn intersection(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }
}
