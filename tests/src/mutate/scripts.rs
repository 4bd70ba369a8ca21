//! Mistakes in expressions, scripts and attributes.

use routewright_flows::descriptor::{Returns, Slot};
use serde_json::{Value, json};

use super::{
    Class,
    edit::{Bed, Defect, Edit, Filled, slip},
};

pub(super) const CLASSES: &[Class] = &[
    Class { name: "bracket lost", all: bracket_lost },
    Class { name: "view misspelt", all: view_misspelt },
    Class { name: "attribute misspelt", all: attribute_misspelt },
    Class { name: "function misspelt", all: function_misspelt },
    Class { name: "one argument too many", all: argument_too_many },
    Class { name: "condition that is not true or false", all: not_a_condition },
    Class { name: "condition that never changes", all: constant },
    Class { name: "condition that contradicts itself", all: contradiction },
    Class { name: "case that an earlier one covers", all: shadowed },
    Class { name: "comparison with the wrong type", all: compared_mistyped },
    Class { name: "value that the attribute never has", all: compared_impossible },
    Class { name: "value of the wrong type stored", all: stored_mistyped },
    Class { name: "attribute not declared", all: undeclared },
    Class { name: "attribute never used", all: unused },
    Class { name: "declaration that contradicts itself", all: bad_declaration },
    Class { name: "attribute of another type than what is stored", all: retyped },
    Class { name: "way around an assignment", all: bypass },
];

fn sources<'a>(bed: &Bed<'a>) -> Vec<Filled<'a>> {
    let is_script = |slot: &Slot| matches!(slot, Slot::Expression { .. } | Slot::Script);
    bed.slots().into_iter().filter(|filled| is_script(&filled.slot) && !filled.is_key).collect()
}

/// Those that may still go either way: another constant in the place of one is found already.
fn conditions<'a>(bed: &Bed<'a>) -> Vec<Filled<'a>> {
    let boolean = Slot::Expression { returns: Returns::Boolean };
    let open = |filled: &Filled<'_>| filled.slot == boolean && !["true", "false"].contains(&filled.text.trim());
    sources(bed).into_iter().filter(open).collect()
}

fn each<'a>(filled: Vec<Filled<'a>>, make: impl Fn(&'a str) -> Vec<String>) -> Vec<Defect> {
    let edits = filled.into_iter().flat_map(|filled| {
        make(filled.text).into_iter().map(move |text| Edit::Set(filled.pointer.clone(), text.into()))
    });
    edits.map(Defect::of).collect()
}

/// The text once for each place where the part stands as a word of its own, with the part replaced there.
fn replaced(text: &str, part: &str, by: &str) -> Vec<String> {
    let starts = text
        .match_indices(part)
        .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.'));
    starts.map(|(at, _)| format!("{}{by}{}", &text[..at], &text[at + part.len()..])).collect()
}

fn bracket_lost(bed: &Bed<'_>) -> Vec<Defect> {
    each(sources(bed), |text| {
        let brackets =
            text.match_indices([')', '}', '(', '{']).map(|(at, _)| format!("{}{}", &text[..at], &text[at + 1..]));
        brackets.chain([format!("({text}")]).collect()
    })
}

fn view_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    each(sources(bed), |text| {
        let views = ["contact.", "attributes.", "interaction.", "message.", "now."];
        views
            .into_iter()
            .flat_map(|view| replaced(text, view, &format!("{}.", slip(&view[..view.len() - 1]))))
            .collect()
    })
}

fn attribute_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (name, ..) in bed.attributes() {
        let (right, wrong) = (format!("attributes.{name}"), format!("attributes.{}", slip(name)));
        made.extend(each(sources(bed), |text| replaced(text, &right, &wrong)));
        for filled in bed.slots().into_iter().filter(|filled| filled.slot == Slot::Attribute && filled.text == name) {
            let edit = if filled.is_key {
                Edit::Rename(filled.pointer, slip(name))
            } else {
                Edit::Set(filled.pointer, slip(name).into())
            };
            made.push(Defect::of(edit));
        }
    }
    made
}

/// The names of functions that a script calls.
fn calls(text: &str) -> Vec<&str> {
    let calls = text.match_indices('(').filter_map(|(at, _)| {
        let start = text[..at].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |before| before + 1);
        (start < at && !["if", "while", "fn"].contains(&&text[start..at])).then_some(&text[start..at])
    });
    calls.collect()
}

fn function_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    each(sources(bed), |text| {
        let each = calls(text).into_iter();
        each.flat_map(|name| replaced(text, &format!("{name}("), &format!("{}(", slip(name)))).collect()
    })
}

fn argument_too_many(bed: &Bed<'_>) -> Vec<Defect> {
    each(sources(bed), |text| {
        calls(text)
            .into_iter()
            .flat_map(|name| replaced(text, &format!("{name}("), &format!("{name}(1, 2, 3, ")))
            .collect()
    })
}

fn not_a_condition(bed: &Bed<'_>) -> Vec<Defect> {
    each(conditions(bed), |text| {
        let operand = text.split(" == ").next().filter(|left| left.contains("contact.address"));
        let whole = ["1", "\"yes\"", "len(contact.address)", "contact.locale", "[true]"].map(str::to_owned);
        whole.into_iter().chain(operand.map(str::to_owned)).collect()
    })
}

fn constant(bed: &Bed<'_>) -> Vec<Defect> {
    each(conditions(bed), |text| {
        vec![
            "true".into(),
            "1 == 2".into(),
            format!("({text}) || true"),
            format!("({text}) && false"),
            format!("({text}) || !({text})"),
            format!("({text}) && !({text})"),
            "len(contact.address) > 3 || len(contact.address) <= 3".into(),
        ]
    })
}

fn contradiction(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = each(conditions(bed), |text| {
        vec![
            format!("({text}) && interaction.channel == \"sms\" && interaction.channel == \"email\""),
            format!("({text}) && contact.fields.tier == \"gold\" && contact.fields.tier == \"silver\""),
            format!("({text}) && interaction.channel == \"pigeon\""),
        ]
    });
    for (name, _, spec) in bed.attributes() {
        let impossible = match spec["type"].as_str() {
            Some("integer" | "number") => format!("attributes.{name} > 5 && attributes.{name} < 3"),
            Some("boolean") => format!("attributes.{name} == true && attributes.{name} == false"),
            Some("string") => format!("attributes.{name} == \"a\" && attributes.{name} == \"b\""),
            Some(_) | None => continue,
        };
        made.extend(each(conditions(bed), |_| vec![impossible.clone()]));
    }
    made
}

/// The first case of each list comes to cover the second.
fn shadowed(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for spot in bed.spots() {
        let Some(cases) = spot.node["config"]["cases"].as_array() else { continue };
        for pair in 0..cases.len().saturating_sub(1) {
            let (Some(first), Some(second)) = (cases[pair]["when"].as_str(), cases[pair + 1]["when"].as_str()) else {
                continue;
            };
            let covering = [format!("{first} || {second}"), format!("({second}) || ({first})")];
            made.extend(
                covering.map(|when| Defect::of(Edit::Set(spot.config(&format!("/cases/{pair}/when")), when.into()))),
            );
        }
        // A new case in front that leaves nothing for those behind it; its exit exists.
        if let (Some(exit), Some(when)) =
            (cases.first().map(|case| &case["exit"]), cases.first().and_then(|case| case["when"].as_str()))
        {
            let narrower = json!({ "when": format!("({when}) && contact.fields.extra == 1"), "exit": exit });
            made.push(Defect::of(Edit::Set(spot.config("/cases/-"), narrower)));
        }
    }
    made
}

/// The literals that a script compares an attribute with.
fn compared<'s>(text: &'s str, name: &str) -> Vec<(usize, &'s str)> {
    let mut found = Vec::new();
    for operator in ["==", "!=", "<=", ">=", "<", ">"] {
        let start = format!("attributes.{name} {operator} ");
        for (at, _) in text.match_indices(&start) {
            let from = at + start.len();
            let length = text[from..].find([' ', ')', ';', '}']).unwrap_or(text.len() - from);
            found.push((from, &text[from..from + length]));
        }
    }
    found
}

fn compared_mistyped(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (name, _, spec) in bed.attributes() {
        let wrong = match spec["type"].as_str() {
            Some("integer" | "number" | "boolean") => "\"12\"",
            Some("string" | "date") => "12",
            Some(_) | None => continue,
        };
        made.extend(each(sources(bed), |text| {
            let literals = compared(text, name).into_iter();
            literals.map(|(at, literal)| format!("{}{wrong}{}", &text[..at], &text[at + literal.len()..])).collect()
        }));
        made.extend(each(conditions(bed), |text| vec![format!("({text}) && attributes.{name} == {wrong}")]));
    }
    made
}

fn compared_impossible(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (name, _, spec) in bed.attributes().into_iter().filter(|(_, _, spec)| spec["enum"].is_array()) {
        let value = slip(spec["enum"][0].as_str().unwrap_or_default());
        made.extend(each(conditions(bed), |text| vec![format!("({text}) && attributes.{name} == \"{value}\"")]));
        for filled in sources(bed).into_iter().filter(|filled| filled.pointer.ends_with(&format!("/{name}"))) {
            made.push(Defect::of(Edit::Set(filled.pointer, format!("\"{value}\"").into())));
        }
    }
    made
}

/// Expressions whose value is stored under an attribute's name.
fn stored_mistyped(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (name, _, spec) in bed.attributes() {
        let wrong: &[&str] = match spec["type"].as_str() {
            Some("string") => &["12", "true", "len(contact.address)", "[contact.address]"],
            Some("integer") => &["\"12\"", "1.5", "contact.address", "len(contact.address) > 3"],
            Some("number") => &["\"12\"", "contact.address", "true"],
            Some("boolean") => &["\"true\"", "1", "contact.address"],
            Some("date") => &["12", "true", "now.timestamp_s"],
            Some(_) | None => continue,
        };
        let written: Vec<_> =
            bed.slots().into_iter().filter(|f| f.slot == Slot::Attribute && f.is_key && f.text == name).collect();
        for filled in written {
            made.extend(wrong.iter().map(|text| Defect::of(Edit::Set(filled.pointer.clone(), (*text).into()))));
        }
    }
    made
}

fn is_used(bed: &Bed<'_>, name: &str) -> bool {
    let text = bed.flow().to_string();
    text.contains(&format!("attributes.{name}"))
        || bed.slots().iter().any(|f| f.slot == Slot::Attribute && f.text == name)
}

fn undeclared(bed: &Bed<'_>) -> Vec<Defect> {
    let declared = bed.attributes().into_iter().filter(|(name, ..)| is_used(bed, name));
    declared.map(|(name, table, _)| Defect::of(Edit::Remove(format!("/{table}/{name}")))).collect()
}

fn unused(_: &Bed<'_>) -> Vec<Defect> {
    let names = ["spare", "topic_of_last_year", "n"].into_iter();
    let specs = [json!({ "type": "string" }), json!({ "type": "integer", "default": 0 })];
    let edits = names.flat_map(|name| specs.clone().map(|spec| Edit::Set(format!("/attributes/{name}"), spec)));
    edits.map(Defect::of).collect()
}

fn bad_declaration(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (name, table, spec) in bed.attributes() {
        let at = format!("/{table}/{name}");
        let wrong = match spec["type"].as_str() {
            Some("string" | "date") => Some(json!(12)),
            // It may be anything.
            Some("any") => None,
            Some(_) | None => Some(json!("twelve")),
        };
        made.extend(wrong.map(|wrong| Defect::of(Edit::Set(format!("{at}/default"), wrong))));
        made.push(Defect::of(Edit::Set(format!("{at}/type"), "text".into())));
        made.push(Defect::of(Edit::Set(format!("{at}/enum"), json!([]))));
    }
    made
}

/// Types that no use of the attribute in the library could bear.
fn retyped(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (name, table, spec) in bed.attributes().into_iter().filter(|(name, ..)| is_written(bed, name)) {
        let others: &[&str] = match spec["type"].as_str() {
            Some("string") => &["integer", "boolean", "array"],
            Some("integer") => &["string", "boolean", "date"],
            Some("boolean") => &["string", "integer"],
            Some("date") => &["integer", "boolean", "object"],
            Some(_) | None => continue,
        };
        made.extend(others.iter().map(|other| Defect::of(Edit::Set(format!("/{table}/{name}/type"), (*other).into()))));
    }
    made
}

fn is_written(bed: &Bed<'_>, name: &str) -> bool {
    bed.slots().iter().any(|filled| filled.slot == Slot::Attribute && filled.text == name)
}

/// Some contacts go around the only node that gives an attribute its value, and the attribute is read behind it.
fn bypass(bed: &Bed<'_>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (name, _, _) in
        bed.attributes().into_iter().filter(|(_, table, spec)| *table == "attributes" && spec.get("default").is_none())
    {
        let everything = format!("{}{}", bed.flow()["nodes"], bed.flow()["texts"]);
        // An author who asks for a value first means it to be missing sometimes.
        if ["??", "?.", "valid(attributes", "== ()", "!= ()"].iter().any(|asked| everything.contains(asked)) {
            continue;
        }
        let spots = bed.spots();
        let writers: Vec<_> = spots
            .iter()
            .filter(|spot| spot.slots().iter().any(|f| f.slot == Slot::Attribute && f.text == name))
            .collect();
        let [writer] = writers.as_slice() else { continue };
        let Some((_, onward)) = writer.exits().first().copied() else { continue };
        let Some(onward) = onward.as_str() else { continue };
        let behind = bed.reachable(&[onward], Some(writer.id));
        let reads = |id: &String| reads(bed, id, name);
        if !behind.iter().any(reads) {
            continue;
        }
        let detour = json!({
            "kind": "branch",
            "config": { "cases": [{ "when": "interaction.channel == \"sms\"", "exit": "skip" }] },
            "exits": { "skip": onward, "otherwise": writer.id },
        });
        let mut edits = vec![Edit::Set("/nodes/detour".into(), detour)];
        for spot in &spots {
            let leading = spot.exits().into_iter().filter(|(_, to)| *to == writer.id);
            edits.extend(leading.map(|(exit, _)| Edit::Set(spot.pointer(&format!("/exits/{exit}")), "detour".into())));
        }
        if bed.flow()["entry"] == writer.id {
            edits.push(Edit::Set("/entry".into(), "detour".into()));
        }
        made.push(Defect::all(edits));
    }
    made
}

/// True when a node, or a text that it says, reads the attribute.
fn reads(bed: &Bed<'_>, id: &str, name: &str) -> bool {
    let config = &bed.flow()["nodes"][id]["config"];
    let mut texts = Vec::new();
    keys(config, &mut texts);
    names(&config.to_string(), name) || texts.iter().any(|key| names(&bed.flow()["texts"][key].to_string(), name))
}

/// True when a text names the attribute, and not only one whose name begins alike.
fn names(text: &str, name: &str) -> bool {
    let part = format!("attributes.{name}");
    text.match_indices(&part)
        .any(|(at, _)| !text[at + part.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn keys<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.extend(text.strip_prefix('@')),
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| keys(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
