//! What changed between two documents, in the order a reader of the document meets it.
//!
//! A change of layout alone is no change. A node that only got another id is one change, not a removal, an addition and
//! one change per exit that led to it.
//!
//! It deliberately gives no way to apply a diff: versions are whole documents, and [`merge`](super::merge()) brings two
//! lines of work together.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    grain::{Grain, List, Place, names},
    part::{Part, alike, value_words},
    rename,
};
use crate::{canonical, document::FlowDocument, words::Words};

/// Everything that changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// The changes, by part of the document.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What changed.
    #[serde(flatten)]
    pub part: Part,
    /// What happened to it.
    pub change: ChangeKind,
    /// Where it is, as a JSON pointer into the new document; into the old one for what was removed.
    pub pointer: String,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The value now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// The change as a sentence.
    pub words: Words,
}

/// Ways to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
    /// It has another value.
    Changed,
    /// It has the same elements in another order.
    Reordered,
    /// It has another id and is otherwise the same.
    Renamed,
}

/// What changed from one document to another; empty when both behave alike.
#[must_use]
pub fn diff(old: &FlowDocument, new: &FlowDocument) -> Diff {
    let (before, renamed) = rename::follow(canonical::to_value(old), &canonical::to_value(new));
    let after = canonical::to_value(new);
    let mut walk = Walk { changes: renamed };
    walk.values(&Place::default(), Some(&before), Some(&after));
    walk.changes.sort_by(|a, b| (&a.part, &a.pointer).cmp(&(&b.part, &b.pointer)));
    Diff { changes: walk.changes }
}

impl Diff {
    /// True when nothing changed but, perhaps, the layout.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes as lines, in the reader's language.
    #[must_use]
    pub fn render(&self, language: &str) -> String {
        self.changes.iter().fold(String::new(), |mut out, change| {
            writeln!(out, "{}", change.words.for_language(language)).expect("writing to a String cannot fail");
            out
        })
    }
}

struct Walk {
    changes: Vec<Change>,
}

impl Walk {
    fn values(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        let layout = place.names.first().is_some_and(|name| name == "layout");
        if old == new || layout {
            return;
        }
        match Grain::of(place, [old, new]) {
            Grain::Whole => self.changes.push(change(place, old, new)),
            Grain::Members([old, new]) => {
                for key in names(&[&old, &new]) {
                    self.values(&place.member(key), old.get(key).copied(), new.get(key).copied());
                }
            }
            Grain::Set([old, new]) => {
                for name in old.symmetric_difference(&new) {
                    let value = Value::from(*name);
                    let place = Place { pointer: place.pointer.clone(), ..place.member(name) };
                    let (old, new) = (old.contains(name).then_some(&value), new.contains(name).then_some(&value));
                    self.changes.push(change(&place, old, new));
                }
            }
            Grain::List([old_list, new_list]) => {
                if is_reordered(&old_list, &new_list) {
                    self.changes.push(Change { change: ChangeKind::Reordered, ..change(place, old, new) }.in_words());
                }
                for key in names(&[&old_list.elements, &new_list.elements]) {
                    let (old, new) = (old_list.elements.get(key), new_list.elements.get(key));
                    let index = new.or(old).map_or(0, |(index, _)| *index);
                    self.values(&place.element(key, index), old.map(|(_, value)| *value), new.map(|(_, value)| *value));
                }
            }
        }
    }
}

/// True when the elements that both lists have come in another order.
pub(super) fn is_reordered(old: &List<'_>, new: &List<'_>) -> bool {
    let kept = old.order.iter().filter(|name| new.elements.contains_key(**name));
    let still = new.order.iter().filter(|name| old.elements.contains_key(**name));
    !kept.eq(still)
}

fn change(place: &Place, old: Option<&Value>, new: Option<&Value>) -> Change {
    let kind = match (old, new) {
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
        (Some(_), Some(_)) => ChangeKind::Changed,
    };
    Change::new(Part::at(&place.names), kind, &place.pointer, old.cloned(), new.cloned())
}

impl Change {
    pub(super) fn new(part: Part, change: ChangeKind, pointer: &str, old: Option<Value>, new: Option<Value>) -> Self {
        let words = Words::new("", "");
        Self { part, change, pointer: pointer.to_owned(), old, new, words }.in_words()
    }

    fn in_words(self) -> Self {
        let what = self.part.words();
        let left_out = alike(self.old.as_ref(), self.new.as_ref());
        let shown = |value: &Option<Value>| {
            value.as_ref().map_or_else(|| Words::new("", ""), |value| value_words(value, left_out))
        };
        let (old, new) = (shown(&self.old), shown(&self.new));
        let whole = matches!(self.part, Part::Node { .. } | Part::Channel { .. })
            || matches!(&self.part, Part::Test { path, .. } if path.is_empty());
        let exit = matches!(self.part, Part::Exit { .. });
        let (en, fr) = match self.change {
            ChangeKind::Added if whole => (format!("{} is new", what.en), format!("{} est un ajout", what.fr)),
            ChangeKind::Added if exit => (
                format!("{} is new and leads to {}", what.en, new.en),
                format!("{} est un ajout et mène à {}", what.fr, new.fr),
            ),
            ChangeKind::Added => {
                (format!("{} is new: {}", what.en, new.en), format!("{} est un ajout : {}", what.fr, new.fr))
            }
            ChangeKind::Removed if whole => (format!("{} is gone", what.en), format!("{} disparaît", what.fr)),
            ChangeKind::Removed if exit => (
                format!("{} is gone (led to {})", what.en, old.en),
                format!("{} disparaît (menait à {})", what.fr, old.fr),
            ),
            ChangeKind::Removed => {
                (format!("{} is gone (was {})", what.en, old.en), format!("{} disparaît (valait {})", what.fr, old.fr))
            }
            ChangeKind::Changed if exit => (
                format!("{} now leads to {} (was {})", what.en, new.en, old.en),
                format!("{} mène désormais à {} (menait à {})", what.fr, new.fr, old.fr),
            ),
            ChangeKind::Changed => (
                format!("{} is now {} (was {})", what.en, new.en, old.en),
                format!("{} vaut désormais {} (valait {})", what.fr, new.fr, old.fr),
            ),
            ChangeKind::Reordered => {
                (format!("{} is in another order", what.en), format!("{} change d’ordre", what.fr))
            }
            ChangeKind::Renamed => {
                (format!("{} is now called {}", what.en, new.en), format!("{} s’appelle désormais {}", what.fr, new.fr))
            }
        };
        Self { words: Words { en, fr }, ..self }
    }
}

#[cfg(test)]
mod tests;
