//! Contacts through a touchpoint: messages, repeats, departures, and what is sent later.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::server::{Server, queueing};

/// Reads events of a stream until there are so many: id, name, data.
pub async fn events(
    server: &Server,
    path: &str,
    key: &str,
    last: Option<&str>,
    n: usize,
) -> Vec<(String, String, Value)> {
    let request = server.request(Method::GET, path, key);
    let request = last.into_iter().fold(request, |request, id| request.header("last-event-id", id));
    let mut response = request.send().await.expect("the server answers");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    let read = async {
        loop {
            let found: Vec<_> =
                text.split_inclusive("\n\n").filter(|block| block.ends_with("\n\n")).filter_map(event).collect();
            if n <= found.len() {
                return found;
            }
            let piece = response.chunk().await.expect("the stream goes on").expect("the stream has not ended");
            text.push_str(std::str::from_utf8(&piece).expect("text"));
        }
    };
    timeout(Duration::from_secs(20), read).await.unwrap_or_else(|_| panic!("{path}: fewer than {n} events"))
}

fn event(block: &str) -> Option<(String, String, Value)> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned());
    Some((field("id:").unwrap_or_default(), field("event:")?, serde_json::from_str(&field("data:")?).ok()?))
}

#[tokio::test]
async fn the_outbox_streams_resumes_and_forgets_what_was_delivered() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("agents", "lea", json!({ "skills": { "general": 1 } })).await;
    let lea = serde_json::from_str(r#"{"role":"agent","agent":"lea"}"#).expect("a role");
    let lea = server.key_of("main", lea).await;
    server.put("/api/v1/agents/lea/presence", &lea, "*", json!({ "status": "available" })).await.ok();
    let interaction =
        server.write("visitor", "1", "hello").await.ok()["interaction"].as_str().expect("an id").to_owned();
    let desk = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    let offer = desk["offers"][0]["offer"].as_str().expect("an offer").to_owned();
    server.post(&format!("/api/v1/offers/{offer}/accept"), &lea, json!({})).await.ok();
    let messages = format!("/api/v1/interactions/{interaction}/messages");
    for text in ["one", "two"] {
        server.post(&messages, &lea, json!({ "text": text })).await.ok();
    }
    let path = "/api/v1/touchpoints/web/stream";
    let texts = |events: &[(String, String, Value)]| {
        events
            .iter()
            .map(|(_, name, data)| format!("{name} {}", data["said"]["text"].as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    // Replayed from the store.
    let first = events(&server, path, &server.admin, None, 2).await;
    assert_eq!(texts(&first), ["message one", "message two"]);
    assert_eq!(first[0].2["said"]["by"], "agent:lea");
    // Resumed after the first, and live while the stream is open.
    let resume = events(&server, path, &server.admin, Some(&first[0].0), 2);
    let live = async { server.post(&messages, &lea, json!({ "text": "three" })).await.ok() };
    let (resumed, _) = tokio::join!(resume, live);
    assert_eq!(texts(&resumed), ["message two", "message three"]);
    // Forgotten up to the second.
    let position: u64 = resumed[0].0.parse().expect("a number");
    server.post("/api/v1/touchpoints/web/outbox/ack", &server.admin, json!({ "position": position })).await.ok();
    let left = server.get("/api/v1/touchpoints/web/outbox", &server.admin).await.ok();
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(left["items"][0]["said"]["text"], "three");
}

#[tokio::test]
async fn an_interaction_streams_its_timeline_and_goes_on_live() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let interaction =
        server.write("visitor", "1", "hello").await.ok()["interaction"].as_str().expect("an id").to_owned();
    let one = format!("/api/v1/interactions/{interaction}");
    let timeline = server.get(&format!("{one}/timeline"), &server.admin).await.ok();
    let n = timeline["items"].as_array().expect("a list").len();
    let path = format!("{one}/stream");
    let stream = events(&server, &path, &server.admin, None, n + 1);
    let leave = async {
        server.post("/api/v1/touchpoints/web/departures", &server.admin, json!({ "from": "visitor" })).await.ok()
    };
    let (all, _) = tokio::join!(stream, leave);
    let facts: Vec<_> = all.iter().take(n).map(|(_, _, data)| data.clone()).collect();
    assert_eq!(Value::from(facts), timeline["items"]);
    assert_eq!(all[n].2["fact"], "contact_left");
    for seen in 1..=n {
        let resumed = events(&server, &path, &server.admin, Some(&all[seen - 1].0), n + 1 - seen).await;
        assert_eq!(resumed, all[seen..], "after {seen} events the others come, each once");
    }
    let read = server.get(&one, &server.admin).await.ok();
    assert_eq!((&read["state"], &read["disposition"]), (&json!("ended"), &json!("abandoned")), "{read}");
    server
        .post("/api/v1/touchpoints/web/departures", &server.admin, json!({ "from": "visitor" }))
        .await
        .problem(409, "no-conversation");
}

#[tokio::test]
async fn the_tenants_stream_tells_what_happens_and_lists_tell_where_things_stand() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let stream = events(&server, "/api/v1/events", &server.admin, None, 1);
    let write = async {
        // The stream begins when it answers; what is written before may fall outside, so write until it is seen.
        for n in 0.. {
            server.write(&format!("visitor-{n}"), "1", "hello").await.ok();
        }
    };
    let seen = tokio::select! { seen = stream => seen, () = write => unreachable!("it writes for ever") };
    assert_eq!(seen[0].1, "fact");
    for (state, expected) in [("waiting", true), ("in_flow", false), ("offered", false), ("ended", false)] {
        let listed =
            server.get(&format!("/api/v1/interactions?state={state}&touchpoint=web"), &server.admin).await.ok();
        assert_eq!(listed["items"].as_array().is_some_and(|items| !items.is_empty()), expected, "{state}");
    }
}

#[tokio::test]
async fn interactions_are_found_by_the_words_in_them() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let first = server.write("+33612345678", "1", "hello").await.ok();
    let first = first["interaction"].as_str().expect("an id").to_owned();
    for n in 0..3 {
        server.write(&format!("visitor-{n}"), "1", "hello").await.ok();
    }
    let found = async |query: &str| {
        let page = server.get(&format!("/api/v1/interactions?{query}"), &server.admin).await.ok();
        let ids = page["items"].as_array().expect("items").iter().map(|one| one["contact"]["address"].clone());
        (ids.collect::<Vec<_>>(), page["next"].as_str().map(str::to_owned))
    };
    assert_eq!(found("text=33612").await, (vec![json!("+33612345678")], None), "a part of the address");
    assert_eq!(found(&format!("text={first}")).await.0, [json!("+33612345678")], "its id");
    assert_eq!(found("text=%2B33612345678").await, (vec![json!("+33612345678")], None), "once, though twice found");
    assert_eq!(found("text=GENERAL%20visitor-1").await.0, [json!("visitor-1")], "skill and address, in any case");
    assert_eq!(found("text=%2B33612345678&state=ended").await.0, Vec::<Value>::new(), "other filters hold as well");
    assert_eq!(found("text=nobody").await, (vec![], None));
    let (page, next) = found("text=visitor&limit=2").await;
    assert_eq!(page, ["visitor-2", "visitor-1"]);
    let rest = next.expect("there is one more").split_once('?').expect("a query").1.to_owned();
    assert_eq!(found(&rest).await, (vec![json!("visitor-0")], None));
}
