//! The catalogue: touchpoints, skills, agents, handling profiles, calendars, business accounts, roles, routing queues,
//! dispositions, questionnaires, data tables, secrets. One set of handlers serves them all; what differs between them is [`Settings`], and its rules live with the heart.

use std::{collections::BTreeSet, fmt::Display, str::FromStr, sync::Arc};

use axum::extract::State;
use routewright_engine::{
    AgentId, SkillId, TouchpointId,
    calendar::{Calendar, CalendarSettings},
    catalogue::{
        AccountSettings, AgentSettings, Catalogue, DefaultsSettings, DispositionSettings, ProfileSettings,
        QuestionnaireSettings, RoleSettings, RoutingQueueSettings, Scope, SkillSettings, TableSettings,
        TouchpointSettings, hours, messaging, roles, routing_queues,
        rules::{self, User},
    },
    id::{AccountId, CalendarId, DispositionId, ProfileId, QuestionnaireId, RoleId, RoutingQueueId, SecretId, TableId},
    node::Registry,
};
use routewright_flows::{Finding, FlowId, descriptor::ReferenceKind, name::BadName};
use routewright_runtime::{
    CALLS_OUTBOX, Change, DocumentKind, Expect, InteractionFilter, InteractionState, StoredDocument, Zones,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::openapi::HttpMethod::{Delete, Get, Post, Put};

use super::{
    canned_answers::CannedAnswerSettings,
    change::{Once, Reply, Written, words_of, write},
    extract::{IfMatch, Params, Segments, Text, parse},
    node_types::NodeTypeSettings,
    operation::{Api, Operation},
    page::{Page, PageQuery, documents},
    usage,
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of every kind of the catalogue.
pub(crate) fn routes(api: Api) -> Api {
    let api = routes_of::<TouchpointSettings>(api);
    let api = routes_of::<SkillSettings>(api);
    let api = routes_of::<AgentSettings>(api);
    let api = routes_of::<ProfileSettings>(api);
    let api = routes_of::<CalendarSettings>(api);
    let api = routes_of::<DefaultsSettings>(api);
    let api = routes_of::<AccountSettings>(api);
    let api = routes_of::<RoleSettings>(api);
    let api = routes_of::<RoutingQueueSettings>(api);
    let api = routes_of::<DispositionSettings>(api);
    let api = routes_of::<QuestionnaireSettings>(api);
    let api = routes_of::<TableSettings>(api);
    let api = routes_of::<SecretSettings>(api);
    let api = routes_of::<CannedAnswerSettings>(api);
    super::csv::routes(routes_of::<NodeTypeSettings>(api))
}

/// A kind of the catalogue.
pub(crate) trait Settings: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// What its name must be.
    type Id: FromStr<Err = BadName> + Display + Send + Sync;
    /// Its documents.
    const KIND: DocumentKind;
    /// Its segment of the path.
    const PATH: &'static str;
    /// What flows call it, when they can name it.
    const NAMED: Option<ReferenceKind>;

    /// As they are shown; what may never be read back is taken out.
    #[must_use]
    fn shown(self) -> Self {
        self
    }

    /// Every rule that these settings break.
    fn findings(&self, id: &Self::Id, around: &Around) -> Vec<Finding>;

    /// What only a trial shows. It may meet hostile scripts, so it runs on a thread made for them.
    const IS_TRIED: bool = false;

    /// Tries it; see [`Settings::IS_TRIED`].
    fn trial(&self, _: &Registry) -> Vec<Finding> {
        Vec::new()
    }

    /// Changes that must go with writing these settings, such as taking a flag from another.
    fn companions(&self, _id: &Self::Id, _around: &Around) -> Result<Vec<Change>, Box<Finding>> {
        Ok(Vec::new())
    }

    /// Why it may not be deleted whoever uses it.
    fn kept(_id: &Self::Id, _around: &Around) -> Option<Finding> {
        None
    }

    /// Settings that name it, besides what flows and the catalogue's references do.
    fn further_users(_id: &Self::Id, _around: &Around) -> Vec<User> {
        Vec::new()
    }

    /// Interactions that need it, when there can be any.
    fn interactions(_id: &Self::Id) -> Option<InteractionFilter> {
        None
    }
}

/// What settings are judged against.
pub(crate) struct Around {
    /// The settings in force.
    pub catalogue: Arc<Catalogue>,
    /// Flows with a live version.
    pub live: BTreeSet<FlowId>,
    /// The rules of time zones.
    pub zones: Arc<Zones>,
}

/// Something of the catalogue, as it is read.
#[derive(Debug, Serialize, JsonSchema)]
struct Stored<S> {
    /// Its id.
    id: String,
    /// Rises with every change; also the `ETag`.
    revision: u64,
    /// When it was last changed, RFC 3339.
    updated_at: String,
    /// The prefix of the key that changed it last.
    updated_by: String,
    /// What it says.
    settings: S,
}

/// Something new.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct New<S> {
    /// Its id, unique in its kind.
    id: String,
    /// What it says.
    settings: S,
}

fn routes_of<S: Settings>(api: Api) -> Api {
    let words = words_of(S::KIND).en;
    let (all, one) = (format!("/api/v1/{}", S::PATH), format!("/api/v1/{}/{{id}}", S::PATH));
    let about = |verb: &str, summary: String| Operation::new(format!("{verb}_{}", S::KIND), "catalogue", summary);
    let listing = about("list", format!("List each {words}")).query::<PageQuery>();
    let creation = about("create", format!("Create a {words}")).body::<New<S>>().idempotent();
    let change = about("replace", format!("Replace a {words}")).body::<S>().if_match();
    let deletion = about("delete", format!("Delete a {words} that nothing uses")).if_match();
    api.add(Get, &all, listing.answers::<Page<Stored<S>>>(200, "A page, by id"), list::<S>)
        .add(Post, &all, creation.answers::<Written>(201, "Created"), create::<S>)
        .add(Get, &one, about("read", format!("Read a {words}")).answers::<Stored<S>>(200, "As it stands"), read::<S>)
        .add(Put, &one, change.answers::<Written>(200, "Replaced"), replace::<S>)
        .add(Delete, &one, deletion.answers::<Written>(200, "Deleted"), delete::<S>)
}

async fn list<S: Settings>(
    who: Principal,
    State(door): State<Arc<Door>>,
    Params(page): Params<PageQuery>,
) -> Result<Reply, Problem> {
    who.reader()?;
    let page = documents(&door, who.tenant, S::KIND, page, &format!("/api/v1/{}", S::PATH)).await?;
    Ok(Reply::done(page.shown(stored::<S>)?))
}

async fn read<S: Settings>(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
) -> Result<Reply, Problem> {
    who.reader()?;
    let found = door.runtime.document(who.tenant, S::KIND, &id).await?;
    let found = stored::<S>(found.ok_or_else(|| Problem::not_found(&words_of(S::KIND), &id))?)?;
    Ok(Reply::at_revision(found.revision, found))
}

async fn create<S: Settings>(
    who: Principal,
    State(door): State<Arc<Door>>,
    once: Once,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.administrator()?;
    if let Some(first) = once.earlier(&door, &who, &text).await? {
        return Ok(first);
    }
    let New { id, settings } = parse::<New<S>>(&text)?;
    let id: S::Id = id.parse().map_err(Problem::unexpected_body)?;
    let _held = door.settings.lock().await;
    let changes = judged(&door, &who, &id, &settings, Expect::Absent).await?;
    let reply = Reply::created(format!("/api/v1/{}/{id}", S::PATH), Written { id: id.to_string(), revision: 1 });
    once.write(&door, &who, &text, changes, reply).await
}

async fn replace<S: Settings>(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    IfMatch(expect): IfMatch,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.administrator()?;
    let settings: S = parse(&text)?;
    let id: S::Id = id.parse().map_err(Problem::bad_path)?;
    let _held = door.settings.lock().await;
    let changes = judged(&door, &who, &id, &settings, expect).await?;
    let revisions = write(&door, &who, changes).await?;
    let revision = revisions.first().map_or(0, |revision| revision.0);
    Ok(Reply::at_revision(revision, Written { id: id.to_string(), revision }))
}

async fn delete<S: Settings>(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    IfMatch(expect): IfMatch,
) -> Result<Reply, Problem> {
    who.administrator()?;
    let name: S::Id = id.parse().map_err(Problem::bad_path)?;
    let _held = door.settings.lock().await;
    let around = around(&door, &who).await?;
    if let Some(finding) = S::kept(&name, &around) {
        return Err(refused(&[finding]));
    }
    let mut users = S::further_users(&name, &around);
    if let Some(to) = S::NAMED {
        users.extend(rules::users(to, &id, &around.catalogue));
        users.extend(usage::flows_that_name(&door, &who.tenant, to, &id).await?);
    }
    if S::KIND == DocumentKind::NodeType {
        users.extend(usage::flows_with_kind(&door, &who.tenant, &id).await?);
    }
    if let Some(filter) = S::interactions(&name) {
        users.extend(usage::interactions(&door, &who.tenant, filter, |_| true).await?);
    }
    if !users.is_empty() {
        return Err(Problem::in_use(&words_of(S::KIND), &id, users));
    }
    write(&door, &who, vec![Change::Delete { kind: S::KIND, id: id.clone(), expect }]).await?;
    Ok(Reply::done(Written { id, revision: 0 }))
}

/// The changes that write these settings, once every rule holds.
pub(crate) async fn judged<S: Settings>(
    door: &Door,
    who: &Principal,
    id: &S::Id,
    settings: &S,
    expect: Expect,
) -> Result<Vec<Change>, Problem> {
    let around = around(door, who).await?;
    let findings = settings.findings(id, &around);
    if !findings.is_empty() {
        return Err(refused(&findings));
    }
    if S::IS_TRIED {
        let body = serde_json::to_value(settings).map_err(Problem::internal)?;
        let copy: S = serde_json::from_value(body).map_err(Problem::internal)?;
        let build = Arc::clone(door.runtime.registry());
        let tried = door.runtime.on_script_thread(move || copy.trial(&build)).await.map_err(Problem::internal)?;
        if !tried.is_empty() {
            return Err(refused(&tried));
        }
    }
    let companions = settings.companions(id, &around).map_err(|finding| refused(&[*finding]))?;
    let body = serde_json::to_value(settings).map_err(Problem::internal)?;
    let mut changes = vec![Change::Put { kind: S::KIND, id: id.to_string(), expect, body }];
    changes.extend(companions);
    Ok(changes)
}

async fn around(door: &Door, who: &Principal) -> Result<Around, Problem> {
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    let zones = Arc::clone(door.runtime.zones());
    Ok(Around { catalogue, live: usage::live_flows(door, &who.tenant).await?, zones })
}

/// The refusal of settings: it speaks with the first finding's code and words, so that programs can branch on it, and
/// holds them all.
fn refused(findings: &[Finding]) -> Problem {
    match findings.first() {
        Some(first) => Problem::settings_refused(first, findings),
        None => Problem::internal("settings were refused without a finding"),
    }
}

fn stored<S: Settings>(document: StoredDocument) -> Result<Stored<S>, Problem> {
    Ok(Stored {
        settings: serde_json::from_value::<S>(document.body).map_err(Problem::internal)?.shown(),
        id: document.id,
        revision: document.revision,
        updated_at: document.updated_at.to_string(),
        updated_by: document.by,
    })
}

impl Settings for TouchpointSettings {
    type Id = TouchpointId;
    const KIND: DocumentKind = DocumentKind::Touchpoint;
    const PATH: &'static str = "touchpoints";
    const NAMED: Option<ReferenceKind> = None;

    fn shown(mut self) -> Self {
        self.follow_provider();
        self
    }

    fn findings(&self, id: &TouchpointId, around: &Around) -> Vec<Finding> {
        let reserved = rules::reserved(id, CALLS_OUTBOX);
        reserved.into_iter().chain(rules::touchpoint(id, self, &around.catalogue, &around.live)).collect()
    }

    fn further_users(id: &TouchpointId, around: &Around) -> Vec<User> {
        rules::users_of_touchpoint(id, &around.catalogue)
    }

    fn interactions(id: &TouchpointId) -> Option<InteractionFilter> {
        let (state, touchpoint) = (Some(InteractionState::Live), Some(id.clone()));
        Some(InteractionFilter { state, touchpoint, ..InteractionFilter::default() })
    }
}

impl Settings for SkillSettings {
    type Id = SkillId;
    const KIND: DocumentKind = DocumentKind::Skill;
    const PATH: &'static str = "skills";
    const NAMED: Option<ReferenceKind> = Some(ReferenceKind::Skill);

    fn findings(&self, id: &SkillId, around: &Around) -> Vec<Finding> {
        rules::skill(id, self, &around.catalogue)
    }
}

impl Settings for AgentSettings {
    type Id = AgentId;
    const KIND: DocumentKind = DocumentKind::Agent;
    const PATH: &'static str = "agents";
    const NAMED: Option<ReferenceKind> = Some(ReferenceKind::Agent);

    fn findings(&self, _: &AgentId, around: &Around) -> Vec<Finding> {
        rules::agent(self, &around.catalogue)
    }

    fn interactions(id: &AgentId) -> Option<InteractionFilter> {
        Some(InteractionFilter { agent: Some(id.clone()), ..InteractionFilter::default() })
    }
}

impl Settings for ProfileSettings {
    type Id = ProfileId;
    const KIND: DocumentKind = DocumentKind::Profile;
    const PATH: &'static str = "profiles";
    const NAMED: Option<ReferenceKind> = None;

    fn findings(&self, _: &ProfileId, around: &Around) -> Vec<Finding> {
        rules::profile(self, &around.catalogue)
    }

    fn companions(&self, id: &ProfileId, around: &Around) -> Result<Vec<Change>, Box<Finding>> {
        let loser = rules::default_moves_from(id, self, &around.catalogue)?;
        let settings = loser.and_then(|id| around.catalogue.profiles.get(&id).cloned().map(|settings| (id, settings)));
        Ok(settings
            .into_iter()
            .filter_map(|(id, settings)| {
                let body = serde_json::to_value(Self { default: false, ..settings }).ok()?;
                Some(Change::Put { kind: Self::KIND, id: id.to_string(), expect: Expect::Present, body })
            })
            .collect())
    }

    fn kept(id: &ProfileId, around: &Around) -> Option<Finding> {
        rules::profile_deletion(id, &around.catalogue)
    }

    fn further_users(id: &ProfileId, around: &Around) -> Vec<User> {
        rules::users_of_profile(id, &around.catalogue)
    }
}

impl Settings for CalendarSettings {
    type Id = CalendarId;
    const KIND: DocumentKind = DocumentKind::Calendar;
    const PATH: &'static str = "calendars";
    const NAMED: Option<ReferenceKind> = Some(ReferenceKind::Calendar);

    fn findings(&self, _: &CalendarId, around: &Around) -> Vec<Finding> {
        match around.zones.rules(self.zone.as_str()) {
            None => vec![rules::unknown_zone(&self.zone)],
            Some(zone) => {
                let problems = Calendar::new(self.clone(), zone).err().unwrap_or_default();
                problems.iter().map(rules::of_calendar).collect()
            }
        }
    }
}

impl Settings for DefaultsSettings {
    type Id = Scope;
    const KIND: DocumentKind = DocumentKind::Defaults;
    const PATH: &'static str = "defaults";
    const NAMED: Option<ReferenceKind> = None;

    fn findings(&self, scope: &Scope, around: &Around) -> Vec<Finding> {
        hours::check(*scope, self, &around.catalogue)
    }
}

impl Settings for AccountSettings {
    type Id = AccountId;
    const KIND: DocumentKind = DocumentKind::Account;
    const PATH: &'static str = "accounts";
    const NAMED: Option<ReferenceKind> = None;

    fn findings(&self, _: &AccountId, around: &Around) -> Vec<Finding> {
        let known = self.zone.as_ref().is_none_or(|zone| around.zones.rules(zone.as_str()).is_some());
        messaging::account(self, known)
    }

    fn further_users(id: &AccountId, around: &Around) -> Vec<User> {
        rules::users_of_account(id, &around.catalogue)
    }
}

impl Settings for RoleSettings {
    type Id = RoleId;
    const KIND: DocumentKind = DocumentKind::Role;
    const PATH: &'static str = "roles";
    const NAMED: Option<ReferenceKind> = None;

    fn findings(&self, _: &RoleId, around: &Around) -> Vec<Finding> {
        roles::check(self, &around.catalogue)
    }

    fn further_users(id: &RoleId, around: &Around) -> Vec<User> {
        rules::users_of_role(id, &around.catalogue)
    }
}

impl Settings for RoutingQueueSettings {
    type Id = RoutingQueueId;
    const KIND: DocumentKind = DocumentKind::RoutingQueue;
    const PATH: &'static str = "routing-queues";
    const NAMED: Option<ReferenceKind> = None;

    fn findings(&self, _: &RoutingQueueId, around: &Around) -> Vec<Finding> {
        routing_queues::check(self, &around.catalogue)
    }
}

impl Settings for DispositionSettings {
    type Id = DispositionId;
    const KIND: DocumentKind = DocumentKind::Disposition;
    const PATH: &'static str = "dispositions";
    const NAMED: Option<ReferenceKind> = Some(ReferenceKind::Disposition);

    fn findings(&self, _: &DispositionId, _: &Around) -> Vec<Finding> {
        Vec::new()
    }
}

impl Settings for QuestionnaireSettings {
    type Id = QuestionnaireId;
    const KIND: DocumentKind = DocumentKind::Questionnaire;
    const PATH: &'static str = "questionnaires";
    const NAMED: Option<ReferenceKind> = Some(ReferenceKind::Questionnaire);

    fn findings(&self, _: &QuestionnaireId, _: &Around) -> Vec<Finding> {
        rules::questionnaire(self)
    }
}

impl Settings for TableSettings {
    type Id = TableId;
    const KIND: DocumentKind = DocumentKind::Table;
    const PATH: &'static str = "tables";
    const NAMED: Option<ReferenceKind> = Some(ReferenceKind::Table);

    fn findings(&self, _: &TableId, _: &Around) -> Vec<Finding> {
        rules::table(self)
    }
}

/// A secret: written once, never shown again. Flows name it, and the runtime puts its value into the calls they make.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretSettings {
    /// Its value: one line. It is taken and never given back.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(extend("x-fr" = "Sa valeur : une ligne. Elle est prise et n’est jamais rendue."))]
    value: String,
}

impl Settings for SecretSettings {
    type Id = SecretId;
    const KIND: DocumentKind = DocumentKind::Secret;
    const PATH: &'static str = "secrets";
    const NAMED: Option<ReferenceKind> = Some(ReferenceKind::Secret);

    fn shown(self) -> Self {
        Self { value: String::new() }
    }

    fn findings(&self, _: &SecretId, _: &Around) -> Vec<Finding> {
        rules::secret(&self.value)
    }
}
