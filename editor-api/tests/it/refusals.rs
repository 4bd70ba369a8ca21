//! What bad input gets: a typed error with a stable code and a next step; nothing is lost, and others are not held up.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, greeting, queueing, send};

#[tokio::test]
async fn bad_requests_get_a_problem_with_its_code() {
    let server = Server::start().await;
    let json_type = ("content-type", "application/json");
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    let large_flow = format!("\"{}\"", "x".repeat(10 * 1024 * 1024));
    for (method, path, headers, body, status, code) in [
        ("POST", "/api/v1/skills", vec![json_type], "{", 400, "malformed-json"),
        ("POST", "/api/v1/skills", vec![json_type], "{\"id\":\"sales\"}", 422, "unexpected-body"),
        (
            "POST",
            "/api/v1/skills",
            vec![json_type],
            "{\"id\":\"sales\",\"settings\":{},\"more\":1}",
            422,
            "unexpected-body",
        ),
        (
            "POST",
            "/api/v1/skills",
            vec![json_type],
            "{\"id\":\"sales\",\"settings\":{\"colour\":1}}",
            422,
            "unexpected-body",
        ),
        ("POST", "/api/v1/skills", vec![], "{}", 415, "not-json"),
        ("POST", "/api/v1/skills", vec![json_type], &large, 413, "body-too-large"),
        ("POST", "/api/v1/flows", vec![json_type], &large_flow, 413, "body-too-large"),
        ("POST", "/api/v1/flows", vec![json_type], "{\"schema\":1,\"surprise\":2}", 422, "flow-has-errors"),
        ("POST", "/api/v1/flows", vec![json_type], "not json at all", 422, "flow-has-errors"),
        ("PUT", "/api/v1/skills/sales", vec![json_type], "{}", 428, "if-match-required"),
        ("PUT", "/api/v1/skills/sales", vec![json_type, ("if-match", "7")], "{}", 400, "bad-header"),
        ("PUT", "/api/v1/flows/hello", vec![json_type], "{}", 428, "if-match-required"),
        ("DELETE", "/api/v1/skills/sales", vec![], "", 428, "if-match-required"),
        ("GET", "/api/v1/skills?limit=0", vec![], "", 400, "bad-query"),
        ("GET", "/api/v1/skills?colour=red", vec![], "", 400, "bad-query"),
        ("GET", "/api/v1/interactions?state=lost", vec![], "", 400, "bad-query"),
        ("GET", "/api/v1/interactions/42", vec![], "", 404, "not-found"),
        ("GET", "/api/v1/interactions/i42", vec![], "", 404, "unknown-interaction"),
        ("GET", "/api/v1/nothing", vec![], "", 404, "no-such-path"),
        ("PATCH", "/api/v1/skills", vec![], "", 405, "method-not-allowed"),
        ("GET", "/api/v1/agents/nobody/desk", vec![], "", 404, "unknown-agent"),
        ("GET", "/api/v1/agents/nobody/socket", vec![], "", 400, "not-a-websocket"),
        ("PUT", "/api/v1/agents/nobody/presence", vec![json_type], "{\"status\":\"available\"}", 404, "unknown-agent"),
        (
            "POST",
            "/api/v1/touchpoints/nowhere/messages",
            vec![json_type],
            "{\"from\":\"a\",\"event_id\":\"1\",\"text\":\"x\"}",
            404,
            "unknown-touchpoint",
        ),
        (
            "POST",
            "/api/v1/touchpoints/nowhere/messages",
            vec![json_type],
            "{\"from\":\"a\",\"event_id\":\"1\"}",
            422,
            "unexpected-body",
        ),
        (
            "POST",
            "/api/v1/touchpoints/nowhere/messages",
            vec![json_type],
            "{\"from\":\"\",\"event_id\":\"1\",\"text\":\"x\"}",
            422,
            "unexpected-body",
        ),
        ("POST", "/api/v1/flows", vec![json_type, ("idempotency-key", "")], "{}", 400, "bad-header"),
    ] {
        let method: Method = method.parse().expect("a method");
        let request = server.request(method, path, &server.admin).body(body.to_owned());
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        println!("{path} {code}");
        send(request).await.problem(status, code);
    }
}

#[tokio::test]
async fn a_request_without_a_key_or_with_a_wrong_one_is_told_so() {
    let server = Server::start().await;
    let without = send(reqwest::Client::new().get(format!("http://{}/api/v1/flows", server.at))).await;
    assert_eq!(without.headers["www-authenticate"], "Bearer realm=\"routewright\"");
    without.problem(401, "no-valid-key");
    let wrong = format!("{}0", server.admin);
    for key in ["", "rw_", "rw_000000000000_00", &wrong] {
        server.get("/api/v1/flows", key).await.problem(401, "no-valid-key");
    }
}

#[tokio::test]
async fn problems_speak_french_to_those_who_ask_for_it() {
    let server = Server::start().await;
    let request = server.request(Method::GET, "/api/v1/skills/ventes", &server.admin);
    let answer = send(request.header("accept-language", "fr-CA, en;q=0.5")).await;
    assert_eq!(answer.headers["content-language"], "fr");
    let problem = answer.problem(404, "not-found");
    assert_eq!(problem["title"], "Introuvable");
    assert_eq!(problem["detail"], "compétence « ventes » : introuvable");
}

#[tokio::test]
async fn a_document_of_20_000_nodes_is_refused_quickly() {
    let server = Server::start().await;
    let mut nodes = String::new();
    for n in 0..20_000 {
        let comma = if n == 0 { "" } else { "," };
        write!(nodes, r#"{comma}"n{n}":{{"kind":"close","config":{{"disposition":"done"}}}}"#)
            .expect("a String takes it");
    }
    let body = format!(r#"{{"schema":1,"id":"huge","channels":["webchat"],"entry":"n0","nodes":{{{nodes}}}}}"#);
    let request =
        server.request(Method::POST, "/api/v1/flows", &server.admin).header("content-type", "application/json");
    let started = Instant::now();
    let problem = send(request.body(body)).await.problem(422, "flow-has-errors");
    assert!(started.elapsed() < Duration::from_secs(5), "it took {:?}", started.elapsed());
    assert_eq!(problem["findings"][0]["code"], "too-many-nodes", "{problem}");
}

/// A flow that runs one script and then says so.
fn running(id: &str, script: &str) -> Value {
    json!({
        "schema": 1, "id": id, "channels": ["webchat"], "entry": "run",
        "nodes": {
            "run": { "kind": "run_script", "config": { "script": script }, "exits": { "done": "end", "error": "sorry" } },
            "sorry": { "kind": "send_message", "config": { "text": { "en": "Sorry" } }, "exits": { "done": "end" } },
            "end": { "kind": "close", "config": { "disposition": "done" } },
        },
    })
}

#[tokio::test]
async fn hostile_scripts_neither_stop_the_server_nor_hold_others_up() {
    let server = Server::start().await;
    server.create("skills", "general", json!({})).await;
    let hostile = [
        ("loops", "let x = 0; loop { x += 1; }"),
        ("recurses", "fn f(n) { f(n + 1) } f(0)"),
        ("chains", "let f = || 1; for i in 0..5000 { let g = f; f = || g.call(); } f.call()"),
        ("strings", "let s = \"x\"; loop { s += s; }"),
        ("arrays", "let a = []; loop { a.push(a.len()); }"),
        ("maps", "let m = #{}; let i = 0; loop { m[i.to_string()] = i; i += 1; }"),
        ("nests", "let a = []; for i in 0..100000 { a = [a]; } a"),
        ("replaces", "let s = \"a\"; s.pad(10000, \"a\"); s.replace(\"a\", s); s"),
    ];
    for (id, script) in hostile {
        let document = running(id, script);
        server.post("/api/v1/flows", &server.admin, document).await.expect(StatusCode::CREATED);
        let body = json!({ "release": true });
        let published = server.post(&format!("/api/v1/flows/{id}/publish"), &server.admin, body).await;
        if published.status != StatusCode::CREATED {
            // What the check already sees is refused there.
            published.problem(422, "flow-has-errors");
            continue;
        }
        let settings = json!({ "channel": "webchat", "default_skill": "general", "default_flow": id, "active": true });
        server.create("touchpoints", id, settings).await;
        let body = json!({ "from": "visitor", "event_id": "1", "text": "hello" });
        let started = Instant::now();
        let heard = server.post(&format!("/api/v1/touchpoints/{id}/messages"), &server.admin, body).await.ok();
        assert_eq!(heard["said"][0]["text"], "Sorry", "{id}: {heard}");
        assert!(started.elapsed() < Duration::from_secs(2), "{id} took {:?}", started.elapsed());
    }
    server.get("/readyz", "").await.ok();
}

#[tokio::test]
async fn a_duplicate_message_gets_the_first_answer() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let first = server.write("visitor", "m1", "hello").await.ok();
    let second = server.write("visitor", "m2", "still there?").await.ok();
    let again = server.write("visitor", "m1", "hello").await.ok();
    assert_eq!(
        (&again["interaction"], &again["turn"], &again["said"]),
        (&first["interaction"], &first["turn"], &first["said"])
    );
    assert_eq!((&first["repeated"], &again["repeated"]), (&json!(false), &json!(true)));
    assert_ne!(first["turn"], second["turn"]);
    let interaction = first["interaction"].as_str().expect("an id");
    let timeline = server.get(&format!("/api/v1/interactions/{interaction}/timeline"), &server.admin).await.ok();
    let heard =
        timeline["items"].as_array().expect("a list").iter().filter(|f| f["fact"] == "message_received").count();
    assert_eq!(heard, 2, "the repeated message had no further effect");
}

#[tokio::test]
async fn an_inactive_touchpoint_and_a_long_message_are_refused() {
    let server = Server::start().await;
    server.touchpoint_with(greeting("hello")).await;
    server.create("touchpoints", "asleep", json!({ "channel": "sms" })).await;
    let message = json!({ "from": "visitor", "event_id": "1", "text": "hello" });
    server
        .post("/api/v1/touchpoints/asleep/messages", &server.admin, message)
        .await
        .problem(409, "inactive-touchpoint");
    server.write("visitor", "1", &"x".repeat(5_000)).await.problem(422, "message-too-long");
}
