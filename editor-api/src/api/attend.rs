//! What surrounds every request: its name, the language of its problems, its count, its line in the log.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use crate::{door::Door, keys::random_hex, language::Language, problem};

/// Under this name a request is found again in the log; a caller may give his own.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names requests that come without a name: what is random is drawn once, then they are counted.
pub(crate) struct RequestNames {
    prefix: String,
    next: AtomicU64,
}

impl RequestNames {
    pub(crate) fn new() -> Self {
        // Without randomness names are still different within this process.
        Self { prefix: random_hex::<4>().unwrap_or_default(), next: AtomicU64::new(1) }
    }

    fn next(&self) -> HeaderValue {
        let name = format!("{}-{}", self.prefix, self.next.fetch_add(1, Ordering::Relaxed));
        HeaderValue::try_from(name).unwrap_or_else(|_| HeaderValue::from_static("unnamed"))
    }
}

/// Serves a request. Its line in the log has never a body, a query or a key; what went well is told at `debug` only.
pub(crate) async fn attend(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let name = request.headers().get(REQUEST_ID).cloned().unwrap_or_else(|| door.requests.next());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let language = Language::accepted(request.headers());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let shown = name.to_str().unwrap_or("unreadable");
    let mut response = problem::localise(response, uri.path(), language, shown);
    let (status, took) = (response.status(), started.elapsed());
    door.meter.count(route.as_ref().map_or("none", MatchedPath::as_str), method.as_str(), status.as_u16(), took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let (path, status) = (uri.path(), status.as_u16());
    match status {
        ..400 => tracing::debug!(%method, path, status, micros, request = shown, "request"),
        400.. => tracing::info!(%method, path, status, micros, request = shown, "request"),
    }
    response.headers_mut().insert(REQUEST_ID, name);
    response
}
