//! What is refused, where, and in which words.

use serde_json::{Value, json};

use super::{parse, parse_value};
use crate::{canonical, finding::Finding, testing};

fn found(value: &Value) -> Vec<(String, String, String)> {
    let text = canonical::pretty(value);
    let show = |finding: Finding| {
        let at = finding.position.expect("every finding has a position");
        (finding.code, finding.pointer, at.to_string())
    };
    parse(&text).err().unwrap_or_default().into_iter().map(show).collect()
}

#[test]
fn a_sound_document_is_read_and_written_back() {
    let parsed = parse(testing::SOUND).expect("the sound document");
    let text = canonical::format(parsed.document());
    assert_eq!(parse(&text).expect("canonical text").document(), parsed.document());
    assert_eq!(canonical::format(parse(&text).expect("canonical text").document()), text);
    let value: Value = serde_json::from_str(testing::SOUND).expect("JSON");
    assert_eq!(parse_value(&value).expect("a value").document(), parsed.document());
}

#[test]
fn every_fault_is_reported_with_its_place() {
    let mut value: Value = serde_json::from_str(testing::SOUND).expect("JSON");
    value["colour"] = json!("red");
    value["nodes"]["menu"]["kinds"] = json!("menu");
    value["nodes"]["menu"]["exits"]["sales"] = json!({ "ends": "x" });
    value["nodes"]["menu"]["exits"]["no_match"] = json!(7);
    value["nodes"]["mé nu"] = json!({ "kind": "menu" });
    value["nodes"]["hours"] = json!({ "config": [] });
    value["tests"] =
        json!([{ "name": "t", "steps": [{ "contact_sez": "x" }, { "contact_says": 7 }, { "time_passes": "9999d" }] }]);
    let expected = [
        ("unknown-field", "/colour"),
        ("unknown-field", "/nodes/menu/kinds"),
        ("unknown-field", "/nodes/menu/exits/sales"),
        ("wrong-type", "/nodes/menu/exits/no_match"),
        ("bad-name", "/nodes/mé nu"),
        ("missing-field", "/nodes/hours/kind"),
        ("wrong-type", "/nodes/hours/config"),
        ("unknown-field", "/tests/0/steps/0"),
        ("wrong-type", "/tests/0/steps/1/contact_says"),
    ];
    let found = found(&value);
    for (code, pointer) in expected {
        assert!(found.iter().any(|(c, p, _)| c == code && p == pointer), "{code} at {pointer} in {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}
