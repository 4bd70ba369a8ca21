//! Attributes: their declarations make sense, nodes write only declared ones, and each is used somewhere.

use std::collections::BTreeSet;

use super::{
    codes::Code,
    reading::{Token, tokens},
    sink::Sink,
    world::World,
};
use crate::{
    descriptor::Slot,
    document::{AttributeSpec, AttributeType},
    name::AttributeName,
    shape::shorten,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    declarations(world, sink);
    written(world, sink);
    if !world.is_partly_unknown() {
        unused(world, sink);
    }
}

fn declarations(world: &World<'_>, sink: &mut Sink<'_>) {
    let document = world.document;
    let tables = [("attributes", &document.attributes), ("inputs", &document.inputs), ("outputs", &document.outputs)];
    for (table, specs) in tables {
        for (name, spec) in specs {
            let pointer = format!("/{table}/{name}");
            if let Some((en, fr)) = contradiction(spec) {
                let message = Words::new(format!("the attribute '{name}' {en}"), format!("l’attribut « {name} » {fr}"));
                sink.value(Code::BadAttribute, &pointer, message);
            }
            let first = document.attributes.get(name).or_else(|| document.inputs.get(name));
            match first {
                Some(first) if first.kind != spec.kind => {
                    let message = Words::new(
                        format!("the attribute '{name}' has another type here than where it is first declared"),
                        format!("l’attribut « {name} » a ici un autre type qu’à sa première déclaration"),
                    );
                    sink.value(Code::BadAttribute, &pointer, message);
                }
                Some(_) => {}
                None => {
                    let message = Words::new(
                        format!("the output '{name}' is no attribute of this flow"),
                        format!("la valeur rendue « {name} » n’est aucun attribut de ce scénario"),
                    );
                    sink.key(Code::UndeclaredOutput, &pointer, message);
                }
            }
        }
    }
}

/// What contradicts itself in a declaration.
fn contradiction(spec: &AttributeSpec) -> Option<(&'static str, &'static str)> {
    match &spec.one_of {
        Some(_) if spec.kind != AttributeType::String => {
            return Some(("lists values, which only texts may", "énumère des valeurs, ce que seul un texte permet"));
        }
        Some(list) if list.is_empty() => {
            return Some(("lists no value at all", "n’énumère aucune valeur"));
        }
        Some(_) | None => {}
    }
    let refused = spec.default.as_ref().is_some_and(|default| !spec.accepts(default));
    refused.then_some(("may not hold its own default", "ne peut pas contenir sa propre valeur par défaut"))
}

/// Attributes that nodes write.
fn written(world: &World<'_>, sink: &mut Sink<'_>) {
    let document = world.document;
    let declared = || document.attributes.keys().chain(document.inputs.keys()).map(AttributeName::as_str);
    for node in &world.nodes {
        for found in node.slots.iter().filter(|found| found.slot == Slot::Attribute) {
            let Some(name) = found.text() else { continue };
            if document.attributes.contains_key(name) || document.inputs.contains_key(name) {
                continue;
            }
            let meant = sink.suggestions.nearest(name, declared());
            let name = shorten(name);
            let message = Words::new(
                format!("'{}' writes the attribute '{name}', which is not declared", node.id),
                format!("« {} » écrit l’attribut « {name} », qui n’est pas déclaré", node.id),
            );
            sink.value(Code::UnknownAttribute, &node.config_pointer(&found.pointer), message).meant(meant);
        }
    }
}

/// An attribute is used when a script or the script in a text speaks its name as a member, a key or a text, a node
/// writes it, or a caller gets it. Looking for the word alone may overlook an unused one, and accuses no used one.
fn unused(world: &World<'_>, sink: &mut Sink<'_>) {
    let document = world.document;
    if document.attributes.is_empty() {
        return;
    }
    let mut used: BTreeSet<&str> = document.outputs.keys().map(AttributeName::as_str).collect();
    used.extend(words(&tokens(&document.library)));
    for source in world.sources() {
        used.extend(words(&source.tokens));
    }
    let slots = world.nodes.iter().flat_map(|node| &node.slots);
    used.extend(slots.filter(|found| found.slot == Slot::Attribute).filter_map(|found| found.text()));
    for name in document.attributes.keys().filter(|name| !used.contains(name.as_str())) {
        let message = Words::new(
            format!("the attribute '{name}' is never used"),
            format!("l’attribut « {name} » n’est jamais utilisé"),
        );
        sink.key(Code::UnusedAttribute, &format!("/attributes/{name}"), message);
    }
}

/// Names that a script reads as `attributes.name`, and every name and text that could be one in a clever script.
fn words<'s>(tokens: &[Token<'s>]) -> impl Iterator<Item = &'s str> {
    tokens.iter().enumerate().filter_map(|(index, token)| match token {
        Token::Text(word) => Some(*word),
        // A variable or a key of the script's own does not read the attribute of its name.
        Token::Word(word) => {
            let before = index.checked_sub(1).map(|before| tokens[before]);
            let after = tokens.get(index + 1);
            let is_member = matches!(before, Some(Token::Symbol("." | "?.")));
            let is_key = after == Some(&Token::Symbol(":"));
            (is_member || is_key).then_some(*word)
        }
        Token::Number(_) | Token::Symbol(_) => None,
    })
}
