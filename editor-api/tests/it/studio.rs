//! The Studio's pages and the sessions of those who use them.

use std::{fmt::Write as _, fs, path::Path};

use reqwest::{Client, Method, StatusCode, header};
use routewright::{keys::Role, tenant};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest};

use crate::server::{Answer, Server, send};

/// What `tools/stamp.mjs` takes for the sources of the build.
const SOURCES: [&str; 10] = [
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "src",
    "tools",
    "tsconfig.json",
    "vite.config.ts",
    "webchat-demo.html",
    "widget",
];

#[test]
fn the_built_pages_belong_to_their_sources() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut files = Vec::new();
    SOURCES.iter().for_each(|name| collect(&ui, &ui.join(name), &mut files));
    files.sort();
    let mut digest = Sha256::new();
    for name in &files {
        let content = fs::read(ui.join(name)).expect("a source can be read");
        digest.update(format!("{name}\n{}\n", content.len()));
        digest.update(content);
    }
    let digest = digest.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let build = fs::read_to_string(ui.join("dist/build.json")).expect("the build says what it was made of");
    let build: Value = serde_json::from_str(&build).expect("JSON");
    assert_eq!(build["sources"], digest, "ui/dist is older than its sources: run `cargo xtask ui` and commit ui/dist");
}

fn collect(root: &Path, path: &Path, files: &mut Vec<String>) {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a folder can be listed");
        entries.for_each(|entry| collect(root, &entry.expect("an entry").path(), files));
    } else if path.is_file() {
        let name = path.strip_prefix(root).expect("it is below").to_string_lossy().replace('\\', "/");
        if !name.ends_with(".test.ts") && !name.ends_with(".d.ts") {
            files.push(name);
        }
    }
}

/// What a page that embeds the webchat loads of us at most.
const WIDGET_BYTES_MAX: u64 = 30_000;

#[test]
fn the_widget_is_small() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/dist/webchat.js.gz");
    let bytes = fs::metadata(path).expect("the widget is built").len();
    assert!(bytes < WIDGET_BYTES_MAX, "the widget has {bytes} bytes");
}

#[tokio::test]
async fn every_path_of_a_person_shows_the_studio_under_a_strict_policy() {
    let server = Server::start().await;
    for (path, accept) in [("/", "text/html"), ("/", "*/*"), ("/flows/accueil", "text/html"), ("/desk", "text/html")] {
        let answer = page(&server, path, accept).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let policy = answer.headers["content-security-policy"].to_str().expect("text");
        for directive in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.body.as_str().is_some_and(|html| html.contains("<div id=\"root\">")), "{}", answer.body);
    }
    // Neither the API nor a missing file turns into a page.
    page(&server, "/api/v1/nothing", "text/html").await.problem(404, "no-such-path");
    page(&server, "/assets/nothing.js", "text/html").await.problem(404, "no-such-path");
    page(&server, "/build.json", "*/*").await.problem(404, "no-such-path");
    let widget = page(&server, "/webchat.js", "*/*").await;
    assert_eq!(
        (widget.status, &widget.headers["access-control-allow-origin"]),
        (StatusCode::OK, &"*".parse().expect("a value"))
    );
}

#[tokio::test]
async fn a_key_becomes_a_session_that_no_other_site_can_use() {
    let server = Server::start().await;
    let own = format!("http://{}", server.at);
    let wrong = json!({ "key": "rw_000000000000_0" });
    cookie_less(&server, Method::POST, &own, Some(wrong)).await.problem(401, "no-valid-key");
    let key = json!({ "key": server.admin });
    cookie_less(&server, Method::POST, "http://elsewhere.example", Some(key.clone())).await.problem(403, "other-site");

    let answer = cookie_less(&server, Method::POST, &own, Some(key)).await;
    let set = answer.headers["set-cookie"].to_str().expect("text").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains(&server.admin), "the cookie is not the key");
    let session = answer.expect(StatusCode::CREATED);
    assert_eq!((&session["role"], &session["tenant"]), (&json!("administrator"), &json!(tenant::MAIN)));

    let cookie = set.split(';').next().expect("a pair").to_owned();
    let skill = json!({ "id": "sales", "settings": {} });
    with_cookie(&server, Method::GET, "/api/v1/session", &cookie, None, None).await.ok();
    with_cookie(&server, Method::GET, "/api/v1/skills", &cookie, None, None).await.ok();
    for origin in [None, Some("http://elsewhere.example")] {
        let refused = with_cookie(&server, Method::POST, "/api/v1/skills", &cookie, origin, Some(skill.clone())).await;
        refused.problem(403, "other-site");
    }
    let made = with_cookie(&server, Method::POST, "/api/v1/skills", &cookie, Some(&own), Some(skill)).await;
    made.expect(StatusCode::CREATED);

    with_cookie(&server, Method::DELETE, "/api/v1/session", &cookie, Some(&own), None).await.ok();
    with_cookie(&server, Method::GET, "/api/v1/session", &cookie, None, None).await.problem(401, "no-valid-key");
}

#[tokio::test]
async fn a_session_ends_with_its_key() {
    let server = Server::start().await;
    let cookie = signed_in(&server, &server.key_of(tenant::MAIN, Role::Author).await).await;
    let session = with_cookie(&server, Method::GET, "/api/v1/session", &cookie, None, None).await.ok();
    let key = session["key"].as_str().expect("a prefix").to_owned();
    server.delete(&format!("/api/v1/keys/{key}"), &server.admin).await.ok();
    with_cookie(&server, Method::GET, "/api/v1/session", &cookie, None, None).await.problem(401, "no-valid-key");
}

#[tokio::test]
async fn a_desk_opens_with_a_cookie_for_a_page_of_this_host_alone() {
    let server = Server::start().await;
    server.create("agents", "lea", json!({})).await;
    let agent = "lea".parse().expect("a name");
    let cookie = signed_in(&server, &server.key_of(tenant::MAIN, Role::Agent { agent }).await).await;
    let own = format!("http://{}", server.at);
    for (origin, expected) in [(Some(own.as_str()), 101), (Some("http://elsewhere.example"), 403), (None, 403)] {
        let mut request =
            format!("ws://{}/api/v1/agents/lea/socket", server.at).into_client_request().expect("a request");
        let headers = request.headers_mut();
        headers.insert("cookie", cookie.parse().expect("a value"));
        origin.map(|origin| headers.insert("origin", origin.parse().expect("a value")));
        let status = match tokio_tungstenite::connect_async(request).await {
            Ok((_, response)) => response.status().as_u16(),
            Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(status, expected, "{origin:?}");
    }
}

async fn page(server: &Server, path: &str, accept: &str) -> Answer {
    send(Client::new().get(format!("http://{}{path}", server.at)).header(header::ACCEPT, accept)).await
}

async fn cookie_less(server: &Server, method: Method, origin: &str, body: Option<Value>) -> Answer {
    let request = Client::new().request(method, format!("http://{}/api/v1/session", server.at));
    send(request.header(header::ORIGIN, origin).json(&body)).await
}

async fn with_cookie(
    server: &Server,
    method: Method,
    path: &str,
    cookie: &str,
    origin: Option<&str>,
    body: Option<Value>,
) -> Answer {
    let mut request =
        Client::new().request(method, format!("http://{}{path}", server.at)).header(header::COOKIE, cookie);
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    send(request).await
}

async fn signed_in(server: &Server, key: &str) -> String {
    let answer = cookie_less(server, Method::POST, &format!("http://{}", server.at), Some(json!({ "key": key }))).await;
    let set = answer.headers["set-cookie"].to_str().expect("text");
    set.split(';').next().expect("a pair").to_owned()
}
