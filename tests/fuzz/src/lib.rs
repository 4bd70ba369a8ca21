//! What each target does with any bytes. The fuzzer brings new ones; the tests of the product replay those it kept.

use routewright_engine::script::Sandbox;
use routewright_flows::{
    FlowDocument,
    check::{ScriptFault, Scripts},
    content_hash,
    descriptor::{Returns, Slot},
    format,
    import::{Bindings, Importer, SourceFormat},
    parse,
};
use serde_json::json;

/// Any text is read as a flow document, or refused with findings; what is read is written and read back the same.
pub fn document(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(findings) => {
            assert!(!findings.is_empty(), "a refusal says why");
            return;
        }
    };
    let canonical = format(parsed.document());
    let again = parse(&canonical).expect("a canonical text parses");
    assert_eq!(again.document(), parsed.document(), "parse(fmt(x)) == x");
    assert_eq!(format(again.document()), canonical, "fmt(fmt(x)) == fmt(x)");
    assert_eq!(content_hash(again.document()), content_hash(parsed.document()));
}

/// Any text is read as a template, or refused with faults that lie inside it; what has no fault compiles.
pub fn template(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (sandbox, document) = (Sandbox::new(), around());
    let faults = sandbox.faults(&Slot::Template, text, &document);
    inside(&faults, text);
    if faults.is_empty() {
        sandbox.compile_template(text, &document).expect("what has no fault compiles");
    }
}

/// Any text is read as an expression and as a script, or refused with faults that lie inside it; what has no fault
/// compiles, has types, and is judged as a condition.
pub fn script(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (sandbox, document) = (Sandbox::new(), around());
    let formula = Slot::Expression { returns: Returns::Any };
    let faults = sandbox.faults(&formula, text, &document);
    inside(&faults, text);
    if faults.is_empty() {
        sandbox.compile_formula(text, &document).expect("what has no fault compiles");
    }
    let faults = sandbox.faults(&Slot::Script, text, &document);
    inside(&faults, text);
    if faults.is_empty() {
        sandbox.compile_script(text, &document).expect("what has no fault compiles");
    }
    let _ = sandbox.gives(text, &document);
    let _ = sandbox.decide(&[text, "attributes.count > 3", text], &document);
}

/// Any bytes are refused with a code and words, or become documents that are written and read back the same.
pub fn import(source: SourceFormat, data: &[u8]) {
    let mut importer = Importer::new(source, Bindings::default());
    if let Err(error) = importer.add("fuzzed.json", data) {
        assert!(!error.code.is_empty() && !error.message.en.is_empty() && !error.message.fr.is_empty());
        return;
    }
    for document in importer.finish().documents {
        let canonical = format(&document);
        let again = parse(&canonical).expect("an imported document parses");
        assert_eq!(again.document(), &document, "parse(fmt(x)) == x");
    }
}

/// The document that scripts are read against: attributes of every type and a library.
fn around() -> FlowDocument {
    let any = |kind: &str| json!({ "type": kind });
    let document = json!({
        "schema": 1, "id": "fuzz", "entry": "start", "channels": ["webchat"],
        "attributes": {
            "topic": { "type": "string", "enum": ["sales", "support"] }, "count": any("integer"), "ratio": any("number"),
            "urgent": any("boolean"), "list": any("array"), "nested": any("object"), "day": any("date")
        },
        "library": "fn twice(x) { x * 2 }",
        "nodes": { "start": { "kind": "close" } }
    });
    serde_json::from_value(document).expect("a document")
}

/// Every fault points into its source, or just behind it.
fn inside(faults: &[ScriptFault], source: &str) {
    let lines = source.lines().count().max(1) + 1;
    for span in faults.iter().filter_map(|fault| fault.span) {
        assert!(1 <= span.line && span.line as usize <= lines, "{span} of {source:?}");
        assert!(1 <= span.column, "{span} of {source:?}");
    }
}
