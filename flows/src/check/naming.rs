//! Names: none that only differ in case or punctuation, and no function that nobody calls.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    codes::Code,
    reading::{Token, tokens},
    sink::Sink,
    world::World,
};
use crate::{document::Target, words::Words};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let document = world.document;
    let nodes = document.nodes.keys().map(|id| (id.as_str(), format!("/nodes/{id}")));
    confusable(nodes, ("nodes", "nœuds"), sink);
    let attributes = document.attributes.keys().map(|name| (name.as_str(), format!("/attributes/{name}")));
    confusable(attributes, ("attributes", "attributs"), sink);
    let texts = document.texts.keys().map(|key| (key.as_str(), format!("/texts/{key}")));
    confusable(texts, ("texts", "textes"), sink);
    let ends = world.nodes.iter().flat_map(|node| {
        node.document.exits.iter().filter_map(move |(exit, target)| match target {
            Target::End(end) => Some((end.end.as_str(), node.pointer(&format!("/exits/{exit}/end")))),
            Target::Node(_) | Target::Handler(_) => None,
        })
    });
    confusable(ends, ("ends", "fins"), sink);
    if !world.is_partly_unknown() {
        functions(world, sink);
    }
}

/// Reports each name that differs from an earlier one in case, `-` and `_` alone.
fn confusable<'n>(names: impl Iterator<Item = (&'n str, String)>, (en, fr): (&str, &str), sink: &mut Sink<'_>) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, pointer) in names {
        let folded = name.to_ascii_lowercase().replace('-', "_");
        match seen.get(&folded) {
            Some(first) if *first != name => {
                let message = Words::new(
                    format!("the names of two {en} are easily mistaken: '{first}' and '{name}'"),
                    format!("les noms de deux {fr} se confondent aisément : « {first} » et « {name} »"),
                );
                sink.value(Code::ConfusableNames, &pointer, message);
            }
            Some(_) => {}
            None => drop(seen.insert(folded, name)),
        }
    }
}

/// Functions of the library that nothing else names.
fn functions(world: &World<'_>, sink: &mut Sink<'_>) {
    let library = tokens(&world.document.library);
    let defined = library.windows(2).filter_map(|pair| match pair {
        [Token::Word("fn"), Token::Word(name)] => Some(*name),
        _ => None,
    });
    let defined: BTreeSet<&str> = defined.collect();
    if defined.is_empty() {
        return;
    }
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut note = |tokens: &[Token<'_>]| {
        for (index, token) in tokens.iter().enumerate() {
            let is_definition = index.checked_sub(1).is_some_and(|before| tokens[before] == Token::Word("fn"));
            match token {
                Token::Word(name) | Token::Text(name) if !is_definition => drop(used.insert((*name).to_owned())),
                Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::Symbol(_) => {}
            }
        }
    };
    note(&library);
    world.sources().iter().for_each(|source| note(&source.tokens));
    for name in defined.into_iter().filter(|name| !used.contains(*name)) {
        let message = Words::new(
            format!("the function '{name}' of the library is never called"),
            format!("la fonction « {name} » de la bibliothèque n’est jamais appelée"),
        );
        sink.value(Code::UnusedFunction, "/library", message);
    }
}
