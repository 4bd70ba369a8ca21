//! Node types of a tenant's own: installed, used, replaced, retired, and kept while a flow has them.

use reqwest::StatusCode;
use serde_json::{Value, json};

use tempfile::TempDir;

use crate::{
    command_line::{routewright, shown},
    server::Server,
};

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

/// Greets in the contact's language, with a template of the author's after it.
fn polite() -> Value {
    let mut polite = manifest("1.0.0", "");
    polite["kind"] = json!("acme_polite");
    let slot = |slot: &str, kind: Value| json!({ "type": kind, "description": "Words.", "x-fr": "Des mots.", "x-slot": { "slot": slot } });
    polite["config"] = json!({
        "type": "object", "additionalProperties": false, "required": ["greeting", "then"],
        "properties": { "greeting": slot("text", json!("object")), "then": slot("template", json!("string")) },
    });
    polite["examples"] = json!([
        { "title": words("Both"), "config": { "greeting": { "en": "Hello ${contact.address}" }, "then": "!" } },
        { "title": words("Nothing"), "config": {}, "valid": false },
    ]);
    polite["run"] = json!({ "script": "#{ exit: \"done\", say: config.greeting + config.then }" });
    polite
}

fn polite_flow() -> Value {
    let config = json!({
        "greeting": { "en": "Hello ${contact.fields.name}", "fr": "Bonjour ${contact.fields.name}" },
        "then": " (${contact.fields.score / 2}) \"${interaction.channel}\"",
    });
    let says = |locale: &str, text: &str| {
        json!({
            "name": format!("It says {text}"), "locale": locale, "contact": { "name": "Zoé", "score": 5 },
            "steps": [{ "contact_says": "…" }, { "expect": { "says": [text], "ended": "done" } }],
        })
    };
    json!({
        "schema": 1, "id": "polite", "channels": ["webchat"], "entry": "greet",
        "nodes": { "greet": { "kind": "acme_polite", "config": config, "exits": { "done": { "end": "done" } } } },
        "tests": [
            says("fr", "Bonjour Zoé (2) \"webchat\""),
            says("fr-CA", "Bonjour Zoé (2) \"webchat\""),
            says("en-GB", "Hello Zoé (2) \"webchat\""),
            says("de", "Hello Zoé (2) \"webchat\""),
        ],
    })
}

/// The command line with a folder that holds these files; paths are those of the folder.
fn command(files: &[(&str, Value)], arguments: &[&str]) -> (Option<i32>, String) {
    let dir = TempDir::new().expect("a directory");
    for (name, file) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, file.to_string()).expect("the file is written");
    }
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| match argument.strip_prefix("./") {
            Some(name) => dir.path().join(name).display().to_string(),
            None => (*argument).to_owned(),
        })
        .collect();
    let output = routewright(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    (output.status.code(), format!("{}{}", shown(&output.stdout), shown(&output.stderr)))
}

#[test]
fn flows_with_types_of_ones_own_are_checked_and_played_without_a_server() {
    let files = [("types/polite.json", polite()), ("flow.json", polite_flow())];
    let (code, said) = command(&files, &["check", "./flow.json"]);
    assert!(code == Some(1) && said.contains("acme_polite"), "{said}");
    for types in ["./types", "./types/polite.json"] {
        for verb in ["check", "test"] {
            let (code, said) = command(&files, &[verb, "./flow.json", "--types", types]);
            assert_eq!(code, Some(0), "{said}");
        }
    }
    let mut faulty = polite_flow();
    faulty["nodes"]["greet"]["config"]["then"] = json!("${contact.adress}");
    let (code, said) = command(
        &[("polite.json", polite()), ("flow.json", faulty)],
        &["check", "./flow.json", "--types", "./polite.json"],
    );
    assert!(code == Some(1) && said.contains("adress"), "{said}");
    let mut unusable = polite();
    unusable["exits"] = json!([]);
    let (code, said) = command(
        &[("polite.json", unusable), ("flow.json", polite_flow())],
        &["check", "./flow.json", "--types", "./polite.json"],
    );
    assert!(code == Some(2) && said.contains("has no exit"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_installs_retires_and_is_refused_what_is_used() {
    let server = Server::start().await;
    let (url, key) = (format!("http://{}", server.at), server.admin.clone());
    let run = async |arguments: &[&str]| {
        let mut all: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        all.extend(["--url".to_owned(), url.clone(), "--key".to_owned(), key.clone()]);
        let files = [("polite.json", polite())];
        let job = move || command(&files, &all.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(job).await.expect("the command ends")
    };
    let (code, said) = run(&["node", "install", "./polite.json"]).await;
    assert!(code == Some(0) && said.contains("installed acme_polite 1.0.0"), "{said}");
    server.post("/api/v1/flows", &key, polite_flow()).await.expect(StatusCode::CREATED);
    server
        .post("/api/v1/flows/polite/publish", &key, json!({ "message": "test", "release": true }))
        .await
        .expect(StatusCode::CREATED);
    let (code, said) = run(&["node", "retire", "acme_polite", "--remove"]).await;
    assert!(code == Some(2) && said.contains("in-use") && said.contains("polite"), "{said}");
    let (code, said) = run(&["node", "retire", "acme_polite"]).await;
    assert!(code == Some(0) && said.contains("retired acme_polite"), "{said}");
    let stored = server.get("/api/v1/node-types/acme_polite", &key).await.ok();
    assert_eq!(stored["settings"]["retired"], true);
    server
        .post("/api/v1/flows/polite/publish", &key, json!({ "message": "late", "release": false }))
        .await
        .problem(422, "flow-has-errors");
    let (code, said) = run(&["node", "retire", "acme_unknown"]).await;
    assert!(code == Some(2) && said.contains("404"), "{said}");
}
