//! Nodes that only got another id.
//!
//! A removed node and an added one are the same when everything about them is, targets among renamed nodes apart, and
//! when no other removed or added node looks like them; a guess would confuse more than two plain changes do.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    diff::{Change, ChangeKind},
    part::Part,
};
use crate::source::escape;

/// The old document with the ids of the new one, and the renamings as changes.
pub(super) fn follow(mut old: Value, new: &Value) -> (Value, Vec<Change>) {
    let renamed = renamed(&nodes(&old), &nodes(new));
    if renamed.is_empty() {
        return (old, Vec::new());
    }
    apply(&mut old, &renamed);
    let changes = renamed.into_iter().map(|(from, to)| {
        let pointer = format!("/nodes/{}", escape(&to));
        Change::new(
            Part::Node { node: from.clone() },
            ChangeKind::Renamed,
            &pointer,
            Some(json!(from)),
            Some(json!(to)),
        )
    });
    let changes = changes.collect();
    (old, changes)
}

fn nodes(document: &Value) -> Map<String, Value> {
    document.get("nodes").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Old ids with the new ones.
fn renamed(old: &Map<String, Value>, new: &Map<String, Value>) -> BTreeMap<String, String> {
    let removed = looks(old, new);
    let mut added = looks(new, old);
    removed
        .into_iter()
        .filter_map(|(look, from)| {
            let to = added.remove(&look)?;
            Some((from?, to?))
        })
        .collect()
}

/// The nodes that the other document has not, by their looks: what is left when targets among such nodes are blurred.
/// `None` where two nodes look alike.
fn looks(of: &Map<String, Value>, other: &Map<String, Value>) -> BTreeMap<String, Option<String>> {
    let mut looks = BTreeMap::new();
    for (id, node) in of.iter().filter(|(id, _)| !other.contains_key(*id)) {
        let mut node = node.clone();
        for target in targets(&mut node) {
            if target.as_str().is_some_and(|to| !other.contains_key(to)) {
                *target = Value::Null;
            }
        }
        looks.entry(node.to_string()).and_modify(|twin| *twin = None).or_insert_with(|| Some(id.clone()));
    }
    looks
}

fn targets(node: &mut Value) -> impl Iterator<Item = &mut Value> {
    node.get_mut("exits").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

/// Gives nodes their new ids, wherever the document names them.
fn apply(document: &mut Value, renamed: &BTreeMap<String, String>) {
    let follow = |value: &mut Value| {
        if let Some(to) = value.as_str().and_then(|id| renamed.get(id)) {
            *value = json!(to);
        }
    };
    if let Some(nodes) = document.get_mut("nodes").and_then(Value::as_object_mut) {
        let before = std::mem::take(nodes);
        for (id, mut node) in before {
            targets(&mut node).for_each(follow);
            nodes.insert(renamed.get(&id).cloned().unwrap_or(id), node);
        }
    }
    document.get_mut("entry").into_iter().for_each(follow);
    let handlers = document.get_mut("handlers").and_then(Value::as_object_mut);
    handlers.into_iter().flat_map(Map::values_mut).for_each(follow);
    let tests = document.get_mut("tests").and_then(Value::as_array_mut).into_iter().flatten();
    let steps = tests.filter_map(|test| test.get_mut("steps")?.as_array_mut()).flatten();
    for expect in steps.filter_map(|step| step.get_mut("expect")) {
        expect.get_mut("at").into_iter().for_each(follow);
        for taken in expect.get_mut("exits").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some((node, exit)) = taken.as_str().and_then(|taken| taken.split_once('.')) else { continue };
            if let Some(to) = renamed.get(node) {
                *taken = json!(format!("{to}.{exit}"));
            }
        }
    }
}
