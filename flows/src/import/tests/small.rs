//! Small exports of every format, written here.

use serde_json::{Value, json};

use crate::{
    finding::Position,
    import::{Bindings, EXPORT_BYTES_MAX, ImportError, Imported, Importer, SourceFormat},
};

fn import(format: SourceFormat, export: &Value) -> Imported {
    let mut importer = Importer::new(format, Bindings::new());
    importer.add("export.json", export.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    importer.finish()
}

fn refusal(format: SourceFormat, bytes: &[u8]) -> ImportError {
    Importer::new(format, Bindings::new()).add("export.json", bytes).expect_err("this is no export")
}

#[test]
fn what_has_no_equivalent_is_kept_to_the_letter() {
    let widget = json!({
        "name": "pay", "type": "capture-payments", "properties": { "offset": { "x": 1, "y": 2 }, "currency": "eur" },
        "transitions": [{ "event": "success", "next": "gone" }, { "event": "maxFailedAttempts" }],
    });
    let imported = import(
        SourceFormat::Twilio,
        &json!({ "description": "Pay", "states": [widget], "initial_state": "pay", "flags": {} }),
    );
    let node = imported.documents[0].nodes.values().next().expect("one node");
    assert_eq!(node.kind.as_str(), "foreign");
    assert_eq!(node.config["payload"], widget);
    assert_eq!(node.config["exits"], json!(["success", "maxFailedAttempts"]));
    assert_eq!(imported.documents[0].layout["pay"], json!({ "x": 1.0, "y": 2.0 }));
    let flow = &imported.report.flows[0];
    assert_eq!((flow.native, flow.foreign, flow.facts.dangling_targets, flow.facts.edges_without_target), (0, 1, 1, 1));
    assert!(imported.report.needs_attention());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let state = br#"{ "initial_state": "a", "states": [
  { "name": "a", "type": "trigger", "transitions": [ { "next": "b" } ] } ] }"#;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for format in SourceFormat::ALL {
        for (bytes, code) in [
            (&b""[..], "syntax"),
            (b"{ \"states\": [", "syntax"),
            (b"\xff\xfe{}", "not-text"),
            (b"[]", "wrong-format"),
            (b"{}", "wrong-format"),
            (b"null", "wrong-format"),
            (br#"{ "flows": 3, "states": 3, "modules": 3, "Actions": 3 }"#, "wrong-format"),
            (deep.as_bytes(), "syntax"),
        ] {
            let error = refusal(format, bytes);
            assert_eq!(error.code, code, "{format}: {error}");
            assert!(error.position.is_some(), "{format}: {error}");
            assert!(error.for_language("fr").starts_with("export.json:"), "{error}");
        }
        assert_eq!(refusal(format, &vec![b' '; EXPORT_BYTES_MAX + 1]).code, "too-large");
    }
    let error = refusal(SourceFormat::Twilio, state);
    assert_eq!(error.pointer, "/states/0/transitions/0");
    assert_eq!(error.position, Some(Position { line: 2, column: 54 }));
}
