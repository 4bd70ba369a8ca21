//! Mistakes in settings: names, types, bounds, deadlines, options and references of configurations.

use std::collections::BTreeMap;

use routewright_flows::{Channel, ExitRole, HumanDuration, descriptor::Slot};
use serde_json::{Value, json};

use super::{
    Class,
    edit::{Bed, Defect, Edit, slip},
};

pub(super) const CLASSES: &[Class] = &[
    Class { name: "setting that does not exist", all: unknown_setting },
    Class { name: "setting forgotten", all: setting_forgotten },
    Class { name: "setting of the wrong type", all: setting_mistyped },
    Class { name: "figure out of bounds", all: out_of_bounds },
    Class { name: "wait without a deadline", all: no_deadline },
    Class { name: "option twice", all: option_twice },
    Class { name: "option renamed without its exit", all: option_renamed },
    Class { name: "option removed without its exit", all: option_removed },
    Class { name: "more options than the channel shows", all: too_many_options },
    Class { name: "reference misspelt", all: reference_misspelt },
    Class { name: "channel that a node does not know", all: deaf_channel },
    Class { name: "field of the document wrong", all: document_field },
    Class { name: "text is not JSON", all: broken_text },
];

fn unknown_setting(bed: &Bed<'_>) -> Vec<Defect> {
    let edits = bed.spots().into_iter().map(|spot| Edit::Set(spot.config("/colour"), "red".into()));
    edits.map(Defect::of).collect()
}

fn setting_forgotten(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for spot in bed.spots() {
        let required = spot.descriptor.config["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        made.extend(required.map(|name| Defect::of(Edit::Remove(spot.config(&format!("/{name}"))))));
    }
    made
}

fn setting_mistyped(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for spot in bed.spots() {
        for (name, value) in spot.node["config"].as_object().into_iter().flatten() {
            let other = match value {
                Value::String(_) => json!(7),
                Value::Number(_) => json!("seven"),
                Value::Bool(_) => json!("yes"),
                Value::Array(_) => json!("first"),
                Value::Object(_) => json!(true),
                Value::Null => continue,
            };
            made.push(Defect::of(Edit::Set(spot.config(&format!("/{name}")), other)));
        }
    }
    made
}

fn out_of_bounds(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for spot in bed.spots() {
        for (name, schema) in spot.descriptor.config["properties"].as_object().into_iter().flatten() {
            let pointer = spot.config(&format!("/{name}"));
            let below = schema["minimum"].as_i64().map(|least| least - 1);
            let above = schema["maximum"].as_i64().map(|most| most + 1);
            made.extend([below, above].into_iter().flatten().map(|n| Defect::of(Edit::Set(pointer.clone(), n.into()))));
        }
    }
    made
}

/// Every written duration becomes one that never ends, ends at once, or cannot be read.
fn no_deadline(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for spot in bed.spots() {
        for (name, value) in spot.node["config"].as_object().into_iter().flatten() {
            if value.as_str().is_none_or(|text| text.parse::<HumanDuration>().is_err()) {
                continue;
            }
            for bad in ["0s", "365d", "never"] {
                made.push(Defect::of(Edit::Set(spot.config(&format!("/{name}")), bad.into())));
            }
        }
    }
    made
}

/// The elements that give a node its exits: pointer of the list, its elements.
fn lists<'a>(bed: &Bed<'a>) -> Vec<(String, String, &'a Vec<Value>)> {
    let mut lists = Vec::new();
    for spot in bed.spots() {
        let Some((list, _)) = spot.descriptor.exits.from_config.as_deref().and_then(|path| path.split_once("/*"))
        else {
            continue;
        };
        if let Some(items) = spot.node["config"].pointer(list).and_then(Value::as_array) {
            lists.push((spot.id.to_owned(), spot.config(list), items));
        }
    }
    lists
}

fn option_twice(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (_, list, items) in lists(bed) {
        made.extend(items.iter().map(|item| Defect::of(Edit::Set(format!("{list}/-"), item.clone()))));
    }
    made
}

fn option_renamed(bed: &Bed<'_>) -> Vec<Defect> {
    let named = bed.spots().into_iter().flat_map(|spot| spot.named_exits());
    named.map(|(pointer, name)| Defect::of(Edit::Set(pointer, slip(name).into()))).collect()
}

/// Where no other element takes the same exit.
fn option_removed(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for spot in bed.spots() {
        let named = spot.named_exits();
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        named.iter().for_each(|(_, name)| *uses.entry(name).or_default() += 1);
        for (pointer, _) in named.iter().filter(|(_, name)| uses[name] == 1 && spot.role(name) == ExitRole::Normal) {
            // The element is the whole entry when names are listed plainly, else what holds the name.
            let element = if pointer.rsplit('/').next().is_some_and(|t| t.parse::<usize>().is_ok()) {
                pointer.clone()
            } else {
                pointer.rsplit_once('/').map_or_else(|| pointer.clone(), |(element, _)| element.to_owned())
            };
            made.push(Defect::of(Edit::Remove(element)));
        }
    }
    made
}

fn too_many_options(bed: &Bed<'_>) -> Vec<Defect> {
    let channels = bed.flow()["channels"].as_array().into_iter().flatten().any(|channel| channel == "whatsapp");
    let mut made = Vec::new();
    for (node, list, items) in lists(bed).into_iter().filter(|(_, list, _)| channels && list.ends_with("/options")) {
        let Some(item) = items.first() else { continue };
        let mut edits = Vec::new();
        for more in items.len()..11 {
            let mut option = item.clone();
            option["id"] = json!(format!("more_{more}"));
            option["match"] = json!([]);
            edits.push(Edit::Set(format!("{list}/-"), option));
            edits.push(Edit::Set(format!("/nodes/{node}/exits/more_{more}"), json!({ "end": "done" })));
        }
        made.push(Defect::all(edits));
    }
    made
}

fn reference_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    let named = bed.slots().into_iter().filter(|filled| matches!(filled.slot, Slot::Reference { .. }));
    let edits = named.filter(|filled| !filled.text.starts_with('@')).map(|filled| {
        let wrong = slip(filled.text);
        if filled.is_key { Edit::Rename(filled.pointer, wrong) } else { Edit::Set(filled.pointer, wrong.into()) }
    });
    edits.map(Defect::of).collect()
}

fn deaf_channel(bed: &Bed<'_>) -> Vec<Defect> {
    let has =
        |channel: &Channel| bed.flow()["channels"].as_array().into_iter().flatten().any(|c| c == channel.as_str());
    let missing = Channel::ALL.into_iter().filter(|channel| !has(channel));
    let deaf = missing.filter(|channel| bed.spots().iter().any(|spot| !spot.descriptor.channels.contains(channel)));
    deaf.map(|channel| Defect::of(Edit::Set("/channels/-".into(), channel.as_str().into()))).collect()
}

fn document_field(_: &Bed<'_>) -> Vec<Defect> {
    let edits = [
        Edit::Set("/schema".into(), json!(2)),
        Edit::Set("/id".into(), json!("été")),
        Edit::Set("/colour".into(), json!("red")),
        Edit::Set("/channels/-".into(), json!("pigeon")),
        Edit::Set("/nodes".into(), json!([])),
        Edit::Set("/title".into(), json!("Accueil")),
        Edit::Remove("/entry".into()),
        Edit::Remove("/nodes".into()),
        Edit::Remove("/schema".into()),
    ];
    edits.into_iter().map(Defect::of).collect()
}

/// A bracket, quote or colon lost, or a member written twice.
fn broken_text(bed: &Bed<'_>) -> Vec<Defect> {
    let text = format!("{:#}", bed.flow());
    let signs: Vec<usize> = text.match_indices(['{', '}', '[', ']', '"', ':']).map(|(at, _)| at).collect();
    // Some of the many: a colon inside a text is no mistake, so only those before a value are taken.
    let structural = |at: &usize| !text[*at..].starts_with(':') || text[..*at].ends_with('"');
    let quote = |at: &usize| !text[..*at].ends_with('\\');
    let cut = signs.into_iter().filter(structural).filter(quote).step_by(23).map(Edit::Cut);
    cut.chain([Edit::Twice]).map(Defect::of).collect()
}
