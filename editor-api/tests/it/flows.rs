//! Flows over HTTP: drafts, checks, publishing, versions, roll back, deletion.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, greeting, queueing, send};

#[tokio::test]
async fn a_flow_lives_from_draft_to_versions_and_back() {
    let server = Server::start().await;
    let key = &server.admin;
    let created = server.post("/api/v1/flows", key, greeting("hello")).await;
    assert_eq!(created.headers["location"], "/api/v1/flows/hello");
    assert_eq!(created.etag(), "\"1\"");
    created.expect(StatusCode::CREATED);

    let mut second = greeting("hello");
    second["nodes"]["hello"]["config"]["text"]["en"] = "Good morning".into();
    let replaced = server.put("/api/v1/flows/hello", key, "\"1\"", second.clone()).await;
    assert_eq!(replaced.etag(), "\"2\"");
    server.put("/api/v1/flows/hello", key, "\"1\"", second).await.problem(412, "stale-revision");
    let read = server.get("/api/v1/flows/hello", key).await.ok();
    assert_eq!((&read["revision"], &read["live"]), (&json!(2), &Value::Null));

    let publish = |release| json!({ "message": "first", "release": release });
    let first = server.post("/api/v1/flows/hello/publish", key, publish(true)).await.expect(StatusCode::CREATED);
    assert_eq!((&first["version"], &first["live"]), (&json!(1), &json!(true)));
    let again = server.post("/api/v1/flows/hello/publish", key, publish(false)).await.expect(StatusCode::CREATED);
    assert_eq!(again["version"], 2);
    assert_eq!(again["hash"], first["hash"], "the same content has the same hash");

    server.post("/api/v1/flows/hello/release", key, json!({ "live": 2 })).await.ok();
    server.post("/api/v1/flows/hello/release", key, json!({ "live": 1 })).await.ok();
    server.post("/api/v1/flows/hello/release", key, json!({ "live": 3 })).await.problem(404, "not-found");
    let versions = server.get("/api/v1/flows/hello/versions", key).await.ok();
    let lines: Vec<_> =
        versions["items"].as_array().expect("a list").iter().map(|v| (&v["version"], &v["live"])).collect();
    assert_eq!(lines, [(&json!(2), &json!(false)), (&json!(1), &json!(true))]);
    let version = server.get("/api/v1/flows/hello/versions/1", key).await.ok();
    assert_eq!(version["document"]["nodes"]["hello"]["config"]["text"]["en"], "Good morning");

    let listed = server.get("/api/v1/flows", key).await.ok();
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["live"]), (&json!("hello"), &json!(1)));
    server.delete("/api/v1/flows/hello", key).await.ok();
    server.get("/api/v1/flows/hello", key).await.problem(404, "not-found");
    server.get("/api/v1/flows/hello/versions/1", key).await.problem(404, "not-found");
}

#[tokio::test]
async fn the_export_is_canonical_text() {
    let server = Server::start().await;
    server.post("/api/v1/flows", &server.admin, greeting("hello")).await.expect(StatusCode::CREATED);
    let text = server.request(Method::GET, "/api/v1/flows/hello/export", &server.admin);
    let text = text.send().await.expect("an answer").text().await.expect("text");
    let parsed = routewright_flows::parse(&text).expect("a flow");
    assert_eq!(text, routewright_flows::format(parsed.document()));
}

#[tokio::test]
async fn a_flow_with_errors_is_kept_and_checked_but_never_published() {
    let server = Server::start().await;
    let key = &server.admin;
    let unsound = queueing("queue", "nobody");
    server.post("/api/v1/flows", key, unsound.clone()).await.expect(StatusCode::CREATED);
    let checked = send(server.request(Method::POST, "/api/v1/flows/queue/check", key)).await.ok();
    assert_eq!(
        (&checked["sound"], &checked["findings"][0]["code"]),
        (&json!(false), &json!("unknown-reference")),
        "{checked}"
    );
    let refused = server.post("/api/v1/flows/queue/publish", key, json!({})).await.problem(422, "flow-has-errors");
    assert_eq!(refused["findings"], checked["findings"]);

    server.create("skills", "nobody", json!({})).await;
    let unsaved = server.post("/api/v1/flows/queue/check", key, unsound).await.ok();
    assert_eq!(unsaved["sound"], true, "{unsaved}");
    assert_eq!(unsaved["lifetime"]["longest_ms"], 900_000, "{unsaved}");
    server.post("/api/v1/flows/queue/publish", key, json!({})).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_flow_in_use_is_not_deleted_and_its_users_are_named() {
    let server = Server::start().await;
    let key = &server.admin;
    server.touchpoint_with(queueing("queue", "general")).await;
    let caller = json!({
        "schema": 1, "id": "caller", "channels": ["webchat"], "entry": "call",
        "nodes": {
            "call": { "kind": "subflow", "config": { "flow": "queue" }, "exits": { "done": { "end": "done" } } },
        },
    });
    server.post("/api/v1/flows", key, caller).await.expect(StatusCode::CREATED);
    let interaction = server.write("visitor", "1", "hello").await.ok()["interaction"].clone();

    let refused = server.delete("/api/v1/flows/queue", key).await.problem(409, "in-use");
    let users = refused["users"].as_array().expect("a list");
    for user in [
        json!({ "kind": "touchpoint", "id": "web" }),
        json!({ "kind": "flow", "id": "caller" }),
        json!({ "kind": "interaction", "id": interaction }),
    ] {
        assert!(users.contains(&user), "{user} is among {users:?}");
    }
    server.post("/api/v1/flows/queue/release", key, json!({ "live": null })).await.problem(409, "in-use");
    server.delete("/api/v1/skills/general", key).await.problem(409, "in-use");
}

#[tokio::test]
async fn idempotency_a_repeated_creation_gets_its_first_answer() {
    let server = Server::start().await;
    let create = |body: Value| {
        send(server.request(Method::POST, "/api/v1/flows", &server.admin).header("idempotency-key", "k1").json(&body))
    };
    let first = create(greeting("hello")).await;
    let again = create(greeting("hello")).await;
    assert_eq!((first.status, first.etag(), &first.body), (again.status, again.etag(), &again.body));
    create(greeting("other")).await.problem(422, "idempotency-mismatch");
    server.post("/api/v1/flows", &server.admin, greeting("hello")).await.problem(409, "already-exists");

    let (one, two) = tokio::join!(create_publish(&server), create_publish(&server));
    assert_eq!(one, two, "two equal requests at the same time make one version");
    let versions = server.get("/api/v1/flows/hello/versions", &server.admin).await.ok();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(1));
}

async fn create_publish(server: &Server) -> Value {
    let request = server.request(Method::POST, "/api/v1/flows/hello/publish", &server.admin);
    send(request.header("idempotency-key", "p1").json(&json!({ "message": "m" }))).await.expect(StatusCode::CREATED)
}

/// A flow that takes a value.
fn callee(id: &str) -> Value {
    let mut flow = greeting(id);
    flow["inputs"] = json!({ "order": { "type": "string" } });
    flow
}

/// A flow that calls another with some settings.
fn caller(id: &str, config: Value) -> Value {
    let mut flow = greeting(id);
    flow["entry"] = "call".into();
    flow["nodes"]["call"] =
        json!({ "kind": "subflow", "config": config, "exits": { "done": "end", "error": "hello" } });
    flow
}

#[tokio::test]
async fn a_check_holds_a_flow_to_what_the_flows_it_calls_declare() {
    let server = Server::start().await;
    let key = &server.admin;
    let codes = |checked: &Value| -> Vec<String> {
        let findings = checked["findings"].as_array().expect("a list").iter();
        findings.map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
    };
    server.publish(callee("order")).await;
    let desk = caller("desk", json!({ "flow": "order", "inputs": { "order": "\"A1\"" } }));
    server.post("/api/v1/flows", key, desk).await.expect(StatusCode::CREATED);
    let check = async || send(server.request(Method::POST, "/api/v1/flows/desk/check", key)).await.ok();
    assert_eq!(codes(&check().await), Vec::<String>::new());

    // The author's check goes by the draft of the flow that is called; publishing by its live version.
    server.put("/api/v1/flows/order", key, "*", greeting("order")).await.ok();
    assert_eq!(codes(&check().await), ["unknown-input"]);
    server.post("/api/v1/flows/desk/publish", key, json!({})).await.expect(StatusCode::CREATED);
    server.post("/api/v1/flows/order/publish", key, json!({ "release": true })).await.expect(StatusCode::CREATED);
    let refused = server.post("/api/v1/flows/desk/publish", key, json!({})).await.problem(422, "flow-has-errors");
    assert_eq!(codes(&refused), ["unknown-input"], "{refused}");
}

#[tokio::test]
async fn flows_that_call_each_other_in_a_circle_are_found_by_way_of_others() {
    let server = Server::start().await;
    let key = &server.admin;
    server.publish(greeting("third")).await;
    server.publish(caller("second", json!({ "flow": "third" }))).await;
    server.publish(caller("first", json!({ "flow": "second" }))).await;
    server.put("/api/v1/flows/third", key, "*", caller("third", json!({ "flow": "first" }))).await.ok();
    for id in ["first", "second", "third"] {
        let checked = send(server.request(Method::POST, &format!("/api/v1/flows/{id}/check"), key)).await.ok();
        assert_eq!(
            (&checked["sound"], &checked["findings"][0]["code"]),
            (&json!(false), &json!("flow-cycle")),
            "{checked}"
        );
    }
    let refused = server.post("/api/v1/flows/third/publish", key, json!({})).await.problem(422, "flow-has-errors");
    assert_eq!(refused["findings"][0]["code"], "flow-cycle", "{refused}");
}
