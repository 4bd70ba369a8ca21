//! Flows as their authors work on them: drafts, which may be wrong, and the check that says what is wrong. What was
//! published is in [`super::versions`].

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use routewright_engine::{
    TenantId,
    catalogue::{Catalogue, rules, rules::User},
};
use routewright_flows::{
    AnswerTimes, Channel, Checker, Finding, FlowDocument, FlowId, Lifetime, ParsedDocument, Report,
    check::{Names, Scripts},
    complete::{Candidate, Described, complete},
    descriptor::{ReferenceKind, TOUCHPOINT},
};
use routewright_runtime::{Change, DocumentKind, Expect, InteractionFilter, InteractionState, StoredDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::HttpMethod::{Delete, Get, Post, Put};

use super::{
    change::{Once, Reply, Written, words_of, write},
    extract::{IfMatch, Params, Segments, Text, parse},
    operation::{Api, Operation},
    page::{Page, PageQuery, documents},
    usage,
    versions::{live_document, live_version},
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// Bytes of a flow's body at most: the language's own bound and room for layout.
pub(crate) const FLOW_BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The routes of drafts.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "flows", summary);
    let creation = about("create_flow", "Create a flow's draft").body::<FlowDocument>().idempotent();
    let change = about("replace_flow", "Replace a flow's draft").body::<FlowDocument>().if_match();
    let check = about("check_flow", "Check the draft, or the document in the body").body::<FlowDocument>();
    let completion = about("complete_flow", "What may stand at a place of the document in the body, or of the draft");
    let deletion = about("delete_flow", "Delete a flow that nothing uses, with its versions").if_match();
    let export = about("export_flow", "The draft in canonical text");
    api.add(
        Get,
        "/api/v1/flows",
        about("list_flows", "List flows").query::<PageQuery>().answers::<Page<FlowLine>>(200, "A page, by id"),
        list,
    )
    .add(Post, "/api/v1/flows", creation.answers::<Written>(201, "Created"), create)
    .add(
        Get,
        "/api/v1/flows/{id}",
        about("read_flow", "Read a flow's draft").answers::<FlowView>(200, "As it stands"),
        read,
    )
    .add(Put, "/api/v1/flows/{id}", change.answers::<Written>(200, "Replaced"), replace)
    .add(Delete, "/api/v1/flows/{id}", deletion.answers::<Written>(200, "Deleted"), delete)
    .add(Post, "/api/v1/flows/{id}/check", check.answers::<Checked>(200, "What was found"), check_flow)
    .add(
        Post,
        "/api/v1/flows/{id}/complete",
        completion.body::<Place>().answers::<Completed>(200, "What may stand there"),
        complete_flow,
    )
    .add(
        Get,
        "/api/v1/flows/{id}/export",
        export.answers_as::<Value>(200, "application/json", "The canonical text"),
        export_flow,
    )
}

/// A flow in a list.
#[derive(Debug, Serialize, JsonSchema)]
struct FlowLine {
    /// Its id.
    id: String,
    /// Rises with every change of the draft.
    revision: u64,
    /// When the draft was last changed, RFC 3339.
    updated_at: String,
    /// The prefix of the key that changed it last.
    updated_by: String,
    /// What people call it, by language.
    title: Value,
    /// The version that new interactions start on.
    live: Option<u32>,
}

/// A flow's draft.
#[derive(Debug, Serialize, JsonSchema)]
struct FlowView {
    /// Its id.
    id: String,
    /// Rises with every change of the draft; also the `ETag`.
    revision: u64,
    /// When the draft was last changed, RFC 3339.
    updated_at: String,
    /// The prefix of the key that changed it last.
    updated_by: String,
    /// The version that new interactions start on.
    live: Option<u32>,
    /// What the editor saved.
    document: FlowDocument,
}

/// What a check found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Checked {
    /// True when the flow may be published.
    pub sound: bool,
    /// SHA-256 of what the flow means.
    pub hash: Option<String>,
    /// Every finding, in the order of the document.
    pub findings: Vec<Finding>,
    /// The longest that a contact can be in the flow without a word and without an agent; there only when it is sound.
    pub lifetime: Option<Lifetime>,
}

/// A place in a document.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Place {
    /// JSON pointer of the value.
    pointer: String,
    /// Characters of the text at the pointer that come before the place.
    #[serde(default)]
    offset: usize,
    /// The document as it stands in the editor; the draft when absent.
    #[serde(default)]
    document: Option<FlowDocument>,
}

/// What may stand at a place.
#[derive(Debug, Serialize, JsonSchema)]
struct Completed {
    /// What is offered, sorted by name.
    candidates: Vec<Candidate>,
}

async fn complete_flow(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.reader()?;
    let place: Place = parse(&text)?;
    let document = match place.document {
        Some(document) => document,
        None => {
            let draft = stored_draft(&door, &who.tenant, &id).await?;
            serde_json::from_value(draft.body).map_err(Problem::internal)?
        }
    };
    let registry = usage::registry(&door, &who.tenant).await?;
    let checker = usage::checker(&door, &who.tenant).await?;
    let world = World::of(&door, &who.tenant, &checker, &document, Around::Drafts).await?;
    let known: (&dyn Described, &dyn Scripts, &dyn Names) = (&*registry, &**door.runtime.sandbox(), &world);
    let candidates = complete(&document, &place.pointer, place.offset, known);
    Ok(Reply::done(Completed { candidates }))
}

async fn list(
    who: Principal,
    State(door): State<Arc<Door>>,
    Params(page): Params<PageQuery>,
) -> Result<Reply, Problem> {
    who.reader()?;
    let page = documents(&door, who.tenant.clone(), DocumentKind::FlowDraft, page, "/api/v1/flows").await?;
    let mut lines = Vec::with_capacity(page.items.len());
    for draft in page.items {
        lines.push(FlowLine {
            live: live_version(&door, &who.tenant, &draft.id).await?,
            title: draft.body.get("title").cloned().unwrap_or_default(),
            id: draft.id,
            revision: draft.revision,
            updated_at: draft.updated_at.to_string(),
            updated_by: draft.by,
        });
    }
    Ok(Reply::done(Page { items: lines, next: page.next }))
}

async fn create(who: Principal, State(door): State<Arc<Door>>, once: Once, Text(text): Text) -> Result<Reply, Problem> {
    who.author()?;
    if let Some(first) = once.earlier(&door, &who, &text).await? {
        return Ok(first);
    }
    let document = parsed(&door, text.clone()).await?.into_document();
    let id = document.id.to_string();
    if id == super::imports::RESERVED {
        return Err(Problem::reserved_id(&id));
    }
    let reply = Reply::created(format!("/api/v1/flows/{id}"), Written { id: id.clone(), revision: 1 });
    once.write(&door, &who, &text, vec![draft(id, &document, Expect::Absent)?], reply).await
}

async fn read(who: Principal, State(door): State<Arc<Door>>, Segments(id): Segments<String>) -> Result<Reply, Problem> {
    who.reader()?;
    let found = stored_draft(&door, &who.tenant, &id).await?;
    let view = FlowView {
        live: live_version(&door, &who.tenant, &id).await?,
        document: serde_json::from_value(found.body).map_err(Problem::internal)?,
        id: found.id,
        revision: found.revision,
        updated_at: found.updated_at.to_string(),
        updated_by: found.by,
    };
    Ok(Reply::at_revision(view.revision, view))
}

async fn replace(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    IfMatch(expect): IfMatch,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.author()?;
    let document = parsed(&door, text).await?.into_document();
    if document.id.as_str() != id {
        return Err(Problem::another_id(&id, document.id.as_str()));
    }
    let revisions = write(&door, &who, vec![draft(id.clone(), &document, expect)?]).await?;
    let revision = revisions.first().map_or(0, |revision| revision.0);
    Ok(Reply::at_revision(revision, Written { id, revision }))
}

async fn delete(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    IfMatch(expect): IfMatch,
) -> Result<Reply, Problem> {
    who.author()?;
    let _held = door.settings.lock().await;
    let found = stored_draft(&door, &who.tenant, &id).await?;
    if !expect.admits(Some(found.revision)) {
        return Err(Problem::stale_revision(Some(found.revision)));
    }
    let users = users_of(&door, &who.tenant, &id).await?;
    if !users.is_empty() {
        return Err(Problem::in_use(&words_of(DocumentKind::FlowDraft), &id, users));
    }
    let mut changes = vec![
        Change::Delete { kind: DocumentKind::FlowDraft, id: id.clone(), expect },
        Change::Delete { kind: DocumentKind::Release, id: id.clone(), expect: Expect::Any },
        Change::Delete { kind: DocumentKind::PublishingRule, id: id.clone(), expect: Expect::Any },
    ];
    for note in super::releases::stored_notes(&door, &who.tenant, &id).await? {
        changes.push(Change::Delete { kind: DocumentKind::ReleaseNote, id: note.id, expect: Expect::Any });
    }
    for version in super::versions::of_flow(&door, &who.tenant, &id).await? {
        changes.push(Change::Delete { kind: DocumentKind::FlowVersion, id: version.id, expect: Expect::Any });
    }
    write(&door, &who, changes).await?;
    Ok(Reply::done(Written { id, revision: 0 }))
}

async fn check_flow(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    body: axum::body::Bytes,
) -> Result<Reply, Problem> {
    who.reader()?;
    let text = if body.is_empty() {
        stored_draft(&door, &who.tenant, &id).await?.body.to_string()
    } else {
        String::from_utf8(body.into()).map_err(|_| Problem::unreadable_body())?
    };
    let checked = match check(&door, &who.tenant, text, Around::Drafts).await? {
        Ok(report) => Checked {
            sound: report.flow.is_some(),
            hash: report.flow.as_ref().map(|flow| flow.content_hash().to_string()),
            findings: report.findings,
            lifetime: report.lifetime,
        },
        Err(findings) => Checked { sound: false, hash: None, findings, lifetime: None },
    };
    Ok(Reply::done(checked))
}

async fn export_flow(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
) -> Result<Response, Problem> {
    who.reader()?;
    let found = stored_draft(&door, &who.tenant, &id).await?;
    let document: FlowDocument = serde_json::from_value(found.body).map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], routewright_flows::format(&document)).into_response())
}

/// Which state of the tenant's other flows a check goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// For an author at work: their drafts.
    Drafts,
    /// For publishing: their live versions, which is what calls meet.
    Live,
}

/// What the checks may ask of a tenant.
struct World {
    catalogue: Arc<Catalogue>,
    /// The flows that may be named.
    flows: BTreeSet<FlowId>,
    /// Those that the document calls, directly or by way of others.
    called: BTreeMap<String, FlowDocument>,
}

impl World {
    async fn of(
        door: &Door,
        tenant: &TenantId,
        checker: &Checker,
        document: &FlowDocument,
        around: Around,
    ) -> Result<Self, Problem> {
        let catalogue = door.runtime.catalogue(tenant).unwrap_or_default();
        let mut flows = usage::live_flows(door, tenant).await?;
        if around == Around::Drafts {
            flows.extend(usage::drafts(door, tenant).await?);
        }
        let mut called: BTreeMap<String, FlowDocument> = BTreeMap::new();
        let mut to_read = checker.called(document);
        while let Some(id) = to_read.pop_first() {
            if called.contains_key(&id) || id == document.id.as_str() {
                continue;
            }
            let Some(found) = other_flow(door, tenant, &id, around).await? else { continue };
            to_read.extend(checker.called(&found));
            called.insert(id, found);
        }
        Ok(Self { catalogue, flows, called })
    }
}

/// The live versions of the flows that a document calls, directly or by way of others.
pub(crate) async fn live_called_by(
    door: &Door,
    tenant: &TenantId,
    document: &FlowDocument,
) -> Result<Vec<FlowDocument>, Problem> {
    let checker = usage::checker(door, tenant).await?;
    Ok(World::of(door, tenant, &checker, document, Around::Live).await?.called.into_values().collect())
}

/// A flow in the state that a check goes by; an author's draft may be missing where only a version was installed.
async fn other_flow(door: &Door, tenant: &TenantId, id: &str, around: Around) -> Result<Option<FlowDocument>, Problem> {
    if around == Around::Drafts
        && let Some(draft) = door.runtime.document(tenant.clone(), DocumentKind::FlowDraft, id).await?
    {
        return serde_json::from_value(draft.body).map(Some).map_err(Problem::internal);
    }
    live_document(door, tenant, id).await
}

impl Names for World {
    fn exists(&self, kind: ReferenceKind, name: &str) -> bool {
        let catalogue = &self.catalogue;
        name == TOUCHPOINT
            || match kind {
                ReferenceKind::Skill => catalogue.skills.contains_key(name),
                ReferenceKind::Calendar => catalogue.calendars.contains_key(name),
                ReferenceKind::Questionnaire => catalogue.questionnaires.contains_key(name),
                ReferenceKind::Flow => self.flows.contains(name),
                ReferenceKind::Disposition => catalogue.dispositions.contains_key(name),
                ReferenceKind::Agent => catalogue.agents.contains_key(name),
                ReferenceKind::Table => catalogue.tables.contains_key(name),
                ReferenceKind::Secret => catalogue.secrets.contains(name),
                // Message templates come with the channels that need them; until then none exists.
                ReferenceKind::Template => false,
            }
    }

    fn names(&self, kind: ReferenceKind) -> Vec<String> {
        let catalogue = &self.catalogue;
        match kind {
            ReferenceKind::Skill => catalogue.skills.keys().map(ToString::to_string).collect(),
            ReferenceKind::Calendar => catalogue.calendars.keys().map(ToString::to_string).collect(),
            ReferenceKind::Questionnaire => catalogue.questionnaires.keys().map(ToString::to_string).collect(),
            ReferenceKind::Flow => self.flows.iter().map(ToString::to_string).collect(),
            ReferenceKind::Disposition => catalogue.dispositions.keys().map(ToString::to_string).collect(),
            ReferenceKind::Agent => catalogue.agents.keys().map(ToString::to_string).collect(),
            ReferenceKind::Table => catalogue.tables.keys().map(ToString::to_string).collect(),
            ReferenceKind::Secret => catalogue.secrets.iter().map(ToString::to_string).collect(),
            ReferenceKind::Template => Vec::new(),
        }
    }

    fn answer_times(&self, channels: &BTreeSet<Channel>) -> AnswerTimes {
        let all = Channel::ALL;
        let channels = if channels.is_empty() { all.iter().collect() } else { channels.iter().collect::<Vec<_>>() };
        AnswerTimes::of(channels.into_iter().map(|channel| Some(self.catalogue.bot_timeout_of(*channel)?.get())))
    }
}

/// Reads and checks a document, with the flows that it calls, on a thread that hostile scripts cannot bring down. The
/// inner error is its faults of shape.
pub(crate) async fn check(
    door: &Door,
    tenant: &TenantId,
    text: String,
    around: Around,
) -> Result<Result<Report, Vec<Finding>>, Problem> {
    let read = door.runtime.on_script_thread(move || routewright_flows::parse(&text)).await;
    let parsed = match read.map_err(Problem::internal)? {
        Ok(parsed) => parsed,
        Err(findings) => return Ok(Err(findings)),
    };
    let checker = usage::checker(door, tenant).await?;
    let world = World::of(door, tenant, &checker, parsed.document(), around).await?;
    let sandbox = Arc::clone(door.runtime.sandbox());
    let job = move || checker.check_among(&parsed, world.called.values(), &*sandbox, &world);
    door.runtime.on_script_thread(job).await.map(Ok).map_err(Problem::internal)
}

/// The draft of a flow, or a problem that says there is none.
pub(crate) async fn stored_draft(door: &Door, tenant: &TenantId, id: &str) -> Result<StoredDocument, Problem> {
    let found = door.runtime.document(tenant.clone(), DocumentKind::FlowDraft, id).await?;
    found.ok_or_else(|| Problem::not_found(&words_of(DocumentKind::FlowDraft), id))
}

/// Reads a document; its faults of shape are the problem. Drafts may be wrong in meaning, never in shape.
async fn parsed(door: &Door, text: String) -> Result<ParsedDocument, Problem> {
    let read = door.runtime.on_script_thread(move || routewright_flows::parse(&text)).await;
    read.map_err(Problem::internal)?.map_err(|findings| Problem::flow_refused(&findings))
}

fn draft(id: String, document: &FlowDocument, expect: Expect) -> Result<Change, Problem> {
    let body = serde_json::to_value(document).map_err(Problem::internal)?;
    Ok(Change::Put { kind: DocumentKind::FlowDraft, id, expect, body })
}

/// Touchpoints, other flows and interactions that need this one.
async fn users_of(door: &Door, tenant: &TenantId, id: &str) -> Result<Vec<User>, Problem> {
    let catalogue = door.runtime.catalogue(tenant).unwrap_or_default();
    let mut users = rules::users(ReferenceKind::Flow, id, &catalogue);
    users.extend(usage::flows_that_name(door, tenant, ReferenceKind::Flow, id).await?);
    let live = InteractionFilter { state: Some(InteractionState::Live), ..InteractionFilter::default() };
    let on_it = |view: &routewright_runtime::InteractionView| {
        view.interaction.frames.iter().any(|frame| frame.flow.flow.as_str() == id)
    };
    users.extend(usage::interactions(door, tenant, live, on_it).await?);
    Ok(users)
}
