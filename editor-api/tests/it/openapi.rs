//! The HTTP contract is a golden file.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use crate::server::Server;

#[test]
fn the_openapi_document_is_the_one_in_docs() {
    let document = format!("{:#}\n", routewright::api::openapi());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    expect_test::expect_file![path].assert_eq(&document);
}

#[test]
fn every_operation_is_named_once_and_every_reference_leads_somewhere() {
    let document = routewright::api::openapi();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(ids.insert(id.to_owned()), "{id} is used twice");
            assert!(operation["responses"]["default"].is_object(), "{method} {path} says what a refusal is");
        }
    }
    assert!(60 < ids.len());
    let mut references = Vec::new();
    collect(&document, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|one| collect(one, references));
        }
        Value::Array(items) => items.iter().for_each(|one| collect(one, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn the_server_serves_its_description() {
    let server = Server::start().await;
    assert_eq!(server.get("/api/openapi.json", "").await.ok(), routewright::api::openapi());
}
