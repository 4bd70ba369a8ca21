//! Agents at work: presence, offers, conversations, and one desk over a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use routewright::{demo::play::Play, keys::Role, language::Language};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::server::{Server, queueing};

#[tokio::test]
async fn the_demonstration_plays_from_first_message_to_survey_in_both_languages() {
    let (server, keys) = Server::with_demo().await;
    let url = format!("http://{}", server.at);
    for (language, lines) in [
        (
            Language::Fr,
            [
                "Bonjour, bienvenue chez Atelier Lumière",
                "[Ventes] [Assistance] [Facturation]",
                "quelle note donnez-vous",
                "À bientôt",
            ],
        ),
        (
            Language::En,
            ["Hello, welcome to Atelier Lumière", "[Sales] [Support] [Billing]", "how do you rate", "See you soon"],
        ),
    ] {
        let mut out = Vec::new();
        let play = Play::new(&url, keys.administrator.reveal(), language, &mut out);
        play.run().await.unwrap_or_else(|error| panic!("{error}"));
        let shown = String::from_utf8(out).expect("text");
        println!("{shown}");
        for line in lines.into_iter().chain(["offer_accepted", "answered", "interaction_ended disposition=resolved"]) {
            assert!(shown.contains(line), "'{line}' is in:\n{shown}");
        }
    }
}

#[tokio::test]
async fn every_flow_of_the_demonstration_passes_the_checks() {
    let (server, keys) = Server::with_demo().await;
    let key = keys.administrator.reveal();
    let flows = server.get("/api/v1/flows", key).await.ok();
    let flows = flows["items"].as_array().expect("a list");
    assert!(8 <= flows.len());
    for flow in flows {
        let path = format!("/api/v1/flows/{}/check", flow["id"].as_str().expect("an id"));
        let checked = crate::server::send(server.request(reqwest::Method::POST, &path, key)).await.ok();
        assert_eq!(checked["sound"], true, "{}: {checked}", flow["id"]);
    }
}

#[tokio::test]
async fn an_agent_works_over_http() {
    let (server, lea, _) = with_two_agents().await;
    let offer = offered(&server, &lea, "visitor").await;
    let accepted = server.post(&format!("/api/v1/offers/{offer}/accept"), &lea, json!({})).await.ok();
    let interaction = accepted["interaction"].as_str().expect("an id").to_owned();
    let one = format!("/api/v1/interactions/{interaction}");
    server.get(&one, &lea).await.ok();
    server.post(&format!("{one}/messages"), &lea, json!({ "text": "Hello", "event_id": "a1" })).await.ok();
    server.post(&format!("{one}/messages"), &lea, json!({ "text": "Hello", "event_id": "a1" })).await.ok();
    server.post("/api/v1/agents/lea/heartbeat", &lea, json!({})).await.ok();
    server.post(&format!("{one}/close"), &lea, json!({})).await.ok();
    let desk = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    assert_eq!(
        (&desk["load"], &desk["wrap_ups"][0]["interaction"]),
        (&json!(1), &json!(interaction)),
        "FCE-08: {desk}"
    );
    server
        .post(&format!("{one}/finish"), &lea, json!({ "disposition": "nothing" }))
        .await
        .problem(422, "unknown-disposition");
    server.post(&format!("{one}/finish"), &lea, json!({ "disposition": "sold" })).await.ok();
    assert_eq!(server.get("/api/v1/agents/lea/desk", &lea).await.ok()["load"], 0);
    let timeline = server.get(&format!("{one}/timeline"), &server.admin).await.ok();
    let sent = timeline["items"].as_array().expect("a list").iter().filter(|f| f["fact"] == "message_sent").count();
    assert_eq!(sent, 1, "the repeated message had no further effect");
}

#[tokio::test]
async fn offers_answered_late_or_by_another_are_refused_and_twice_is_harmless() {
    let (server, lea, hugo) = with_two_agents().await;
    let offer = offered(&server, &lea, "visitor").await;
    let accept = format!("/api/v1/offers/{offer}/accept");
    server.post(&accept, &hugo, json!({})).await.problem(409, "offer-gone");
    let first = server.post(&accept, &lea, json!({})).await.ok();
    assert_eq!(server.post(&accept, &lea, json!({})).await.ok(), first, "accepting twice is harmless");
    server.post(&format!("/api/v1/offers/{offer}/decline"), &lea, json!({})).await.problem(409, "offer-gone");
    let other = format!("/api/v1/interactions/{}", first["interaction"].as_str().expect("an id"));
    server.get(&other, &hugo).await.problem(404, "unknown-interaction");
    server
        .post(&format!("{other}/messages"), &hugo, json!({ "text": "mine?" }))
        .await
        .problem(409, "not-your-conversation");

    let second = offered(&server, &lea, "another").await;
    server.post("/api/v1/touchpoints/web/departures", &server.admin, json!({ "from": "another" })).await.ok();
    server.post(&format!("/api/v1/offers/{second}/accept"), &lea, json!({})).await.problem(409, "offer-gone");
    let declined = offered(&server, &lea, "third").await;
    server.post(&format!("/api/v1/offers/{declined}/decline"), &lea, json!({})).await.ok();
    server.post(&format!("/api/v1/offers/{declined}/accept"), &lea, json!({})).await.problem(409, "offer-gone");
}

#[tokio::test]
async fn an_agent_works_over_one_websocket() {
    let (server, lea, _) = with_two_agents().await;
    server.put("/api/v1/agents/lea/presence", &lea, "*", json!({ "status": "offline" })).await.ok();
    let mut desk = Desk::open(&server, &lea).await;
    assert_eq!(desk.until(|m| m["event"] == "desk").await["desk"]["presence"], "offline");
    desk.say(json!({ "id": 1, "action": "set_presence", "status": "available" })).await;
    desk.until(|m| m["re"] == 1 && m["ok"].is_object()).await;

    server.write("visitor", "1", "hello").await.ok();
    let offer = desk.until(|m| m["event"] == "offer_made").await;
    desk.say(json!({ "id": 2, "action": "accept", "offer": offer["offer"] })).await;
    let accepted = desk.until(|m| m["re"] == 2).await;
    assert_eq!(accepted["ok"]["interaction"], offer["interaction"]);
    server.write("visitor", "2", "are you there?").await.ok();
    let wrote = desk.until(|m| m["event"] == "contact_wrote").await;
    assert_eq!((&wrote["interaction"], &wrote["text"]), (&offer["interaction"], &json!("are you there?")));
    desk.say(json!({ "id": 3, "action": "write", "interaction": offer["interaction"], "text": "Yes" })).await;
    desk.until(|m| m["re"] == 3 && m["ok"].is_object()).await;
    let outbox = server.get("/api/v1/touchpoints/web/outbox", &server.admin).await.ok();
    assert_eq!(outbox["items"][0]["said"]["text"], "Yes");

    server.write("another", "1", "me too").await.ok();
    let second = desk.until(|m| m["event"] == "offer_made").await;
    server.post("/api/v1/touchpoints/web/departures", &server.admin, json!({ "from": "another" })).await.ok();
    desk.until(|m| m["event"] == "offer_withdrawn" && m["offer"] == second["offer"]).await;
    desk.say(json!({ "id": 4, "action": "accept", "offer": second["offer"] })).await;
    assert_eq!(desk.until(|m| m["re"] == 4).await["problem"]["code"], "offer-gone");

    desk.say(json!({ "id": 5, "action": "close", "interaction": offer["interaction"] })).await;
    desk.until(|m| m["event"] == "wrap_up_started").await;
    desk.say(json!({ "id": 6, "action": "finish", "interaction": offer["interaction"], "disposition": "sold" })).await;
    desk.until(|m| m["event"] == "wrap_up_ended").await;
    desk.say(json!({ "nonsense": true })).await;
    assert_eq!(desk.until(|m| m["problem"].is_object()).await["problem"]["code"], "unexpected-body");

    drop(desk);
    let still = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    assert_eq!(still["presence"], "available", "closing the socket does not log the agent out");
}

#[tokio::test]
async fn dyd_22_a_desk_shows_the_named_status_that_was_chosen() {
    let (server, lea, _) = with_two_agents().await;
    let profile = server.get("/api/v1/profiles/default", &server.admin).await;
    let (etag, mut settings) = (profile.etag(), profile.ok()["settings"].clone());
    settings["statuses"] = json!({ "training": { "title": { "fr": "En formation" } } });
    server.put("/api/v1/profiles/default", &server.admin, &etag, settings).await.ok();
    let mut desk = Desk::open(&server, &lea).await;
    desk.say(json!({ "id": 1, "action": "choose_status", "name": "training" })).await;
    desk.until(|m| m["re"] == 1 && m["ok"].is_object()).await;
    let shown = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    assert_eq!((&shown["status"], &shown["presence"]), (&json!("training"), &json!("draining")));
    desk.say(json!({ "id": 2, "action": "set_presence", "status": "available" })).await;
    desk.until(|m| m["re"] == 2 && m["ok"].is_object()).await;
    let shown = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    assert_eq!(shown["status"], Value::Null, "a plain presence has no name");
}

#[tokio::test]
async fn max_05_p_19_p_24_contacts_change_hands_over_http() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let profile =
        json!({ "default": true, "push": false, "pull": true, "contacts_max": 1, "statuses": { "training": {} } });
    server.create("profiles", "asking", profile).await;
    let keys = server.people(&[("lea", false), ("hugo", false), ("ines", true)]).await;
    let [lea, hugo, ines] = [&keys[0], &keys[1], &keys[2]];
    server.post("/api/v1/agents/lea/pull", lea, json!({})).await.problem(409, "nothing-to-pull");
    let first = server.write("visitor", "1", "hello").await.ok()["interaction"].as_str().expect("an id").to_owned();
    server.post("/api/v1/agents/lea/pull", hugo, json!({})).await.problem(403, "role-not-allowed");
    let desk = server.post("/api/v1/agents/lea/pull", lea, json!({})).await.ok();
    assert_eq!(desk["offers"][0]["interaction"], first, "{desk}");
    let offer = desk["offers"][0]["offer"].as_str().expect("an id").to_owned();
    server.post(&format!("/api/v1/offers/{offer}/accept"), lea, json!({})).await.ok();

    let one = format!("/api/v1/interactions/{first}");
    let to_ines = json!({ "to": { "agent": "ines" } });
    server.post(&format!("{one}/transfer"), hugo, to_ines.clone()).await.problem(409, "not-your-conversation");
    server.post(&format!("{one}/transfer"), lea, json!({ "to": "nobody" })).await.problem(422, "unexpected-body");
    server.post(&format!("{one}/transfer"), lea, to_ines).await.ok();
    let shown = server.get(&one, &server.admin).await.ok();
    assert_eq!(shown["state"], "waiting", "Ines asks for what she gets, too: {shown}");

    server.post(&format!("{one}/assign"), lea, json!({ "to": "hugo" })).await.problem(403, "not-supervisor");
    let assign = format!("{one}/assign");
    server.post(&assign, &server.admin, json!({ "to": "hugo" })).await.problem(422, "unexpected-body");
    server.post(&assign, &server.admin, json!({ "to": "hugo", "as": "lea" })).await.problem(403, "not-supervisor");
    server.post(&format!("{one}/assign"), ines, json!({ "to": "hugo" })).await.ok();
    let second = server.write("another", "1", "hello").await.ok()["interaction"].as_str().expect("an id").to_owned();
    let other = format!("/api/v1/interactions/{second}/assign");
    server.post(&other, ines, json!({ "to": "hugo" })).await.problem(409, "does-not-fit");
    server.post(&other, ines, json!({ "to": "hugo", "force": true })).await.ok();
    let facts = server.get(&format!("/api/v1/interactions/{second}/timeline"), &server.admin).await.ok();
    let assigned = facts["items"].as_array().expect("a list").iter().find(|fact| fact["fact"] == "assigned");
    assert_eq!(assigned.expect("it is on record")["overrides"], "contacts-max", "an override is never silent");

    // A supervisor who is no agent acts in the name of one, and says why he overrides.
    let supervisor = server.key_of("main", Role::Supervisor).await;
    let third = server.write("third", "1", "hello").await.ok()["interaction"].as_str().expect("an id").to_owned();
    let third = format!("/api/v1/interactions/{third}/assign");
    let forced = json!({ "to": "hugo", "as": "ines", "force": true, "reason": " " });
    server.post(&third, &supervisor, forced).await.problem(422, "reason-missing");
    let reasoned = json!({ "to": "hugo", "as": "ines", "force": true, "reason": "He knows the contact" });
    server.post(&third, &supervisor, reasoned).await.ok();
    let audit = server.get("/api/v1/audit", &server.admin).await.ok();
    assert!(audit.to_string().contains("He knows the contact"), "an override is on record with its reason: {audit}");

    let desk = server.put("/api/v1/agents/lea/status", lea, "*", json!({ "name": "training" })).await.ok();
    assert_eq!(desk["presence"], "draining", "a status without channels");
    let unknown = server.put("/api/v1/agents/lea/status", lea, "*", json!({ "name": "lunch" })).await;
    unknown.problem(422, "unknown-status");
}

#[tokio::test]
async fn max_03_max_04_max_08_max_09_max_13_max_15_u_09_a_chat_is_elevated_and_set_aside_over_http() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let profile = json!({ "default": true, "contacts_max": 4, "parked_max": 1 });
    server.create("profiles", "usual", profile).await;
    let line = json!({ "channel": "sms", "default_skill": "general", "default_flow": "queue", "active": true });
    server.create("touchpoints", "texts", line).await;
    let keys = server.people(&[("lea", false), ("hugo", false)]).await;
    let [lea, hugo] = [&keys[0], &keys[1]];
    server.put("/api/v1/agents/hugo/presence", hugo, "*", json!({ "status": "offline" })).await.ok();
    let offer = offered(&server, lea, "visitor").await;
    let accepted = server.post(&format!("/api/v1/offers/{offer}/accept"), lea, json!({})).await.ok();
    let one = format!("/api/v1/interactions/{}", accepted["interaction"].as_str().expect("an id"));
    let channels = format!("{one}/channels");
    let text = json!({ "channel": "sms", "address": "+33612345678", "skill": "general" });
    server.post(&channels, hugo, text.clone()).await.problem(409, "not-your-conversation");
    let bare = json!({ "channel": "sms", "address": "+33612345678" });
    server.post(&channels, lea, bare).await.problem(422, "elevation-incomplete");
    let call = json!({ "channel": "voice", "address": "+33612345678", "skill": "general" });
    server.post(&channels, lea, call).await.problem(422, "elevation-line");
    server.post(&channels, lea, text.clone()).await.ok();
    server.post(&channels, lea, text).await.problem(409, "not-elevated");
    server.post(&format!("{channels}/sms/messages"), lea, json!({ "text": "By text" })).await.ok();
    server.post(&format!("{channels}/fax/messages"), lea, json!({ "text": "?" })).await.problem(404, "not-found");
    let outbox = server.get("/api/v1/touchpoints/texts/outbox", &server.admin).await.ok();
    assert_eq!(outbox["items"][0]["reach"]["agent"], "lea", "{outbox}");
    assert_eq!(outbox["items"][1]["said"]["text"], "By text", "{outbox}");
    let desk = server.get("/api/v1/agents/lea/desk", lea).await.ok();
    assert_eq!(desk["conversations"][0]["channel"], "webchat", "each contact with its channel");
    assert_eq!(desk["conversations"][0]["legs"][0], json!({ "channel": "sms", "address": "+33612345678" }), "{desk}");

    server.post(&format!("{one}/park"), lea, json!({})).await.ok();
    assert_eq!(server.get("/api/v1/agents/lea/desk", lea).await.ok()["conversations"][0]["parked"], true);
    server.post(&format!("{one}/park"), lea, json!({})).await.problem(409, "not-your-conversation");
    server.post(&format!("{one}/resume"), lea, json!({})).await.ok();

    server.post(&format!("{channels}/sms/close"), lea, json!({})).await.ok();
    server.post(&format!("{one}/close"), lea, json!({})).await.ok();
    server.post(&format!("{one}/finish"), lea, json!({})).await.ok();
    assert_eq!(server.get(&one, &server.admin).await.ok()["state"], "wrap_up", "the text's record is still open");
    server.post(&format!("{channels}/sms/finish"), lea, json!({})).await.ok();
    assert_eq!(server.get(&one, &server.admin).await.ok()["state"], "ended");
}

#[tokio::test]
async fn p_10_u_06_a_contact_rings_at_two_desks_and_one_wins() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.put("/api/v1/skills/general", &server.admin, "*", json!({ "at_once": 2 })).await.ok();
    let many = json!({ "id": "many", "settings": { "at_once": 51 } });
    server.post("/api/v1/skills", &server.admin, many).await.problem(422, "offers-at-once-out-of-range");
    let keys = server.people(&[("lea", false), ("hugo", false)]).await;
    let [lea, hugo] = [&keys[0], &keys[1]];
    let (hers, his) = (offered(&server, lea, "visitor").await, offer_of(&server, "hugo", hugo).await);
    assert_ne!(hers, his, "each has an offer of his own");
    let accepted = server.post(&format!("/api/v1/offers/{his}/accept"), hugo, json!({})).await.ok();
    server.post(&format!("/api/v1/offers/{hers}/accept"), lea, json!({})).await.problem(409, "offer-gone");
    let desk = server.get("/api/v1/agents/lea/desk", lea).await.ok();
    assert_eq!((&desk["load"], &desk["offers"]), (&json!(0), &json!([])), "she is free again: {desk}");
    let shown = server.get("/api/v1/agents/hugo/desk", hugo).await.ok();
    assert_eq!(shown["conversations"][0]["interaction"], accepted["interaction"]);
}

#[tokio::test]
async fn pbx_03_p_23_a_contact_is_shut_out_and_let_in_again_over_http() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let keys = server.people(&[("lea", false), ("ines", true)]).await;
    let [lea, ines] = [&keys[0], &keys[1]];
    server.put("/api/v1/agents/ines/presence", ines, "*", json!({ "status": "offline" })).await.ok();
    let offer = offered(&server, lea, "visitor").await;
    let accepted = server.post(&format!("/api/v1/offers/{offer}/accept"), lea, json!({})).await.ok();
    let one = format!("/api/v1/interactions/{}", accepted["interaction"].as_str().expect("an id"));
    let ban = json!({ "lasts": "1h", "reason": "threats" });
    server.post(&format!("{one}/ban"), &server.admin, ban.clone()).await.problem(403, "role-not-allowed");
    server.post(&format!("{one}/ban"), lea, ban).await.ok();
    server.write("visitor", "2", "hello?").await.problem(403, "contact-banned");
    server.post(&format!("{one}/unban"), lea, json!({})).await.problem(403, "not-supervisor");
    server.post(&format!("{one}/unban"), ines, json!({})).await.ok();
    server.write("visitor", "3", "thank you").await.ok();
    let facts = server.get(&format!("{one}/timeline"), &server.admin).await.ok();
    let named =
        |name: &str| facts["items"].as_array().expect("a list").iter().filter(|fact| fact["fact"] == name).count();
    assert_eq!((named("banned"), named("unbanned"), named("interaction_ended")), (1, 1, 1), "on record: {facts}");
}

/// The offer that an agent's desk shows.
async fn offer_of(server: &Server, agent: &str, key: &str) -> String {
    let desk = server.get(&format!("/api/v1/agents/{agent}/desk"), key).await.ok();
    desk["offers"][0]["offer"].as_str().expect("an offer").to_owned()
}

/// A touchpoint, a queue, a disposition; lea is there and alone in the skill, hugo is somebody else.
async fn with_two_agents() -> (Server, String, String) {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("agents", "lea", json!({ "skills": { "general": 1 } })).await;
    server.create("agents", "hugo", json!({})).await;
    server.create("dispositions", "sold", json!({})).await;
    let mut keys = Vec::new();
    for agent in ["lea", "hugo"] {
        let role = serde_json::from_value(json!({ "role": "agent", "agent": agent })).expect("a role");
        let key = server.key_of("main", role).await;
        server.put(&format!("/api/v1/agents/{agent}/presence"), &key, "*", json!({ "status": "available" })).await.ok();
        keys.push(key);
    }
    let [lea, hugo] = <[String; 2]>::try_from(keys).expect("two keys");
    (server, lea, hugo)
}

/// A contact writes; the offer that lea gets of it.
async fn offered(server: &Server, lea: &str, from: &str) -> String {
    let heard = server.write(from, "1", "hello").await.ok();
    let desk = server.get("/api/v1/agents/lea/desk", lea).await.ok();
    let offers = desk["offers"].as_array().expect("a list");
    let offer = offers.iter().find(|o| o["interaction"] == heard["interaction"]).expect("the offer of this contact");
    offer["offer"].as_str().expect("an id").to_owned()
}

/// An open socket.
struct Desk(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Desk {
    async fn open(server: &Server, key: &str) -> Self {
        let url = format!("ws://{}/api/v1/agents/lea/socket", server.at);
        let mut request = url.into_client_request().expect("an address");
        request.headers_mut().insert("authorization", format!("Bearer {key}").parse().expect("a header"));
        Self(connect_async(request).await.expect("the socket opens").0)
    }

    async fn say(&mut self, command: Value) {
        self.0.send(Message::text(command.to_string())).await.expect("the socket is open");
    }

    /// The next message that passes a test.
    async fn until(&mut self, test: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Vec::new();
        let found = timeout(Duration::from_secs(20), async {
            loop {
                let message = self.0.next().await.expect("the socket goes on").expect("a message");
                let Message::Text(text) = message else { continue };
                let value: Value = serde_json::from_str(&text).expect("JSON");
                if test(&value) {
                    return value;
                }
                seen.push(value);
            }
        });
        found.await.unwrap_or_else(|_| panic!("it did not come; instead: {seen:?}"))
    }
}
