//! What operators ask: health, readiness, metrics.

use serde_json::json;

use crate::server::{Server, queueing};

#[tokio::test]
async fn operators_see_health_readiness_and_counters() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.write("visitor", "1", "hello").await.ok();
    assert_eq!(server.get("/healthz", "").await.ok()["status"], "ok");
    server.get("/readyz", "").await.ok();
    let metrics = server.get("/metrics", "").await;
    assert!(metrics.headers["content-type"].to_str().expect("text").starts_with("application/openmetrics-text"));
    let text = metrics.ok();
    let text = text.as_str().expect("text");
    for line in [
        "routewright_http_requests_total{route=\"/api/v1/touchpoints/{id}/messages\",method=\"POST\",status=\"200\"} 1",
        "routewright_contacts_waiting 1",
    ] {
        assert!(text.contains(line), "'{line}' is in:\n{text}");
    }
}

#[tokio::test]
async fn editors_get_the_node_types_and_the_schema() {
    let server = Server::start().await;
    let kinds = server.get("/api/v1/node-kinds", &server.admin).await.ok();
    let kinds = kinds["items"].as_array().expect("a list");
    assert!(kinds.iter().any(|kind| kind["kind"] == "menu" && kind["title"]["fr"].is_string()));
    let schema = server.get("/api/v1/schema", &server.admin).await.ok();
    assert!(schema.to_string().contains("\"menu\""));
}

#[tokio::test]
async fn an_answer_carries_the_name_of_its_request() {
    let server = Server::start().await;
    let given = server.request(reqwest::Method::GET, "/healthz", "").header("x-request-id", "mine");
    assert_eq!(crate::server::send(given).await.headers["x-request-id"], "mine");
    let made = server.get("/api/v1/flows/absent", &server.admin).await;
    let id = made.headers["x-request-id"].to_str().expect("text").to_owned();
    assert_eq!(made.problem(404, "not-found")["instance"], json!(format!("urn:routewright:request:{id}")));
}
