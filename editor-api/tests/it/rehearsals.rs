//! Rehearsals over HTTP: a draft is played step by step, and nothing of it stays.

use serde_json::{Value, json};

use crate::server::{Server, greeting, queueing};

#[tokio::test]
async fn each_step_shows_what_happened_and_where_the_flow_stands() {
    let server = Server::start().await;
    let scenario = json!({
        "name": "to an agent", "locale": "en",
        "given": { "agents": { "lea": { "skills": { "general": 1 } } } },
        "steps": [{ "contact_says": "Hello" }, { "agent_accepts": "lea" }, { "time_passes": "10m" }],
    });
    let played = rehearse(&server, queueing("line", "general"), scenario).await;
    assert_eq!((&played["passed"], &played["failures"]), (&json!(true), &json!([])), "{played}");
    let moments = played["moments"].as_array().expect("a list");
    let stands: Vec<_> = moments.iter().map(|moment| (&moment["step"], &moment["interaction"]["state"])).collect();
    assert_eq!(stands, [(&json!(0), &json!("offered")), (&json!(1), &json!("active")), (&json!(2), &json!("active"))]);
    let facts = |at: usize| -> Vec<&str> {
        let facts = moments[at]["facts"].as_array().into_iter().flatten();
        facts.filter_map(|fact| fact["fact"].as_str()).collect()
    };
    assert!(facts(0).contains(&"node_entered") && facts(0).contains(&"offer_made"), "{:?}", facts(0));
    assert!(facts(1).contains(&"offer_accepted") && !facts(1).contains(&"offer_made"), "{:?}", facts(1));
    let interactions = server.get("/api/v1/interactions", &server.admin).await.ok();
    assert_eq!(interactions["items"], json!([]), "nothing live was touched");
}

#[tokio::test]
async fn the_tests_of_a_document_pass_or_say_why_not() {
    let server = Server::start().await;
    let mut document = greeting("hello");
    let test = |name: &str, says: &str| json!({ "name": name, "locale": "en", "steps": [{ "contact_says": "Hi" }, { "expect": { "says": [says] } }] });
    document["tests"] = json!([test("right", "Hello"), test("wrong", "Good night")]);
    let outcomes = server.post("/api/v1/flows/hello/test", &server.admin, document.clone()).await.ok();
    let passed: Vec<_> = outcomes["items"].as_array().expect("a list").iter().map(|one| &one["passed"]).collect();
    assert_eq!(passed, [&json!(true), &json!(false)], "{outcomes}");
    assert!(outcomes["items"][1]["failures"][0]["message"].as_str().is_some_and(|text| text.contains("Good night")));
    assert_eq!(outcomes["items"][0]["exits"], json!(["hello.done"]));
    assert_eq!(outcomes["coverage"]["percent"], 100, "{outcomes}");
    assert_eq!(outcomes["coverage"]["nodes"], json!({ "covered": 2, "total": 2, "missing": [] }));
    server.post("/api/v1/flows/other/test", &server.admin, document).await.problem(422, "another-id");
}

async fn rehearse(server: &Server, document: Value, scenario: Value) -> Value {
    let id = document["id"].as_str().expect("an id").to_owned();
    let body = json!({ "document": document, "scenario": scenario });
    server.post(&format!("/api/v1/flows/{id}/rehearse"), &server.admin, body).await.ok()
}
