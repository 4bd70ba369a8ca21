//! What the targets about scripts share: a document with attributes of every type and a library.

use routewright_flows::{FlowDocument, check::ScriptFault};
use serde_json::json;

/// The document that scripts are read against.
pub fn document() -> FlowDocument {
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
pub fn inside(faults: &[ScriptFault], source: &str) {
    let lines = source.lines().count().max(1) + 1;
    for span in faults.iter().filter_map(|fault| fault.span) {
        assert!(1 <= span.line && span.line as usize <= lines, "{span} of {source:?}");
        assert!(1 <= span.column, "{span} of {source:?}");
    }
}
