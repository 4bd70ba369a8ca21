//! Completion: what may stand at a place of a document, for editors to offer.
//!
//! A place is a JSON pointer and, inside a text, an offset in characters. What it deliberately does not do: it does not
//! judge what is there already; that is [`crate::check`]'s work, and a document under the pen is wrong half of the time.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    check::{Names, Possible, Scripts},
    descriptor::{Descriptor, Slot, TOUCHPOINT},
    document::FlowDocument,
    slots::{FoundSlot, SlotMap},
    words::Words,
};

/// Something that may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Candidate {
    /// What is offered, and written when it is chosen.
    pub label: String,
    /// What sort of thing it is.
    pub kind: CandidateKind,
    /// Its type or meaning.
    pub detail: Words,
}

/// Sorts of candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CandidateKind {
    Attribute,
    Property,
    Function,
    View,
    Value,
    Node,
    Text,
    Reference,
    NodeKind,
}

impl Candidate {
    /// A candidate of a type.
    #[must_use]
    pub fn typed(label: impl Into<String>, kind: CandidateKind, of: Possible) -> Self {
        Self { label: label.into(), kind, detail: of.words() }
    }

    /// A candidate with its meaning.
    #[must_use]
    pub fn new(label: impl Into<String>, kind: CandidateKind, detail: Words) -> Self {
        Self { label: label.into(), kind, detail }
    }
}

/// What completion must know of node types.
pub trait Described {
    /// Every node type.
    fn all(&self) -> Vec<&Descriptor>;
}

/// What may stand at a place, sorted. `offset` counts the characters of the text at the pointer that come before.
#[must_use]
pub fn complete(
    document: &FlowDocument,
    pointer: &str,
    offset: usize,
    (kinds, scripts, names): (&dyn Described, &dyn Scripts, &dyn Names),
) -> Vec<Candidate> {
    let path: Vec<&str> = pointer.split('/').skip(1).collect();
    let mut found = match path.as_slice() {
        ["entry"] | ["handlers", _] | ["nodes", _, "exits", _] => nodes(document),
        ["nodes", _, "kind"] => {
            let all = kinds.all().into_iter();
            all.map(|kind| Candidate::new(kind.kind.as_str(), CandidateKind::NodeKind, kind.title.clone())).collect()
        }
        ["library"] => scripts.complete(&Slot::Script, before(&document.library, offset), document),
        ["texts", key, locale] => {
            let text = document.texts.get(*key).and_then(|text| text.0.iter().find(|(l, _)| l.as_str() == *locale));
            text.map(|(_, text)| scripts.complete(&Slot::Template, before(text, offset), document)).unwrap_or_default()
        }
        ["nodes", id, "config", ..] => {
            let node = document.nodes.get(*id);
            let kind = node.and_then(|node| kinds.all().into_iter().find(|kind| kind.kind == node.kind));
            match (node, kind) {
                (Some(node), Some(kind)) => {
                    let inside = pointer.strip_prefix(&format!("/nodes/{id}/config")).unwrap_or_default();
                    let slots = SlotMap::of(&kind.config).find(&node.config);
                    slot(document, &slots, inside, offset, scripts, names)
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    found.sort();
    found.dedup();
    found
}

fn nodes(document: &FlowDocument) -> Vec<Candidate> {
    let all = document.nodes.iter();
    all.map(|(id, node)| {
        let kind = node.kind.as_str();
        Candidate::new(id.as_str(), CandidateKind::Node, Words::new(kind, kind))
    })
    .collect()
}

fn slot(
    document: &FlowDocument,
    slots: &[FoundSlot<'_>],
    inside: &str,
    offset: usize,
    scripts: &dyn Scripts,
    names: &dyn Names,
) -> Vec<Candidate> {
    // A language of a text lies one step below its slot.
    let holds = |found: &&FoundSlot<'_>| {
        let rest = inside.strip_prefix(found.pointer.as_str());
        rest.is_some_and(|rest| rest.is_empty() || (found.slot == Slot::Text && rest.matches('/').count() == 1))
    };
    let Some(found) = slots.iter().find(holds) else { return Vec::new() };
    match (&found.slot, found.text()) {
        (Slot::Expression { .. } | Slot::Script | Slot::Template, Some(text)) => {
            scripts.complete(&found.slot, before(text, offset), document)
        }
        (Slot::Text, Some(_)) => {
            let keys = document.texts.iter().map(|(key, text)| {
                let said = text.0.values().next().cloned().unwrap_or_default();
                Candidate::new(format!("@{key}"), CandidateKind::Text, Words::new(said.clone(), said))
            });
            keys.collect()
        }
        (Slot::Text, None) => {
            let crate::slots::SlotContent::Value(value) = found.content else { return Vec::new() };
            let text = inside.rsplit('/').next().and_then(|locale| value.get(locale)).and_then(|text| text.as_str());
            text.map(|text| scripts.complete(&Slot::Template, before(text, offset), document)).unwrap_or_default()
        }
        (Slot::Reference { to }, _) => {
            let touchpoint =
                matches!(to, crate::descriptor::ReferenceKind::Skill | crate::descriptor::ReferenceKind::Calendar);
            let own = touchpoint.then(|| TOUCHPOINT.to_owned());
            let all = names.names(*to).into_iter().chain(own);
            all.map(|name| Candidate::new(name, CandidateKind::Reference, Words::new(to.as_str(), to.as_str())))
                .collect()
        }
        (Slot::Attribute, _) => attributes(document),
        (Slot::Expression { .. } | Slot::Script | Slot::Template, None) => Vec::new(),
    }
}

/// Every attribute and input, with its type.
#[must_use]
pub fn attributes(document: &FlowDocument) -> Vec<Candidate> {
    let all = document.attributes.iter().chain(&document.inputs);
    all.map(|(name, spec)| Candidate::typed(name.as_str(), CandidateKind::Attribute, Possible::stored_in(spec.kind)))
        .collect()
}

/// The first characters of a text.
fn before(text: &str, offset: usize) -> &str {
    text.char_indices().nth(offset).map_or(text, |(at, _)| &text[..at])
}
