//! Who stands where in the versions of a flow, and what was counted there: what a canvas draws on its nodes and exits.

use std::sync::Arc;

use axum::extract::State;
use routewright_engine::{
    Timestamp,
    interaction::FlowVersion,
    occupancy::NodeOccupancy,
    visits::{NodeVisits, VersionVisits},
};
use routewright_flows::{ExitName, FlowId, NodeId};
use routewright_runtime::VersionOccupancy;
use schemars::JsonSchema;
use serde::Serialize;
use utoipa::openapi::HttpMethod::Get;

use super::{
    change::Reply,
    extract::Segments,
    flows::stored_draft,
    operation::{Api, Operation},
    page::Page,
    versions::live_version,
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// Interactions listed of one node: those that wait longest.
const WAITING_MAX: u32 = 100;

/// The routes of occupancy.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "flows", summary);
    let all = about("read_occupancy", "Who stands at which node of which version, and how often each exit was taken");
    let one = about("list_waiting_at", "The interactions that wait at a node, longest first");
    api.add(Get, "/api/v1/flows/{id}/occupancy", all.answers::<Occupancy>(200, "At this instant"), read).add(
        Get,
        "/api/v1/flows/{id}/occupancy/{version}/{node}",
        one.answers::<Page<WaitingOne>>(200, "At most 100"),
        list,
    )
}

/// Who stands where.
#[derive(Debug, Serialize, JsonSchema)]
struct Occupancy {
    /// The flow.
    flow: String,
    /// When, RFC 3339.
    at: String,
    /// Interactions that wait at one of its nodes.
    waiting: usize,
    /// Interactions in a flow that was called from one of its nodes.
    calling: usize,
    /// Its versions that were ever visited, in order.
    versions: Vec<OfVersion>,
}

/// A version.
#[derive(Debug, Serialize, JsonSchema)]
struct OfVersion {
    /// Its number.
    version: u32,
    /// True when new interactions start on it.
    live: bool,
    /// Interactions that wait at one of its nodes.
    waiting: usize,
    /// Interactions in a flow that was called from one of its nodes.
    calling: usize,
    /// How often it was begun: by contacts, by other flows.
    started: u64,
    /// How often it came to its end.
    ended: u64,
    /// How often without anybody having said how: the contact left, or was never heard of again.
    unqualified: u64,
    /// How often a node failed.
    faults: u64,
    /// How often it had no way on, so that the touchpoint's default skill took the contact.
    last_resorts: u64,
    /// Its nodes that were ever come to.
    nodes: Vec<OfNode>,
}

/// A node.
#[derive(Debug, Serialize, JsonSchema)]
struct OfNode {
    /// Its id.
    node: NodeId,
    /// Interactions that wait here.
    waiting: usize,
    /// Interactions in a flow that was called from here.
    calling: usize,
    /// Since when the first of those who wait does, RFC 3339.
    oldest_since: Option<String>,
    /// How often it was come to.
    entries: u64,
    /// How often it failed.
    faults: u64,
    /// Its exits that were ever taken.
    exits: Vec<OfExit>,
}

/// An exit.
#[derive(Debug, Serialize, JsonSchema)]
struct OfExit {
    /// Its name.
    exit: ExitName,
    /// How often it was taken.
    count: u64,
    /// Half of the visits that ended here were over after so many milliseconds, within 7 in a hundred.
    median_ms: Option<u64>,
}

/// One that waits.
#[derive(Debug, Serialize, JsonSchema)]
struct WaitingOne {
    /// Its id.
    interaction: String,
    /// Since when it waits at the node, RFC 3339.
    since: String,
}

async fn read(who: Principal, State(door): State<Arc<Door>>, Segments(id): Segments<String>) -> Result<Reply, Problem> {
    who.reader()?;
    stored_draft(&door, &who.tenant, &id).await?;
    let live = live_version(&door, &who.tenant, &id).await?;
    let flow = FlowId::new(&id).map_err(Problem::internal)?;
    let at = door.now().to_string();
    let versions = door.runtime.occupancy(who.tenant, flow).await?;
    let versions: Vec<OfVersion> = versions.into_iter().map(|of| version(of, live)).collect();
    let (waiting, calling) = (versions.iter().map(|v| v.waiting).sum(), versions.iter().map(|v| v.calling).sum());
    Ok(Reply::done(Occupancy { flow: id, at, waiting, calling, versions }))
}

fn version(of: VersionOccupancy, live: Option<u32>) -> OfVersion {
    let VersionOccupancy { version, nodes, visits } = of;
    let (waiting, calling) = (nodes.iter().map(|n| n.waiting).sum(), nodes.iter().map(|n| n.calling).sum());
    let faults = visits.faults();
    let VersionVisits { started, ended, unqualified, last_resorts, nodes: mut visited } = visits;
    let mut all: Vec<OfNode> = nodes
        .into_iter()
        .map(|standing| {
            let visits = visited.remove(&standing.node).unwrap_or_default();
            node(standing, visits)
        })
        .collect();
    all.extend(
        visited
            .into_iter()
            .map(|(id, visits)| node(NodeOccupancy { node: id, waiting: 0, calling: 0, oldest: None }, visits)),
    );
    all.sort_by(|a, b| a.node.cmp(&b.node));
    let live = live == Some(version);
    OfVersion { version, live, waiting, calling, started, ended, unqualified, faults, last_resorts, nodes: all }
}

fn node(standing: NodeOccupancy, visits: NodeVisits) -> OfNode {
    let NodeOccupancy { node, waiting, calling, oldest } = standing;
    let exit = |(exit, visits): (ExitName, routewright_engine::visits::ExitVisits)| OfExit {
        exit,
        count: visits.count,
        median_ms: visits.median_ms(),
    };
    OfNode {
        node,
        waiting,
        calling,
        oldest_since: oldest.as_ref().map(Timestamp::to_string),
        entries: visits.entries,
        faults: visits.faults,
        exits: visits.exits.into_iter().map(exit).collect(),
    }
}

async fn list(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((id, version, node)): Segments<(String, u32, NodeId)>,
) -> Result<Reply, Problem> {
    who.reader()?;
    stored_draft(&door, &who.tenant, &id).await?;
    let flow = FlowId::new(&id).map_err(Problem::internal)?;
    let waiting = door.runtime.waiting_at(who.tenant, FlowVersion { flow, version }, node, WAITING_MAX).await?;
    let one = |(since, id): (Timestamp, routewright_engine::InteractionId)| WaitingOne {
        interaction: id.to_string(),
        since: since.to_string(),
    };
    Ok(Reply::done(Page { items: waiting.into_iter().map(one).collect(), next: None }))
}
