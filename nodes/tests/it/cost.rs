//! What playing a flow must not cost.

use std::sync::Arc;

use routewright_engine::{rehearsal::Troupe, script::Sandbox};
use routewright_flows::FlowDocument;
use routewright_nodes::standard;
use serde_json::{from_value, json};

const CONTACTS: usize = 100;

#[test]
fn creating_an_interaction_compiles_nothing_and_builds_no_engine() {
    let flow = json!({
        "schema": 1, "id": "main", "channels": ["webchat"], "entry": "score",
        "attributes": { "score": { "type": "integer" } },
        "library": "fn doubled(n) { 2 * n }",
        "nodes": {
            "score": { "kind": "run_script", "config": { "script": "let n = doubled(20); n += 2; #{ set: #{ score: n } }" }, "exits": { "done": "decide", "error": { "end": "failed" } } },
            "decide": { "kind": "branch", "config": { "cases": [{ "when": "attributes.score + 1 > 42", "exit": "high" }] }, "exits": { "high": "say", "otherwise": { "end": "low" }, "error": { "end": "failed" } } },
            "say": { "kind": "send_message", "config": { "text": { "fr": "${doubled(attributes.score)} points" } }, "exits": { "done": { "end": "told" }, "error": { "end": "failed" } } },
        },
    });
    let scenario = json!({ "name": "scored", "steps": [{ "contact_says": "hello" }, { "expect": { "says": ["84 points"], "ended": "told" } }] });
    let (flow, scenario): (FlowDocument, _) =
        (from_value(flow).expect("a flow"), from_value(scenario).expect("a test"));
    let sandbox = Arc::new(Sandbox::new());
    let troupe = Troupe::new(&Arc::new(flow), &[], &standard(), &sandbox).expect("it can be published");
    let made = sandbox.made();
    assert!(3 <= made.scripts, "publishing compiled them: {made:?}");
    for _ in 0..CONTACTS {
        let rehearsal = troupe.play(&scenario);
        assert!(rehearsal.passed, "{}\n{}", rehearsal.report("en"), rehearsal.transcript);
    }
    assert_eq!(sandbox.made(), made);
}
