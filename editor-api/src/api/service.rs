//! What operators and editors ask of the server itself: is it alive, is it ready, what does it count, which node types
//! does it know.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use routewright_flows::{Descriptor, schema::document_schema};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::HttpMethod::Get;

use super::{
    change::Reply,
    operation::{Api, Operation},
    page::Page,
};
use crate::{door::Door, keys::Principal, meter::OPENMETRICS, problem::Problem};

/// The routes of the server itself.
pub(crate) fn routes(api: Api) -> Api {
    let open = |id: &str, summary: &str| Operation::open(id, "service", summary);
    let kinds = Operation::new(
        "list_node_kinds",
        "flows",
        "The node types, with their schemas and pages: those of this build, and your own",
    );
    let schema = Operation::new("read_flow_schema", "flows", "The JSON Schema of flow documents");
    api.add(Get, "/healthz", open("health", "Alive").answers::<Health>(200, "The process answers"), health)
        .add(
            Get,
            "/readyz",
            open("readiness", "Ready for work").answers::<Health>(200, "The shard takes inputs"),
            readiness,
        )
        .add(
            Get,
            "/metrics",
            open("metrics", "Counters, as Prometheus reads them").answers_as::<String>(
                200,
                OPENMETRICS,
                "OpenMetrics text",
            ),
            metrics,
        )
        .add(Get, "/api/v1/node-kinds", kinds.answers::<Page<Value>>(200, "All node types"), node_kinds)
        .add(Get, "/api/v1/schema", schema.answers::<Value>(200, "JSON Schema 2020-12"), flow_schema)
}

/// How the server is.
#[derive(Debug, Serialize, JsonSchema)]
struct Health {
    /// `ok`.
    status: String,
    /// The build's version.
    version: String,
    /// The last group committed.
    group: u64,
}

async fn health(State(door): State<Arc<Door>>) -> Reply {
    Reply::done(now(&door))
}

async fn readiness(State(door): State<Arc<Door>>) -> Result<Reply, Problem> {
    if door.runtime.stats().stopped { Err(Problem::stopping()) } else { Ok(Reply::done(now(&door))) }
}

async fn metrics(State(door): State<Arc<Door>>) -> Response {
    let text = door.meter.render(door.runtime.stats());
    (StatusCode::OK, [(header::CONTENT_TYPE, OPENMETRICS)], text).into_response()
}

async fn node_kinds(who: Principal, State(door): State<Arc<Door>>) -> Result<Reply, Problem> {
    who.reader()?;
    let registry = super::usage::registry(&door, &who.tenant).await?;
    let items: Vec<&Descriptor> = registry.descriptors().collect();
    Ok(Reply::done(Page { items, next: None }))
}

async fn flow_schema(who: Principal, State(door): State<Arc<Door>>) -> Result<Reply, Problem> {
    who.reader()?;
    Ok(Reply::done(document_schema(&*super::usage::registry(&door, &who.tenant).await?)))
}

fn now(door: &Door) -> Health {
    Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), group: door.runtime.stats().group }
}
