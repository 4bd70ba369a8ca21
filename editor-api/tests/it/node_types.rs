//! Node types of a tenant's own: installed, used, replaced, retired, and kept while a flow has them.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::server::Server;

fn words(text: &str) -> Value {
    json!({ "en": text, "fr": text })
}

/// Answers with a text and leaves by its one exit.
fn manifest(version: &str, says: &str) -> Value {
    let en = "## What it does\nA.\n\n## When to use it\nB.\n\n## Exits\nC.\n\n## Settings\nD.\n\n## Pitfalls\nE.\n";
    let fr = "## Ce qu’il fait\nA.\n\n## Quand l’utiliser\nB.\n\n## Sorties\nC.\n\n## Réglages\nD.\n\n## Pièges\nE.\n";
    json!({
        "kind": "acme_greet", "version": version, "title": words("Greet"), "docs": { "en": en, "fr": fr },
        "category": "talk", "exits": [{ "name": "done", "docs": words("Said.") }],
        "config": {
            "type": "object", "additionalProperties": false, "required": ["name"],
            "properties": { "name": { "type": "string", "description": "Whom.", "x-fr": "Qui.", "x-slot": { "slot": "expression", "returns": "any" } } },
        },
        "examples": [
            { "title": words("Anybody"), "config": { "name": "\"you\"" } },
            { "title": words("Nobody"), "config": {}, "valid": false },
        ],
        "run": { "script": format!("#{{ exit: \"done\", say: `{says} ${{config.name}}` }}") },
    })
}

fn flow() -> Value {
    json!({
        "schema": 1, "id": "greeting", "channels": ["webchat"], "entry": "greet",
        "nodes": { "greet": { "kind": "acme_greet", "config": { "name": "contact.address" }, "exits": { "done": "pause" } },
                   "pause": { "kind": "wait", "config": { "for": "1h", "interruptible": true },
                              "exits": { "done": { "end": "done" }, "message": "greet" } } },
    })
}

#[tokio::test]
async fn a_type_is_installed_used_replaced_and_kept_while_it_is_used() {
    let server = Server::start().await;
    let key = &server.admin;
    server.post("/api/v1/flows", key, flow()).await.expect(StatusCode::CREATED);
    let publish = json!({ "message": "test", "release": true });
    server.post("/api/v1/flows/greeting/publish", key, publish.clone()).await.problem(422, "flow-has-errors");
    server.create("node-types", "acme_greet", json!({ "manifest": manifest("1.0.0", "Hello") })).await;
    let kinds = server.get("/api/v1/node-kinds", key).await.ok();
    let listed = |kinds: &Value| kinds["items"].as_array().expect("a list").iter().any(|k| k["kind"] == "acme_greet");
    assert!(listed(&kinds));
    server.post("/api/v1/flows/greeting/publish", key, publish.clone()).await.expect(StatusCode::CREATED);
    let busy = server.delete("/api/v1/node-types/acme_greet", key).await;
    assert_eq!(busy.problem(409, "in-use")["users"].as_array().map(Vec::len), Some(2));

    // A newer manifest is for newer versions; what was published stays what it is.
    server
        .put("/api/v1/node-types/acme_greet", key, "\"1\"", json!({ "manifest": manifest("2.0.0", "Goodbye") }))
        .await
        .ok();
    let said = |version: u32| {
        let server = &server;
        async move {
            server.post("/api/v1/flows/greeting/release", key, json!({ "live": version })).await.ok();
            let from = format!("visitor-{version}");
            let message = json!({ "from": from, "event_id": "m1", "text": "hi" });
            let heard = server.post("/api/v1/touchpoints/web/messages", key, message).await.ok();
            heard["said"][0]["text"].clone()
        }
    };
    server.create("skills", "sales", json!({})).await;
    let touchpoint = json!({ "channel": "webchat", "default_skill": "sales", "default_flow": "greeting", "locale": "en", "active": true });
    server.create("touchpoints", "web", touchpoint).await;
    server.post("/api/v1/flows/greeting/publish", key, publish).await.expect(StatusCode::CREATED);
    assert_eq!(said(1).await, "Hello visitor-1");
    assert_eq!(said(2).await, "Goodbye visitor-2");

    // Retired, it is in no palette and no new version, and runs where it runs.
    let retired = json!({ "manifest": manifest("2.0.0", "Goodbye"), "retired": true });
    server.put("/api/v1/node-types/acme_greet", key, "\"2\"", retired).await.ok();
    assert!(!listed(&server.get("/api/v1/node-kinds", key).await.ok()));
    server
        .post("/api/v1/flows/greeting/publish", key, json!({ "message": "late", "release": false }))
        .await
        .problem(422, "flow-has-errors");
    assert_eq!(said(2).await, "Goodbye visitor-2");
}

#[tokio::test]
async fn a_manifest_that_does_not_conform_is_refused() {
    let server = Server::start().await;
    let refused = async |id: &str, manifest: Value, code: &str| {
        let body = json!({ "id": id, "settings": { "manifest": manifest } });
        server.post("/api/v1/node-types", &server.admin, body).await.problem(422, code);
    };
    refused("other", manifest("1", "Hello"), "kind-mismatch").await;
    let mut taken = manifest("1", "Hello");
    taken["kind"] = json!("menu");
    refused("menu", taken, "kind-taken").await;
    let mut undocumented = manifest("1", "Hello");
    undocumented["docs"] = words("Nothing much.");
    refused("acme_greet", undocumented, "docs").await;
    let mut endless = manifest("1", "Hello");
    endless["run"] = json!({ "script": "while true {}; \"done\"" });
    refused("acme_greet", endless, "exit-never-taken").await;
}
