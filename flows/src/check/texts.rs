//! Texts: `@key` leads to a text that exists, each text speaks every language that the document speaks, none is too long
//! or unused.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    codes::Code,
    sink::Sink,
    world::{Node, World},
};
use crate::{
    descriptor::Slot,
    limits::TEXT_CHARS_MAX,
    name::TextKey,
    shape::{shorten, text_wanted},
    slots::{FoundSlot, SlotContent},
    source::escape,
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let texts = texts(world);
    let languages: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| text.locales.iter().copied())
        .chain(world.document.title.0.keys().map(|locale| locale.as_str()))
        .map(language)
        .collect();
    for text in &texts {
        translations(text, &languages, sink);
    }
    lengths(world, sink);
    let used = references(world, sink);
    if world.is_partly_unknown() {
        return;
    }
    for key in world.document.texts.keys().filter(|key| !used.contains(key.as_str())) {
        let message =
            Words::new(format!("the text '{key}' is never used"), format!("le texte « {key} » n’est jamais utilisé"));
        sink.key(Code::UnusedText, &format!("/texts/{key}"), message);
    }
}

/// A text by language, from the table or from a configuration; only languages that have words count.
struct Text<'a> {
    pointer: String,
    name: String,
    locales: Vec<&'a str>,
    /// Languages that are there without words.
    blank: Vec<&'a str>,
}

fn texts<'a>(world: &'a World<'_>) -> Vec<Text<'a>> {
    let table = world.document.texts.iter().map(|(key, text)| Text {
        pointer: format!("/texts/{key}"),
        name: key.to_string(),
        locales: text.0.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(locale, _)| locale.as_str()).collect(),
        blank: text.0.iter().filter(|(_, text)| text.trim().is_empty()).map(|(locale, _)| locale.as_str()).collect(),
    });
    let inline = text_slots(world).filter_map(|(node, found)| {
        let SlotContent::Value(Value::Object(fields)) = found.content else { return None };
        // A schema that refuses an empty object has said so already.
        if fields.is_empty() && !node.config_fits {
            return None;
        }
        Some(Text {
            pointer: node.config_pointer(&found.pointer),
            name: format!("{}{}", node.id, found.pointer),
            locales: fields.iter().filter(|(_, text)| !is_blank(text)).map(|(locale, _)| locale.as_str()).collect(),
            blank: fields.iter().filter(|(_, text)| is_blank(text)).map(|(locale, _)| locale.as_str()).collect(),
        })
    });
    table.chain(inline).collect()
}

fn is_blank(text: &Value) -> bool {
    text.as_str().is_some_and(|text| text.trim().is_empty())
}

fn text_slots<'w, 'a>(world: &'w World<'a>) -> impl Iterator<Item = (&'w Node<'a>, &'w FoundSlot<'a>)> {
    let slots = world.nodes.iter().flat_map(|node| node.slots.iter().map(move |found| (node, found)));
    slots.filter(|(_, found)| found.slot == Slot::Text)
}

/// A language without its region: French for Canada will do for France until somebody writes better.
fn language(locale: &str) -> &str {
    locale.split('-').next().unwrap_or_default()
}

fn translations(text: &Text<'_>, languages: &BTreeSet<&str>, sink: &mut Sink<'_>) {
    let name = &text.name;
    if text.locales.is_empty() {
        let message = Words::new(
            format!("the text '{name}' has no words in any language"),
            format!("le texte « {name} » n’a de contenu dans aucune langue"),
        );
        sink.value(Code::EmptyText, &text.pointer, message);
        return;
    }
    for locale in &text.blank {
        let message = Words::new(
            format!("the text '{name}' is empty in {locale}"),
            format!("le texte « {name} » est vide en {locale}"),
        );
        sink.value(Code::BlankTranslation, &format!("{}/{}", text.pointer, escape(locale)), message);
    }
    let have: BTreeSet<&str> = text.locales.iter().chain(&text.blank).copied().map(language).collect();
    let missing: Vec<&str> = languages.difference(&have).copied().collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        let message = Words::new(
            format!("the text '{name}' is missing in: {missing}"),
            format!("le texte « {name} » n’est pas traduit en : {missing}"),
        );
        sink.value(Code::MissingTranslation, &text.pointer, message);
    }
}

fn lengths(world: &World<'_>, sink: &mut Sink<'_>) {
    for source in world.sources().iter().filter(|source| source.slot == Slot::Template) {
        // Bytes bound characters, so most texts need no counting.
        if source.text.len() <= TEXT_CHARS_MAX {
            continue;
        }
        let chars = source.text.chars().count();
        if TEXT_CHARS_MAX < chars {
            let message = Words::new(
                format!("this text has {chars} characters; at most {TEXT_CHARS_MAX} are allowed"),
                format!("ce texte compte {chars} caractères ; le maximum est de {TEXT_CHARS_MAX}"),
            );
            sink.value(Code::TextTooLong, &source.pointer, message);
        }
    }
}

/// Checks every `@key`; gives the keys that are referred to.
fn references<'w>(world: &'w World<'_>, sink: &mut Sink<'_>) -> BTreeSet<&'w str> {
    let mut used = BTreeSet::new();
    for (node, found) in text_slots(world) {
        let Some(text) = found.text() else { continue };
        let pointer = node.config_pointer(&found.pointer);
        let Some(key) = text.strip_prefix('@') else {
            // A schema that knows texts has said so already.
            if node.config_fits {
                sink.value(Code::WrongType, &pointer, text_wanted(found.pointer.trim_start_matches('/')));
            }
            continue;
        };
        used.insert(key);
        if !world.document.texts.contains_key(key) {
            let meant = sink.suggestions.nearest(key, world.document.texts.keys().map(TextKey::as_str));
            let key = shorten(key);
            let message = Words::new(
                format!("'{}' uses the text '@{key}', which does not exist", node.id),
                format!("« {} » utilise le texte « @{key} », qui n’existe pas", node.id),
            );
            sink.value(Code::UnknownText, &pointer, message).meant(meant.map(|meant| format!("@{meant}")).as_deref());
        }
    }
    used
}
