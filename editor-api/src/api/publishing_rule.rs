//! What a flow must show before it is published: that its tests pass, and how much of it they cover. A flow without a
//! rule is published when the checks find no error.
//!
//! Tests are played as `routewright test` plays them, with the live versions of the flows that this one calls.

use std::sync::Arc;

use axum::extract::State;
use routewright_engine::{
    TenantId,
    rehearsal::{Coverage, Rehearsal, Troupe},
};
use routewright_flows::FlowDocument;
use routewright_runtime::{Change, DocumentKind, Expect};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::openapi::HttpMethod::{Get, Put};

use super::{
    change::{Reply, Written, write},
    extract::{Segments, Text, parse},
    flows::{live_called_by, stored_draft},
    operation::{Api, Operation},
    usage,
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of publishing rules.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "flows", summary);
    let change = about("replace_publishing_rule", "Say what a flow must show before it is published");
    let reading = about("read_publishing_rule", "Read what a flow must show before it is published");
    let path = "/api/v1/flows/{id}/publishing-rule";
    api.add(Get, path, reading.answers::<PublishingRule>(200, "The rule"), read).add(
        Put,
        path,
        change.body::<PublishingRule>().answers::<Written>(200, "Replaced"),
        replace,
    )
}

/// What a flow must show before it is published; also how it is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishingRule {
    /// True when its own tests must pass.
    #[serde(default)]
    tests_pass: bool,
    /// How much of its nodes, exits and cases its tests must go through at least, in a hundred.
    #[serde(default)]
    #[schemars(range(max = 100))]
    coverage_min: u8,
}

impl PublishingRule {
    async fn of(door: &Door, tenant: &TenantId, id: &str) -> Result<Self, Problem> {
        let stored = door.runtime.document(tenant.clone(), DocumentKind::PublishingRule, id).await?;
        let rule = stored.map(|stored| serde_json::from_value(stored.body).map_err(Problem::internal)).transpose()?;
        Ok(rule.unwrap_or_default())
    }
}

async fn read(who: Principal, State(door): State<Arc<Door>>, Segments(id): Segments<String>) -> Result<Reply, Problem> {
    who.reader()?;
    stored_draft(&door, &who.tenant, &id).await?;
    Ok(Reply::done(PublishingRule::of(&door, &who.tenant, &id).await?))
}

async fn replace(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.author()?;
    let rule: PublishingRule = parse(&text)?;
    if 100 < rule.coverage_min {
        return Err(Problem::unexpected_body("'coverage_min' is in a hundred: expected 0 to 100"));
    }
    stored_draft(&door, &who.tenant, &id).await?;
    let body = serde_json::to_value(rule).map_err(Problem::internal)?;
    let change = Change::Put { kind: DocumentKind::PublishingRule, id: id.clone(), expect: Expect::Any, body };
    let revisions = write(&door, &who, vec![change]).await?;
    Ok(Reply::done(Written { id, revision: revisions.first().map_or(0, |revision| revision.0) }))
}

/// Refuses a flow that does not show what its rule asks for.
pub(crate) async fn hold(door: &Door, tenant: &TenantId, document: &FlowDocument) -> Result<(), Problem> {
    let rule = PublishingRule::of(door, tenant, document.id.as_str()).await?;
    if rule == PublishingRule::default() {
        return Ok(());
    }
    let library: Vec<Arc<FlowDocument>> =
        live_called_by(door, tenant, document).await?.into_iter().map(Arc::new).collect();
    let registry = usage::registry(door, tenant).await?;
    let sandbox = Arc::clone(door.runtime.sandbox());
    let document = Arc::new(document.clone());
    let job = move || {
        let troupe = Troupe::new(&document, &library, &registry, &sandbox)?;
        let rehearsals: Vec<Rehearsal> = document.tests.iter().map(|scenario| troupe.play(scenario)).collect();
        let coverage = Coverage::of(&document, &rehearsals, &registry);
        Ok((rehearsals, coverage))
    };
    let played: Result<_, routewright_engine::published::PublishFault> =
        door.runtime.on_script_thread(job).await.map_err(Problem::internal)?;
    let (rehearsals, coverage) = played.map_err(Problem::internal)?;
    let failed: Vec<Failed> = rehearsals.iter().filter(|rehearsal| !rehearsal.passed).map(Failed::of).collect();
    if rule.tests_pass && !failed.is_empty() {
        return Err(Problem::tests_failed(&failed));
    }
    if coverage.percent() < usize::from(rule.coverage_min) {
        return Err(Problem::coverage_too_low(coverage.percent(), rule.coverage_min, &coverage));
    }
    Ok(())
}

/// A test that did not pass.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    test: String,
    /// What did not hold, in both languages.
    failures: Vec<routewright_flows::Words>,
}

impl Failed {
    fn of(rehearsal: &Rehearsal) -> Self {
        let failures = rehearsal.failures.iter().map(|failure| failure.message.clone()).collect();
        Self { test: rehearsal.name.clone(), failures }
    }
}
