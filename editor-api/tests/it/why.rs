//! Why a contact is not with an agent, and why an agent is idle, asked over HTTP while the centre works.

use serde_json::{Value, json};

use crate::server::{Server, queueing};

#[tokio::test]
async fn a_supervisor_is_told_what_keeps_each_contact_from_each_agent() {
    let server = Server::start().await;
    let (lea, visitor) = centre(&server).await;
    let supervisor = server.key_of("main", role(json!({ "role": "supervisor" }))).await;
    let asked =
        async |agent: &str| server.get(&format!("/api/v1/interactions/{visitor}/why/{agent}"), &supervisor).await;
    let code = async |agent: &str| asked(agent).await.ok()["code"].as_str().expect("a code").to_owned();

    let absent = asked("lea").await.ok();
    assert_eq!(
        (&absent["code"], &absent["interaction"], &absent["agent"]),
        (&json!("presence"), &json!(visitor), &json!("lea"))
    );
    assert_eq!(absent["reason"], json!({ "en": "the agent is offline", "fr": "l’agent est hors ligne" }));
    available(&server, "hugo").await;
    assert_eq!(code("hugo").await, "skill");
    available(&server, "nora").await;
    let level = asked("nora").await.ok();
    assert_eq!(level["code"], "level");
    assert_eq!(level["reason"]["fr"], "l’agent a la compétence « general » au niveau 9 ; il faut le niveau 5 ou mieux");

    available(&server, "lea").await;
    assert_eq!(code("lea").await, "has-it", "the offer is hers already");
    let desk = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    let offer = desk["offers"][0]["offer"].as_str().expect("an offer").to_owned();
    server.post(&format!("/api/v1/offers/{offer}/decline"), &lea, json!({})).await.ok();
    assert_eq!(code("lea").await, "bounced");
    server.post("/api/v1/touchpoints/web/departures", &server.admin, json!({ "from": "visitor" })).await.ok();
    assert_eq!(code("lea").await, "not-in-line");
}

#[tokio::test]
async fn an_idle_agent_is_explained_queue_by_queue() {
    let server = Server::start().await;
    let (_, first) = centre(&server).await;
    let asked = async |agent: &str| server.get(&format!("/api/v1/agents/{agent}/why"), &server.admin).await.ok();
    server.write("another", "1", "hello").await.ok();

    let lea = asked("lea").await;
    assert_eq!((&lea["code"], &lea["takes"], &lea["more"]), (&json!("presence"), &json!([]), &json!(0)));
    available(&server, "hugo").await;
    let hugo = asked("hugo").await;
    assert_eq!(hugo["code"], "nothing-for-him");
    let queue = &hugo["queues"][0];
    let said = [&queue["first"], &queue["waiting"], &queue["skills"], &queue["serves"], &queue["code"]];
    assert_eq!(said, [&json!(first), &json!(2), &json!({ "general": 5 }), &json!(false), &json!("skill")], "{hugo}");
    available(&server, "lea").await;
    let served = asked("lea").await;
    assert_eq!((&served["code"], &served["queues"]), (&json!("nobody-waits"), &json!([])), "both are offered to her");
    assert!(served["takes"].as_array().expect("a list").contains(&json!("webchat")), "there is room for one more");
}

#[tokio::test]
async fn what_nobody_may_ask_or_cannot_be_asked_is_refused() {
    let server = Server::start().await;
    let (lea, visitor) = centre(&server).await;
    server.get(&format!("/api/v1/interactions/{visitor}/why/lea"), &lea).await.problem(403, "role-not-allowed");
    server.get("/api/v1/agents/lea/why", &lea).await.problem(403, "role-not-allowed");
    for (path, code) in [
        (format!("/api/v1/interactions/{visitor}/why/nobody"), "unknown-agent"),
        ("/api/v1/interactions/i4242/why/lea".to_owned(), "unknown-interaction"),
        ("/api/v1/interactions/42/why/lea".to_owned(), "not-found"),
        ("/api/v1/agents/nobody/why".to_owned(), "unknown-agent"),
    ] {
        server.get(&path, &server.admin).await.problem(404, code);
    }
    let elsewhere = server.key_of("other", role(json!({ "role": "administrator" }))).await;
    let path = format!("/api/v1/interactions/{visitor}/why/lea");
    server.get(&path, &elsewhere).await.problem(404, "unknown-interaction");
}

/// A queue for `general` with a visitor in it; lea has the skill, nora too little of it, hugo none. Nobody is there.
/// Gives back lea's key and the visitor's interaction.
async fn centre(server: &Server) -> (String, String) {
    let mut flow = queueing("queue", "general");
    flow["nodes"]["need"]["config"]["skills"]["general"] = json!(5);
    server.touchpoint_with(flow).await;
    server.create("agents", "lea", json!({ "skills": { "general": 1 } })).await;
    server.create("agents", "nora", json!({ "skills": { "general": 9 } })).await;
    server.create("agents", "hugo", json!({})).await;
    let lea = server.key_of("main", role(json!({ "role": "agent", "agent": "lea" }))).await;
    let heard = server.write("visitor", "1", "hello").await.ok();
    (lea, heard["interaction"].as_str().expect("an id").to_owned())
}

async fn available(server: &Server, agent: &str) {
    let path = format!("/api/v1/agents/{agent}/presence");
    server.put(&path, &server.admin, "*", json!({ "status": "available" })).await.ok();
}

fn role(role: Value) -> routewright::keys::Role {
    serde_json::from_value(role).expect("a role")
}
