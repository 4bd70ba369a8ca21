//! Imports over HTTP and on the command line.

use reqwest::StatusCode;
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn an_export_becomes_documents_that_can_be_saved() {
    let server = Server::start().await;
    let export = json!({
        "description": "Hello", "initial_state": "Trigger", "flags": {},
        "states": [
            { "name": "Trigger", "type": "trigger", "properties": {}, "transitions": [{ "event": "incomingMessage", "next": "hello" }] },
            { "name": "hello", "type": "send-message", "properties": { "body": "Hello {{contact.channel.address}}" }, "transitions": [{ "event": "sent" }] },
        ],
    });
    let body = json!({ "from": "twilio", "files": [{ "name": "hello.json", "export": export }] });
    let answer = server.post("/api/v1/flows/import", &server.admin, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.body["report"]["flows"][0]["native"], 2, "{answer:?}");
    assert_eq!(answer.body["report"]["flows"][0]["foreign"], 0);
    let saved = server.post("/api/v1/flows", &server.admin, answer.body["documents"][0].clone()).await;
    assert_eq!(saved.status, StatusCode::CREATED, "{saved:?}");

    let body = json!({ "from": "connect", "files": [{ "name": "hello.json", "export": export }] });
    let refused = server.post("/api/v1/flows/import", &server.admin, body).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("export-unreadable"))
    );
}
