//! Which versions of a flow are in service: the live one, the one that is being rolled out, those that have a name; what
//! becomes of the interactions on the others; and who decided all that, when and why.
//!
//! Every change writes the release and a note of it in one transaction. Rolling back is releasing an older version.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use routewright_engine::{
    TenantId,
    id::AliasId,
    release::{Fate, Guard, Migration, Plan, Rollout},
};
use routewright_flows::{AttributeName, FlowId, HumanDuration, NodeId, descriptor::ReferenceKind};
use routewright_runtime::{Change, DocumentKind, Expect, StoredDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::openapi::HttpMethod::{Delete, Get, Post, Put};

use super::{
    change::{Reply, Written, words_of, write},
    extract::{Segments, Text, parse},
    flows::stored_draft,
    operation::{Api, Operation},
    page::Page,
    usage,
    versions::{of_flow, sequence, stored_version},
};
use crate::{
    door::Door,
    keys::{Principal, Role},
    problem::Problem,
};

/// The routes of releases.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "flows", summary);
    let choose = about("release_flow", "Choose the live version: a newer one, an older one, or none");
    let reading = about("read_release", "Read which versions of a flow are in service");
    let notes = about("list_releases", "List what was done with the versions of a flow, newest first");
    let rollout = about("roll_out_flow", "Let a share of the contacts meet another version");
    let back = about("end_rollout", "Let every contact meet the live version again");
    let alias = about("name_flow_version", "Give a version a name that touchpoints may ask for");
    let unname = about("delete_flow_alias", "Take a name from a version");
    let rollouts = "/api/v1/flows/{id}/rollout";
    let aliases = "/api/v1/flows/{id}/aliases/{alias}";
    api.add(
        Post,
        "/api/v1/flows/{id}/release",
        choose.body::<ReleaseBody>().answers::<Written>(200, "Released"),
        release,
    )
    .add(Get, "/api/v1/flows/{id}/release", reading.answers::<ReleaseView>(200, "As it stands"), read)
    .add(Get, "/api/v1/flows/{id}/releases", notes.answers::<Page<Note>>(200, "All of them"), list)
    .add(Put, rollouts, rollout.body::<RolloutBody>().answers::<Written>(200, "Under way"), roll_out)
    .add(Delete, rollouts, back.answers::<Written>(200, "Ended"), end_rollout)
    .add(Put, aliases, alias.body::<AliasBody>().answers::<Written>(200, "Named"), name)
    .add(Delete, aliases, unname.answers::<Written>(200, "Gone"), unname_version)
}

/// Which version is live, and what becomes of the interactions on the others. A roll-out ends with it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseBody {
    /// The version that new interactions start on; `null` takes the flow out of service.
    live: Option<u32>,
    /// Why, for those who read it later.
    #[serde(default)]
    message: String,
    /// What becomes of those in flight.
    #[serde(default)]
    fate: FateBody,
}

/// What becomes of the interactions on versions on which nobody starts any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "fate", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum FateBody {
    /// They finish on their version.
    #[default]
    Pin,
    /// They finish on it within this time; after it the touchpoint's default skill takes them.
    Drain {
        /// How long.
        within: HumanDuration,
    },
    /// They go on in the live version. Refused when somebody would have no place in it.
    Migrate {
        /// Where those at a node go on; at the node of the same id when it is not named here.
        #[serde(default)]
        nodes: BTreeMap<NodeId, NodeId>,
        /// What attributes are called there; the same when not named here, and forgotten when `null`.
        #[serde(default)]
        attributes: BTreeMap<AttributeName, Option<AttributeName>>,
    },
}

/// A roll-out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RolloutBody {
    /// The version that a share of the contacts meets.
    version: u32,
    /// How many contacts in a hundred. The same contact always meets the same version.
    #[schemars(range(max = 100))]
    percent: u8,
    /// Only contacts of these touchpoints; of all when empty.
    #[serde(default)]
    touchpoints: std::collections::BTreeSet<routewright_engine::TouchpointId>,
    /// When it goes back by itself.
    #[serde(default)]
    guard: Option<Guard>,
    /// Why, for those who read it later.
    #[serde(default)]
    message: String,
}

/// A name for a version.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AliasBody {
    /// The version.
    version: u32,
    /// Why, for those who read it later.
    #[serde(default)]
    message: String,
}

/// Which versions are in service.
#[derive(Debug, Serialize, JsonSchema)]
struct ReleaseView {
    /// The version that new interactions start on.
    live: Option<u32>,
    /// A version that a share of the contacts meets instead.
    rollout: Option<Rollout>,
    /// Versions by their names.
    aliases: BTreeMap<AliasId, u32>,
    /// What becomes of those in flight on versions on which nobody starts any more.
    fates: Vec<FateView>,
    /// Who decided it, and why; absent before the first release.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Note>,
}

/// The fate of one version.
#[derive(Debug, Serialize, JsonSchema)]
struct FateView {
    /// The version.
    version: u32,
    /// `drain` or `migrate`.
    fate: &'static str,
    /// Until when they may finish, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// The version in which they go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u32>,
    /// How many are still on it.
    left: usize,
}

/// What was done with the versions of a flow; also how it is kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Note {
    /// When, RFC 3339.
    at: String,
    /// By whom: the prefix of a key, or `guard`.
    by: String,
    /// Why.
    message: String,
    /// What.
    action: Action,
    /// The version concerned.
    #[serde(default)]
    version: Option<u32>,
    /// The live version from then on.
    live: Option<u32>,
    /// The roll-out from then on.
    #[serde(default)]
    rollout: Option<Rollout>,
    /// The names from then on.
    #[serde(default)]
    aliases: BTreeMap<AliasId, u32>,
    /// What was to become of those in flight.
    #[serde(default)]
    fate: FateBody,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// A version was made live.
    Released,
    /// An older version was made live again.
    RolledBack,
    /// The flow was taken out of service.
    Withdrawn,
    /// A share of the contacts was given another version.
    RolledOut,
    /// All contacts were given the live version again.
    RolloutEnded,
    /// The same, because the guard of the roll-out said so.
    GuardActed,
    /// A version was named.
    Named,
    /// A name was taken away.
    Unnamed,
}

/// A change of the release of a flow, with what is said of it.
pub(crate) struct Decision {
    pub(crate) action: Action,
    pub(crate) version: Option<u32>,
    pub(crate) message: String,
    pub(crate) fate: FateBody,
}

/// The release of a flow as it is stored.
pub(crate) struct Current {
    flow: String,
    /// 0 when there was none.
    revision: u64,
    pub(crate) plan: Plan,
}

impl Current {
    /// Reads it.
    pub(crate) async fn of(door: &Door, tenant: &TenantId, flow: &str) -> Result<Self, Problem> {
        let stored = door.runtime.document(tenant.clone(), DocumentKind::Release, flow).await?;
        let revision = stored.as_ref().map_or(0, |stored| stored.revision);
        let plan = stored.map(|stored| serde_json::from_value(stored.body).map_err(Problem::internal)).transpose()?;
        Ok(Self { flow: flow.to_owned(), revision, plan: plan.unwrap_or_default() })
    }

    /// The changes that put another plan in its place, with the note of it. Versions on which contacts may start again
    /// have no fate any more.
    pub(crate) fn replace(
        self,
        door: &Door,
        by: &str,
        mut plan: Plan,
        decision: Decision,
    ) -> Result<Vec<Change>, Problem> {
        let fates = std::mem::take(&mut plan.fates);
        plan.fates = fates.into_iter().filter(|(version, _)| !plan.starts(*version)).collect();
        let Decision { action, version, message, fate } = decision;
        let note = Note {
            at: door.now().to_string(),
            by: by.to_owned(),
            message,
            action,
            version,
            live: plan.live,
            rollout: plan.rollout.clone(),
            aliases: plan.aliases.clone(),
            fate,
        };
        let expect = if self.revision == 0 { Expect::Absent } else { Expect::Revision(self.revision) };
        let body = serde_json::to_value(plan).map_err(Problem::internal)?;
        let note_body = serde_json::to_value(note).map_err(Problem::internal)?;
        let note_id = format!("{}@{:010}", self.flow, self.revision + 1);
        Ok(vec![
            Change::Put { kind: DocumentKind::Release, id: self.flow, expect, body },
            Change::Put { kind: DocumentKind::ReleaseNote, id: note_id, expect: Expect::Any, body: note_body },
        ])
    }
}

/// The changes that make a version live, or take the flow out of service. `others` are all its versions so far.
pub(crate) async fn put_live(
    door: &Door,
    who: &Principal,
    flow: &str,
    live: Option<u32>,
    others: impl Iterator<Item = u32>,
    (message, fate): (String, FateBody),
) -> Result<Vec<Change>, Problem> {
    let current = Current::of(door, &who.tenant, flow).await?;
    let before = current.plan.live;
    let action = match (before, live) {
        (_, None) => Action::Withdrawn,
        (Some(before), Some(live)) if live < before => Action::RolledBack,
        (_, Some(_)) => Action::Released,
    };
    let fate_of_one = match (&fate, live) {
        (FateBody::Pin, _) => None,
        (FateBody::Drain { within }, _) => Some(Fate::Drain { until: door.now() + within.get() }),
        (FateBody::Migrate { nodes, attributes }, Some(to)) => {
            Some(Fate::Migrate(Migration { to, nodes: nodes.clone(), attributes: attributes.clone() }))
        }
        (FateBody::Migrate { .. }, None) => {
            return Err(Problem::unexpected_body("'migrate' needs a live version: those in flight go on in it"));
        }
    };
    let fates = fate_of_one.map(|fate| others.map(|version| (version, fate.clone())).collect()).unwrap_or_default();
    let plan = Plan { live, rollout: None, aliases: current.plan.aliases.clone(), fates };
    current.replace(door, &who.key, plan, Decision { action, version: live, message, fate })
}

async fn release(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.author()?;
    let wanted: ReleaseBody = parse(&text)?;
    let _held = door.settings.lock().await;
    stored_draft(&door, &who.tenant, &id).await?;
    match wanted.live {
        Some(version) => {
            stored_version(&door, &who.tenant, &id, version).await?;
        }
        None => {
            let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
            let mut users = routewright_engine::catalogue::rules::users(ReferenceKind::Flow, &id, &catalogue);
            users.extend(usage::flows_that_name(&door, &who.tenant, ReferenceKind::Flow, &id).await?);
            if !users.is_empty() {
                return Err(Problem::in_use(&words_of(DocumentKind::FlowDraft), &id, users));
            }
        }
    }
    let all = of_flow(&door, &who.tenant, &id).await?;
    let versions = all.iter().map(|stored| sequence(&stored.id));
    let why = (wanted.message, wanted.fate);
    let changes = put_live(&door, &who, &id, wanted.live, versions, why).await?;
    written(&door, &who, id, changes).await
}

async fn roll_out(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.author()?;
    let RolloutBody { version, percent, touchpoints, guard, message } = parse(&text)?;
    if 100 < percent {
        return Err(Problem::unexpected_body("'percent' is in a hundred: expected 0 to 100"));
    }
    let _held = door.settings.lock().await;
    stored_draft(&door, &who.tenant, &id).await?;
    stored_version(&door, &who.tenant, &id, version).await?;
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    if let Some(unknown) = touchpoints.iter().find(|touchpoint| !catalogue.touchpoints.contains_key(*touchpoint)) {
        return Err(Problem::not_found(&words_of(DocumentKind::Touchpoint), unknown));
    }
    let current = Current::of(&door, &who.tenant, &id).await?;
    if current.plan.live.is_none() || current.plan.live == Some(version) {
        return Err(Problem::unexpected_body(
            "a roll-out needs a live version and another one beside it: release one first, then roll out the other",
        ));
    }
    let rollout = Some(Rollout { version, percent, touchpoints, guard });
    let plan = Plan { rollout, ..current.plan.clone() };
    let decision = Decision { action: Action::RolledOut, version: Some(version), message, fate: FateBody::Pin };
    let changes = current.replace(&door, &who.key, plan, decision)?;
    let reply = written(&door, &who, id.clone(), changes).await?;
    door.guards.watch(&door, &who.tenant, &id).await?;
    Ok(reply)
}

async fn end_rollout(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
) -> Result<Reply, Problem> {
    who.author()?;
    let _held = door.settings.lock().await;
    stored_draft(&door, &who.tenant, &id).await?;
    let current = Current::of(&door, &who.tenant, &id).await?;
    let changes = without_rollout(current, &door, &who.key, Action::RolloutEnded, String::new())?;
    written(&door, &who, id, changes).await
}

/// The changes that give all contacts the live version again.
fn without_rollout(
    current: Current,
    door: &Door,
    by: &str,
    action: Action,
    message: String,
) -> Result<Vec<Change>, Problem> {
    let version = current.plan.rollout.as_ref().map(|rollout| rollout.version);
    let plan = Plan { rollout: None, ..current.plan.clone() };
    current.replace(door, by, plan, Decision { action, version, message, fate: FateBody::Pin })
}

/// The same, in the name of the guard of the version that was being rolled out.
pub(crate) async fn end_rollout_as_guard(
    door: &Door,
    tenant: &TenantId,
    flow: &str,
    version: u32,
    reason: String,
) -> Result<(), Problem> {
    let _held = door.settings.lock().await;
    let current = Current::of(door, tenant, flow).await?;
    if current.plan.rollout.as_ref().is_none_or(|rollout| rollout.version != version) {
        return Ok(());
    }
    let guard = Principal { tenant: tenant.clone(), role: Role::Author, key: GUARD.to_owned() };
    let changes = without_rollout(current, door, GUARD, Action::GuardActed, reason)?;
    write(door, &guard, changes).await.map(drop)
}

/// How the audit trail names guards.
const GUARD: &str = "guard";

async fn name(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((id, alias)): Segments<(String, AliasId)>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.author()?;
    let AliasBody { version, message } = parse(&text)?;
    let _held = door.settings.lock().await;
    stored_draft(&door, &who.tenant, &id).await?;
    stored_version(&door, &who.tenant, &id, version).await?;
    let current = Current::of(&door, &who.tenant, &id).await?;
    let mut plan = current.plan.clone();
    plan.aliases.insert(alias, version);
    let decision = Decision { action: Action::Named, version: Some(version), message, fate: FateBody::Pin };
    let changes = current.replace(&door, &who.key, plan, decision)?;
    written(&door, &who, id, changes).await
}

async fn unname_version(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((id, alias)): Segments<(String, AliasId)>,
) -> Result<Reply, Problem> {
    who.author()?;
    let _held = door.settings.lock().await;
    stored_draft(&door, &who.tenant, &id).await?;
    let current = Current::of(&door, &who.tenant, &id).await?;
    let mut plan = current.plan.clone();
    let Some(version) = plan.aliases.remove(&alias) else {
        return Err(Problem::not_found(&routewright_flows::Words::new("alias", "alias"), alias));
    };
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    let asks = |settings: &routewright_engine::catalogue::TouchpointSettings| {
        settings.flow_alias.as_ref() == Some(&alias)
            && settings.default_flow.as_ref().is_some_and(|flow| flow.as_str() == id)
    };
    let users: Vec<_> = catalogue.touchpoints.iter().filter(|(_, settings)| asks(settings)).collect();
    if !users.is_empty() {
        let users: Vec<_> = users
            .into_iter()
            .map(|(touchpoint, _)| routewright_engine::catalogue::rules::User::new("touchpoint", touchpoint))
            .collect();
        return Err(Problem::in_use(&routewright_flows::Words::new("alias", "alias"), alias, users));
    }
    let decision =
        Decision { action: Action::Unnamed, version: Some(version), message: String::new(), fate: FateBody::Pin };
    let changes = current.replace(&door, &who.key, plan, decision)?;
    written(&door, &who, id, changes).await
}

async fn written(door: &Door, who: &Principal, id: String, changes: Vec<Change>) -> Result<Reply, Problem> {
    let revisions = write(door, who, changes).await?;
    Ok(Reply::done(Written { id, revision: revisions.first().map_or(0, |revision| revision.0) }))
}

async fn read(who: Principal, State(door): State<Arc<Door>>, Segments(id): Segments<String>) -> Result<Reply, Problem> {
    who.reader()?;
    stored_draft(&door, &who.tenant, &id).await?;
    let Plan { live, rollout, aliases, fates } = Current::of(&door, &who.tenant, &id).await?.plan;
    let flow = FlowId::new(&id).map_err(Problem::internal)?;
    let occupied = door.runtime.occupancy(who.tenant.clone(), flow).await?;
    let left = |version: u32| {
        let of_version = occupied.iter().filter(|of| of.version == version);
        of_version.flat_map(|of| &of.nodes).map(|node| node.waiting + node.calling).sum()
    };
    let fates = fates.into_iter().map(|(version, fate)| {
        let (fate, until, to) = match fate {
            Fate::Drain { until } => ("drain", Some(until.to_string()), None),
            Fate::Migrate(migration) => ("migrate", None, Some(migration.to)),
        };
        FateView { version, fate, until, to, left: left(version) }
    });
    let fates = fates.collect();
    let last = notes(&door, &who.tenant, &id).await?.into_iter().next();
    Ok(Reply::done(ReleaseView { live, rollout, aliases, fates, last }))
}

async fn list(who: Principal, State(door): State<Arc<Door>>, Segments(id): Segments<String>) -> Result<Reply, Problem> {
    who.reader()?;
    stored_draft(&door, &who.tenant, &id).await?;
    Ok(Reply::done(Page { items: notes(&door, &who.tenant, &id).await?, next: None }))
}

/// What was done with the versions of a flow, newest first.
async fn notes(door: &Door, tenant: &TenantId, id: &str) -> Result<Vec<Note>, Problem> {
    let stored = stored_notes(door, tenant, id).await?;
    stored.into_iter().rev().map(|note| serde_json::from_value(note.body).map_err(Problem::internal)).collect()
}

/// The notes of a flow, oldest first.
pub(crate) async fn stored_notes(door: &Door, tenant: &TenantId, id: &str) -> Result<Vec<StoredDocument>, Problem> {
    super::versions::beginning_with(door, tenant, DocumentKind::ReleaseNote, &format!("{id}@")).await
}
