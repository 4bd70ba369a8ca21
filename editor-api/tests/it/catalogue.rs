//! Settings over HTTP: every kind, its rules, and what is in use.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::server::{Server, greeting};

/// Every kind of the catalogue, with settings that are fine.
fn kinds() -> [(&'static str, &'static str, Value); 12] {
    let week = json!({ "monday": [{ "from": "09:00", "to": "18:00" }] });
    let question =
        json!({ "id": "rating", "text": { "en": "How was it?" }, "answer": { "type": "scale", "min": 1, "max": 5 } });
    [
        ("skills", "sales", json!({ "title": { "fr": "Ventes" } })),
        ("profiles", "calm", json!({ "contacts_max": 1 })),
        ("agents", "lea", json!({ "name": "Léa", "skills": { "sales": 1 }, "profile": "calm" })),
        ("calendars", "hours", json!({ "zone": "Europe/Paris", "weekly": week })),
        ("dispositions", "sold", json!({})),
        ("questionnaires", "satisfaction", json!({ "questions": [question] })),
        ("tables", "branches", json!({ "columns": ["code", "name"], "rows": [{ "code": "75001", "name": "Louvre" }] })),
        (
            "canned-answers",
            "hello",
            json!({ "title": { "en": "Hello" }, "text": { "en": "Hello!" }, "skills": ["sales"] }),
        ),
        ("touchpoints", "web", json!({ "channel": "webchat", "default_skill": "sales", "calendar": "hours" })),
        ("accounts", "shop", json!({ "name": "Shop", "manager_id": "1029384756" })),
        ("roles", "digital", json!({ "touchpoints": { "web": { "start": true } }, "skills": ["sales"] })),
        ("routing-queues", "chats", json!({ "filter": { "channels": ["webchat"] }, "skill": "sales" })),
    ]
}

#[tokio::test]
async fn dyd_12_to_dyd_17_dyd_19_to_dyd_21_dyd_23_to_dyd_25_dyd_27_to_dyd_29_dyd_36_what_a_desk_permits_is_kept_and_served()
 {
    let server = Server::start().await;
    let question = json!({ "id": "q", "text": { "en": "Solved?" }, "answer": { "type": "yes_no" } });
    for id in ["end", "survey"] {
        server.create("questionnaires", id, json!({ "questions": [question] })).await;
    }
    let desk = json!({
        "print": true, "mail": true, "mark": true, "ask_for_help": true, "colleagues": true, "knowledge": true,
        "ask_for_file": true, "send_file": true, "assistant": true, "send_questionnaire": true,
        "knowledge_in_his_name": true, "questionnaire": "end", "questionnaire_button": true,
        "questionnaire_cancel": true, "contact_questionnaire": "survey", "contact_card": ["tier", "city"],
    });
    server.create("profiles", "rich", json!({ "desk": desk })).await;
    server.create("agents", "lea", json!({ "profile": "rich", "limits": { "contacts_max": 7 } })).await;
    server.create("agents", "hugo", json!({})).await;
    let role = |agent: &str| serde_json::from_value(json!({ "role": "agent", "agent": agent })).expect("a role");
    let (lea, hugo) = (server.key_of("main", role("lea")).await, server.key_of("main", role("hugo")).await);
    let own = server.get("/api/v1/agents/lea/profile", &lea).await.ok();
    assert_eq!((&own["desk"], &own["contacts_max"]), (&desk, &json!(7)), "her profile, with her own limits in it");
    assert_eq!(server.get("/api/v1/agents/hugo/profile", &hugo).await.ok()["desk"], Value::Null, "all is off");
    server.get("/api/v1/agents/lea/profile", &hugo).await.problem(403, "role-not-allowed");
    server.get("/api/v1/agents/nobody/profile", &server.admin).await.problem(404, "unknown-agent");
    let bare = json!({ "id": "bare", "settings": { "desk": { "questionnaire_button": true } } });
    server.post("/api/v1/profiles", &server.admin, bare).await.problem(422, "button-without-questionnaire");
    let fax = json!({ "id": "fax", "settings": { "desk": { "fax": true } } });
    server.post("/api/v1/profiles", &server.admin, fax).await.problem(422, "unexpected-body");
    server.delete("/api/v1/questionnaires/survey", &server.admin).await.problem(409, "in-use");
}

#[tokio::test]
async fn fce_01_fce_02_fce_11_profiles_are_there_named_once_and_listed_as_saved() {
    let server = Server::start().await;
    let list = |body: Value| -> Vec<String> {
        let items = body["items"].as_array().expect("a list").clone();
        items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    };
    let first = server.get("/api/v1/profiles/default", &server.admin).await;
    let etag = first.etag();
    let settings = first.ok()["settings"].clone();
    assert_eq!((&settings["default"], &settings["contacts_max"]), (&json!(true), &json!(3)), "FCE-06, FCE-07");
    let edited = json!({ "default": true, "contacts_max": 2 });
    server.put("/api/v1/profiles/default", &server.admin, &etag, edited).await.ok();
    server.create("profiles", "calm", json!({ "contacts_max": 1 })).await;
    let again = json!({ "id": "calm", "settings": {} });
    server.post("/api/v1/profiles", &server.admin, again).await.problem(409, "already-exists");
    assert_eq!(list(server.get("/api/v1/profiles", &server.admin).await.ok()), ["calm", "default"]);
}

#[tokio::test]
async fn wap_02_wap_03_wap_20_a_touchpoint_names_a_skill_that_exists_and_has_a_name() {
    let server = Server::start().await;
    let touchpoint = |skill: &str| json!({ "id": "web", "settings": { "channel": "webchat", "default_skill": skill } });
    server.post("/api/v1/touchpoints", &server.admin, touchpoint("sales")).await.problem(422, "unknown-skill");
    for (name, fine) in [("s", false), ("sales", true), ("a.b:c-d_e", true), ("no space", false)] {
        let created = server.post("/api/v1/skills", &server.admin, json!({ "id": name, "settings": {} })).await;
        assert_eq!(created.status == StatusCode::CREATED, fine, "{name}: {}", created.body);
    }
    let long = server.post("/api/v1/skills", &server.admin, json!({ "id": "x".repeat(31), "settings": {} })).await;
    assert!(long.status.is_client_error(), "2 to 30 characters");
    server.post("/api/v1/touchpoints", &server.admin, touchpoint("sales")).await.expect(StatusCode::CREATED);
    let used = server.delete("/api/v1/skills/sales", &server.admin).await.problem(409, "in-use");
    assert!(used.to_string().contains("touchpoint"), "the refusal says whose default it is: {used}");
}

#[tokio::test]
async fn every_kind_is_created_read_listed_replaced_and_deleted() {
    let server = Server::start().await;
    let key = &server.admin;
    for (kind, id, settings) in kinds() {
        let all = format!("/api/v1/{kind}");
        let one = format!("{all}/{id}");
        let body = json!({ "id": id, "settings": settings });
        let created = server.post(&all, key, body.clone()).await;
        assert_eq!(
            (created.status, created.etag()),
            (StatusCode::CREATED, "\"1\"".to_owned()),
            "{kind} {}",
            created.body
        );
        server.post(&all, key, body).await.problem(409, "already-exists");
        let read = server.get(&one, key).await.ok();
        let listed = server.get(&all, key).await.ok();
        assert!(listed["items"].as_array().expect("a list").contains(&read), "{kind}");
        server.put(&one, key, "\"9\"", settings.clone()).await.problem(412, "stale-revision");
        let replaced = server.put(&one, key, "\"1\"", settings).await;
        assert_eq!(replaced.etag(), "\"2\"", "{kind}");
        replaced.ok();
        server.put(&format!("{all}/absent"), key, "*", read["settings"].clone()).await.problem(404, "not-found");
    }
    for (kind, id, _) in kinds().into_iter().rev() {
        server.delete(&format!("/api/v1/{kind}/{id}"), key).await.ok();
        server.get(&format!("/api/v1/{kind}/{id}"), key).await.problem(404, "not-found");
    }
    let audit = server.get("/api/v1/audit", key).await.ok();
    let lines = audit["items"].as_array().expect("a list");
    let of = |action: &str, kind: &str, id: &str| json!({ "action": action, "kind": kind, "id": id });
    for change in [of("put", "touchpoint", "web"), of("delete", "touchpoint", "web"), of("put", "profile", "calm")] {
        assert!(lines.iter().any(|line| line["changes"].as_array().expect("changes").contains(&change)), "{change}");
    }
}

#[tokio::test]
async fn the_audit_trail_is_read_from_its_end_and_by_the_words_in_it() {
    let server = Server::start().await;
    for n in 0..3 {
        server.create("skills", &format!("skill-{n}"), json!({})).await;
    }
    let ids = async |query: &str| {
        let page = server.get(&format!("/api/v1/audit?{query}"), &server.admin).await.ok();
        let of = |line: &Value| line["changes"][0]["id"].as_str().expect("an id").to_owned();
        let lines = page["items"].as_array().expect("lines");
        assert!(lines.iter().all(|line| line["key"].is_string() && line["at"].is_string()), "{lines:?}");
        (lines.iter().map(of).collect::<Vec<_>>(), page["next"].as_str().map(str::to_owned))
    };
    let (page, next) = ids("order=newest&limit=2").await;
    assert_eq!(page, ["skill-2", "skill-1"]);
    let rest = next.expect("there is more").split_once('?').expect("a query").1.to_owned();
    assert_eq!(ids(&rest).await.0.first().map(String::as_str), Some("skill-0"));
    assert_eq!(ids("text=skill-1%20PUT").await, (vec!["skill-1".to_owned()], None));
}

#[tokio::test]
async fn lists_are_paged_by_cursor() {
    let server = Server::start().await;
    for n in 0..5 {
        server.create("skills", &format!("skill-{n}"), json!({})).await;
    }
    let mut seen = Vec::new();
    let mut next = Some("/api/v1/skills?limit=2".to_owned());
    while let Some(path) = next {
        let page = server.get(&path, &server.admin).await.ok();
        seen.extend(page["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["skill-0", "skill-1", "skill-2", "skill-3", "skill-4"]);
}

#[tokio::test]
async fn wap_01_a_touchpoint_is_activated_only_with_a_skill_and_a_live_flow() {
    let server = Server::start().await;
    let key = &server.admin;
    let settings = |skill: Value, flow: Value| json!({ "channel": "webchat", "default_skill": skill, "default_flow": flow, "active": true });
    let create =
        |settings: Value| server.post("/api/v1/touchpoints", key, json!({ "id": "web", "settings": settings }));
    let refused = create(settings(Value::Null, Value::Null)).await.problem(422, "default-skill-required");
    assert_eq!(refused["findings"].as_array().map(Vec::len), Some(2), "all that is missing is said at once");
    server.create("skills", "sales", json!({})).await;
    server.post("/api/v1/flows", key, greeting("hello")).await.expect(StatusCode::CREATED);
    create(settings("sales".into(), "hello".into())).await.problem(422, "flow-not-live");
    server.post("/api/v1/flows/hello/publish", key, json!({ "release": true })).await.expect(StatusCode::CREATED);
    create(settings("sales".into(), "hello".into())).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn fce_03_the_default_flag_moves_and_fce_04_is_never_lost() {
    let server = Server::start().await;
    let key = &server.admin;
    server.create("profiles", "busy", json!({ "contacts_max": 5, "default": true })).await;
    let old = server.get("/api/v1/profiles/default", key).await.ok();
    assert_eq!(old["settings"]["default"], false, "the flag moved in the same transaction");
    server.delete("/api/v1/profiles/busy", key).await.problem(422, "default-profile-required");
    let without = json!({ "contacts_max": 5 });
    server.put("/api/v1/profiles/busy", key, "*", without).await.problem(422, "default-profile-required");
    server.delete("/api/v1/profiles/default", key).await.ok();
}

#[tokio::test]
async fn settings_that_break_a_rule_are_refused_with_its_code() {
    let server = Server::start().await;
    for (kind, id, settings, status, code) in [
        ("skills", "a", json!({}), 422, "unexpected-body"),
        ("skills", "vente & devis", json!({}), 422, "unexpected-body"),
        ("skills", "l1", json!({ "escalates_to": "l1" }), 422, "escalation-cycle"),
        ("agents", "lea", json!({ "skills": { "nothing": 1 } }), 422, "unknown-skill"),
        ("agents", "lea", json!({ "skills": { "sales": 21 } }), 422, "unexpected-body"),
        ("agents", "lea", json!({ "profile": "nothing" }), 422, "unknown-profile"),
        ("profiles", "p", json!({ "contacts_max": 0 }), 422, "maximum-too-small"),
        ("questionnaires", "q", json!({ "questions": [] }), 422, "no-questions"),
        ("calendars", "c", json!({ "zone": "Europe/Nowhere" }), 422, "unknown-zone"),
        (
            "calendars",
            "c",
            json!({ "zone": "Europe/Paris", "weekly": { "monday": [{ "from": "9", "to": "18" }] } }),
            422,
            "unexpected-body",
        ),
        ("touchpoints", "t", json!({ "channel": "fax" }), 422, "unexpected-body"),
        ("dispositions", "d", json!({ "surprise": true }), 422, "unexpected-body"),
    ] {
        let body = json!({ "id": id, "settings": settings });
        server.post(&format!("/api/v1/{kind}"), &server.admin, body).await.problem(status, code);
    }
}

#[tokio::test]
async fn dyd_18_a_canned_answer_says_something_and_agents_may_read_it() {
    let server = Server::start().await;
    let refused = |settings: Value| {
        let body = json!({ "id": "hello", "settings": settings });
        server.post("/api/v1/canned-answers", &server.admin, body)
    };
    refused(json!({ "title": {}, "text": { "en": " " } })).await.problem(422, "no-words");
    refused(json!({ "title": {}, "text": { "fr": "a".repeat(4_001) } })).await.problem(422, "too-long");
    refused(json!({ "title": {}, "text": { "fr": "Oui" }, "skills": ["none"] }))
        .await
        .problem(422, "unknown-reference");
    server
        .create("canned-answers", "hello", json!({ "title": {}, "theme": "Greeting", "text": { "fr": "Bonjour" } }))
        .await;
    let agent = server
        .key_of("main", serde_json::from_value(json!({ "role": "agent", "agent": "lea" })).expect("a role"))
        .await;
    let listed = server.get("/api/v1/canned-answers", &agent).await.ok();
    assert_eq!(listed["items"][0]["settings"]["text"]["fr"], "Bonjour");
    server
        .post("/api/v1/canned-answers", &agent, json!({ "id": "x", "settings": {} }))
        .await
        .problem(403, "role-not-allowed");
}

#[tokio::test]
async fn contradictory_settings_are_refused_with_a_code_and_both_fields() {
    let server = Server::start().await;
    server.create("skills", "sales", json!({})).await;
    let silent = |conversation: Value| json!({ "channel": "webchat", "conversation": conversation });
    let paris = |rest: Value| {
        let mut calendar = json!({ "zone": "Europe/Paris" });
        calendar.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        calendar
    };
    for (kind, id, settings, code, fields) in [
        (
            "touchpoints",
            "t",
            silent(json!({ "visitor_timeout": "1m", "warning": "2m" })),
            "warning-after-timeout",
            ["/conversation/warning", "/conversation/visitor_timeout"],
        ),
        (
            "touchpoints",
            "t",
            silent(json!({ "visitor_timeout": "1m", "nudge": { "after": "1m", "text": { "en": "?" } } })),
            "sentence-after-timeout",
            ["/conversation/nudge/after", "/conversation/visitor_timeout"],
        ),
        (
            "calendars",
            "c",
            paris(json!({ "weekly": { "monday": [{ "from": "18:00", "to": "09:00" }] } })),
            "window-ends-before-it-begins",
            ["/weekly/monday/0/from", "/weekly/monday/0/to"],
        ),
        (
            "calendars",
            "c",
            paris(
                json!({ "weekly": { "monday": [{ "from": "09:00", "to": "12:00" }, { "from": "11:00", "to": "18:00" }] } }),
            ),
            "windows-overlap",
            ["/weekly/monday/0", "/weekly/monday/1"],
        ),
        (
            "calendars",
            "c",
            paris(
                json!({ "special": [{ "date": "2026-12-24", "windows": [] }, { "date": "2026-12-24", "windows": [] }] }),
            ),
            "specials-overlap",
            ["/special/0/date", "/special/1/date"],
        ),
        (
            "calendars",
            "c",
            paris(json!({ "closed": [{ "from": "2026-12-26", "to": "2026-12-24" }] })),
            "closure-ends-before-it-begins",
            ["/closed/0/from", "/closed/0/to"],
        ),
        (
            "skills",
            "s1",
            json!({ "line": { "closes_before": "10m" } }),
            "closing-without-hours",
            ["/line/closes_before", "/line/calendar"],
        ),
        (
            "skills",
            "s1",
            json!({ "preferred_agent": { "timeout": "500ms" } }),
            "preferred-timeout-out-of-range",
            ["/preferred_agent/timeout", "/preferred_agent/timeout"],
        ),
        ("calendars", "c", json!({ "zone": "Europe/Nowhere" }), "unknown-zone", ["/zone", "/zone"]),
        ("profiles", "p", json!({ "contacts_max": 0 }), "maximum-too-small", ["/contacts_max", "/contacts_max"]),
        (
            "profiles",
            "p",
            json!({ "units": { "voice": 9 }, "units_max": 4 }),
            "units-above-maximum",
            ["/units/voice", "/units_max"],
        ),
        (
            "agents",
            "lea",
            json!({ "limits": { "channel_max": { "voice": 0 } } }),
            "maximum-too-small",
            ["/limits/channel_max/voice", "/limits/channel_max/voice"],
        ),
    ] {
        let body = json!({ "id": id, "settings": settings });
        let problem = server.post(&format!("/api/v1/{kind}"), &server.admin, body).await.problem(422, code);
        let finding = problem["findings"][0].to_string();
        assert!(fields.iter().all(|field| finding.contains(field)), "{code}: {finding}");
    }
}

#[tokio::test]
async fn a_secret_is_taken_and_never_given_back() {
    let server = Server::start().await;
    let key = &server.admin;
    let body = json!({ "id": "crm", "settings": { "value": "Bearer 4f1c" } });
    assert_eq!(server.post("/api/v1/secrets", key, body).await.status, StatusCode::CREATED);
    for path in ["/api/v1/secrets", "/api/v1/secrets/crm", "/api/v1/audit"] {
        let shown = server.get(path, key).await.ok();
        assert!(!shown.to_string().contains("4f1c"), "{path} shows {shown}");
    }
    let replaced = server.put("/api/v1/secrets/crm", key, "\"1\"", json!({ "value": "Bearer 9a" })).await;
    assert_eq!(replaced.etag(), "\"2\"");
    for bad in ["", "two\nlines"] {
        server.put("/api/v1/secrets/crm", key, "\"2\"", json!({ "value": bad })).await.problem(422, "bad-secret");
    }
    server.delete("/api/v1/secrets/crm", key).await.ok();
}

#[tokio::test]
async fn a_table_is_kept_as_json_and_as_csv() {
    let server = Server::start().await;
    let key = &server.admin;
    server.create("tables", "branches", json!({ "title": { "fr": "Agences" }, "columns": ["code"] })).await;
    let put = |text: &'static str, etag: &'static str| {
        let request = server.request(reqwest::Method::PUT, "/api/v1/tables/branches/csv", key);
        crate::server::send(request.header("if-match", etag).header("content-type", "text/csv").body(text))
    };
    put("code;name\n01000;Bourg\n75001;Louvre\n", "\"1\"").await.ok();
    let read = server.get("/api/v1/tables/branches", key).await.ok();
    assert_eq!(read["settings"]["rows"][0], json!({ "code": "01000", "name": "Bourg" }));
    assert_eq!(read["settings"]["title"]["fr"], "Agences");
    put("code\n1\n", "\"1\"").await.problem(412, "stale-revision");
    put("code,code\n1,2\n", "\"2\"").await.problem(422, "repeated-id");
    let text =
        server.request(reqwest::Method::GET, "/api/v1/tables/branches/csv", key).send().await.expect("an answer");
    assert_eq!(text.text().await.expect("text"), "code,name\r\n01000,Bourg\r\n75001,Louvre\r\n");
}
