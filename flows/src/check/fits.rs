//! What channels carry: how long a message may be there, how many options it may offer, and how long their labels are.
//!
//! A text is measured before its expressions are filled in, so a text that passes may still grow too long; the channel's
//! adapter splits or cuts it then.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    codes::Code,
    sink::Sink,
    world::{Node, World},
};
use crate::{
    channel::Channel,
    descriptor::Slot,
    limits::{
        SMS_CHARS_MAX, WHATSAPP_BUTTON_CHARS_MAX, WHATSAPP_BUTTONS_MAX, WHATSAPP_ROW_CHARS_MAX, WHATSAPP_ROWS_MAX,
    },
    slots::{FoundSlot, SlotContent},
    words::Words,
};

pub(super) fn check(world: &World<'_>, sink: &mut Sink<'_>) {
    let channels = &world.document.channels;
    if channels.contains(&Channel::Sms) {
        messages(world, sink);
    }
    if channels.contains(&Channel::Whatsapp) {
        world.nodes.iter().for_each(|node| options(world, node, sink));
    }
}

fn messages(world: &World<'_>, sink: &mut Sink<'_>) {
    for source in world.sources().iter().filter(|source| source.slot == Slot::Template) {
        let chars = source.text.chars().count();
        if SMS_CHARS_MAX < chars {
            let message = Words::new(
                format!("this text has {chars} characters; an SMS carries at most {SMS_CHARS_MAX}"),
                format!("ce texte compte {chars} caractères ; un SMS en porte {SMS_CHARS_MAX} au plus"),
            );
            sink.value(Code::TooLongForChannel, &source.pointer, message);
        }
    }
}

/// The options that a node offers: the elements that its kind takes exits from, with their texts as labels.
fn options(world: &World<'_>, node: &Node<'_>, sink: &mut Sink<'_>) {
    let path = node.kind.and_then(|kind| kind.descriptor.exits.from_config.as_deref());
    let Some((list, _)) = path.and_then(|path| path.split_once("/*/")) else { return };
    let labels = labels(node, list);
    if labels.is_empty() {
        return;
    }
    let count = node.named_exits.len();
    if WHATSAPP_ROWS_MAX < count {
        let message = Words::new(
            format!("'{}' offers {count} options; WhatsApp shows at most {WHATSAPP_ROWS_MAX}", node.id),
            format!("« {} » propose {count} options ; WhatsApp en montre {WHATSAPP_ROWS_MAX} au plus", node.id),
        );
        sink.value(Code::TooManyOptions, &node.config_pointer(list), message);
    }
    let (most, en, fr) = if count <= WHATSAPP_BUTTONS_MAX {
        (WHATSAPP_BUTTON_CHARS_MAX, "a button", "un bouton")
    } else {
        (WHATSAPP_ROW_CHARS_MAX, "a row", "une ligne")
    };
    for (pointer, label) in labels.values().flatten().flat_map(|slot| words(world, node, slot)) {
        let chars = label.chars().count();
        // What an expression will give cannot be measured.
        if most < chars && !label.contains("${") {
            let message = Words::new(
                format!("the label '{label}' has {chars} characters; {en} of WhatsApp carries {most}"),
                format!("le libellé « {label} » compte {chars} caractères ; {fr} de WhatsApp en porte {most}"),
            );
            sink.value(Code::LabelTooLong, &pointer, message);
        }
    }
}

/// The texts of each element of a list that has any.
fn labels<'n, 'a>(node: &'n Node<'a>, list: &str) -> BTreeMap<&'n str, Vec<&'n FoundSlot<'a>>> {
    let mut labels: BTreeMap<&str, Vec<&FoundSlot<'_>>> = BTreeMap::new();
    for slot in node.slots.iter().filter(|slot| slot.slot == Slot::Text) {
        let inside = slot.pointer.strip_prefix(list).and_then(|rest| rest.strip_prefix('/'));
        if let Some((element, _)) = inside.and_then(|rest| rest.split_once('/')) {
            labels.entry(element).or_default().push(slot);
        }
    }
    labels
}

/// A text in each language, from the table or from the configuration.
fn words<'w>(world: &World<'w>, node: &Node<'w>, slot: &FoundSlot<'w>) -> Vec<(String, &'w str)> {
    if let Some(key) = slot.text() {
        let text = key.strip_prefix('@').and_then(|key| world.document.texts.get(key));
        let at = node.config_pointer(&slot.pointer);
        return text.into_iter().flat_map(|text| text.0.values()).map(|words| (at.clone(), words.as_str())).collect();
    }
    let SlotContent::Value(Value::Object(fields)) = slot.content else { return Vec::new() };
    let at = |locale: &str| node.config_pointer(&format!("{}/{locale}", slot.pointer));
    fields.iter().filter_map(|(locale, words)| Some((at(locale), words.as_str()?))).collect()
}
