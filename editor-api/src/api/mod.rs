//! The HTTP API, one file per resource. No routing decision is taken here: every change is a document write or an input
//! to the shard, every answer is what was committed.

mod agents;
mod attend;
mod auth;
mod canned_answers;
mod catalogue;
mod change;
mod csv;
mod effective;
mod extract;
mod flows;
mod handing;
mod imports;
mod interactions;
mod keys;
mod levels;
mod node_types;
mod occupancy;
mod operation;
mod page;
mod publishing_rule;
mod rehearsals;
pub(crate) mod releases;
mod service;
mod session;
mod socket;
mod sought;
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
    body::Bytes,
    extract::DefaultBodyLimit,
    http::header,
    middleware,
    response::IntoResponse,
    routing::{IntoMakeService, get},
};
use serde_json::Value;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use self::{attend::RequestNames, releases::end_rollout_as_guard, usage::every};
use crate::{door::Door, problem::Problem};

/// Bytes of a body at most, where a path says nothing else.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Everything the door serves, as `axum::serve` takes it. A bare router would be put together anew, all its routes with
/// it, for each connection.
pub fn service(door: Arc<Door>) -> IntoMakeService<Router> {
    let (routes, document) = described();
    let document = Bytes::from(document.to_string());
    let description = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) });
    // One layer of three, outermost first: each layer of a router is a box that every request has to have copied.
    let around = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(Arc::clone(&door), attend::attend))
        .layer(CatchPanicLayer::custom(|_| Problem::internal("a handler panicked").into_response()))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    routes
        .route("/api/openapi.json", description)
        .fallback(studio::page)
        .layer(around)
        .with_state(door)
        .into_make_service()
}

/// The OpenAPI 3.1 document of the door.
#[must_use]
pub fn openapi() -> Value {
    described().1
}

fn described() -> (Router<Arc<Door>>, Value) {
    // Layers reach the routes added before them, hence this order.
    let visits = webchat::routes(operation::Api::new()).open_to_every_site().bodies_up_to(webchat::BODY_BYTES_MAX);
    let drafts = publishing_rule::routes(rehearsals::routes(imports::routes(flows::routes(visits))));
    let flows = occupancy::routes(releases::routes(versions::routes(drafts))).bodies_up_to(flows::FLOW_BODY_BYTES_MAX);
    let settings = keys::routes(catalogue::routes(flows));
    let work = why::routes(interactions::routes(handing::routes(agents::routes(touchpoints::routes(settings)))));
    session::routes(service::routes(levels::routes(effective::routes(work)))).finish()
}
