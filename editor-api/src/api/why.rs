//! Why: what keeps a contact from an agent, and why an agent takes nothing more. The heart answers, from the same rows
//! and limits that its decisions read; here the answer is only put into words and JSON.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use routewright_engine::{
    AgentId, InteractionId,
    capacity::{IdleWhy, LineWhy},
    refusal::Refusal,
};
use routewright_flows::{Channel, Words};
use schemars::JsonSchema;
use serde::Serialize;
use utoipa::openapi::HttpMethod::Get;

use super::{
    change::Reply,
    extract::Segments,
    operation::{Api, Operation},
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of explanations.
pub(crate) fn routes(api: Api) -> Api {
    let pair = Operation::new("explain_offer", "interactions", "What keeps a contact from an agent");
    let idle =
        Operation::new("explain_agent", "agents", "Why an agent takes nothing more: what waits, and what keeps it");
    api.add(
        Get,
        "/api/v1/interactions/{id}/why/{agent}",
        pair.answers::<Explained>(200, "The first test that fails"),
        why,
    )
    .add(
        Get,
        "/api/v1/agents/{id}/why",
        idle.answers::<IdleExplained>(200, "In one word, then queue by queue"),
        why_idle,
    )
}

/// What keeps a contact from an agent.
#[derive(Debug, Serialize, JsonSchema)]
struct Explained {
    /// The contact's interaction.
    interaction: String,
    /// The agent.
    agent: String,
    /// Stable code of the first test that fails, in the order in which people ask: `has-it`, `presence`, `channel`,
    /// `skill`, `level`, `supervisor`, `channel-max`, `units-max`, `contacts-max`, `bounced`, `reserved`,
    /// `could-be-offered`; `not-in-line` for a contact who waits for nobody.
    code: String,
    /// The same in words.
    reason: Words,
}

/// Why an agent takes nothing more.
#[derive(Debug, Serialize, JsonSchema)]
struct IdleExplained {
    /// The agent.
    agent: String,
    /// In one word: `presence`, `nobody-waits`, `nothing-for-him`, or the code of what keeps the first contact from
    /// him that he could serve.
    code: String,
    /// The same in words.
    reason: Words,
    /// Channels of which he could take a contact now, if one came.
    takes: Vec<Channel>,
    /// Queues in which somebody waits, the one that would be served first at the head; at most 100.
    queues: Vec<QueueExplained>,
    /// How many more queues there are.
    more: usize,
}

/// A queue as one agent sees it.
#[derive(Debug, Serialize, JsonSchema)]
struct QueueExplained {
    /// On which channel.
    channel: Channel,
    /// What it needs: skills with the worst level that will do.
    skills: BTreeMap<String, u8>,
    /// True when only a supervisor will do.
    supervisor: bool,
    /// How many wait.
    waiting: usize,
    /// The interaction of whoever is first.
    first: String,
    /// Since when that one waits, RFC 3339.
    waiting_since: String,
    /// True when the agent can serve the queue, capacity and presence of the moment aside.
    serves: bool,
    /// Stable code of the first test that keeps the queue from him.
    code: String,
    /// The same in words.
    reason: Words,
}

async fn why(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((id, agent)): Segments<(InteractionId, AgentId)>,
) -> Result<Reply, Problem> {
    who.supervisor()?;
    let known = door.runtime.interaction(who.tenant.clone(), id).await?;
    known.ok_or(Refusal::UnknownInteraction(id))?;
    let why = door.runtime.why(who.tenant, id, agent.clone()).await?;
    Ok(Reply::done(Explained {
        interaction: id.to_string(),
        agent: agent.to_string(),
        code: why.code().to_owned(),
        reason: why.words(),
    }))
}

async fn why_idle(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
) -> Result<Reply, Problem> {
    who.supervisor()?;
    let IdleWhy { verdict, takes, lines, more } = door.runtime.why_idle(who.tenant, agent.clone()).await?;
    Ok(Reply::done(IdleExplained {
        agent: agent.to_string(),
        code: verdict.code().to_owned(),
        reason: verdict.words(),
        takes,
        queues: lines.into_iter().map(QueueExplained::from).collect(),
        more,
    }))
}

impl From<LineWhy> for QueueExplained {
    fn from(line: LineWhy) -> Self {
        let skills = &line.requirement.skills;
        Self {
            channel: line.channel,
            skills: skills.iter().map(|(skill, worst)| (skill.to_string(), u8::from(*worst))).collect(),
            supervisor: line.requirement.supervisor,
            waiting: line.waiting,
            first: line.first.to_string(),
            waiting_since: line.since.to_string(),
            serves: line.serves,
            code: line.why.code().to_owned(),
            reason: line.why.words(),
        }
    }
}
