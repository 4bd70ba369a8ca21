//! HTTP calls, against a server that answers as it is told and remembers what it was asked.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use routewright_engine::{
    InteractionId, TenantId,
    call::{Call, CallAnswer, CallFailure, HttpCall, Method, Patience},
    effect::EffectId,
    id::SecretId,
};
use routewright_flows::HumanDuration;
use routewright_outside::{Options, Outside, Reach, signature};
use routewright_runtime::calls::{CallOrder, Caller};
use tokio::net::TcpListener;

/// What the server was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

#[derive(Debug, Clone, Default)]
pub struct Server {
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts on a free port of this machine.
    pub async fn start() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("it listens");
        let server = Self::default();
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (server, at)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("it fits");
    let text = |value: &header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let n_of_this_path = {
        let mut all = server.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(asked);
        all.iter().filter(|one| one.path == parts.uri.to_string()).count()
    };
    match parts.uri.path() {
        "/busy-twice" if n_of_this_path < 3 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        "/never" => std::future::pending().await,
        "/large" => "x".repeat(256 * 1024 + 1).into_response(),
        "/just-fits" => "x".repeat(256 * 1024).into_response(),
        "/moved" => (StatusCode::FOUND, [(header::LOCATION, "/ok")]).into_response(),
        "/missing" => (StatusCode::NOT_FOUND, "no such customer").into_response(),
        "/down" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => r#"{"tier":"gold"}"#.into_response(),
    }
}

fn call(method: Method, url: String) -> HttpCall {
    let [timeout, backoff] = [2_000, 10].map(HumanDuration::from_millis);
    HttpCall {
        method,
        url,
        headers: BTreeMap::new(),
        secret_headers: BTreeMap::new(),
        body: None,
        sign_with: None,
        patience: Patience { timeout, retries: 0, backoff },
    }
}

fn order(call: HttpCall) -> CallOrder {
    CallOrder {
        id: EffectId { interaction: InteractionId(7), turn: 3, index: 0 },
        tenant: TenantId::new("acme").expect("a tenant's id"),
        call: Call::Http(call),
        secrets: BTreeMap::from([(secret("crm"), "Bearer 4f1c".to_owned())]),
    }
}

pub fn secret(name: &str) -> SecretId {
    SecretId::new(name).expect("a secret's name")
}

fn everywhere() -> Outside {
    Outside::new(Options { reach: Reach::Everywhere }).expect("a way out")
}

fn why(answer: &CallAnswer) -> Option<CallFailure> {
    match answer {
        CallAnswer::Failed { why, .. } => Some(*why),
        CallAnswer::Replied { .. } | CallAnswer::Accepted {} => None,
    }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_written() {
    let (server, at) = Server::start().await;
    let mut post = call(Method::Post, format!("http://{at}/ok?q=%C3%A9"));
    post.headers.insert("content-type".into(), "application/json".into());
    post.secret_headers.insert("authorization".into(), secret("crm"));
    post.sign_with = Some(secret("crm"));
    post.body = Some(r#"{"a":1}"#.into());
    let answer = everywhere().call(order(post.clone())).await;
    assert_eq!(answer, CallAnswer::Replied { status: 200, body: r#"{"tier":"gold"}"#.into() });
    let asked = server.asked();
    let [one] = asked.as_slice() else { panic!("asked once, not {asked:?}") };
    assert_eq!((one.method.as_str(), one.path.as_str(), one.body.as_str()), ("POST", "/ok?q=%C3%A9", r#"{"a":1}"#));
    for (header, value) in
        [("content-type", "application/json"), ("authorization", "Bearer 4f1c"), ("idempotency-key", "i7.3.0")]
    {
        assert_eq!(one.headers.get(header).map(String::as_str), Some(value), "{header}");
    }
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let timestamp_s: u64 = one.headers[signature::TIMESTAMP].parse().expect("a number");
    let signed = &one.headers[signature::SIGNATURE];
    assert!(signature::verify("Bearer 4f1c", signed, timestamp_s, now_s, "POST", &post.url, &one.body));
    assert!(!signature::verify("Bearer 4f1c", signed, timestamp_s, now_s, "POST", &post.url, "{}"));
}

#[tokio::test]
async fn every_answer_is_taken_for_what_it_is() {
    let (server, at) = Server::start().await;
    let outside = everywhere();
    let get = async |path: &str| outside.call(order(call(Method::Get, format!("http://{at}{path}")))).await;
    assert_eq!(get("/missing").await, CallAnswer::Replied { status: 404, body: "no such customer".into() });
    assert_eq!(
        get("/moved").await,
        CallAnswer::Replied { status: 302, body: String::new() },
        "no redirect is followed"
    );
    assert_eq!(why(&get("/large").await), Some(CallFailure::TooLarge));
    assert!(matches!(get("/just-fits").await, CallAnswer::Replied { status: 200, body } if body.len() == 256 * 1024));
    assert_eq!(server.asked().len(), 4, "none of these is tried again");
}

#[tokio::test]
async fn attempts_are_repeated_under_one_key_and_bounded_in_time() {
    let (server, at) = Server::start().await;
    let patient = |path: &str, timeout_ms: u64, retries: u8| {
        let mut get = call(Method::Get, format!("http://{at}{path}"));
        get.patience = Patience { timeout: HumanDuration::from_millis(timeout_ms), retries, ..get.patience };
        order(get)
    };
    let outside = everywhere();
    let answer = outside.call(patient("/busy-twice", 2_000, 2)).await;
    assert!(matches!(answer, CallAnswer::Replied { status: 200, .. }), "{answer:?}");
    let keys: Vec<_> = server.asked().into_iter().map(|asked| asked.headers["idempotency-key"].clone()).collect();
    assert_eq!(keys, ["i7.3.0"; 3]);
    assert_eq!(why(&outside.call(patient("/never", 50, 1)).await), Some(CallFailure::Timeout));
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn a_host_in_trouble_is_left_alone() {
    let (server, at) = Server::start().await;
    let mut get = call(Method::Get, format!("http://{at}/down"));
    get.patience = Patience { retries: 9, ..get.patience };
    get.patience.backoff = HumanDuration::from_millis(1);
    let outside = everywhere();
    assert_eq!(why(&outside.call(order(get)).await), Some(CallFailure::CircuitOpen));
    assert_eq!(server.asked().len(), 5, "after five failures nothing more is sent");
    let other = outside.call(order(call(Method::Get, format!("http://{at}/ok")))).await;
    assert_eq!(why(&other), Some(CallFailure::CircuitOpen), "the circuit is the host's");
}

#[tokio::test]
async fn addresses_of_this_machine_are_out_of_reach() {
    let (server, at) = Server::start().await;
    let outside = Outside::new(Options::default()).expect("a way out");
    let port = at.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/".to_owned(),
    ] {
        let answer = outside.call(order(call(Method::Get, url.clone()))).await;
        assert_eq!(why(&answer), Some(CallFailure::Forbidden), "{url}: {answer:?}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_is_said() {
    let outside = everywhere();
    let mut bad_header = call(Method::Get, "http://127.0.0.1:9/".into());
    bad_header.headers.insert("x".into(), "two\nlines".into());
    let mut no_secret = call(Method::Get, "http://127.0.0.1:9/".into());
    no_secret.secret_headers.insert("authorization".into(), secret("gone"));
    // Nothing listens on the discard port.
    for (call, expected) in [
        (call(Method::Get, "ftp://a.example/".into()), CallFailure::Invalid),
        (bad_header, CallFailure::Invalid),
        (no_secret, CallFailure::UnknownSecret),
        (call(Method::Get, "http://127.0.0.1:9/".into()), CallFailure::Unreachable),
        (call(Method::Get, "http://no-such-host.invalid/".into()), CallFailure::Unreachable),
    ] {
        let answered = tokio::time::timeout(Duration::from_secs(10), outside.call(order(call.clone()))).await;
        let answer = answered.expect("it comes to an end");
        assert_eq!(why(&answer), Some(expected), "{} {answer:?}", call.url);
        assert!(!format!("{answer:?}").contains("4f1c"), "no secret is in {answer:?}");
    }
}
