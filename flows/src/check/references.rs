//! References: every skill, calendar, template, questionnaire, flow, disposition and agent that a node names exists.
//!
//! Dispositions of `{"end": …}` are left alone: in a sub-flow they name exits of the caller, and an interaction may end
//! with one that nobody counts.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    codes::Code,
    sink::Sink,
    world::{Node, World},
};
use crate::{
    descriptor::{Flavour, ReferenceKind, Slot, TOUCHPOINT},
    graph::Reference,
    shape::shorten,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let mut catalogue: BTreeMap<ReferenceKind, Vec<String>> = BTreeMap::new();
    for (node, pointer, to, name) in named(world) {
        let pointer = node.config_pointer(pointer);
        let hands_over = node.kind.is_some_and(|kind| kind.descriptor.flavour == Flavour::Terminal);
        if to == ReferenceKind::Flow && name == world.document.id.as_str() && !hands_over {
            let message = Words::new(
                format!("'{}' calls this very flow as a sub-flow", node.id),
                format!("« {} » appelle ce scénario lui-même comme sous-scénario", node.id),
            );
            sink.value(Code::SelfReference, &pointer, message);
        } else if !(resolves(world, to, name) || hands_over && name == world.document.id.as_str()) {
            let known = catalogue.entry(to).or_insert_with(|| world.names.names(to));
            let meant = sink.suggestions.nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            let name = shorten(name);
            let message = Words::new(
                format!("'{}' names the {} '{name}', which does not exist", node.id, in_english(to)),
                format!("« {} » désigne {} « {name} », qui n’existe pas", node.id, in_french(to)),
            );
            sink.value(Code::UnknownReference, &pointer, message).meant(meant.as_deref());
        }
    }
}

/// Everything the document names, for "where used".
pub(super) fn of(world: &World<'_>) -> BTreeSet<Reference> {
    named(world).map(|(_, _, to, name)| Reference { to, name: name.to_owned() }).collect()
}

fn named<'w>(world: &'w World<'_>) -> impl Iterator<Item = (&'w Node<'w>, &'w str, ReferenceKind, &'w str)> {
    world.nodes.iter().flat_map(|node| {
        node.slots.iter().filter_map(move |found| match found.slot {
            Slot::Reference { to } => Some((node, found.pointer.as_str(), to, found.text()?)),
            Slot::Expression { .. } | Slot::Script | Slot::Template | Slot::Text | Slot::Attribute => None,
        })
    })
}

fn resolves(world: &World<'_>, to: ReferenceKind, name: &str) -> bool {
    let left_to_touchpoint = match to {
        ReferenceKind::Skill | ReferenceKind::Calendar => name == TOUCHPOINT,
        ReferenceKind::Template
        | ReferenceKind::Questionnaire
        | ReferenceKind::Flow
        | ReferenceKind::Disposition
        | ReferenceKind::Agent
        | ReferenceKind::Table
        | ReferenceKind::Secret => false,
    };
    left_to_touchpoint || world.names.exists(to, name)
}

fn in_english(kind: ReferenceKind) -> &'static str {
    kind.as_str()
}

fn in_french(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::Skill => "la compétence",
        ReferenceKind::Calendar => "le calendrier",
        ReferenceKind::Template => "le modèle",
        ReferenceKind::Questionnaire => "le questionnaire",
        ReferenceKind::Flow => "le scénario",
        ReferenceKind::Disposition => "la qualification",
        ReferenceKind::Agent => "l’agent",
        ReferenceKind::Table => "la table",
        ReferenceKind::Secret => "le secret",
    }
}
