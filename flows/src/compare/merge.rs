//! Two lines of work on one document brought together: what one side changed is taken, what both changed differently is a
//! conflict that shows both.
//!
//! Independent edits merge to the same content whichever side is called ours. At a conflict the merged document keeps
//! ours, and the conflict carries the other side, so nothing is lost. Layout never conflicts.
//!
//! It deliberately does not judge the merged flow: two sound edits may make an unsound whole, which
//! [`check`](crate::check) sees. The one exception is a node that one side removed and the other began to use.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    diff::is_reordered,
    grain::{Grain, List, Members, Place, names},
    part::{Part, alike, value_words},
};
use crate::{canonical, document::FlowDocument, words::Words};

/// What came of a merge.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The merged document; at conflicts it has our side.
    pub document: FlowDocument,
    /// What both sides changed, by part of the document.
    pub conflicts: Vec<Conflict>,
}

/// One part that both sides changed, differently.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// What both changed.
    #[serde(flatten)]
    pub part: Part,
    /// Where it is, as a JSON pointer into our document; into another where ours has it no longer.
    pub pointer: String,
    /// The value that both started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Value>,
    /// Our value; absent when we removed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<Value>,
    /// Their value; absent when they removed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// The conflict as a sentence.
    pub words: Words,
}

/// Brings together what two sides made of one document.
#[must_use]
pub fn merge(base: &FlowDocument, ours: &FlowDocument, theirs: &FlowDocument) -> Merged {
    let values = [base, ours, theirs].map(canonical::to_value);
    let [base, ours, theirs] = values.each_ref();
    let mut merger = Merger::default();
    let merged = merger.values(&Place::default(), [Some(base), Some(ours), Some(theirs)]).unwrap_or_default();
    merger.lost_targets(&merged, ours, theirs);
    merger.conflicts.sort_by(|a, b| (&a.part, &a.pointer).cmp(&(&b.part, &b.pointer)));
    let document = FlowDocument::deserialize(&merged)
        .expect("every strict value comes whole from one of three documents, and no side can drop a required field");
    Merged { document, conflicts: merger.conflicts }
}

/// What stands at one place in base, ours and theirs.
type Sides<'v> = [Option<&'v Value>; 3];

#[derive(Default)]
struct Merger {
    conflicts: Vec<Conflict>,
}

impl Merger {
    fn values(&mut self, place: &Place, sides: Sides<'_>) -> Option<Value> {
        let [base, ours, theirs] = sides;
        if ours == theirs || base == theirs {
            return ours.cloned();
        }
        if base == ours {
            return theirs.cloned();
        }
        match Grain::of(place, sides) {
            Grain::Members(members) if !is_another_thing(place, &members) => Some(self.members(place, &members)),
            Grain::Set(sets) => Some(merge_sets(&sets)),
            Grain::List(lists) => Some(self.lists(place, sides, &lists)),
            Grain::Whole | Grain::Members(_) => {
                self.conflict(place, sides);
                ours.cloned()
            }
        }
    }

    fn members(&mut self, place: &Place, members: &[Members<'_>; 3]) -> Value {
        let [base, ours, theirs] = members;
        let mut merged = Map::new();
        for key in names(&[base, ours, theirs]) {
            let sides = members.each_ref().map(|side| side.get(key).copied());
            if let Some(value) = self.values(&place.member(key), sides) {
                merged.insert(key.to_owned(), value);
            }
        }
        Value::Object(merged)
    }

    fn lists(&mut self, place: &Place, sides: Sides<'_>, lists: &[List<'_>; 3]) -> Value {
        let [base, ours, theirs] = lists;
        let order = order(base, ours, theirs).unwrap_or_else(|| {
            self.conflict(place, sides);
            with_additions(&ours.order, base, ours, theirs)
        });
        let merged = order.into_iter().filter_map(|key| {
            let found = lists.each_ref().map(|list| list.elements.get(key));
            let [base, ours, theirs] = found;
            let index = ours.or(base).or(theirs).map_or(0, |(index, _)| *index);
            self.values(&place.element(key, index), found.map(|found| found.map(|(_, value)| *value)))
        });
        Value::Array(merged.collect())
    }

    fn conflict(&mut self, place: &Place, [base, ours, theirs]: Sides<'_>) {
        let part = Part::at(&place.names);
        if matches!(part, Part::Layout { .. }) {
            return;
        }
        let what = part.words();
        let left_out = alike(ours, theirs);
        let shown = |side: Option<&Value>| {
            side.map_or_else(|| Words::new("nothing", "rien"), |value| value_words(value, left_out))
        };
        let (o, t) = (shown(ours), shown(theirs));
        let words = match (ours, theirs) {
            (None, _) => Words::new(
                format!("{} was removed by us and changed by them", what.en),
                format!("{} : supprimé de notre côté, modifié de l’autre", what.fr),
            ),
            (_, None) => Words::new(
                format!("{} was changed by us and removed by them", what.en),
                format!("{} : modifié de notre côté, supprimé de l’autre", what.fr),
            ),
            (Some(_), Some(_)) => Words::new(
                format!("{} was changed by both: {} here, {} there", what.en, o.en, t.en),
                format!("{} : modifié des deux côtés, {} ici, {} de l’autre", what.fr, o.fr, t.fr),
            ),
        };
        let [base, ours, theirs] = [base, ours, theirs].map(Option::<&Value>::cloned);
        self.conflicts.push(Conflict { part, pointer: place.pointer.clone(), base, ours, theirs, words });
    }

    /// Exits, entry and handlers that lead to a node which the other side removed.
    fn lost_targets(&mut self, merged: &Value, ours: &Value, theirs: &Value) {
        let has = |document: &Value, id: &str| document["nodes"].get(id).is_some();
        let reported: BTreeSet<String> = self.conflicts.iter().map(|conflict| conflict.pointer.clone()).collect();
        for place in ways(merged) {
            let Some(id) = merged.pointer(&place.pointer).and_then(Value::as_str) else { continue };
            let removed_by_one = has(ours, id) != has(theirs, id);
            if has(merged, id) || !removed_by_one || reported.contains(&place.pointer) {
                continue;
            }
            let (part, node) = (Part::at(&place.names), Part::Node { node: id.to_owned() });
            let (what, node) = (part.words(), node.words());
            let words = Words::new(
                format!("{} leads to {}, which the other side removed", what.en, node.en),
                format!("{} mène à un nœud que l’autre côté a supprimé : {}", what.fr, node.fr),
            );
            let side = |document: &Value| document.pointer(&place.pointer).cloned();
            let (ours, theirs) = (side(ours), side(theirs));
            self.conflicts.push(Conflict { part, pointer: place.pointer, base: None, ours, theirs, words });
        }
    }
}

/// Every place of a document that may name a node to go to.
fn ways(document: &Value) -> Vec<Place> {
    let root = Place::default();
    let mut ways = vec![root.member("entry")];
    let keys = |value: Option<&Value>| -> Vec<String> {
        value.and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect()
    };
    ways.extend(keys(document.get("handlers")).iter().map(|handler| root.member("handlers").member(handler)));
    for node in keys(document.get("nodes")) {
        let exits = root.member("nodes").member(&node).member("exits");
        ways.extend(keys(document.pointer(&exits.pointer)).iter().map(|exit| exits.member(exit)));
    }
    ways
}

/// Fields that say what the other fields of a thing mean.
const MEANING: [&str; 2] = ["kind", "type"];

/// Fields that mean the same whatever the thing is.
const REMARKS: [&str; 4] = ["title", "note", "description", "vendor"];

/// True when one side made another thing of it (another kind of node, another type of attribute) while the other side
/// went on changing what it was.
fn is_another_thing(place: &Place, [base, ours, theirs]: &[Members<'_>; 3]) -> bool {
    let is_table = place.names.len() < 2 || matches!(place.names.get(2).map(String::as_str), Some("exits" | "title"));
    let turned = |side: &Members<'_>| MEANING.iter().any(|field| base.get(field) != side.get(field));
    let edited = |side: &Members<'_>| {
        names(&[base, side]).into_iter().any(|field| !REMARKS.contains(&field) && base.get(field) != side.get(field))
    };
    !is_table && (turned(ours) && edited(theirs) || turned(theirs) && edited(ours))
}

fn merge_sets([base, ours, theirs]: &[BTreeSet<&str>; 3]) -> Value {
    let kept =
        ours.union(theirs).filter(|name| !base.contains(*name) || ours.contains(*name) && theirs.contains(*name));
    kept.copied().collect()
}

/// The order of a merged list, or nothing when both sides moved elements in different ways.
fn order<'v>(base: &List<'v>, ours: &List<'v>, theirs: &List<'v>) -> Option<Vec<&'v str>> {
    let skeleton = match (is_reordered(base, ours), is_reordered(base, theirs)) {
        (false, false) => &base.order,
        (true, false) => &ours.order,
        (false, true) => &theirs.order,
        (true, true) if is_reordered(ours, theirs) => return None,
        (true, true) => &ours.order,
    };
    Some(with_additions(skeleton, base, ours, theirs))
}

/// Elements in the order of a skeleton; those that a side added follow the element they followed there. Where both added
/// after the same element the names decide, so that the order does not depend on whose side is whose.
fn with_additions<'v>(skeleton: &[&'v str], base: &List<'v>, ours: &List<'v>, theirs: &List<'v>) -> Vec<&'v str> {
    let mut runs: BTreeMap<Option<&str>, BTreeSet<Vec<&'v str>>> = BTreeMap::new();
    for side in [ours, theirs] {
        let mut starts: BTreeMap<Option<&str>, Vec<&'v str>> = BTreeMap::new();
        let mut after = None;
        for name in &side.order {
            if base.elements.contains_key(name) {
                after = Some(*name);
            } else {
                starts.entry(after).or_default().push(name);
            }
        }
        for (after, run) in starts {
            runs.entry(after).or_default().insert(run);
        }
    }
    let old = skeleton.iter().filter(|name| base.elements.contains_key(**name));
    // Elements that the skeleton's side removed still say where the other side's additions go.
    let kept: BTreeSet<&str> = skeleton.iter().copied().collect();
    let removed = base.order.iter().filter(|name| !kept.contains(**name));
    let anchors = std::iter::once(None).chain(old.chain(removed).copied().map(Some));
    let mut placed = BTreeSet::new();
    let mut order = Vec::new();
    for anchor in anchors {
        let run = runs.remove(&anchor).into_iter().flatten().flatten();
        for name in anchor.into_iter().chain(run) {
            if placed.insert(name) {
                order.push(name);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests;
