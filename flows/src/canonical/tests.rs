//! The canonical form reads itself, and the hash sees meaning alone.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{content_hash, format, pretty};
use crate::{
    document::FlowDocument,
    parse::{parse, parse_value},
    testing,
};

/// Any document that reads, sound or not.
fn document() -> impl Strategy<Value = FlowDocument> {
    let object = || proptest::collection::btree_map("[a-z/~é\"]{1,6}", testing::json_value(), 0..4);
    let localised = || proptest::collection::btree_map("fr|en|de-CH", "\\PC{0,12}", 0..3);
    let node = (
        object(),
        proptest::collection::btree_map("[a-z]{1,5}", "[a-z]{1,5}", 0..3),
        proptest::option::of("\\PC{0,9}"),
    )
        .prop_map(|(config, exits, note)| match note {
            Some(note) => json!({ "kind": "menu", "config": config, "exits": exits, "note": note }),
            None => json!({ "kind": "menu", "config": config, "exits": exits }),
        });
    let nodes = proptest::collection::btree_map("[a-zA-Z0-9][a-z_-]{0,4}", node, 0..5);
    (localised(), nodes, object(), object(), testing::json_value(), "\\PC{0,20}").prop_map(
        |(title, nodes, layout, vendor, default, library)| {
            let value = json!({
                "schema": 1, "id": "any", "title": title, "entry": "a", "nodes": nodes, "layout": layout,
                "vendor": vendor, "library": library, "attributes": { "x": { "type": "object", "default": default } },
            });
            parse_value(&value).expect("a document").into_document()
        },
    )
}

fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().rev().map(|(key, value)| format!("{} :\n{}", json!(key), reversed(value))).collect();
            format!("{{ {} }}", fields.join(" ,"))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join("\t,")),
        scalar => scalar.to_string(),
    }
}

proptest! {
    #[test]
    fn canonical_text_reads_back_and_formats_to_itself(document in document()) {
        let text = format(&document);
        let again = parse(&text).expect("canonical text").into_document();
        prop_assert_eq!(&again, &document);
        prop_assert_eq!(format(&again), text.clone());
        prop_assert_eq!(text.lines().last(), Some("}"));
    }

    #[test]
    fn neither_key_order_nor_spacing_nor_layout_moves_the_hash(document in document(), layout in testing::json_value()) {
        let value = serde_json::to_value(&document).expect("JSON");
        let mut other = parse(&reversed(&value)).expect("the same in another order").into_document();
        prop_assert_eq!(content_hash(&other), content_hash(&document));
        other.layout = Map::from_iter([("anywhere".to_owned(), layout)]);
        prop_assert_eq!(content_hash(&other), content_hash(&document));
    }
}

#[test]
fn every_other_field_moves_the_hash() {
    let hash = |value: &Value| content_hash(parse_value(value).expect("a document").document());
    let sound = testing::sound();
    let edits: [fn(&mut Value); 9] = [
        |d| d["id"] = json!("other"),
        |d| d["title"]["fr"] = json!("Autre"),
        |d| d["channels"] = json!(["sms"]),
        |d| d["texts"]["sorry"]["en"] = json!("So sorry"),
        |d| d["library"] = json!("fn thrice(n) { 3 * n }"),
        |d| d["entry"] = json!("menu"),
        |d| d["nodes"]["menu"]["config"]["attempts"] = json!(4),
        |d| d["nodes"]["menu"]["note"] = json!("Asks"),
        |d| d["tests"][0]["name"] = json!("Somebody answers"),
    ];
    for (index, edit) in edits.into_iter().enumerate() {
        let mut value = sound.clone();
        edit(&mut value);
        assert_ne!(hash(&value), hash(&sound), "edit {index}");
    }
}

#[test]
fn the_canonical_style_is_sorted_and_indented_by_two() {
    let value = json!({ "b": [1, {}, []], "a": { "z": 1.0, "y": "é\n" } });
    expect_test::expect![[r#"
        {
          "a": {
            "y": "é\n",
            "z": 1.0
          },
          "b": [
            1,
            {},
            []
          ]
        }
    "#]]
    .assert_eq(&pretty(&value));
}

#[test]
fn the_example_of_the_documentation_is_canonical_in_both_languages() {
    let example = |page: &str| {
        let (_, rest) = page.split_once("```json\n").expect("an example");
        rest.split_once("```\n").expect("the end of the example").0.to_owned()
    };
    let english = example(include_str!("../../../docs/flow-format.md"));
    let document = parse(&english).expect("the example").into_document();
    assert_eq!(format(&document), english);
    assert_eq!(example(include_str!("../../../docs/fr/flow-format.md")), english);
}
