//! Versions in service over HTTP: fates, roll back, roll-outs with their guard, names, history, occupancy; and what must
//! be shown before publishing.

use reqwest::{Method, StatusCode};
use routewright::keys::Role;
use serde_json::{Value, json};

use crate::server::{Server, greeting, send};

/// A flow that asks at a node of this name.
fn asking(node: &str) -> Value {
    let mut flow = json!({
        "schema": 1, "id": "shop", "channels": ["webchat"], "entry": node,
        "nodes": {
            "end": { "kind": "close", "config": { "disposition": "done" } },
        },
    });
    flow["nodes"][node] = json!({
        "kind": "menu",
        "config": {
            "text": { "en": "Buy?", "fr": "Acheter ?" }, "timeout": "2h",
            "options": [{ "id": "yes", "label": { "en": "Yes", "fr": "Oui" }, "match": ["1"] }],
        },
        "exits": { "yes": "end", "no_match": { "end": "unclear" }, "timeout": { "end": "silent" } },
    });
    flow
}

/// The draft is replaced and published as its next version.
async fn publish(server: &Server, document: Value, how: Value) -> crate::server::Answer {
    let id = document["id"].as_str().expect("an id").to_owned();
    server.put(&format!("/api/v1/flows/{id}"), &server.admin, "*", document).await.ok();
    server.post(&format!("/api/v1/flows/{id}/publish"), &server.admin, how).await
}

async fn occupancy(server: &Server) -> Value {
    server.get("/api/v1/flows/shop/occupancy", &server.admin).await.ok()
}

#[tokio::test]
async fn publishing_says_what_becomes_of_those_in_flight() {
    let server = Server::start().await;
    let key = &server.admin;
    server.touchpoint_with(asking("choose")).await;
    for contact in ["ada", "bob", "eve"] {
        server.write(contact, &format!("{contact}-1"), "hello").await.ok();
    }
    let before = occupancy(&server).await;
    assert_eq!((&before["waiting"], &before["calling"]), (&json!(3), &json!(0)), "{before}");
    let node = &before["versions"][0]["nodes"][0];
    assert_eq!(
        (&node["node"], &node["waiting"], &node["entries"]),
        (&json!("choose"), &json!(3), &json!(3)),
        "{before}"
    );
    let waiting = server.get("/api/v1/flows/shop/occupancy/1/choose", key).await.ok();
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(3), "{waiting}");
    assert_eq!(waiting["items"][0]["since"], node["oldest_since"], "the one that waits longest is first");

    let fate = |fate: Value| json!({ "message": "rename", "release": true, "fate": fate });
    let migrate = json!({ "fate": "migrate" });
    let refused = publish(&server, asking("pick"), fate(migrate)).await.problem(409, "migration-refused");
    let wait = &refused["waits"][0];
    assert_eq!(
        (&wait["version"], &wait["node"], &wait["count"], &wait["code"]),
        (&json!(1), &json!("choose"), &json!(3), &json!("no-target")),
        "{refused}"
    );
    let versions = server.get("/api/v1/flows/shop/versions", key).await.ok();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(1), "nothing was published");

    let map = json!({ "fate": "migrate", "nodes": { "choose": "pick" } });
    publish(&server, asking("pick"), fate(map)).await.expect(StatusCode::CREATED);
    let answer = server.write("ada", "ada-2", "1").await.ok();
    assert!(answer["said"].is_array());
    let after = occupancy(&server).await;
    assert_eq!(after["waiting"], 2, "{after}");
    let second = after["versions"].as_array().expect("a list").last().cloned().expect("the second version");
    assert_eq!(
        (&second["version"], &second["live"], &second["ended"]),
        (&json!(2), &json!(true), &json!(1)),
        "{after}"
    );
    let picking = second["nodes"].as_array().expect("a list").iter().find(|node| node["node"] == "pick");
    let exit = &picking.expect("somebody was there")["exits"][0];
    assert_eq!((&exit["exit"], &exit["count"]), (&json!("yes"), &json!(1)), "{after}");

    // Back to the first version: those in flight finish where they are, and whoever comes meets the first.
    let back = json!({ "live": 1, "message": "the second asks badly" });
    server.post("/api/v1/flows/shop/release", key, back).await.ok();
    server.write("zoe", "zoe-1", "hello").await.ok();
    let both: Vec<_> = occupancy(&server).await["versions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|version| (version["version"].clone(), version["waiting"].clone()))
        .collect();
    assert_eq!(both, [(json!(1), json!(1)), (json!(2), json!(2))]);

    let drain = json!({ "live": 1, "fate": { "fate": "drain", "within": "2h" } });
    server.post("/api/v1/flows/shop/release", key, drain).await.ok();
    let now = server.get("/api/v1/flows/shop/release", key).await.ok();
    assert_eq!(
        (&now["live"], &now["fates"][0]["version"], &now["fates"][0]["fate"], &now["fates"][0]["left"]),
        (&json!(1), &json!(2), &json!("drain"), &json!(2)),
        "{now}"
    );
    let history = server.get("/api/v1/flows/shop/releases", key).await.ok();
    let told: Vec<_> = history["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|note| (note["action"].as_str(), note["message"].as_str(), note["fate"]["fate"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some("released"), Some(""), Some("drain")),
            (Some("rolled_back"), Some("the second asks badly"), Some("pin")),
            (Some("released"), Some("rename"), Some("migrate")),
            (Some("released"), Some("test"), Some("pin")),
        ]
    );
    assert!(history["items"][0]["by"].as_str().is_some_and(|by| !by.is_empty()), "{history}");
    server.post("/api/v1/flows/shop/release", key, json!({ "live": 9 })).await.problem(404, "not-found");
    let unlive = json!({ "release": false, "fate": { "fate": "drain", "within": "1h" } });
    server.post("/api/v1/flows/shop/publish", key, unlive).await.problem(422, "unexpected-body");
}

#[tokio::test]
async fn a_roll_out_gives_a_share_of_the_contacts_another_version_and_always_the_same() {
    let server = Server::start().await;
    let key = &server.admin;
    server.touchpoint_with(asking("choose")).await;
    publish(&server, asking("pick"), json!({})).await.expect(StatusCode::CREATED);
    let rollout = |percent: u32| json!({ "version": 2, "percent": percent, "touchpoints": ["web"], "message": "try" });
    server.put("/api/v1/flows/shop/rollout", key, "*", rollout(101)).await.problem(422, "unexpected-body");
    let elsewhere = json!({ "version": 2, "percent": 5, "touchpoints": ["nowhere"] });
    server.put("/api/v1/flows/shop/rollout", key, "*", elsewhere).await.problem(404, "not-found");
    let same = json!({ "version": 1, "percent": 5 });
    server.put("/api/v1/flows/shop/rollout", key, "*", same).await.problem(422, "unexpected-body");
    server.put("/api/v1/flows/shop/rollout", key, "*", rollout(50)).await.ok();

    let on_second = async || -> Vec<String> {
        let waiting = server.get("/api/v1/flows/shop/occupancy/2/pick", key).await.ok();
        let ids = waiting["items"].as_array().expect("a list").iter();
        ids.map(|one| one["interaction"].as_str().expect("an id").to_owned()).collect()
    };
    let mut first = std::collections::BTreeMap::new();
    for contact in 0..40 {
        let heard = server.write(&format!("c{contact}"), &format!("{contact}-1"), "hello").await.ok();
        first.insert(contact, heard["interaction"].as_str().expect("an id").to_owned());
    }
    let chosen = on_second().await;
    assert!((8..=32).contains(&chosen.len()), "{} of 40", chosen.len());
    // Each ends, and comes again: on the same side as before.
    for contact in 0..40 {
        server.write(&format!("c{contact}"), &format!("{contact}-2"), "1").await.ok();
        let heard = server.write(&format!("c{contact}"), &format!("{contact}-3"), "hello").await.ok();
        let again = heard["interaction"].as_str().expect("an id").to_owned();
        let side = on_second().await.contains(&again);
        assert_eq!(side, chosen.contains(&first[&contact]), "contact {contact}");
    }
    send(server.request(Method::DELETE, "/api/v1/flows/shop/rollout", key)).await.ok();
    let now = server.get("/api/v1/flows/shop/release", key).await.ok();
    assert_eq!((&now["rollout"], &now["last"]["action"]), (&Value::Null, &json!("rollout_ended")), "{now}");
}

#[tokio::test]
async fn a_touchpoint_may_ask_for_a_version_by_its_name() {
    let server = Server::start().await;
    let key = &server.admin;
    server.touchpoint_with(asking("choose")).await;
    publish(&server, asking("pick"), json!({})).await.expect(StatusCode::CREATED);
    let pilot = "/api/v1/flows/shop/aliases/pilot";
    server.put(pilot, key, "*", json!({ "version": 7 })).await.problem(404, "not-found");
    server.put(pilot, key, "*", json!({ "version": 2, "message": "for the pilot shop" })).await.ok();
    let settings = json!({
        "channel": "webchat", "default_skill": "general", "default_flow": "shop", "flow_alias": "pilot", "active": true,
    });
    server.create("touchpoints", "pilot_shop", settings).await;
    let body = json!({ "from": "ada", "event_id": "1", "text": "hello" });
    server.post("/api/v1/touchpoints/pilot_shop/messages", key, body).await.ok();
    server.write("bob", "1", "hello").await.ok();
    let at = async |version: u32, node: &str| -> usize {
        let path = format!("/api/v1/flows/shop/occupancy/{version}/{node}");
        server.get(&path, key).await.ok()["items"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((at(1, "choose").await, at(2, "pick").await), (1, 1));
    server.delete(pilot, key).await.problem(409, "in-use");
    server.delete("/api/v1/touchpoints/pilot_shop", key).await;
    server.delete("/api/v1/flows/shop/aliases/nobody", key).await.problem(404, "not-found");
}

#[tokio::test]
async fn only_authors_change_what_is_in_service() {
    let server = Server::start().await;
    server.touchpoint_with(asking("choose")).await;
    let supervisor = server.key_of("main", Role::Supervisor).await;
    for (method, path) in [
        (Method::POST, "/api/v1/flows/shop/release"),
        (Method::PUT, "/api/v1/flows/shop/rollout"),
        (Method::DELETE, "/api/v1/flows/shop/rollout"),
        (Method::PUT, "/api/v1/flows/shop/aliases/pilot"),
        (Method::DELETE, "/api/v1/flows/shop/aliases/pilot"),
    ] {
        send(server.request(method, path, &supervisor).json(&json!({}))).await.problem(403, "role-not-allowed");
    }
    for path in ["release", "releases", "occupancy", "occupancy/1/choose"] {
        server.get(&format!("/api/v1/flows/shop/{path}"), &supervisor).await.ok();
    }
}

#[tokio::test]
async fn a_rule_keeps_a_flow_from_being_published_until_its_tests_show_enough() {
    let server = Server::start().await;
    let key = &server.admin;
    let rule = "/api/v1/flows/hello/publishing-rule";
    server.put(rule, key, "*", json!({ "tests_pass": true })).await.problem(404, "not-found");
    server.post("/api/v1/flows", key, greeting("hello")).await.expect(StatusCode::CREATED);
    assert_eq!(server.get(rule, key).await.ok(), json!({ "tests_pass": false, "coverage_min": 0 }));
    server.put(rule, key, "*", json!({ "coverage_min": 101 })).await.problem(422, "unexpected-body");
    server.put(rule, key, "*", json!({ "tests_pass": true, "coverage_min": 100 })).await.ok();

    let refused = server.post("/api/v1/flows/hello/publish", key, json!({})).await;
    refused.problem(422, "coverage-too-low");
    let tested = |says: &str| {
        let mut flow = greeting("hello");
        flow["tests"] = json!([{
            "name": "greets", "locale": "en", "steps": [{ "contact_says": "hi" }, { "expect": { "says": [says] } }],
        }]);
        flow
    };
    let failing = publish(&server, tested("Goodbye"), json!({})).await.problem(422, "tests-failed");
    assert!(failing.to_string().contains("greets"), "{failing}");
    publish(&server, tested("Hello"), json!({})).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn completion_offers_what_may_stand_at_a_place() {
    let server = Server::start().await;
    let key = &server.admin;
    let mut flow = asking("choose");
    flow["attributes"] = json!({ "topic": { "type": "string", "enum": ["sales", "support"] } });
    server.post("/api/v1/flows", key, flow.clone()).await.expect(StatusCode::CREATED);
    let complete = async |body: Value| -> Vec<String> {
        let answer = server.post("/api/v1/flows/shop/complete", key, body).await.ok();
        let candidates = answer["candidates"].as_array().expect("a list").clone();
        candidates.iter().map(|one| one["label"].as_str().expect("a label").to_owned()).collect()
    };
    let targets = complete(json!({ "pointer": "/nodes/choose/exits/yes" })).await;
    assert!(targets.iter().any(|name| name == "end"), "the nodes of the draft: {targets:?}");
    let mut edited = flow.clone();
    edited["nodes"]["second"] = edited["nodes"]["end"].clone();
    let targets = complete(json!({ "pointer": "/nodes/choose/exits/yes", "document": edited })).await;
    assert!(targets.iter().any(|name| name == "second"), "those of the document in the body: {targets:?}");
    server.post("/api/v1/flows/nothing/complete", key, json!({ "pointer": "/entry" })).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_guard_gives_the_contacts_their_version_back_by_itself() {
    let server = Server::start().await;
    let key = &server.admin;
    server.touchpoint_with(asking("choose")).await;
    let mut failing = asking("choose");
    failing["entry"] = "count".into();
    failing["attributes"] = json!({ "n": { "type": "integer" } });
    failing["nodes"]["count"] = json!({
        "kind": "set_attributes", "config": { "set": { "n": "[1][message.text.len()]" } },
        "exits": { "done": "choose", "error": { "end": "failed" } },
    });
    publish(&server, failing, json!({})).await.expect(StatusCode::CREATED);
    let rollout =
        json!({ "version": 2, "percent": 100, "guard": { "window": "15m", "started_min": 5, "faults_max": 4 } });
    server.put("/api/v1/flows/shop/rollout", key, "*", rollout).await.ok();
    let live = async || server.get("/api/v1/flows/shop/release", key).await.ok();
    for contact in 0..4 {
        server.write(&format!("c{contact}"), "1", "hello").await.ok();
    }
    routewright::guard::look(&server.door).await.expect("it looks");
    assert_eq!(live().await["rollout"]["version"], 2, "four are too few to tell");
    server.write("c4", "1", "hello").await.ok();
    routewright::guard::look(&server.door).await.expect("it looks");
    let now = live().await;
    assert_eq!((&now["live"], &now["rollout"]), (&json!(1), &Value::Null), "{now}");
    assert_eq!((&now["last"]["action"], &now["last"]["by"]), (&json!("guard_acted"), &json!("guard")), "{now}");
    assert!(now["last"]["message"].as_str().is_some_and(|why| why.contains("5 faults of 5")), "{now}");
    let audit = server.get("/api/v1/audit?limit=500", key).await.ok();
    assert!(audit.to_string().contains("\"guard\""), "the audit trail names it: {audit}");
    server.write("c5", "1", "hello").await.ok();
    let waiting = server.get("/api/v1/flows/shop/occupancy/1/choose", key).await.ok();
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1), "whoever comes then meets the live version");
}
