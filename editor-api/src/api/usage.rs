//! Who names what: flows that name a thing of the catalogue or another flow, and interactions that need it. Deletions
//! ask here first.

use std::{collections::BTreeSet, sync::Arc};

use routewright_engine::{TenantId, catalogue::rules::User, custom::Manifest, node::Registry, release::Plan};
use routewright_flows::{
    Checker, FlowDocument, FlowId,
    check::Kinds,
    descriptor::{ReferenceKind, Slot},
    slots::SlotMap,
};
use routewright_runtime::{DocumentKind, InteractionFilter, InteractionView, StoredDocument};

use super::{
    node_types::NodeTypeSettings,
    versions::{PublishedBody, live_document},
};
use crate::{door::Door, problem::Problem};

/// Documents or interactions read at once.
const PAGE: u32 = 500;

/// Users named in one refusal at most; a person takes them away one by one, and asks again.
const USERS_MAX: usize = 20;

/// Flows with a live version.
pub(crate) async fn live_flows(door: &Door, tenant: &TenantId) -> Result<BTreeSet<FlowId>, Problem> {
    let releases = every(door, tenant, DocumentKind::Release).await?;
    let live = releases
        .into_iter()
        .filter(|release| serde_json::from_value::<Plan>(release.body.clone()).is_ok_and(|plan| plan.live.is_some()));
    Ok(live.filter_map(|release| FlowId::new(&release.id).ok()).collect())
}

/// Flows with a draft.
pub(crate) async fn drafts(door: &Door, tenant: &TenantId) -> Result<BTreeSet<FlowId>, Problem> {
    let drafts = every(door, tenant, DocumentKind::FlowDraft).await?;
    Ok(drafts.into_iter().filter_map(|draft| FlowId::new(&draft.id).ok()).collect())
}

/// Drafts and live versions that name a thing.
pub(crate) async fn flows_that_name(
    door: &Door,
    tenant: &TenantId,
    to: ReferenceKind,
    name: &str,
) -> Result<Vec<User>, Problem> {
    let registry = registry(door, tenant).await?;
    let mut users = Vec::new();
    for draft in every(door, tenant, DocumentKind::FlowDraft).await? {
        let own = to == ReferenceKind::Flow && draft.id == name;
        if !own && serde_json::from_value(draft.body).is_ok_and(|document| names(&registry, &document, to, name)) {
            users.push(User::new("flow", draft.id));
        }
    }
    for release in every(door, tenant, DocumentKind::Release).await? {
        let own = to == ReferenceKind::Flow && release.id == name;
        let live = serde_json::from_value::<Plan>(release.body).ok().and_then(|plan| plan.live);
        let Some(version) = live.filter(|_| !own).map(|live| format!("{}@{live}", release.id)) else {
            continue;
        };
        let stored = door.runtime.document(tenant.clone(), DocumentKind::FlowVersion, &version).await?;
        let published = stored.and_then(|stored| serde_json::from_value::<PublishedBody>(stored.body).ok());
        if published.is_some_and(|published| names(&registry, &published.document, to, name)) {
            users.push(User::new("flow_version", version));
        }
    }
    Ok(users)
}

/// Drafts and live versions that have a node of a kind.
pub(crate) async fn flows_with_kind(door: &Door, tenant: &TenantId, kind: &str) -> Result<Vec<User>, Problem> {
    let has = |document: &FlowDocument| document.nodes.values().any(|node| node.kind.as_str() == kind);
    let mut users = Vec::new();
    for draft in every(door, tenant, DocumentKind::FlowDraft).await? {
        if serde_json::from_value(draft.body).is_ok_and(|document| has(&document)) {
            users.push(User::new("flow", draft.id));
        }
    }
    for flow in live_flows(door, tenant).await? {
        if live_document(door, tenant, flow.as_str()).await?.is_some_and(|document| has(&document)) {
            users.push(User::new("flow_version", flow));
        }
    }
    Ok(users)
}

/// The node types that a tenant brought himself and has not retired.
pub(crate) async fn own_types(door: &Door, tenant: &TenantId) -> Result<Vec<Manifest>, Problem> {
    let stored = every(door, tenant, DocumentKind::NodeType).await?;
    let read = |stored: StoredDocument| serde_json::from_value::<NodeTypeSettings>(stored.body);
    let settings: Vec<NodeTypeSettings> =
        stored.into_iter().map(read).collect::<Result<_, _>>().map_err(Problem::internal)?;
    Ok(settings.into_iter().filter(|settings| !settings.retired).map(|settings| settings.manifest).collect())
}

/// The node types of a tenant: those of the build, and his own.
pub(crate) async fn registry(door: &Door, tenant: &TenantId) -> Result<Arc<Registry>, Problem> {
    let own = own_types(door, tenant).await?;
    let build = door.runtime.registry();
    if own.is_empty() {
        return Ok(Arc::clone(build));
    }
    Ok(Arc::new(own.into_iter().fold(Registry::clone(build), Registry::install)))
}

/// The checker over a tenant's node types.
pub(crate) async fn checker(door: &Door, tenant: &TenantId) -> Result<Arc<Checker>, Problem> {
    let registry = registry(door, tenant).await?;
    if Arc::ptr_eq(&registry, door.runtime.registry()) {
        return Ok(Arc::clone(&door.checker));
    }
    Checker::new(&*registry).map(Arc::new).map_err(Problem::internal)
}

/// Interactions of a filter that also pass a test: the first few, for people to look at.
pub(crate) async fn interactions(
    door: &Door,
    tenant: &TenantId,
    filter: InteractionFilter,
    test: impl Fn(&InteractionView) -> bool + Send,
) -> Result<Vec<User>, Problem> {
    let mut users = Vec::new();
    let mut after = None;
    loop {
        let page = door.runtime.interactions(tenant.clone(), filter.clone(), after, PAGE).await?;
        after = page.last().map(|last| last.interaction.id);
        users.extend(page.iter().filter(|view| test(view)).map(|view| User::new("interaction", view.interaction.id)));
        if after.is_none() || USERS_MAX <= users.len() {
            users.truncate(USERS_MAX);
            return Ok(users);
        }
    }
}

/// Every document of a kind. Kinds that grow without bound are never asked for here.
pub(crate) async fn every(door: &Door, tenant: &TenantId, kind: DocumentKind) -> Result<Vec<StoredDocument>, Problem> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = door.runtime.documents(tenant.clone(), kind, after, PAGE).await?;
        after = page.last().map(|last| last.id.clone());
        all.extend(page);
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// True when a document, sound or not, names a thing.
fn names(registry: &Registry, document: &FlowDocument, to: ReferenceKind, name: &str) -> bool {
    document.nodes.values().any(|node| {
        let Some(descriptor) = registry.descriptor(node.kind.as_str()) else {
            return false;
        };
        let slots = SlotMap::of(&descriptor.config);
        slots.find(&node.config).iter().any(|found| found.slot == Slot::Reference { to } && found.text() == Some(name))
    })
}
