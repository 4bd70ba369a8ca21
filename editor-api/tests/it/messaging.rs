//! Numbers at a provider, templates, roles, routing queues and what agents begin, over a real socket.

use reqwest::StatusCode;
use routewright::tenant;
use serde_json::{Value, json};

use crate::server::{Server, queueing};

fn account() -> Value {
    json!({
        "name": "Maison Durand", "manager_id": "1029384756", "approved": true, "description": "Linge de maison",
        "logo": { "url": "https://durand.example/logo.png", "format": "png", "bytes": 48_211, "width": 640, "height": 640 },
        "zone": "Europe/Paris", "site": "https://durand.example", "address": "1 rue du Lin, Lille", "mail": "bonjour@durand.example",
    })
}

/// A touchpoint with a number, some members of it replaced; `null` takes one away.
fn numbered(number: Value) -> Value {
    let mut provider = json!({
        "account": "durand", "number": "+33320000001", "display_name": "Maison Durand",
        "code_by": "voice", "code": "204816", "standing": "approved",
    });
    for (name, value) in number.as_object().expect("members") {
        provider[name] = value.clone();
        if value.is_null() {
            provider.as_object_mut().expect("members").remove(name);
        }
    }
    json!({ "channel": "whatsapp", "default_skill": "general", "provider": provider })
}

async fn refused(server: &Server, kind: &str, id: &str, settings: Value, code: &str) -> String {
    let body = json!({ "id": id, "settings": settings });
    let problem = server.post(&format!("/api/v1/{kind}"), &server.admin, body).await.problem(422, code);
    let finding = problem["findings"].as_array().into_iter().flatten().find(|finding| finding["code"] == code);
    finding.map(|finding| finding.to_string()).unwrap_or_default()
}

async fn agent_key(server: &Server, agent: &str) -> String {
    let role = serde_json::from_value(json!({ "role": "agent", "agent": agent })).expect("a role");
    server.key_of(tenant::MAIN, role).await
}

#[tokio::test]
async fn wap_09_a_business_account_is_kept_as_the_provider_asks_for_it() {
    let server = Server::start().await;
    let with = |field: &str, value: Value| {
        let mut settings = account();
        *settings.pointer_mut(field).expect("the account has it") = value;
        settings
    };
    for (field, value, code, other) in [
        ("/name", json!(" "), "text-required", "/name"),
        ("/manager_id", json!(""), "text-required", "/manager_id"),
        ("/zone", json!("Europe/Nowhere"), "unknown-zone", "/zone"),
        ("/logo/bytes", json!(5 * 1024 * 1024 + 1), "logo-too-large", "/logo/bytes"),
        ("/logo/height", json!(480), "logo-not-square", "/logo/width"),
        ("/logo/url", json!("http://durand.example/logo.png"), "address-not-public", "/logo/url"),
        ("/site", json!("durand"), "address-not-public", "/site"),
        ("/mail", json!("bonjour"), "alert-address", "/mail"),
        ("/logo/format", json!("gif"), "unexpected-body", ""),
    ] {
        let finding = refused(&server, "accounts", "durand", with(field, value), code).await;
        assert!(finding.contains(other), "{field}: {finding}");
    }
    server.create("accounts", "durand", with("/logo/bytes", json!(5 * 1024 * 1024))).await;
    let kept = server.get("/api/v1/accounts/durand", &server.admin).await.ok();
    assert_eq!(kept["settings"]["logo"]["format"], "png");
    assert_eq!(kept["settings"]["manager_id"], "1029384756");
}

#[tokio::test]
async fn wap_09_wap_10_wap_11_wap_12_each_channel_has_a_number_of_its_own_that_is_verified() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("accounts", "durand", account()).await;
    for (number, code, fields) in [
        (json!({ "number": "0320000001" }), "number-not-international", ["/provider/number"; 2]),
        (json!({ "number": "+33 320" }), "number-not-international", ["/provider/number"; 2]),
        (json!({ "code": "12345" }), "code-not-six-digits", ["/provider/code"; 2]),
        (json!({ "code": null }), "approved-without-code", ["/provider/standing", "/provider/code"]),
        (json!({ "account": "nobody" }), "unknown-account", ["/provider/account"; 2]),
        (json!({ "standing": "flagged" }), "flagged-without-limit", ["/provider/standing", "/provider/begun_per_day"]),
        (json!({ "display_name": "" }), "title-follows-provider", ["/title", "/provider/display_name"]),
    ] {
        let finding = refused(&server, "touchpoints", "wa", numbered(number), code).await;
        assert!(fields.iter().all(|field| finding.contains(field)), "{code}: {finding}");
    }
    // Approval may take hours: until then the touchpoint is kept, and takes nobody.
    let pending = |active: bool| {
        let mut settings = numbered(json!({ "standing": "pending", "code": null }));
        (settings["active"], settings["default_flow"]) = (json!(active), json!("queue"));
        settings
    };
    let finding = refused(&server, "touchpoints", "wa", pending(true), "number-not-approved").await;
    assert!(finding.contains("/active") && finding.contains("/provider/standing"), "{finding}");
    server.create("touchpoints", "wa", pending(false)).await;
    let mut approved = numbered(json!({}));
    (approved["active"], approved["default_flow"]) = (json!(true), json!("queue"));
    server.put("/api/v1/touchpoints/wa", &server.admin, "*", approved.clone()).await.ok();

    // As many channels as needed, each with a number of its own.
    let finding = refused(&server, "touchpoints", "wa-2", numbered(json!({})), "number-in-use").await;
    assert!(finding.contains("'wa'"), "{finding}");
    let second = json!({ "number": "+33320000002", "display_name": "Durand Lyon" });
    server.create("touchpoints", "wa-2", numbered(second)).await;

    // Its name is the provider's, and follows it.
    let title = async |id: &str| {
        let read = server.get(&format!("/api/v1/touchpoints/{id}"), &server.admin).await.ok();
        read["settings"]["title"]["fr"].clone()
    };
    assert_eq!((title("wa").await, title("wa-2").await), (json!("Maison Durand"), json!("Durand Lyon")));
    approved["provider"]["display_name"] = json!("Durand & fils");
    server.put("/api/v1/touchpoints/wa", &server.admin, "*", approved.clone()).await.ok();
    assert_eq!(title("wa").await, json!("Durand & fils"));
    approved["title"] = json!({ "fr": "Autre nom" });
    server.put("/api/v1/touchpoints/wa", &server.admin, "*", approved).await.problem(422, "title-follows-provider");
    server.delete("/api/v1/accounts/durand", &server.admin).await.problem(409, "in-use");
}

#[tokio::test]
async fn wap_13_a_channel_keeps_its_templates() {
    let server = Server::start().await;
    server.create("skills", "general", json!({})).await;
    let with = |channel: &str, templates: Value| json!({ "channel": channel, "templates": templates });
    let hello = json!({ "languages": ["fr", "en_US"], "parameters": 2, "media": "image", "approved": true });
    for (channel, templates, code, field) in [
        ("webchat", json!({ "hello": hello }), "channel-without-templates", "/channel"),
        ("whatsapp", json!({ "Hello!": hello }), "bad-template", "/templates/Hello!"),
        ("whatsapp", json!({ "hello": { "languages": [] } }), "bad-template", "/templates/hello"),
    ] {
        let finding = refused(&server, "touchpoints", "wa", with(channel, templates), code).await;
        assert!(finding.contains(field), "{finding}");
    }
    server.create("touchpoints", "wa", with("whatsapp", json!({ "hello": hello }))).await;
    let kept = server.get("/api/v1/touchpoints/wa", &server.admin).await.ok();
    assert_eq!(kept["settings"]["templates"]["hello"], hello);
}

#[tokio::test]
async fn wap_15_a_page_of_another_system_is_served_with_the_agent_in_its_address() {
    let server = Server::start().await;
    let page =
        json!({ "title": "Modèles", "url": "https://crm.example/templates?user={user}", "channels": ["whatsapp"] });
    server.create("profiles", "rich", json!({ "desk": { "components": [page] } })).await;
    server.create("agents", "lea", json!({ "profile": "rich" })).await;
    let own = server.get("/api/v1/agents/lea/profile", &agent_key(&server, "lea").await).await.ok();
    assert_eq!(
        own["desk"]["components"][0],
        json!({ "title": "Modèles", "url": "https://crm.example/templates?user=lea", "height": 200, "channels": ["whatsapp"] })
    );
    let twice = json!({ "desk": { "components": [page, page] } });
    let finding = refused(&server, "profiles", "twice", twice, "repeated-id").await;
    assert!(finding.contains("/desk/components/1/title"), "the older one goes first: {finding}");
}

#[tokio::test]
async fn wap_16_a_digital_user_has_one_role_and_a_channel_is_added_to_each_that_uses_it() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    for (settings, code, field) in [
        (json!({ "touchpoints": { "fax": {} } }), "unknown-touchpoint", "/touchpoints/fax"),
        (json!({ "skills": ["magic"] }), "unknown-skill", "/skills"),
        (
            json!({ "touchpoints": { "web": { "reply": false, "start": true } } }),
            "permission-without-use",
            "/touchpoints/web/start",
        ),
        (
            json!({ "touchpoints": { "web": { "text": false, "images": false, "files": false } } }),
            "permission-without-use",
            "/touchpoints/web/text",
        ),
    ] {
        let finding = refused(&server, "roles", "digital", settings, code).await;
        assert!(finding.contains(field), "{finding}");
    }
    server.create("roles", "digital", json!({ "touchpoints": { "web": {} }, "skills": ["general"] })).await;
    server.create("roles", "elsewhere", json!({})).await;
    let able = |role: Value| json!({ "skills": { "general": 1 }, "role": role });
    refused(&server, "agents", "lea", able(json!(["digital", "elsewhere"])), "unexpected-body").await;
    refused(&server, "agents", "lea", able(json!("none-such")), "unknown-role").await;
    server.create("agents", "lea", able(json!("elsewhere"))).await;
    let lea = agent_key(&server, "lea").await;
    server.put("/api/v1/agents/lea/presence", &lea, "*", json!({ "status": "available" })).await.ok();
    let heard = server.write("visitor", "1", "hello").await.ok();
    let why = format!("/api/v1/interactions/{}/why/lea", heard["interaction"].as_str().expect("an id"));
    let why = server.get(&why, &server.admin).await.ok();
    assert!(why.to_string().contains("\"role\""), "her role does not have the channel: {why}");
    server.put("/api/v1/agents/lea", &server.admin, "*", able(json!("digital"))).await.ok();
    let desk = server.get("/api/v1/agents/lea/desk", &lea).await.ok();
    assert_eq!(desk["offers"].as_array().map(Vec::len), Some(1), "the other one has it");
    server.delete("/api/v1/roles/digital", &server.admin).await.problem(409, "in-use");
    server.delete("/api/v1/touchpoints/web", &server.admin).await.problem(409, "in-use");
}

#[tokio::test]
async fn wap_19_a_filter_has_conditions_and_names_what_exists() {
    let server = Server::start().await;
    server.create("skills", "general", json!({})).await;
    for (filter, skill, code, field) in [
        (json!({}), "general", "filter-without-condition", "/filter"),
        (json!({ "touchpoints": ["nowhere"] }), "general", "unknown-touchpoint", "/filter/touchpoints"),
        (json!({ "channels": ["sms"] }), "magic", "unknown-skill", "/skill"),
    ] {
        let finding =
            refused(&server, "routing-queues", "texts", json!({ "filter": filter, "skill": skill }), code).await;
        assert!(finding.contains(field), "{finding}");
    }
    let filter = json!({ "channels": ["sms"], "locales": ["fr"] });
    server.create("routing-queues", "texts", json!({ "filter": filter, "skill": "general" })).await;
    let kept = server.get("/api/v1/routing-queues/texts", &server.admin).await.ok();
    assert_eq!(kept["settings"]["filter"], filter, "saved at once");
    server.delete("/api/v1/skills/general", &server.admin).await.problem(409, "in-use");
}

#[tokio::test]
async fn wap_21_a_digital_skill_has_a_campaign_and_fields_of_its_direction() {
    let server = Server::start().await;
    server.create("skills", "general", json!({})).await;
    let digital = |more: Value| {
        let mut digital = json!({ "campaign": "spring" });
        for (name, value) in more.as_object().expect("members") {
            digital[name] = value.clone();
        }
        json!({ "digital": digital })
    };
    let level = json!({ "within": "20s", "percent": 80 });
    let mut measured = digital(json!({ "direction": "outbound" }));
    measured["service_level"] = level;
    refused(&server, "skills", "news", json!({ "digital": {} }), "unexpected-body").await;
    for (settings, code, fields) in [
        (digital(json!({ "campaign": " " })), "text-required", ["/digital/campaign"; 2]),
        (
            digital(json!({ "template": "hello" })),
            "template-of-inbound-skill",
            ["/digital/template", "/digital/direction"],
        ),
        (measured, "service-level-of-outbound-skill", ["/service_level", "/digital/direction"]),
        (digital(json!({ "part_of": "general" })), "part-without-queue", ["/digital/part_of"; 2]),
        (digital(json!({ "part_of": "magic" })), "unknown-skill", ["/digital/part_of"; 2]),
    ] {
        let finding = refused(&server, "skills", "news", settings, code).await;
        assert!(fields.iter().all(|field| finding.contains(field)), "{code}: {finding}");
    }
    server.create("skills", "news", digital(json!({ "direction": "outbound", "template": "hello" }))).await;
    let queue = json!({ "filter": { "channels": ["whatsapp"] }, "skill": "news" });
    server.create("routing-queues", "news", queue).await;
    let part = digital(json!({ "direction": "outbound", "part_of": "general" }));
    server.put("/api/v1/skills/news", &server.admin, "*", part).await.ok();
    let kept = server.get("/api/v1/skills/news", &server.admin).await.ok();
    assert_eq!(kept["settings"]["digital"]["part_of"], "general", "a routing queue leads to it");
}

#[tokio::test]
async fn wap_22_the_desk_of_whoever_takes_the_contact_opens_what_the_script_says() {
    let server = Server::start().await;
    let mut flow = queueing("queue", "general");
    flow["nodes"]["queue"]["config"] =
        json!({ "screen_pop": "https://crm.example/contacts?number=${contact.address}" });
    server.touchpoint_with(flow).await;
    let keys = server.people(&[("lea", false)]).await;
    let heard = server.write("visitor-7", "1", "hello").await.ok();
    let id = heard["interaction"].as_str().expect("an id").to_owned();
    let desk = server.get("/api/v1/agents/lea/desk", &keys[0]).await.ok();
    let offer = desk["offers"][0]["offer"].as_str().expect("an offer").to_owned();
    server.post(&format!("/api/v1/offers/{offer}/accept"), &keys[0], json!({})).await.ok();
    let address = "https://crm.example/contacts?number=visitor-7";
    let shown = server.get(&format!("/api/v1/interactions/{id}"), &keys[0]).await.ok();
    assert_eq!(shown["screen_pop"], address);
    let timeline = server.get(&format!("/api/v1/interactions/{id}/timeline"), &server.admin).await.ok();
    let popped = timeline["items"].as_array().expect("facts").iter().find(|fact| fact["fact"] == "screen_popped");
    let popped = popped.expect("it is on record");
    assert_eq!((&popped["agent"], &popped["address"]), (&json!("lea"), &json!(address)));
}

#[tokio::test]
async fn max_10_wap_07_a_conversation_is_begun_over_http() {
    let server = Server::start().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    let keys = server.people(&[("lea", false), ("hugo", false)]).await;
    let path = "/api/v1/agents/lea/conversations";
    let to = |more: Value| {
        let mut all = json!({ "touchpoint": "web", "address": "visitor", "text": "Bonjour" });
        for (name, value) in more.as_object().expect("members") {
            all[name] = value.clone();
        }
        all
    };
    server.post(path, &keys[1], to(json!({}))).await.problem(403, "role-not-allowed");
    server.post(path, &keys[0], to(json!({}))).await.problem(409, "no-consent");
    server
        .post(path, &keys[0], to(json!({ "opted_in": "form", "touchpoint": "gone" })))
        .await
        .problem(404, "unknown-touchpoint");
    let begun =
        server.post(path, &keys[0], to(json!({ "opted_in": "newsletter form" }))).await.expect(StatusCode::CREATED);
    let id = begun["interaction"].as_str().expect("an id").to_owned();
    let shown = server.get(&format!("/api/v1/interactions/{id}"), &keys[0]).await.ok();
    assert_eq!((&shown["state"], &shown["begun_by"]), (&json!("active"), &json!("lea")));
    let again = server.post(path, &keys[0], to(json!({ "opted_in": "newsletter form" }))).await;
    again.problem(409, "in-conversation");
    let outbox = server.get("/api/v1/touchpoints/web/outbox", &server.admin).await.ok();
    assert_eq!(
        (&outbox["items"][0]["to"], &outbox["items"][0]["said"]["text"]),
        (&json!("visitor"), &json!("Bonjour"))
    );
}

#[tokio::test]
async fn pbx_10_messages_outside_the_hours_are_answered_once_for_each_closed_time_and_contact() {
    let server = Server::start().await;
    server.create("skills", "general", json!({})).await;
    server.create("calendars", "never", json!({ "zone": "Europe/Paris" })).await;
    server
        .publish(json!({
            "schema": 1, "id": "night", "channels": ["sms", "webchat"], "entry": "hours",
            "nodes": {
                "hours": { "kind": "business_hours", "config": { "calendar": "@touchpoint", "once": true },
                    "exits": { "open": { "end": "open" }, "closed": "which", "holiday": "which", "told": { "end": "told" } } },
                "which": { "kind": "switch", "config": { "value": "interaction.channel", "cases": [
                    { "when": { "equals": "webchat" }, "exit": "chat" } ] },
                    "exits": { "chat": "chat", "otherwise": "message" } },
                "chat": { "kind": "send_message", "config": { "text": { "fr": "Le chat est fermé." } }, "exits": { "done": { "end": "closed" } } },
                "message": { "kind": "send_message", "config": { "text": { "fr": "Nous vous lirons demain." } }, "exits": { "done": { "end": "closed" } } },
            },
        }))
        .await;
    for (id, channel) in [("texts", "sms"), ("chat", "webchat")] {
        let settings = json!({ "channel": channel, "default_skill": "general", "default_flow": "night", "calendar": "never", "active": true });
        server.create("touchpoints", id, settings).await;
    }
    let says = async |touchpoint: &str, from: &str, event: &str| -> Vec<String> {
        let body = json!({ "from": from, "event_id": event, "text": "Bonsoir" });
        let heard = server.post(&format!("/api/v1/touchpoints/{touchpoint}/messages"), &server.admin, body).await.ok();
        let said = heard["said"].as_array().expect("a list").iter();
        said.filter_map(|said| said["text"].as_str().map(str::to_owned)).collect()
    };
    let own = "Nous vous lirons demain.";
    assert_eq!(says("texts", "ann", "1").await, [own]);
    assert_eq!(says("texts", "ann", "2").await, [""; 0], "not for each message: this is another conversation");
    assert_eq!(says("texts", "bob", "3").await, [own], "for each contact");
    assert_eq!(says("chat", "ann", "4").await, ["Le chat est fermé."], "the chat has a text of its own");
    // Where it is open, nothing is said of hours.
    server.put("/api/v1/touchpoints/texts", &server.admin, "*", json!({ "channel": "sms", "default_skill": "general", "default_flow": "night", "calendar": "@always", "active": true })).await.ok();
    assert_eq!(says("texts", "ann", "5").await, [""; 0], "open");
}

#[tokio::test]
async fn pbx_01_what_holds_is_read_in_four_groups_with_the_place_where_it_is_written() {
    let server = Server::start().await;
    server.create("skills", "general", json!({})).await;
    server.create("secrets", "smtp", json!({ "value": "smtp://relay.example" })).await;
    server.create("calendars", "week", json!({ "zone": "Europe/Paris" })).await;
    server.create("defaults", "general", json!({ "calendar": "week", "bot_timeout": "1d" })).await;
    server.create("defaults", "webchat", json!({ "bot_timeout": "5m" })).await;
    let etag = server.get("/api/v1/profiles/default", &server.admin).await.etag();
    let units = json!({ "default": true, "units": { "webchat": 2, "email": 3 }, "units_max": 10 });
    server.put("/api/v1/profiles/default", &server.admin, &etag, units).await.ok();
    let conversation = json!({
        "first_response": { "after": "2m", "then": "paused" },
        "bans": { "words": ["free money"], "alert": { "server": "smtp", "from": "rw@durand.example", "to": "ops@durand.example" } },
    });
    let chat = json!({ "channel": "webchat", "conversation": conversation });
    server.create("touchpoints", "web", chat).await;
    server.create("touchpoints", "texts", json!({ "channel": "sms", "calendar": "@always" })).await;
    let read =
        async |id: &str| server.get(&format!("/api/v1/touchpoints/{id}/effective-settings"), &server.admin).await.ok();
    let web = read("web").await;
    assert_eq!(web["general"]["alert"], "ops@durand.example");
    assert_eq!(web["general"]["hours"], json!({ "value": "week", "from": "defaults/general" }));
    assert_eq!(web["first_response"], json!({ "after": "2m", "then": "paused" }));
    assert_eq!(web["bot_timeout"], json!({ "value": "5m", "from": "defaults/webchat" }));
    let units = &web["work_units"];
    assert_eq!((&units["profile"], &units["max"]), (&json!("default"), &json!(10)));
    let channels = &units["channels"];
    assert_eq!([&channels["webchat"], &channels["email"], &channels["sms"]], [&json!(2), &json!(3), &json!(1)]);
    let texts = read("texts").await;
    assert_eq!(texts["general"]["hours"], json!({ "value": "@always", "from": "touchpoint" }));
    assert_eq!(
        texts["bot_timeout"],
        json!({ "value": "1d", "from": "defaults/general" }),
        "another channel, another time"
    );
    assert_eq!((&texts["first_response"], &texts["general"]["alert"]), (&Value::Null, &Value::Null));
    server.get("/api/v1/touchpoints/fax/effective-settings", &server.admin).await.problem(404, "unknown-touchpoint");
}
