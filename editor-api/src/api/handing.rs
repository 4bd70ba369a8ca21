//! Contacts that change hands by somebody's wish: an agent asks for one more, hands one on, or chooses a named status;
//! a supervisor gives one to an agent. The same actions go through [`super::socket`].

use std::sync::Arc;

use axum::extract::State;
use routewright_engine::{
    AgentId, InteractionId,
    event::{AgentAction, TransferTo},
    id::StatusId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use utoipa::openapi::HttpMethod::{Post, Put};

use super::{
    agents::{act, desk_of, done},
    change::Reply,
    extract::{Segments, Text, parse},
    operation::{Api, Operation},
    touchpoints::Done,
    views::Desk,
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of contacts that change hands.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "agents", summary);
    let pull = about("pull_contact", "Ask for one contact more; which one is not his to choose");
    let status = about("choose_status", "Choose a named status of the handling profile; also renews the lease");
    let transfer = about("transfer_conversation", "Hand a conversation on, at its place in line").body::<Transfer>();
    let assign = about("assign_contact", "As a supervisor, give a waiting contact to an agent").body::<Assign>();
    api.add(Post, "/api/v1/agents/{id}/pull", pull.answers::<Desk>(200, "The desk, with the offer"), pull_contact)
        .add(
            Put,
            "/api/v1/agents/{id}/status",
            status.body::<NamedStatus>().answers::<Desk>(200, "The desk"),
            choose_status,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/transfer",
            transfer.answers::<Done>(200, "It waits for another"),
            transfer_conversation,
        )
        .add(Post, "/api/v1/interactions/{id}/assign", assign.answers::<Done>(200, "It is offered"), assign_contact)
}

/// A named status.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NamedStatus {
    /// Which.
    name: StatusId,
}

/// To whom a conversation is handed on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// `"anyone"`, `{ "agent": "bob" }` or `{ "skill": ["support", 10] }`.
    to: TransferTo,
}

/// To whom a waiting contact is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Assign {
    /// The agent.
    to: AgentId,
    /// True to give it whatever stands against it; on record.
    #[serde(default)]
    force: bool,
}

async fn pull_contact(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
) -> Result<Reply, Problem> {
    who.acts_for(&agent)?;
    act(&door, who.tenant.clone(), agent.clone(), AgentAction::Pull).await?;
    Ok(Reply::done(desk_of(&door, &who.tenant, &agent)?))
}

async fn choose_status(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.acts_for(&agent)?;
    let NamedStatus { name } = parse(&text)?;
    act(&door, who.tenant.clone(), agent.clone(), AgentAction::ChooseStatus { name }).await?;
    Ok(Reply::done(desk_of(&door, &who.tenant, &agent)?))
}

async fn transfer_conversation(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let Transfer { to } = parse(&text)?;
    done(&door, who.tenant, agent, AgentAction::Transfer { interaction, to }).await
}

async fn assign_contact(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let Assign { to, force } = parse(&text)?;
    done(&door, who.tenant, agent, AgentAction::Assign { interaction, to, force }).await
}
