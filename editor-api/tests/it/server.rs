//! A server for one test, and the few words to talk with it.

use std::{net::SocketAddr, sync::Arc};

use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use routewright::{
    Door, api,
    demo::centre::{self, DemoKeys},
    keys::{NewKey, Role},
    tenant,
};
use routewright_engine::TenantId;
use routewright_runtime::{Options, Runtime, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A running server; it stops when the test drops it.
pub struct Server {
    pub at: SocketAddr,
    pub door: Arc<Door>,
    /// An administrator's key of the tenant `main`.
    pub admin: String,
    http: reqwest::Client,
    _dir: TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Server {
    pub async fn start() -> Self {
        let dir = TempDir::new().expect("a directory");
        let runtime = Runtime::open(options(&dir)).await.expect("the store opens");
        Self::on(runtime, dir).await
    }

    /// A server on a runtime that was opened in another way.
    pub async fn on(runtime: Runtime, dir: TempDir) -> Self {
        let door = Arc::new(Door::new(runtime, Arc::new(SystemClock)).await.expect("the door opens"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let service = api::service(Arc::clone(&door));
        tokio::spawn(async move { axum::serve(listener, service).await });
        let main = tenant::MAIN.parse().expect("a name");
        tenant::ensure(&door.runtime, &main).await.expect("the tenant is made");
        let mut server = Self { at, door, admin: String::new(), http: reqwest::Client::new(), _dir: dir };
        server.admin = server.key_of(tenant::MAIN, Role::Administrator).await;
        server
    }

    /// Stops the shard, and gives back the directory for another start.
    pub async fn stopped(self) -> TempDir {
        self.door.runtime.clone().close().await;
        self._dir
    }

    /// A server with the demonstration's centre, and its keys.
    pub async fn with_demo() -> (Self, DemoKeys) {
        let server = Self::start().await;
        let keys = centre::set_up(&server.door).await.expect("the centre is set up");
        (server, keys)
    }

    /// A key made behind the door, for tenants that have none yet.
    pub async fn key_of(&self, tenant: &str, role: Role) -> String {
        let tenant: TenantId = tenant.parse().expect("a name");
        tenant::ensure(&self.door.runtime, &tenant).await.expect("the tenant is made");
        let key = NewKey::make(role, "test").expect("randomness");
        let changes = vec![key.change()];
        self.door.runtime.write(tenant.clone(), "test".to_owned(), changes).await.expect("the key is kept");
        self.door.keyring.add(key.prefix, tenant, key.stored);
        key.secret.reveal().to_owned()
    }

    pub fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.at)).bearer_auth(key)
    }

    pub async fn get(&self, path: &str, key: &str) -> Answer {
        send(self.request(Method::GET, path, key)).await
    }

    pub async fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path, key).json(&body)).await
    }

    pub async fn put(&self, path: &str, key: &str, if_match: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path, key).header("if-match", if_match).json(&body)).await
    }

    pub async fn delete(&self, path: &str, key: &str) -> Answer {
        send(self.request(Method::DELETE, path, key).header("if-match", "*")).await
    }

    /// Creates something of the catalogue as the administrator of `main`.
    pub async fn create(&self, kind: &str, id: &str, settings: Value) {
        let body = json!({ "id": id, "settings": settings });
        self.post(&format!("/api/v1/{kind}"), &self.admin, body).await.expect(StatusCode::CREATED);
    }

    /// Publishes a flow as the administrator of `main`, and makes it live.
    pub async fn publish(&self, document: Value) {
        let id = document["id"].as_str().expect("an id").to_owned();
        self.post("/api/v1/flows", &self.admin, document).await.expect(StatusCode::CREATED);
        let body = json!({ "message": "test", "release": true });
        self.post(&format!("/api/v1/flows/{id}/publish"), &self.admin, body).await.expect(StatusCode::CREATED);
    }

    /// Makes an active touchpoint `web` in `main` whose default flow is this one.
    pub async fn touchpoint_with(&self, document: Value) {
        let flow = document["id"].clone();
        self.create("skills", "general", json!({})).await;
        self.publish(document).await;
        let settings =
            json!({ "channel": "webchat", "default_skill": "general", "default_flow": flow, "active": true });
        self.create("touchpoints", "web", settings).await;
    }

    /// Agents of `main` who are there, with skill `general`, each with his key; some are supervisors.
    pub async fn people(&self, people: &[(&str, bool)]) -> Vec<String> {
        let mut keys = Vec::new();
        for (agent, supervisor) in people {
            self.create("agents", agent, json!({ "skills": { "general": 1 }, "supervisor": supervisor })).await;
            let role = serde_json::from_value(json!({ "role": "agent", "agent": agent })).expect("a role");
            let key = self.key_of(tenant::MAIN, role).await;
            self.put(&format!("/api/v1/agents/{agent}/presence"), &key, "*", json!({ "status": "available" }))
                .await
                .ok();
            keys.push(key);
        }
        keys
    }

    /// A contact of `main` writes to `web`.
    pub async fn write(&self, from: &str, event: &str, text: &str) -> Answer {
        let body = json!({ "from": from, "event_id": event, "text": text });
        self.post("/api/v1/touchpoints/web/messages", &self.admin, body).await
    }
}

/// How a runtime is opened in a directory.
pub fn options(dir: &TempDir) -> Options {
    Options::new(dir.path(), Arc::new(routewright_nodes::standard()))
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

impl Answer {
    /// The body, once the status is what it must be.
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        self.expect(StatusCode::OK)
    }

    /// Holds the answer to a problem with this status and code, with everything that a problem must say.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        for member in ["type", "title", "detail", "hint", "instance"] {
            let text = self.body[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "a problem has a {member}: {}", self.body);
        }
        self.body
    }

    pub fn etag(&self) -> String {
        self.headers["etag"].to_str().expect("text").to_owned()
    }
}

/// A flow that says something and ends.
pub fn greeting(id: &str) -> Value {
    json!({
        "schema": 1, "id": id, "channels": ["webchat"], "entry": "hello",
        "nodes": {
            "hello": { "kind": "send_message", "config": { "text": { "en": "Hello", "fr": "Bonjour" } }, "exits": { "done": "end" } },
            "end": { "kind": "close", "config": { "disposition": "done" } },
        },
    })
}

/// A flow that waits for an agent of a skill.
pub fn queueing(id: &str, skill: &str) -> Value {
    json!({
        "schema": 1, "id": id, "channels": ["webchat"], "entry": "need",
        "nodes": {
            "need": { "kind": "require_skills", "config": { "skills": { skill: 20 } }, "exits": { "done": "queue" } },
            "queue": { "kind": "enqueue", "config": {}, "exits": { "ended": "end", "timeout": "end" } },
            "end": { "kind": "close", "config": { "disposition": "done" } },
        },
    })
}
