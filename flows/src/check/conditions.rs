//! Conditions and assignments that cannot do what they say: constant ones, cases that come twice, values that an
//! attribute can never hold.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Covered, Possible, Verdict,
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
        conditions(world, node, sink);
        cases(node, sink);
        assignments(world, node, sink);
        results(world, node, sink);
    }
    comparisons(world, sink);
}

/// A condition that a node's configuration holds.
struct Condition<'n> {
    /// Inside the configuration.
    pointer: &'n str,
    text: &'n str,
}

/// Conditions by the list that they stand in, in its order; one that stands alone has no list.
fn lists<'n>(node: &'n Node<'_>) -> BTreeMap<String, Vec<Condition<'n>>> {
    let mut lists: BTreeMap<String, Vec<Condition<'n>>> = BTreeMap::new();
    for found in &node.slots {
        if let (Slot::Expression { returns: Returns::Boolean }, Some(text)) = (&found.slot, found.text()) {
            let list = list_of(&found.pointer).unwrap_or_else(|| found.pointer.clone());
            lists.entry(list).or_default().push(Condition { pointer: &found.pointer, text });
        }
    }
    lists
}

fn conditions(world: &World<'_>, node: &Node<'_>, sink: &mut Sink<'_>) {
    for list in lists(node).into_values() {
        let sources: Vec<&str> = list.iter().map(|condition| condition.text).collect();
        let verdicts = world.scripts.decide(&sources, world.document);
        let mut seen: BTreeMap<Vec<Token<'_>>, &str> = BTreeMap::new();
        for (condition, verdict) in list.iter().zip(verdicts) {
            let tokens = tokens(condition.text);
            let first = seen.get(&tokens).copied();
            match (verdict, first) {
                (_, Some(first)) => duplicate(node, condition, first, sink),
                (Verdict::Always | Verdict::Never, None) => constant(node, condition, verdict, sink),
                (Verdict::Open | Verdict::Covered, None) if is_constant(&tokens) => {
                    constant(node, condition, verdict, sink);
                }
                (Verdict::Covered, None) => covered(node, condition, sink),
                (Verdict::Open, None) => {}
            }
            seen.entry(tokens).or_insert(condition.pointer);
        }
    }
}

fn constant(node: &Node<'_>, condition: &Condition<'_>, verdict: Verdict, sink: &mut Sink<'_>) {
    let (en, fr) = match verdict {
        Verdict::Always => ("always true", "toujours vraie"),
        Verdict::Never => ("never true", "jamais vraie"),
        Verdict::Open | Verdict::Covered => ("always the same", "toujours la même"),
    };
    let text = shorten(condition.text);
    let message = Words::new(
        format!("the condition '{text}' of '{}' is {en}", node.id),
        format!("la condition « {text} » de « {} » est {fr}", node.id),
    );
    sink.value(Code::ConstantCondition, &node.config_pointer(condition.pointer), message);
}

fn duplicate(node: &Node<'_>, condition: &Condition<'_>, first: &str, sink: &mut Sink<'_>) {
    let message = Words::new(
        format!("'{}' has this condition already at {first}, so this case is never taken", node.id),
        format!("« {} » porte déjà cette condition en {first} : ce cas n’est jamais pris", node.id),
    );
    sink.value(Code::DuplicateCase, &node.config_pointer(condition.pointer), message);
}

fn covered(node: &Node<'_>, condition: &Condition<'_>, sink: &mut Sink<'_>) {
    let text = shorten(condition.text);
    let message = Words::new(
        format!("whenever '{text}' holds in '{}', an earlier case holds already", node.id),
        format!("chaque fois que « {text} » est vrai dans « {} », un cas précédent l’est déjà", node.id),
    );
    sink.value(Code::ShadowedCase, &node.config_pointer(condition.pointer), message);
}

/// Cases of which the node itself says that it never takes them.
fn cases(node: &Node<'_>, sink: &mut Sink<'_>) {
    for Covered { case, by } in node.reading.iter().flat_map(|reading| &reading.covered) {
        let message = Words::new(
            format!("'{}' takes by {by} whatever it would take by this case, so this case is never taken", node.id),
            format!("« {} » prend par {by} tout ce qu’il prendrait par ce cas : ce cas n’est jamais pris", node.id),
        );
        sink.value(Code::ShadowedCase, &node.config_pointer(case), message);
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
        for reading in readings(&source.tokens) {
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

/// Values that nodes store in attributes which cannot hold them.
fn assignments(world: &World<'_>, node: &Node<'_>, sink: &mut Sink<'_>) {
    let expressions = node.slots.iter().filter(|found| matches!(found.slot, Slot::Expression { .. }));
    let values: BTreeMap<&str, &str> =
        expressions.filter_map(|found| Some((found.pointer.as_str(), found.text()?))).collect();
    for target in node.slots.iter().filter(|found| found.slot == Slot::Attribute) {
        let (Some(name), Some(text)) = (target.text(), values.get(target.pointer.as_str())) else { continue };
        let Some(spec) = spec(world, name) else { continue };
        let refused = match literal(text) {
            Some(literal) => !spec.accepts(&literal),
            None => !world.scripts.gives(text, world.document).fits(spec.kind),
        };
        if refused {
            let text = shorten(text);
            let message = Words::new(
                format!("'{}' stores {text} in the attribute '{name}', which cannot hold it", node.id),
                format!("« {} » range {text} dans l’attribut « {name} », qui ne peut pas le contenir", node.id),
            );
            sink.value(Code::BadAssignment, &node.config_pointer(&target.pointer), message);
        }
    }
}

/// What nodes store by themselves, such as an answer.
fn results(world: &World<'_>, node: &Node<'_>, sink: &mut Sink<'_>) {
    for (name, stored) in node.reading.iter().flat_map(|reading| &reading.stores) {
        let Some(spec) = spec(world, name.as_str()).filter(|spec| !stored.fits(spec.kind)) else { continue };
        let named = node.slots.iter().find(|f| f.slot == Slot::Attribute && f.text() == Some(name.as_str()));
        let pointer = named.map_or_else(|| node.config_pointer(""), |found| node.config_pointer(&found.pointer));
        let (stored, held) = (stored.words(), Possible::stored_in(spec.kind).words());
        let message = Words::new(
            format!("'{}' stores {} in the attribute '{name}', which holds {}", node.id, stored.en, held.en),
            format!("« {} » range {} dans l’attribut « {name} », qui contient {}", node.id, stored.fr, held.fr),
        );
        sink.value(Code::BadAssignment, &pointer, message);
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
