//! Keys and roles: who may do what, and in which tenant.

use reqwest::{Method, StatusCode};
use routewright::keys::Role;
use serde_json::json;

use crate::server::{Server, queueing, send};

#[tokio::test]
async fn keys_are_made_listed_without_secrets_and_revoked() {
    let server = Server::start().await;
    let made = server.post("/api/v1/keys", &server.admin, json!({ "title": "night", "role": "supervisor" })).await;
    let made = made.expect(StatusCode::CREATED);
    let secret = made["key"].as_str().expect("a key");
    server.get("/api/v1/interactions", secret).await.ok();
    let listed = server.get("/api/v1/keys", &server.admin).await.ok();
    assert!(listed["items"].as_array().expect("a list").iter().any(|k| k["id"] == made["id"] && k["title"] == "night"));
    assert!(!listed.to_string().contains(&secret[secret.len() - 64..]));
    server.delete(&format!("/api/v1/keys/{}", made["id"].as_str().expect("an id")), &server.admin).await.ok();
    server.get("/api/v1/interactions", secret).await.problem(401, "no-valid-key");
    let nobody = json!({ "role": "agent", "agent": "nobody" });
    server.post("/api/v1/keys", &server.admin, nobody).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_repeated_key_creation_makes_one_key_and_tells_its_secret_once() {
    let server = Server::start().await;
    let make = || {
        let request = server.request(Method::POST, "/api/v1/keys", &server.admin);
        send(request.header("idempotency-key", "once").json(&json!({ "role": "author" })))
    };
    let (first, again) = (make().await.body, make().await.body);
    assert_eq!(first["id"], again["id"]);
    assert!(first["key"].is_string() && again["key"].is_null());
}

#[tokio::test]
async fn each_role_reaches_as_far_as_it_should() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("agents", "lea", json!({ "skills": { "general": 1 } })).await;
    server.create("agents", "hugo", json!({})).await;
    let key = async |role: &str| {
        let role = serde_json::from_str(role).expect("a role");
        server.key_of("main", role).await
    };
    let author = key(r#"{"role":"author"}"#).await;
    let supervisor = key(r#"{"role":"supervisor"}"#).await;
    let agent = key(r#"{"role":"agent","agent":"lea"}"#).await;
    let touchpoint = key(r#"{"role":"touchpoint","touchpoint":"web"}"#).await;
    // In the order administrator, author, supervisor, agent, touchpoint: 1 where the role reaches.
    for (method, path, reach) in [
        ("GET", "/api/v1/flows", "11110"),
        ("POST", "/api/v1/flows", "11000"),
        ("GET", "/api/v1/skills", "11110"),
        ("POST", "/api/v1/skills", "10000"),
        ("GET", "/api/v1/keys", "10000"),
        ("POST", "/api/v1/keys", "10000"),
        ("GET", "/api/v1/audit", "10000"),
        ("GET", "/api/v1/interactions", "10100"),
        ("GET", "/api/v1/desks", "10100"),
        ("GET", "/api/v1/agents/lea/desk", "10110"),
        ("GET", "/api/v1/agents/hugo/desk", "10100"),
        ("PUT", "/api/v1/agents/lea/presence", "10010"),
        ("PUT", "/api/v1/agents/hugo/presence", "10000"),
        ("POST", "/api/v1/offers/o1/accept", "00010"),
        ("POST", "/api/v1/touchpoints/web/messages", "10001"),
        ("GET", "/api/v1/touchpoints/web/outbox", "10001"),
        ("GET", "/api/v1/touchpoints/other/outbox", "10000"),
        ("GET", "/api/v1/node-kinds", "11110"),
    ] {
        for (at, key) in [&server.admin, &author, &supervisor, &agent, &touchpoint].into_iter().enumerate() {
            let method: Method = method.parse().expect("a method");
            let answer = send(server.request(method.clone(), path, key).json(&json!({}))).await;
            let reached = answer.status != StatusCode::FORBIDDEN;
            assert_eq!(reached, reach.as_bytes()[at] == b'1', "{method} {path} by {at}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn another_tenants_things_do_not_exist() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("agents", "lea", json!({ "skills": { "general": 1 } })).await;
    let interaction =
        server.write("visitor", "1", "hello").await.ok()["interaction"].as_str().expect("an id").to_owned();
    let other = server.key_of("other", Role::Administrator).await;
    for path in [
        "/api/v1/flows/queue".to_owned(),
        "/api/v1/flows/queue/versions/1".to_owned(),
        "/api/v1/skills/general".to_owned(),
        "/api/v1/touchpoints/web".to_owned(),
    ] {
        server.get(&path, &server.admin).await.ok();
        server.get(&path, &other).await.problem(404, "not-found");
    }
    let one = format!("/api/v1/interactions/{interaction}");
    server.get(&one, &server.admin).await.ok();
    for path in [one.clone(), format!("{one}/timeline"), format!("{one}/stream")] {
        server.get(&path, &other).await.problem(404, "unknown-interaction");
    }
    server.get("/api/v1/agents/lea/desk", &other).await.problem(404, "unknown-agent");
    server.get("/api/v1/touchpoints/web/outbox", &other).await.problem(404, "unknown-touchpoint");
    let message = json!({ "from": "visitor", "event_id": "2", "text": "hello" });
    server.post("/api/v1/touchpoints/web/messages", &other, message).await.problem(404, "unknown-touchpoint");
    let listed = server.get("/api/v1/interactions", &other).await.ok();
    assert_eq!(listed["items"], json!([]));
}
