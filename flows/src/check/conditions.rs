//! Conditions and assignments that cannot do what they say: constant ones, cases that come twice, values that an
//! attribute can never hold.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    codes::Code,
    reading::{Token, readings, tokens},
    sink::Sink,
    world::{Node, World},
};
use crate::{
    descriptor::{Returns, Slot},
    document::AttributeSpec,
    shape::shorten,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    for node in &world.nodes {
        conditions(node, sink);
        assignments(world, node, sink);
    }
    comparisons(world, sink);
}

fn conditions(node: &Node<'_>, sink: &mut Sink<'_>) {
    let mut seen: BTreeMap<(String, Vec<String>), &str> = BTreeMap::new();
    for found in &node.slots {
        let (Slot::Expression { returns: Returns::Boolean }, Some(text)) = (&found.slot, found.text()) else {
            continue;
        };
        let pointer = node.config_pointer(&found.pointer);
        let tokens = tokens(text);
        if is_constant(&tokens) {
            let message = Words::new(
                format!("the condition '{}' of '{}' is always the same", shorten(text), node.id),
                format!("la condition « {} » de « {} » est toujours la même", shorten(text), node.id),
            );
            sink.value(Code::ConstantCondition, &pointer, message);
        }
        let Some(list) = list_of(&found.pointer) else { continue };
        let case = (list, tokens.iter().map(|token| format!("{token:?}")).collect());
        if let Some(first) = seen.get(&case) {
            let message = Words::new(
                format!("'{}' has this condition already at {first}, so this case is never taken", node.id),
                format!("« {} » porte déjà cette condition en {first} : ce cas n’est jamais pris", node.id),
            );
            sink.value(Code::DuplicateCase, &pointer, message);
        } else {
            seen.insert(case, &found.pointer);
        }
    }
}

/// True when a condition names nothing that could change.
fn is_constant(tokens: &[Token<'_>]) -> bool {
    !tokens.is_empty()
        && tokens.iter().all(|token| match token {
            Token::Word(word) => matches!(*word, "true" | "false"),
            Token::Text(_) | Token::Number(_) => true,
            Token::Symbol(symbol) => {
                matches!(*symbol, "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" | "!" | "(" | ")")
            }
        })
}

/// The list that a pointer leads through, with the element left open: `/cases/*/when` of `/cases/2/when`.
fn list_of(pointer: &str) -> Option<String> {
    let mut tokens: Vec<&str> = pointer.split('/').collect();
    let element =
        tokens.iter_mut().rev().find(|token| token.bytes().all(|b| b.is_ascii_digit()) && !token.is_empty())?;
    *element = "*";
    Some(tokens.join("/"))
}

/// Comparisons with a value that is not one of an attribute's.
fn comparisons(world: &World<'_>, sink: &mut Sink<'_>) {
    for source in world.sources() {
        let tokens = source.tokens();
        for reading in readings(&tokens) {
            let spec = spec(world, reading.attribute);
            let (Some(list), Some(text)) = (spec.and_then(|spec| spec.one_of.as_ref()), reading.compared) else {
                continue;
            };
            if list.iter().any(|one| one == text) || text.contains('\\') {
                continue;
            }
            let name = reading.attribute;
            let meant = sink.suggestions.nearest(text, list.iter().map(String::as_str)).map(str::to_owned);
            let message = Words::new(
                format!("the attribute '{name}' is never '{}'; it takes: {}", shorten(text), list.join(", ")),
                format!("l’attribut « {name} » ne vaut jamais « {} » ; il prend : {}", shorten(text), list.join(", ")),
            );
            sink.value(Code::ImpossibleComparison, &source.pointer, message).meant(meant.as_deref());
        }
    }
}

/// Literals that nodes store in attributes which cannot hold them.
fn assignments(world: &World<'_>, node: &Node<'_>, sink: &mut Sink<'_>) {
    let expressions = node.slots.iter().filter(|found| matches!(found.slot, Slot::Expression { .. }));
    let values: BTreeMap<&str, &str> =
        expressions.filter_map(|found| Some((found.pointer.as_str(), found.text()?))).collect();
    for target in node.slots.iter().filter(|found| found.slot == Slot::Attribute) {
        let (Some(name), Some(text)) = (target.text(), values.get(target.pointer.as_str())) else { continue };
        let (Some(spec), Some(literal)) = (spec(world, name), literal(text)) else { continue };
        if spec.accepts(&literal) {
            continue;
        }
        let message = Words::new(
            format!("'{}' stores {} in the attribute '{name}', which cannot hold it", node.id, shorten(text)),
            format!("« {} » range {} dans l’attribut « {name} », qui ne peut pas le contenir", node.id, shorten(text)),
        );
        sink.value(Code::BadAssignment, &node.config_pointer(&target.pointer), message);
    }
}

fn spec<'a>(world: &World<'a>, name: &str) -> Option<&'a AttributeSpec> {
    world.document.attributes.get(name).or_else(|| world.document.inputs.get(name))
}

/// The value of an expression that is one literal.
fn literal(expression: &str) -> Option<Value> {
    match tokens(expression).as_slice() {
        [Token::Text(text)] if expression.trim().starts_with('"') && !text.contains('\\') => Some(Value::from(*text)),
        [Token::Word("true")] => Some(Value::Bool(true)),
        [Token::Word("false")] => Some(Value::Bool(false)),
        [Token::Number(number)] => serde_json::from_str(number).ok(),
        _ => None,
    }
}
