//! Service levels, promises and the hours that are inherited, over a real socket.

use reqwest::StatusCode;
use routewright_runtime::Runtime;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{Server, options, queueing};

#[tokio::test]
async fn wap_37_wap_41_p_15_promises_of_the_channel_are_shown_while_they_run() {
    let server = Server::start().await;
    let visitor = centre(&server).await;
    let read = async || server.get(&format!("/api/v1/interactions/{visitor}"), &server.admin).await.ok();
    let service = read().await["service"].clone();
    assert_eq!(service["first_response"]["state"], "running", "the channel's promise: {service}");
    let left = service["first_response"]["remaining_s"].as_u64().expect("seconds");
    assert!((3_000..=3_600).contains(&left), "an hour was promised: {left}");
    assert_eq!(service["first_response"]["counting"], true);
    assert_eq!(service["resolution"], Value::Null, "the general promise is not the channel's");

    let queue = counted(&server, "/api/v1/queues/general/service-levels").await;
    assert_eq!((&queue["waiting"], &queue["offered"]), (&json!(1), &json!(0)));
    assert_eq!(queue["in_line"][0]["interaction"], json!(visitor));
    assert_eq!(queue["in_line"][0]["service"]["first_response"]["state"], "running");

    take(&server).await;
    server
        .post(&format!("/api/v1/interactions/{visitor}/messages"), &lea(&server).await, json!({ "text": "Hello" }))
        .await
        .ok();
    let service = read().await["service"].clone();
    assert_eq!(service["first_response"]["state"], "kept");
    assert!(service["first_response"]["done_at"].is_string() && service["first_response"]["remaining_s"].is_null());
    let levels = counted(&server, "/api/v1/service-levels").await;
    assert_eq!(levels["channels"]["webchat"]["first_response"], json!({ "kept": 1, "broken": 0 }));
}

#[tokio::test]
async fn wap_32_p_15_four_service_levels_stand_side_by_side_and_survive_a_restart() {
    let server = Server::start().await;
    let queue = "/api/v1/queues/general/service-levels";
    server.create("skills", "other", json!({ "service_level": { "within": "1m", "percent": 80 } })).await;
    centre(&server).await;
    take(&server).await;
    // Another waits, and gives up.
    server.put("/api/v1/agents/lea/presence", &server.admin, "*", json!({ "status": "paused" })).await.ok();
    server.write("second", "2", "hello").await.ok();
    server.post("/api/v1/touchpoints/web/departures", &server.admin, json!({ "from": "second" })).await.ok();

    let asked = counted(&server, &format!("{queue}?within=10m&over=1h")).await;
    assert_eq!([&asked["offered"], &asked["served"], &asked["abandoned"]], [&json!(2), &json!(1), &json!(1)]);
    let levels = asked["service_levels"].as_array().expect("a list");
    let shares: Vec<_> = levels.iter().map(|level| (level["definition"].as_str(), level["level"].as_f64())).collect();
    assert_eq!(
        shares,
        [
            (Some("offered"), Some(0.5)),
            (Some("served"), Some(1.0)),
            (Some("abandons-good"), Some(1.0)),
            (Some("short-abandons-out"), Some(1.0)),
        ]
    );
    assert_eq!(levels[0]["formula"]["fr"], "servis à temps / présentés");
    assert_eq!(asked["within_s"], 600.0);
    let other = counted(&server, "/api/v1/queues/other/service-levels").await;
    assert_eq!((&other["goal_percent"], &other["within_s"]), (&json!(80), &json!(60.0)), "as its settings say");
    assert_eq!(other["service_levels"][0].get("level"), None, "nobody came: no level, and no zero either");

    let metrics = server.get("/metrics", &server.admin).await.ok();
    let metrics = metrics.as_str().expect("text");
    for line in ["routewright_contacts_taken_total 1", "routewright_contacts_abandoned_total 1"] {
        assert!(metrics.contains(line), "{line}");
    }
    server.get("/api/v1/queues/nobody/service-levels", &server.admin).await.problem(404, "not-found");
    server.get(&format!("{queue}?within=soon"), &server.admin).await.problem(400, "bad-query");
    server.get(queue, &lea(&server).await).await.problem(403, "role-not-allowed");
}

#[tokio::test]
async fn the_journal_is_recounted_at_a_start() {
    let dir = TempDir::new().expect("a directory");
    let runtime = Runtime::open(options(&dir)).await.expect("the store opens");
    let server = Server::on(runtime, dir).await;
    centre(&server).await;
    take(&server).await;
    let path = "/api/v1/service-levels?within=10m";
    let before = counted(&server, path).await;
    assert_eq!(before["all"]["served"], 1);
    let dir = server.stopped().await;
    let runtime = Runtime::open(options(&dir)).await.expect("the store opens again");
    let again = Server::on(runtime, dir).await;
    let after = counted(&again, path).await;
    for counted in ["offered", "served", "served_in_time", "mean_wait_s", "service_levels", "first_response", "waiting"]
    {
        assert_eq!(after["all"][counted], before["all"][counted], "a recount gives the same: {counted}");
    }
}

#[tokio::test]
async fn pbx_04_dyd_32_p_14_hours_are_inherited_and_each_level_may_have_its_own() {
    let server = Server::start().await;
    server.create("calendars", "never", json!({ "zone": "Europe/Paris" })).await;
    server.create("defaults", "general", json!({ "calendar": "never" })).await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("agents", "lea", json!({ "skills": { "general": 1 } })).await;
    let state = async |contact: &str| {
        let heard = server.write(contact, "1", "hello").await.ok();
        let path = format!("/api/v1/interactions/{}", heard["interaction"].as_str().expect("an id"));
        server.get(&path, &server.admin).await.ok()["state"].clone()
    };
    assert_eq!(state("first").await, "ended", "the line keeps the centre's hours: closed");
    for (settings, expected) in [
        (json!({ "calendar": "@always" }), "waiting"),
        (json!({ "calendar": "@always", "line": { "calendar": "never" } }), "ended"),
        (json!({ "calendar": "never", "line": { "calendar": "@always" } }), "waiting"),
    ] {
        server.put("/api/v1/skills/general", &server.admin, "*", settings.clone()).await.ok();
        assert_eq!(
            state(&format!("of-{settings}").replace(['"', '{', '}', ':', ',', '@'], "-")).await,
            expected,
            "{settings}"
        );
    }
    let users = server.delete("/api/v1/calendars/never", &server.admin).await.problem(409, "in-use");
    let users = users["users"].as_array().expect("a list").clone();
    assert!(users.contains(&json!({ "kind": "defaults", "id": "general" })), "{users:?}");
    assert!(users.contains(&json!({ "kind": "skill", "id": "general" })), "{users:?}");
}

#[tokio::test]
async fn contradictory_defaults_are_refused_with_both_fields() {
    let server = Server::start().await;
    for (scope, settings, code, fields) in [
        ("sms", json!({ "shift": "@always" }), "shift-of-a-channel", ["/shift", "/id"]),
        (
            "general",
            json!({ "service": { "first_response": "2h", "resolution": "1h" } }),
            "resolution-before-response",
            ["/service/first_response", "/service/resolution"],
        ),
    ] {
        let body = json!({ "id": scope, "settings": settings });
        let problem = server.post("/api/v1/defaults", &server.admin, body).await.problem(422, code);
        let message = problem["findings"][0]["message"]["en"].as_str().expect("words").to_owned();
        assert!(fields.iter().all(|field| message.contains(field)), "{message}");
    }
    for (scope, settings, status, code) in [
        ("general", json!({ "calendar": "gone" }), 422, "unknown-calendar"),
        ("general", json!({ "bot_timeout": "0s" }), 422, "timer-too-short"),
        ("telepathy", json!({}), 422, "unexpected-body"),
    ] {
        let body = json!({ "id": scope, "settings": settings });
        server.post("/api/v1/defaults", &server.admin, body).await.problem(status, code);
    }
}

/// A queue for `general` with a visitor in it, an hour promised to him by his channel. Lea could take him and is away.
async fn centre(server: &Server) -> String {
    server.create("defaults", "general", json!({ "service": { "resolution": "1d" } })).await;
    server.create("defaults", "webchat", json!({ "service": { "first_response": "1h" } })).await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("agents", "lea", json!({ "skills": { "general": 1 } })).await;
    let heard = server.write("visitor", "1", "hello").await.ok();
    heard["interaction"].as_str().expect("an id").to_owned()
}

/// Service levels, once the journal of before the start is recounted.
async fn counted(server: &Server, path: &str) -> Value {
    loop {
        let levels = server.get(path, &server.admin).await.ok();
        if [&levels["complete"], &levels["all"]["complete"]].contains(&&json!(true)) {
            return levels;
        }
        tokio::task::yield_now().await;
    }
}

/// Lea comes and takes who waits.
async fn take(server: &Server) {
    server.put("/api/v1/agents/lea/presence", &server.admin, "*", json!({ "status": "available" })).await.ok();
    let lea = lea(server).await;
    let desk = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    let offer = desk["offers"][0]["offer"].as_str().expect("an offer").to_owned();
    server.post(&format!("/api/v1/offers/{offer}/accept"), &lea, json!({})).await.expect(StatusCode::OK);
}

async fn lea(server: &Server) -> String {
    let role = serde_json::from_value(json!({ "role": "agent", "agent": "lea" })).expect("a role");
    server.key_of("main", role).await
}
