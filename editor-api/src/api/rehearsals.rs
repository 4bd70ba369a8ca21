//! Rehearsals over HTTP: a draft is played as a contact would meet it, under a virtual clock, without touching anything
//! that is live. Nothing is kept between two requests: whoever plays on sends the whole scenario again, one step longer,
//! and gets the same answers, one step further. That is what lets an author step backwards.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, http::HeaderMap};
use routewright_engine::{
    TenantId,
    catalogue::Catalogue,
    node::Registry,
    rehearsal::{Coverage, Failure, Moment, Rehearsal, Troupe},
};
use routewright_flows::{
    FlowDocument, FlowId,
    check::Kinds,
    descriptor::{ReferenceKind, Slot},
    scenario::Scenario,
    slots::SlotMap,
};
use routewright_runtime::{DocumentKind, InteractionView};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::HttpMethod::Post;

use super::{
    change::Reply,
    extract::{Segments, Text, parse},
    operation::{Api, Operation},
    usage,
    views::{FactView, InteractionShown, State as Standing, agent_of, standing},
};
use crate::{door::Door, keys::Principal, language::Language, problem::Problem};

/// The routes of rehearsals.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "flows", summary);
    let rehearse = about("rehearse_flow", "Play a scenario against a document, step by step").body::<Wanted>();
    let tests = about("test_flow", "Run the tests that a document carries").body::<FlowDocument>();
    api.add(Post, "/api/v1/flows/{id}/rehearse", rehearse.answers::<Played>(200, "How it went"), rehearse_flow).add(
        Post,
        "/api/v1/flows/{id}/test",
        tests.answers::<Tested>(200, "How each went, and what they went through"),
        test_flow,
    )
}

/// What to play.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The flow.
    document: FlowDocument,
    /// What happens. Questionnaires it does not give are those of the catalogue.
    scenario: Scenario,
}

/// How a rehearsal went.
#[derive(Debug, Serialize, JsonSchema)]
struct Played {
    /// Whether it passed.
    #[serde(flatten)]
    outcome: Outcome,
    /// What was there after each step that could be played.
    moments: Vec<MomentView>,
}

/// How the tests of a document went.
#[derive(Debug, Serialize, JsonSchema)]
struct Tested {
    /// Each test, in the order of the document.
    items: Vec<Outcome>,
    /// What they went through, of what there is.
    coverage: Covered,
}

/// What tests went through, and how much that is.
#[derive(Debug, Serialize, JsonSchema)]
struct Covered {
    /// All parts together, in a hundred, rounded down.
    percent: usize,
    #[serde(flatten)]
    parts: Coverage,
}

/// Whether a test passed.
#[derive(Debug, Serialize, JsonSchema)]
struct Outcome {
    /// The scenario's name.
    name: String,
    /// True when every expectation held.
    passed: bool,
    /// What did not hold.
    failures: Vec<FailureView>,
    /// Exits of this flow that were taken, `node.exit`.
    exits: Vec<String>,
    /// What happened, a line each.
    transcript: String,
}

/// Something that was expected in vain.
#[derive(Debug, Serialize, JsonSchema)]
struct FailureView {
    /// Which step, from 0; absent for the scenario as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    /// The sentence for people.
    message: String,
}

/// After one step.
#[derive(Debug, Serialize, JsonSchema)]
struct MomentView {
    /// The step, from 0.
    step: usize,
    /// The virtual instant, RFC 3339.
    at: String,
    /// What happened since the step before.
    facts: Vec<FactView>,
    /// The contact's interaction, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction: Option<InteractionShown>,
    /// The other contacts that the scenario has in line, while they wait for an agent or have one.
    others: Vec<OtherView>,
}

/// Another contact of a rehearsal.
#[derive(Debug, Serialize, JsonSchema)]
struct OtherView {
    /// Where he stands.
    state: Standing,
    /// The agent who has him, or whose offer he is.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
}

async fn rehearse_flow(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.reader()?;
    let language = Language::accepted(&headers);
    let Wanted { document, mut scenario } = parse(&text)?;
    same_flow(&id, &document)?;
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    give_catalogue(&mut scenario, &catalogue);
    let registry = usage::registry(&door, &who.tenant).await?;
    let called = called_by(&door, &registry, &who.tenant, &document).await?;
    let stage = Stage { door: Arc::clone(&door), document: Arc::new(document), called, registry };
    let (rehearsal, moments) = stage.on(move |troupe| troupe.watch(&scenario)).await?;
    let outcome = Outcome::of(rehearsal, language);
    Ok(Reply::done(Played { outcome, moments: moments.into_iter().map(MomentView::from).collect() }))
}

async fn test_flow(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.reader()?;
    let language = Language::accepted(&headers);
    let document: FlowDocument = parse(&text)?;
    same_flow(&id, &document)?;
    let registry = usage::registry(&door, &who.tenant).await?;
    let called = called_by(&door, &registry, &who.tenant, &document).await?;
    let document = Arc::new(document);
    let tests = document.tests.clone();
    let stage =
        Stage { door: Arc::clone(&door), document: Arc::clone(&document), called, registry: Arc::clone(&registry) };
    let played = stage.on(move |troupe| tests.iter().map(|test| troupe.play(test)).collect::<Vec<_>>()).await?;
    let parts = Coverage::of(&document, &played, &registry);
    let coverage = Covered { percent: parts.percent(), parts };
    let items = played.into_iter().map(|rehearsal| Outcome::of(rehearsal, language)).collect();
    Ok(Reply::done(Tested { items, coverage }))
}

/// Where a document is played.
struct Stage {
    door: Arc<Door>,
    document: Arc<FlowDocument>,
    called: Vec<Arc<FlowDocument>>,
    registry: Arc<Registry>,
}

impl Stage {
    /// Plays on a thread that hostile scripts cannot bring down.
    async fn on<T: Send + 'static>(self, play: impl FnOnce(&Troupe) -> T + Send + 'static) -> Result<T, Problem> {
        let Self { door, document, called, registry } = self;
        let sandbox = Arc::clone(door.runtime.sandbox());
        let job = move || Troupe::new(&document, &called, &registry, &sandbox).map(|troupe| play(&troupe));
        let played = door.runtime.on_script_thread(job).await.map_err(Problem::internal)?;
        played.map_err(|fault| Problem::unplayable(&fault.words()))
    }
}

/// Every flow that a document may call, near or far, as its draft stands.
async fn called_by(
    door: &Door,
    registry: &Registry,
    tenant: &TenantId,
    document: &FlowDocument,
) -> Result<Vec<Arc<FlowDocument>>, Problem> {
    let mut found: BTreeMap<FlowId, Arc<FlowDocument>> = BTreeMap::new();
    let mut to_read = names_of(registry, document);
    while let Some(id) = to_read.pop() {
        if id == document.id || found.contains_key(&id) {
            continue;
        }
        let stored = door.runtime.document(tenant.clone(), DocumentKind::FlowDraft, id.as_str()).await?;
        // A flow that does not exist is a finding of the check; here its call fails as it would live.
        let Some(stored) = stored else { continue };
        let called: FlowDocument = serde_json::from_value(stored.body).map_err(Problem::internal)?;
        to_read.extend(names_of(registry, &called));
        found.insert(id, Arc::new(called));
    }
    Ok(found.into_values().collect())
}

fn names_of(registry: &Registry, document: &FlowDocument) -> Vec<FlowId> {
    let mut names = Vec::new();
    for node in document.nodes.values() {
        let Some(descriptor) = registry.descriptor(node.kind.as_str()) else { continue };
        let slots = SlotMap::of(&descriptor.config);
        let flows =
            slots.find(&node.config).into_iter().filter(|f| f.slot == Slot::Reference { to: ReferenceKind::Flow });
        names.extend(flows.filter_map(|found| FlowId::new(found.text()?).ok()));
    }
    names
}

fn give_catalogue(scenario: &mut Scenario, catalogue: &Catalogue) {
    for (id, settings) in &catalogue.questionnaires {
        if let Ok(Value::Object(settings)) = serde_json::to_value(settings) {
            scenario.given.questionnaires.entry(id.to_string()).or_insert(settings);
        }
    }
    for (id, table) in &catalogue.tables {
        if let Ok(Value::Object(settings)) = serde_json::to_value(table.settings()) {
            scenario.given.tables.entry(id.to_string()).or_insert(settings);
        }
    }
}

fn same_flow(id: &str, document: &FlowDocument) -> Result<(), Problem> {
    if document.id.as_str() == id { Ok(()) } else { Err(Problem::another_id(id, document.id.as_str())) }
}

impl Outcome {
    fn of(rehearsal: Rehearsal, language: Language) -> Self {
        let Rehearsal { name, passed, transcript, failures, exits, nodes: _, seen: _ } = rehearsal;
        let said =
            |failure: Failure| FailureView { step: failure.step, message: language.of(&failure.message).to_owned() };
        Self {
            name,
            passed,
            transcript,
            failures: failures.into_iter().map(said).collect(),
            exits: exits.iter().map(|(node, exit)| format!("{node}.{exit}")).collect(),
        }
    }
}

impl From<Moment> for MomentView {
    fn from(moment: Moment) -> Self {
        let Moment { step, now, facts, interaction, work, others } = moment;
        Self {
            step,
            at: now.to_string(),
            facts: facts.iter().map(FactView::of).collect(),
            // The rehearsed world's hours are known to it alone; what every hour counts for is shown.
            interaction: interaction.map(|interaction| {
                InteractionShown::of(InteractionView { interaction, work }, &Catalogue::default(), now)
            }),
            others: others
                .iter()
                .map(|work| OtherView { state: standing(&work.state), agent: agent_of(work) })
                .collect(),
        }
    }
}
