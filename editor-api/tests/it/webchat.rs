//! Visitors of a web site: what a public key lets them do, what it does not, and that nothing is lost or doubled.

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, StatusCode, header};
use routewright::{keys::Role, tenant};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::server::{Answer, Server, greeting, queueing, send};

const ANNA: &str = "0123456789abcdef-anna";
const BEN: &str = "0123456789abcdef-ben";

#[tokio::test]
async fn a_visitor_reads_his_own_conversation_once_and_nobody_elses() {
    let (server, key) = with_widget(greeting("hello")).await;
    write(&server, &key, ANNA, "m1", "Hi").await.ok();
    write(&server, &key, ANNA, "m1", "Hi").await.ok();
    let conversation = read(&server, &key, ANNA, None).await.ok();
    let entries = conversation["entries"].as_array().expect("a list");
    let said: Vec<_> = entries.iter().map(|entry| (&entry["by"], &entry["text"])).collect();
    assert_eq!(said, [(&json!("visitor"), &json!("Hi")), (&json!("flow"), &json!("Bonjour"))]);
    assert_eq!((&entries[0]["event_id"], &conversation["over"]), (&json!("m1"), &json!(true)));

    let first = entries[0]["id"].as_str().expect("an id");
    let rest = read(&server, &key, ANNA, Some(first)).await.ok();
    assert_eq!(rest["entries"], json!([entries[1]]), "what follows the first entry");
    assert_eq!(read(&server, &key, BEN, None).await.ok()["entries"], json!([]));
    assert_eq!(read(&server, &key, BEN, Some(first)).await.ok()["entries"], json!([]), "an id is no key");
    read(&server, &key, ANNA, Some("nonsense")).await.problem(400, "bad-query");
    read(&server, &key, "short", None).await.problem(422, "unexpected-body");
}

#[tokio::test]
async fn a_closed_service_says_so_and_takes_a_message_with_the_address_to_answer() {
    let (server, key) = with_widget(greeting("hello")).await;
    assert_eq!(read(&server, &key, ANNA, None).await.ok()["service"], json!({ "open": true }));
    let day = json!([{ "date": "2099-01-05", "windows": [{ "from": "09:00", "to": "17:00" }] }]);
    server.create("calendars", "away", json!({ "zone": "Europe/Paris", "special": day })).await;
    let touchpoint = server.get("/api/v1/touchpoints/web", &server.admin).await;
    let (tag, mut settings) = (touchpoint.etag(), touchpoint.ok()["settings"].take());
    settings["calendar"] = json!("away");
    server.put("/api/v1/touchpoints/web", &server.admin, &tag, settings).await.ok();
    let closed = json!({ "open": false, "opens_at": "2099-01-05T08:00:00.000Z" });
    assert_eq!(read(&server, &key, ANNA, None).await.ok()["service"], closed);

    let left = |email: &str| {
        let body = json!({ "visitor": ANNA, "event_id": "m1", "text": "Call me", "name": "Anna", "email": email });
        server.post("/api/v1/webchat/messages", &key, body)
    };
    for wrong in ["anna", "@example.org", "anna@", "an na@example.org", &format!("{}@example.org", "a".repeat(250))] {
        left(wrong).await.problem(422, "unexpected-body");
    }
    left("anna@example.org").await.ok();
    let interactions = server.get("/api/v1/interactions", &server.admin).await.ok();
    let contact = &interactions["items"][0]["contact"];
    assert_eq!((&contact["name"], &contact["fields"]), (&json!("Anna"), &json!({ "email": "anna@example.org" })));
}

#[tokio::test]
async fn a_public_key_opens_nothing_else_and_no_other_key_opens_the_webchat() {
    let (server, key) = with_widget(greeting("hello")).await;
    for path in ["/api/v1/flows", "/api/v1/touchpoints", "/api/v1/interactions", "/api/v1/touchpoints/web/outbox"] {
        server.get(path, &key).await.problem(403, "role-not-allowed");
    }
    let message = json!({ "from": "x", "event_id": "m1", "text": "Hi" });
    server.post("/api/v1/touchpoints/web/messages", &key, message).await.problem(403, "role-not-allowed");
    read(&server, &server.admin, ANNA, None).await.problem(403, "role-not-allowed");
}

#[tokio::test]
async fn pages_of_every_site_may_ask_the_webchat_and_nothing_else() {
    let (server, _) = with_widget(greeting("hello")).await;
    let allowed = preflight(&server, "/api/v1/webchat/messages").await;
    assert_eq!(allowed.headers["access-control-allow-origin"], "*");
    assert!(!allowed.headers.contains_key("access-control-allow-credentials"), "no cookie is ever let through");
    let refused = preflight(&server, "/api/v1/flows").await;
    assert!(!refused.headers.contains_key("access-control-allow-origin"), "{refused:?}");
}

#[tokio::test]
async fn a_socket_tells_what_is_said_and_what_it_missed() {
    let (server, key) = with_widget(queueing("line", "general")).await;
    let (mut socket, first) = socket(&server, &key, None).await;
    assert_eq!(first["entries"], json!([]));
    socket.send(Message::text(json!({ "event_id": "m1", "text": "Hi" }).to_string())).await.expect("sent");
    let mut heard = Vec::new();
    while heard.len() < 2 {
        heard.push(next(&mut socket).await);
    }
    assert!(heard.iter().any(|frame| frame["re"] == "m1" && frame["ok"].is_object()), "{heard:?}");
    let entry = heard.iter().find_map(|frame| frame["entries"].as_array()?.first().cloned()).expect("an entry");
    assert_eq!((&entry["text"], &entry["event_id"]), (&json!("Hi"), &json!("m1")));
    drop(socket);

    write(&server, &key, ANNA, "m2", "Still there").await.ok();
    let (_, missed) = self::socket(&server, &key, entry["id"].as_str()).await;
    let texts: Vec<_> = missed["entries"].as_array().expect("a list").iter().map(|one| &one["text"]).collect();
    assert!(texts.contains(&&json!("Still there")) && !texts.contains(&&json!("Hi")), "{texts:?}");
}

#[tokio::test]
async fn a_visitor_and_his_agent_are_told_that_the_other_writes() {
    let (server, key) = with_widget(queueing("line", "general")).await;
    server.create("agents", "lea", json!({ "name": "Léa", "skills": { "general": 1 } })).await;
    let role = |agent: &str| serde_json::from_value(json!({ "role": "agent", "agent": agent })).expect("a role");
    let lea = server.key_of(tenant::MAIN, role("lea")).await;
    server.put("/api/v1/agents/lea/presence", &lea, "*", json!({ "status": "available" })).await.ok();
    let (mut visitor, _) = socket(&server, &key, None).await;
    visitor.send(Message::text(json!({ "event_id": "m1", "text": "Hi" }).to_string())).await.expect("sent");
    until(&mut visitor, |frame| frame["entries"].as_array().is_some_and(|entries| !entries.is_empty())).await;
    let mut desk = desk_socket(&server, "lea", &lea).await;
    let offered = until(&mut desk, |frame| frame["event"] == "desk").await;
    let offer = &offered["desk"]["offers"][0];
    let hint = json!({ "action": "writing", "interaction": offer["interaction"] }).to_string();

    // Before he has the conversation, what he types is nobody's business.
    desk.send(Message::text(hint.clone())).await.expect("sent");
    desk.send(Message::text(json!({ "id": 1, "action": "accept", "offer": offer["offer"] }).to_string()))
        .await
        .expect("sent");
    until(&mut desk, |frame| frame["re"] == 1).await;
    visitor.send(Message::text(json!({ "writing": true }).to_string())).await.expect("sent");
    assert_eq!(until(&mut desk, |frame| frame["event"] == "contact_writes").await["interaction"], offer["interaction"]);
    desk.send(Message::text(hint)).await.expect("sent");
    assert_eq!(until(&mut visitor, |frame| frame["writing"].is_object()).await["writing"]["name"], "Léa");
    let timeline = server
        .get(&format!("/api/v1/interactions/{}/timeline", offer["interaction"].as_str().expect("an id")), &server.admin)
        .await
        .ok();
    assert!(!timeline.to_string().contains("writ"), "a hint is not kept: {timeline}");
}

#[tokio::test]
async fn a_visitor_who_floods_is_held_up_and_the_others_are_not() {
    let (server, key) = with_widget(queueing("line", "general")).await;
    let mut refused = None;
    for at in 0..40 {
        let answer = write(&server, &key, ANNA, &format!("m{at}"), "again").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some((at, answer));
            break;
        }
        answer.ok();
    }
    let (at, answer) = refused.expect("forty messages are too many at once");
    assert!(at >= 20, "{at} messages were taken");
    assert_eq!(answer.headers["retry-after"], "1");
    answer.problem(429, "too-many-messages");
    write(&server, &key, BEN, "m1", "Hi").await.ok();
}

/// The next frame that passes a test.
async fn until(socket: &mut Socket, test: impl Fn(&Value) -> bool) -> Value {
    loop {
        let frame = next(socket).await;
        if test(&frame) {
            return frame;
        }
    }
}

async fn desk_socket(server: &Server, agent: &str, key: &str) -> Socket {
    let mut request =
        format!("ws://{}/api/v1/agents/{agent}/socket", server.at).into_client_request().expect("an address");
    request.headers_mut().insert("authorization", format!("Bearer {key}").parse().expect("a header"));
    tokio_tungstenite::connect_async(request).await.expect("the socket opens").0
}

/// A server whose touchpoint `web` runs this flow, and the public key of its visitors.
async fn with_widget(document: Value) -> (Server, String) {
    let server = Server::start().await;
    server.touchpoint_with(document).await;
    let touchpoint = "web".parse().expect("a name");
    let key = server.key_of(tenant::MAIN, Role::Visitor { touchpoint }).await;
    (server, key)
}

async fn write(server: &Server, key: &str, visitor: &str, event: &str, text: &str) -> Answer {
    let body = json!({ "visitor": visitor, "event_id": event, "text": text });
    server.post("/api/v1/webchat/messages", key, body).await
}

async fn read(server: &Server, key: &str, visitor: &str, after: Option<&str>) -> Answer {
    let after = after.map(|id| format!("&after={id}")).unwrap_or_default();
    server.get(&format!("/api/v1/webchat/conversation?visitor={visitor}{after}"), key).await
}

async fn preflight(server: &Server, path: &str) -> Answer {
    let request = Client::new().request(Method::OPTIONS, format!("http://{}{path}", server.at));
    let request = request
        .header(header::ORIGIN, "https://shop.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
    let answer = send(request).await;
    assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    answer
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn socket(server: &Server, key: &str, after: Option<&str>) -> (Socket, Value) {
    let after = after.map(|id| format!("&after={id}")).unwrap_or_default();
    let url = format!("ws://{}/api/v1/webchat/socket?key={key}&visitor={ANNA}{after}", server.at);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("the socket opens");
    let first = next(&mut socket).await;
    (socket, first)
}

async fn next(socket: &mut Socket) -> Value {
    let frame = tokio::time::timeout(std::time::Duration::from_secs(20), socket.next()).await;
    let frame = frame.expect("it answers in time").expect("it is open").expect("a frame");
    serde_json::from_str(frame.to_text().expect("text")).expect("JSON")
}
