//! A remote node type, with the server that decides for it: the reference for those who write one.
//!
//! The server does the four things that every one must: it checks the signature, refuses what is too old, answers a
//! repeated request as the first time, and names an exit.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use routewright_engine::fact::Fact;
use routewright_outside::signature;
use routewright_runtime::{Change, DocumentKind, Expect};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::flow::{acme, ends, open, writes};

const SECRET: &str = "a shared secret";

/// The server of the type `acme_credit`.
#[derive(Debug, Clone)]
struct CreditServer {
    /// Where it is asked: part of what is signed.
    address: Arc<str>,
    /// First answers, by idempotency key.
    answered: Arc<Mutex<BTreeMap<String, Value>>>,
    /// Requests so far, repeated ones included.
    requests: Arc<Mutex<u32>>,
}

impl CreditServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at: SocketAddr = listener.local_addr().expect("it listens");
        let server =
            Self { address: format!("http://{at}/credit").into(), answered: Arc::default(), requests: Arc::default() };
        let router = Router::new().route("/credit", post(decide)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }
}

async fn decide(State(server): State<CreditServer>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    let timestamp_s = header(signature::TIMESTAMP).parse().unwrap_or(0);
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let signed = header(signature::SIGNATURE);
    if !signature::verify(SECRET, signed, timestamp_s, now_s, "POST", &server.address, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let n_requests = {
        let mut requests = server.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests += 1;
        *requests
    };
    let mut answered = server.answered.lock().unwrap_or_else(PoisonError::into_inner);
    let key = header("idempotency-key").to_owned();
    let answer = answered.entry(key).or_insert_with(|| {
        let asked: Value = serde_json::from_str(&body).unwrap_or_default();
        let amount = asked["config"]["amount"].as_f64().unwrap_or_default();
        let exit = if amount <= 100.0 { "granted" } else { "refused" };
        json!({ "exit": exit, "set": { "decided_on": asked["message"]["text"] }, "say": format!("{exit}: {amount}") })
    });
    // The first time it does its work and the answer is lost on the way: the caller asks again, under the same key.
    if n_requests == 1 {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    answer.to_string().into_response()
}

fn manifest(address: &str) -> Value {
    let words = |text: &str| json!({ "en": text, "fr": text });
    json!({
        "kind": "acme_credit", "version": "1.0.0", "title": words("Credit"), "docs": words("Not judged here."),
        "category": "decide",
        "exits": [{ "name": "granted", "docs": words("Yes.") }, { "name": "refused", "docs": words("No.") }],
        "config": {
            "type": "object", "additionalProperties": false, "required": ["amount"],
            "properties": { "amount": { "type": "string", "x-slot": { "slot": "expression", "returns": "number" } } },
        },
        "examples": [],
        "run": { "remote": { "url": address, "sign_with": "credit", "timeout": "5s", "retries": 3 } },
    })
}

#[tokio::test]
async fn another_system_decides_once_however_often_it_is_asked() {
    let server = CreditServer::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let runtime = open(directory.path(), true).await;
    let flow = json!({
        "schema": 1, "id": "ask", "entry": "credit", "attributes": { "decided_on": { "type": "string" } },
        "nodes": { "credit": {
            "kind": "acme_credit", "config": { "amount": "40 + 2" },
            "exits": { "granted": { "end": "granted" }, "refused": { "end": "refused" }, "failed": { "end": "failed" } },
        } },
    });
    let put = |kind, id: &str, body: Value| Change::Put { kind, id: id.to_owned(), expect: Expect::Any, body };
    let touchpoint = json!({ "channel": "webchat", "default_skill": "sales", "default_flow": "ask", "locale": "en", "active": true });
    let changes = vec![
        put(DocumentKind::Tenant, "acme", json!({})),
        put(DocumentKind::Skill, "sales", json!({})),
        put(DocumentKind::Profile, "usual", json!({ "default": true })),
        put(DocumentKind::Secret, "credit", json!({ "value": SECRET })),
        put(DocumentKind::FlowVersion, "ask@1", json!({ "document": flow, "node_types": [manifest(&server.address)] })),
        put(DocumentKind::Release, "ask", json!({ "live": 1 })),
        put(DocumentKind::Touchpoint, "web", touchpoint),
    ];
    runtime.write(acme(), "test".to_owned(), changes).await.expect("the settings are sound");
    let id = writes(&runtime).await;
    assert_eq!(ends(&runtime, id).await, "granted");
    assert_eq!(*server.requests.lock().unwrap_or_else(PoisonError::into_inner), 2);
    assert_eq!(server.answered.lock().unwrap_or_else(PoisonError::into_inner).len(), 1, "it decided once");
    let facts = runtime.timeline(acme(), id).await.expect("it can be read");
    let said =
        |text: &str| facts.iter().any(|record| matches!(&record.fact, Fact::MessageSent { said } if said.text == text));
    assert!(said("granted: 42"), "{facts:?}");
    let set = facts.iter().any(|record| matches!(&record.fact, Fact::AttributeSet { value, .. } if *value == "hello"));
    assert!(set, "{facts:?}");
    runtime.close().await;
}
