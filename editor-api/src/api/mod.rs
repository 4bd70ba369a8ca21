//! The HTTP API, one file per resource. No routing decision is taken here: every change is a document write or an input
//! to the shard, every answer is what was committed.

mod agents;
mod auth;
mod catalogue;
mod change;
mod csv;
mod extract;
mod flows;
mod interactions;
mod keys;
mod node_types;
mod operation;
mod page;
mod rehearsals;
mod service;
mod session;
mod socket;
mod stream;
mod studio;
mod touchpoints;
mod usage;
mod versions;
mod views;
mod webchat;
mod why;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::HeaderValue,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
};

use crate::{
    door::Door,
    keys::random_hex,
    meter,
    problem::{self, Problem, REQUEST_ID},
};

/// Bytes of a body at most, where a path says nothing else.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Everything the door serves.
pub fn router(door: Arc<Door>) -> Router {
    let (routes, document) = described();
    let description = get(move || async move { axum::Json(document) });
    routes
        .route("/api/openapi.json", description)
        .fallback(studio::page)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(|_| Problem::internal("a handler panicked").into_response()))
        .layer(middleware::from_fn_with_state(Arc::clone(&door), meter::measure))
        .layer(middleware::from_fn(problem::localise))
        .layer(middleware::from_fn(log))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
        .with_state(door)
}

/// The OpenAPI 3.1 document of the door.
#[must_use]
pub fn openapi() -> Value {
    described().1
}

fn described() -> (Router<Arc<Door>>, Value) {
    // Layers reach the routes added before them, hence this order.
    let visits = webchat::routes(operation::Api::new()).open_to_every_site().bodies_up_to(webchat::BODY_BYTES_MAX);
    let flows = rehearsals::routes(versions::routes(flows::routes(visits))).bodies_up_to(flows::FLOW_BODY_BYTES_MAX);
    let settings = keys::routes(catalogue::routes(flows));
    let work = why::routes(interactions::routes(agents::routes(touchpoints::routes(settings))));
    session::routes(service::routes(work)).finish()
}

/// Names requests that come without a name.
#[derive(Clone, Copy)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = random_hex::<8>().ok()?;
        HeaderValue::try_from(id).ok().map(RequestId::new)
    }
}

/// One line per request: never a body, never a query, never a key.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(%method, path, status = response.status().as_u16(), micros, request = id, "request");
    response
}
