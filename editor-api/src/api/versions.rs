//! Published flows: immutable versions. Which of them contacts meet is in [`super::releases`]; nothing that was published
//! is ever rewritten.

use std::{collections::BTreeSet, sync::Arc};

use axum::extract::State;
use routewright_engine::{TenantId, custom::Manifest};
use routewright_flows::{Finding, FlowDocument};
use routewright_runtime::{Change, DocumentKind, Expect, StoredDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::openapi::HttpMethod::{Get, Post};

use super::{
    change::{Once, Reply, words_of},
    extract::{IfMatch, Segments, Text, parse},
    flows::{Around, check, stored_draft},
    operation::{Api, Operation},
    page::Page,
    publishing_rule,
    releases::{Current, FateBody, put_live},
    usage::own_types,
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of versions.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "flows", summary);
    let publish_it = about("publish_flow", "Publish the draft as a new version").body::<Publish>().idempotent();
    let versions = about("list_flow_versions", "List the versions of a flow, newest first");
    let one = about("read_flow_version", "Read a version");
    api.add(Post, "/api/v1/flows/{id}/publish", publish_it.answers::<Published>(201, "Published"), publish)
        .add(Get, "/api/v1/flows/{id}/versions", versions.answers::<Page<VersionLine>>(200, "All versions"), list)
        .add(Get, "/api/v1/flows/{id}/versions/{version}", one.answers::<VersionView>(200, "The version"), read)
}

/// A version as it is kept; the runtime reads it too.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PublishedBody {
    /// The flow.
    pub document: FlowDocument,
    /// SHA-256 of what it means.
    pub hash: String,
    /// Why it was published.
    pub message: String,
    /// When, RFC 3339.
    pub published_at: String,
    /// By whom: the prefix of a key.
    pub by: String,
    /// The version's number.
    pub sequence: u32,
    /// The tenant's own node types that it uses, as they were: a newer manifest does not change it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_types: Vec<Manifest>,
}

/// How to publish.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Publish {
    /// Why, for those who read the versions later.
    #[serde(default)]
    message: String,
    /// True to make it live at once.
    #[serde(default)]
    release: bool,
    /// What then becomes of those in flight on other versions.
    #[serde(default)]
    fate: FateBody,
}

/// A new version.
#[derive(Debug, Serialize, JsonSchema)]
struct Published {
    /// The flow.
    flow: String,
    /// The version's number.
    version: u32,
    /// SHA-256 of what it means.
    hash: String,
    /// True when it is live.
    live: bool,
    /// What somebody should look at; no error is among it.
    findings: Vec<Finding>,
}

/// A version in a list.
#[derive(Debug, Serialize, JsonSchema)]
struct VersionLine {
    /// Its number.
    version: u32,
    /// SHA-256 of what it means.
    hash: String,
    /// Why it was published.
    message: String,
    /// When, RFC 3339.
    published_at: String,
    /// The prefix of the key that published it.
    published_by: String,
    /// True when new interactions start on it.
    live: bool,
}

/// A version.
#[derive(Debug, Serialize, JsonSchema)]
struct VersionView {
    /// What is known of it.
    #[serde(flatten)]
    line: VersionLine,
    /// The flow as it was published.
    document: FlowDocument,
}

async fn publish(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    once: Once,
    if_match: Option<IfMatch>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.author()?;
    if let Some(first) = once.earlier(&door, &who, &text).await? {
        return Ok(first);
    }
    let wanted: Publish = parse(&text)?;
    if !wanted.release && wanted.fate != FateBody::Pin {
        return Err(Problem::unexpected_body("'fate' goes with 'release': a version that is not live changes nothing"));
    }
    let _held = door.settings.lock().await;
    let draft = stored_draft(&door, &who.tenant, &id).await?;
    if if_match.is_some_and(|IfMatch(expect)| !expect.admits(Some(draft.revision))) {
        return Err(Problem::stale_revision(Some(draft.revision)));
    }
    let report = check(&door, &who.tenant, draft.body.to_string(), Around::Live).await?;
    let report = report.map_err(|findings| Problem::flow_refused(&findings))?;
    let Some(flow) = report.flow else {
        return Err(Problem::flow_refused(&report.findings));
    };
    publishing_rule::hold(&door, &who.tenant, flow.document()).await?;
    let earlier = of_flow(&door, &who.tenant, &id).await?;
    let version = earlier.iter().map(|stored| sequence(&stored.id)).max().unwrap_or_default() + 1;
    let used: BTreeSet<_> = flow.document().nodes.values().map(|node| node.kind.clone()).collect();
    let body = PublishedBody {
        document: flow.document().clone(),
        hash: flow.content_hash().to_string(),
        message: wanted.message.clone(),
        published_at: door.now().to_string(),
        by: who.key.clone(),
        sequence: version,
        node_types: own_types(&door, &who.tenant).await?.into_iter().filter(|own| used.contains(&own.kind)).collect(),
    };
    let reply = Published {
        flow: id.clone(),
        version,
        hash: body.hash.clone(),
        live: wanted.release,
        findings: report.findings,
    };
    let body = serde_json::to_value(body).map_err(Problem::internal)?;
    let kind = DocumentKind::FlowVersion;
    let mut changes = vec![Change::Put { kind, id: format!("{id}@{version}"), expect: Expect::Absent, body }];
    if wanted.release {
        let versions = earlier.iter().map(|stored| sequence(&stored.id));
        let why = (wanted.message, wanted.fate);
        changes.extend(put_live(&door, &who, &id, Some(version), versions, why).await?);
    }
    let reply = Reply::created(format!("/api/v1/flows/{id}/versions/{version}"), reply);
    once.write(&door, &who, &text, changes, reply).await
}

async fn list(who: Principal, State(door): State<Arc<Door>>, Segments(id): Segments<String>) -> Result<Reply, Problem> {
    who.reader()?;
    stored_draft(&door, &who.tenant, &id).await?;
    let live = live_version(&door, &who.tenant, &id).await?;
    let stored = of_flow(&door, &who.tenant, &id).await?;
    let mut items = stored.into_iter().map(|s| line(s, live).map(|(line, _)| line)).collect::<Result<Vec<_>, _>>()?;
    items.sort_by_key(|line| std::cmp::Reverse(line.version));
    Ok(Reply::done(Page { items, next: None }))
}

async fn read(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((id, version)): Segments<(String, u32)>,
) -> Result<Reply, Problem> {
    who.reader()?;
    let live = live_version(&door, &who.tenant, &id).await?;
    let (line, document) = line(stored_version(&door, &who.tenant, &id, version).await?, live)?;
    Ok(Reply::done(VersionView { line, document }))
}

/// Every version of one flow, in no order that counts.
pub(crate) async fn of_flow(door: &Door, tenant: &TenantId, id: &str) -> Result<Vec<StoredDocument>, Problem> {
    beginning_with(door, tenant, DocumentKind::FlowVersion, &format!("{id}@")).await
}

/// Documents whose id begins so. Those of a flow are `flow@...`, so they lie between `flow@` and `flowA`.
pub(crate) async fn beginning_with(
    door: &Door,
    tenant: &TenantId,
    kind: DocumentKind,
    prefix: &str,
) -> Result<Vec<StoredDocument>, Problem> {
    let mut all = Vec::new();
    let mut after = prefix.to_owned();
    loop {
        let page = door.runtime.documents(tenant.clone(), kind, Some(after), PAGE).await?;
        let last = page.last().map(|last| last.id.clone()).filter(|last| last.starts_with(prefix));
        all.extend(page.into_iter().filter(|stored| stored.id.starts_with(prefix)));
        match last {
            Some(last) => after = last,
            None => return Ok(all),
        }
    }
}

/// Versions read at once.
const PAGE: u32 = 200;

pub(crate) async fn stored_version(
    door: &Door,
    tenant: &TenantId,
    id: &str,
    version: u32,
) -> Result<StoredDocument, Problem> {
    let key = format!("{id}@{version}");
    let found = door.runtime.document(tenant.clone(), DocumentKind::FlowVersion, &key).await?;
    found.ok_or_else(|| Problem::not_found(&words_of(DocumentKind::FlowVersion), key))
}

/// The version that new interactions start on.
pub(crate) async fn live_version(door: &Door, tenant: &TenantId, id: &str) -> Result<Option<u32>, Problem> {
    Ok(Current::of(door, tenant, id).await?.plan.live)
}

/// The version that new interactions and calls start on, as it was published.
pub(crate) async fn live_document(door: &Door, tenant: &TenantId, id: &str) -> Result<Option<FlowDocument>, Problem> {
    let Some(live) = live_version(door, tenant, id).await? else { return Ok(None) };
    let stored = stored_version(door, tenant, id, live).await?;
    let body: PublishedBody = serde_json::from_value(stored.body).map_err(Problem::internal)?;
    Ok(Some(body.document))
}

fn line(stored: StoredDocument, live: Option<u32>) -> Result<(VersionLine, FlowDocument), Problem> {
    let body: PublishedBody = serde_json::from_value(stored.body).map_err(Problem::internal)?;
    let line = VersionLine {
        version: body.sequence,
        hash: body.hash,
        message: body.message,
        published_at: body.published_at,
        published_by: body.by,
        live: live == Some(body.sequence),
    };
    Ok((line, body.document))
}

/// The number in `flow@number`.
pub(crate) fn sequence(id: &str) -> u32 {
    id.rsplit_once('@').and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}
