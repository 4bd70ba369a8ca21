//! Independent edits merge in either order; overlapping ones are always reported.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Merged, merge};
use crate::{
    canonical::{content_hash, to_value},
    compare::Part,
    document::FlowDocument,
    parse::parse_value,
    testing,
};

fn read(value: &Value) -> FlowDocument {
    parse_value(value).expect("a document").into_document()
}

/// What somebody does to a document at one place.
#[derive(Debug, Clone)]
enum Edit {
    Set(&'static str, Value),
    Remove(&'static str),
    Append(&'static str, Value),
}

impl Edit {
    /// What the edit touches; two edits are independent when neither touches the other's place or a part of it.
    fn place(&self) -> String {
        match self {
            Self::Set(pointer, _) | Self::Remove(pointer) => (*pointer).to_owned(),
            Self::Append(list, element) => format!("{list}/{}", name(element)),
        }
    }

    fn apply(&self, value: &mut Value) {
        let (Self::Set(pointer, _) | Self::Remove(pointer) | Self::Append(pointer, _)) = self;
        if let Self::Append(_, element) = self {
            value.pointer_mut(pointer).and_then(Value::as_array_mut).expect("a list").push(element.clone());
            return;
        }
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = value.pointer_mut(parent).expect("a parent");
        match (self, parent) {
            (Self::Set(_, new), Value::Object(fields)) => drop(fields.insert(key.to_owned(), new.clone())),
            (Self::Remove(_), Value::Object(fields)) => drop(fields.remove(key).expect("something to remove")),
            other => panic!("{other:?} is no edit"),
        }
    }
}

fn name(element: &Value) -> &str {
    element.get("id").or_else(|| element.get("name")).and_then(Value::as_str).expect("an element's name")
}

/// Everything the property lets people do, in variants that differ.
fn edit(slot: usize, variant: u8) -> Edit {
    let targets = [json!("skills"), json!("bye"), json!({ "end": "elsewhere" }), json!({ "handler": "error" })];
    let target = targets[usize::from(variant) % targets.len()].clone();
    let word = json!(format!("word {variant}"));
    let node =
        json!({ "kind": "send_message", "config": { "text": "@sorry" }, "exits": { "done": target }, "note": word });
    let number = json!(10 + variant);
    let test = |name: &str| json!({ "name": name, "steps": [{ "contact_says": word }] });
    let option = |id: &str| json!({ "id": id, "label": { "en": word, "fr": word } });
    match slot {
        0 => Edit::Set("/title/en", word),
        1 => Edit::Set("/title/de", word),
        2 => Edit::Set("/texts/welcome/fr", word),
        3 => Edit::Set("/texts/welcome/en", word),
        4 => Edit::Set("/texts/fresh", json!({ "fr": word })),
        5 => Edit::Set("/nodes/hours/exits/open", target),
        6 => Edit::Set("/nodes/hours/exits/closed", target),
        7 => Edit::Set("/nodes/menu/exits/timeout", target),
        8 => Edit::Set("/nodes/menu/config/attempts", number),
        9 => Edit::Set("/nodes/menu/config/options/0/label/fr", word),
        10 => Edit::Set("/nodes/menu/config/options/0/label/en", word),
        11 => Edit::Append("/nodes/menu/config/options", option("one")),
        12 => Edit::Append("/nodes/menu/config/options", option("two")),
        13 => Edit::Set("/nodes/skills/config/skills/sales", number),
        14 => Edit::Set("/nodes/skills/config/skills/more", number),
        15 => Edit::Remove("/nodes/menu/note"),
        16 => Edit::Set("/nodes/hours/note", word),
        17 => Edit::Set("/nodes/menu/title/fr", word),
        18 => Edit::Set("/nodes/fresh", node),
        19 => Edit::Set("/nodes/other", node),
        20 => Edit::Remove("/nodes/spare"),
        21 => Edit::Set("/attributes/visits/default", number),
        22 => Edit::Set("/attributes/visits/description/de", word),
        23 => Edit::Set("/attributes/fresh", json!({ "type": "string", "default": word })),
        24 => Edit::Set("/entry", json!(["menu", "who", "skills", "bye"][usize::from(variant) % 4])),
        25 => Edit::Set("/handlers/error", json!(["menu", "who", "skills", "bye"][usize::from(variant) % 4])),
        26 => Edit::Remove("/handlers/disconnect"),
        27 => Edit::Set("/library", word),
        28 => Edit::Append("/tests", test("a new test")),
        29 => Edit::Append("/tests", test("another new test")),
        30 => Edit::Set("/tests/0/locale", json!(["fr", "en", "de", "it"][usize::from(variant) % 4])),
        31 => Edit::Set("/vendor/source", word),
        _ => Edit::Set("/layout/menu", json!({ "x": variant, "y": 0 })),
    }
}

const SLOTS: usize = 33;
const VARIANTS: u8 = 4;

/// The sound document with a node that nothing leads to, for somebody to remove.
fn base() -> Value {
    let mut value = testing::sound();
    value["nodes"]["spare"] = json!({ "kind": "close" });
    value
}

fn edited(edits: &[&Edit]) -> Value {
    let mut value = base();
    edits.iter().for_each(|edit| edit.apply(&mut value));
    value
}

/// A document as a value, with lists whose order the edits leave open in the order of names.
fn settled(document: &FlowDocument) -> Value {
    let mut value = to_value(document);
    value.as_object_mut().expect("a document").remove("layout");
    for list in ["/tests", "/nodes/menu/config/options"] {
        let list = value.pointer_mut(list).and_then(Value::as_array_mut).expect("a list");
        list.sort_by(|a, b| name(a).cmp(name(b)));
    }
    value
}

/// Some edits for each side, no two of them at one place.
fn edits() -> impl Strategy<Value = Vec<(Edit, bool)>> {
    proptest::collection::vec((0..SLOTS, 0..VARIANTS, any::<bool>()), 0..12).prop_map(|picked| {
        let mut taken = BTreeSet::new();
        let fresh = picked.into_iter().filter(|(slot, ..)| taken.insert(*slot));
        fresh.map(|(slot, variant, ours)| (edit(slot, variant), ours)).collect()
    })
}

fn side(edits: &[(Edit, bool)], ours: bool) -> Vec<&Edit> {
    edits.iter().filter(|(_, mine)| *mine == ours).map(|(edit, _)| edit).collect()
}

/// Slots whose variants differ: neither removals nor the layout.
fn contested() -> impl Strategy<Value = usize> {
    let slots: Vec<usize> = (0..SLOTS - 1).filter(|slot| !matches!(edit(*slot, 0), Edit::Remove(_))).collect();
    proptest::sample::select(slots)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Independent edits merge to what one person doing all of them would have made, in either order.
    #[test]
    fn independent_edits_merge_without_conflict_and_in_either_order(edits in edits()) {
        let (ours, theirs) = (read(&edited(&side(&edits, true))), read(&edited(&side(&edits, false))));
        let base = read(&base());
        let Merged { document, conflicts } = merge(&base, &ours, &theirs);
        prop_assert_eq!(conflicts, []);
        let mirrored = merge(&base, &theirs, &ours);
        prop_assert_eq!(mirrored.conflicts, []);
        prop_assert_eq!(content_hash(&document), content_hash(&mirrored.document));
        let all: Vec<&Edit> = edits.iter().map(|(edit, _)| edit).collect();
        prop_assert_eq!(settled(&document), settled(&read(&edited(&all))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Two different edits of one place are always reported, with both sides, and disturb no other edit.
    #[test]
    fn overlapping_edits_are_always_reported(
        edits in edits(), slot in contested(), mine in 0..VARIANTS, step in 1..VARIANTS,
    ) {
        let (mine, yours) = (edit(slot, mine), edit(slot, (mine + step) % VARIANTS));
        let place = mine.place();
        let others: Vec<(Edit, bool)> = edits.into_iter().filter(|(edit, _)| edit.place() != place).collect();
        let (mut ours, mut theirs) = (side(&others, true), side(&others, false));
        ours.push(&mine);
        theirs.push(&yours);
        let (ours, theirs) = (edited(&ours), edited(&theirs));
        let merged = merge(&read(&base()), &read(&ours), &read(&theirs));
        prop_assert!(!merged.conflicts.is_empty());
        for conflict in &merged.conflicts {
            let inside = match &mine {
                Edit::Append(list, _) => conflict.pointer.starts_with(list),
                Edit::Set(pointer, _) => conflict.pointer.starts_with(pointer),
                Edit::Remove(_) => false,
            };
            prop_assert!(inside, "{:?} is not about {:?}", conflict, mine);
            prop_assert_ne!(&conflict.ours, &conflict.theirs);
            prop_assert_eq!(ours.pointer(&conflict.pointer).cloned(), conflict.ours.clone());
        }
        let mut all: Vec<&Edit> = others.iter().map(|(edit, _)| edit).collect();
        all.push(&mine);
        prop_assert_eq!(settled(&merged.document), settled(&read(&edited(&all))));
    }
}

/// What both sides do, and the pointers that must be in conflict.
#[test]
fn a_thing_that_one_side_removed_or_remade_while_the_other_changed_it_is_a_conflict() {
    type Change = fn(&mut Value);
    let remove_mark: Change = |d| {
        d["nodes"].as_object_mut().expect("nodes").remove("mark");
        d["nodes"]["who"]["exits"]["vip"] = json!("skills");
    };
    let cases: [(Change, Change, &[&str]); 7] = [
        (remove_mark, |d| d["nodes"]["mark"]["note"] = json!("Marks"), &["/nodes/mark"]),
        (remove_mark, |d| d["nodes"]["hours"]["exits"]["closed"] = json!("mark"), &["/nodes/hours/exits/closed"]),
        (remove_mark, |d| d["entry"] = json!("mark"), &["/entry"]),
        (
            |d| d["nodes"]["bye"] = json!({ "kind": "subflow", "exits": {} }),
            |d| d["nodes"]["bye"]["config"] = json!({ "reason": "done" }),
            &["/nodes/bye"],
        ),
        (
            |d| d["attributes"]["visits"]["type"] = json!("string"),
            |d| d["attributes"]["visits"]["default"] = json!(3),
            &["/attributes/visits"],
        ),
        (
            |d| d["nodes"]["menu"]["config"]["options"].as_array_mut().expect("options").reverse(),
            |d| d["nodes"]["menu"]["config"]["options"] = json!([{ "id": "again" }]),
            &[],
        ),
        (
            |d| drop(d["texts"].as_object_mut().expect("texts").remove("sorry")),
            |d| d["texts"]["sorry"]["fr"] = json!("Pardon"),
            &["/texts/sorry"],
        ),
    ];
    for (index, (ours, theirs, expected)) in cases.into_iter().enumerate() {
        let base = testing::sound();
        let (mut our, mut their) = (base.clone(), base.clone());
        ours(&mut our);
        theirs(&mut their);
        for (our, their) in [(&our, &their), (&their, &our)] {
            let merged = merge(&read(&base), &read(our), &read(their));
            let found: Vec<&str> = merged.conflicts.iter().map(|conflict| conflict.pointer.as_str()).collect();
            assert_eq!(found, expected, "case {index}: {:#?}", merged.conflicts);
        }
    }
}

#[test]
fn a_remark_and_another_kind_do_not_disturb_each_other() {
    let base = testing::sound();
    let (mut ours, mut theirs) = (base.clone(), base.clone());
    ours["nodes"]["bye"]["kind"] = json!("subflow");
    theirs["nodes"]["bye"]["note"] = json!("The end");
    let merged = merge(&read(&base), &read(&ours), &read(&theirs));
    assert_eq!(merged.conflicts, []);
    assert_eq!(to_value(&merged.document)["nodes"]["bye"], json!({ "kind": "subflow", "note": "The end" }));
}

#[test]
fn layout_never_conflicts() {
    let base = testing::sound();
    let (mut ours, mut theirs) = (base.clone(), base.clone());
    ours["layout"]["menu"]["x"] = json!(1);
    theirs["layout"]["menu"]["x"] = json!(2);
    theirs["layout"]["bye"] = json!({ "x": 3 });
    let merged = merge(&read(&base), &read(&ours), &read(&theirs));
    assert_eq!(merged.conflicts, []);
    assert_eq!(Value::Object(merged.document.layout), json!({ "bye": { "x": 3 }, "menu": { "x": 1, "y": 20.5 } }));
}

#[test]
fn a_conflict_speaks_both_languages_and_travels_as_json() {
    let base = testing::sound();
    let (mut ours, mut theirs) = (base.clone(), base.clone());
    ours["nodes"]["menu"]["exits"]["sales"] = json!("skills");
    theirs["nodes"]["menu"]["exits"]["sales"] = json!({ "end": "sold" });
    let merged = merge(&read(&base), &read(&ours), &read(&theirs));
    let [conflict] = merged.conflicts.as_slice() else { panic!("one conflict, not {:#?}", merged.conflicts) };
    assert_eq!(conflict.part, Part::Exit { node: "menu".into(), exit: "sales".into() });
    assert_eq!(
        conflict.words.en,
        "exit 'sales' of node 'menu' was changed by both: 'skills' here, the end 'sold' there"
    );
    assert_eq!(
        conflict.words.fr,
        "la sortie « sales » du nœud « menu » : modifié des deux côtés, « skills » ici, la fin « sold » de l’autre"
    );
    let text = serde_json::to_string(conflict).expect("JSON");
    assert_eq!(&serde_json::from_str::<super::Conflict>(&text).expect("the same conflict"), conflict);
}
