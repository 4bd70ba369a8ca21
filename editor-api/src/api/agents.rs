//! What agents do, by plain HTTP: presence and its heartbeat, the desk, offers, conversations and records. The same
//! actions go through [`super::socket`].

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use routewright_engine::{
    AgentId, InteractionId, OfferId, TenantId,
    contact::Attached,
    event::{AgentAction, Input, PresenceStatus},
    id::DispositionId,
    refusal::Refusal,
    switchboard::Answer,
};
use routewright_runtime::Submitted;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::HttpMethod::{Get, Post, Put};

use super::{
    change::Reply,
    extract::{Segments, Text, parse},
    operation::{Api, Operation},
    page::Page,
    socket,
    touchpoints::Done,
    views::Desk,
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of agents at work.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "agents", summary);
    let presence = about("set_presence", "Choose a presence; also renews the lease").body::<Presence>();
    let beat = about("send_heartbeat", "The desk is still there: renew the lease");
    let accept = about("accept_offer", "Take an offer; taking it twice is harmless");
    let write = about("write_to_contact", "Write to the contact").body::<AgentMessage>();
    let finish = about("finish_record", "Close the record; the slot is free again").body::<Finish>();
    let socket = about("open_desk_socket", "The desk as a WebSocket: the same actions, and news as it happens");
    api.add(
        Get,
        "/api/v1/desks",
        about("list_desks", "Every agent's desk").answers::<Page<Desk>>(200, "All desks"),
        desks,
    )
    .add(Put, "/api/v1/agents/{id}/presence", presence.answers::<Desk>(200, "The desk"), set_presence)
    .add(Post, "/api/v1/agents/{id}/heartbeat", beat.answers::<Done>(200, "Renewed"), heartbeat)
    .add(
        Get,
        "/api/v1/agents/{id}/desk",
        about("read_desk", "Offers, conversations and records").answers::<Desk>(200, "The desk"),
        desk,
    )
    .add(Get, "/api/v1/agents/{id}/socket", socket.answers_nothing(101, "The connection is a WebSocket"), socket::open)
    .add(Post, "/api/v1/offers/{id}/accept", accept.answers::<Accepted>(200, "The conversation is his"), accept_offer)
    .add(
        Post,
        "/api/v1/offers/{id}/decline",
        about("decline_offer", "Refuse an offer").answers::<Done>(200, "Refused"),
        decline_offer,
    )
    .add(Post, "/api/v1/interactions/{id}/messages", write.answers::<Done>(200, "Sent"), write_message)
    .add(
        Post,
        "/api/v1/interactions/{id}/close",
        about("close_conversation", "End the conversation; wrap-up begins").answers::<Done>(200, "Closed"),
        close,
    )
    .add(Post, "/api/v1/interactions/{id}/finish", finish.answers::<Done>(200, "Finished"), finish_record)
}

/// A presence.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Presence {
    /// Which.
    status: PresenceStatus,
}

/// What an agent writes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentMessage {
    /// What the contact reads.
    #[serde(default)]
    pub(crate) text: String,
    /// What goes with it: pictures and files as far as his role permits them; a template, which reaches the contact when
    /// the messaging window is closed.
    #[serde(default)]
    pub(crate) attached: Vec<Attached>,
    /// The desk's id of the message; a repeated one has no further effect.
    #[serde(default)]
    pub(crate) event_id: Option<String>,
}

/// The end of a record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finish {
    /// How the agent qualifies the conversation.
    #[serde(default)]
    pub(crate) disposition: Option<DispositionId>,
    /// What the agent answers to the questionnaire of his desk, by question; of a whole record only.
    #[serde(default)]
    pub(crate) answers: BTreeMap<String, Value>,
}

/// An offer was taken.
#[derive(Debug, Serialize, JsonSchema)]
struct Accepted {
    /// The interaction.
    interaction: String,
    /// The offer.
    offer: String,
}

async fn desks(who: Principal, State(door): State<Arc<Door>>) -> Result<Reply, Problem> {
    who.supervisor()?;
    let items = door.runtime.agents(&who.tenant).into_iter().map(Desk::from).collect();
    Ok(Reply::done(Page { items, next: None }))
}

async fn set_presence(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.acts_for(&agent)?;
    let Presence { status } = parse(&text)?;
    act(&door, who.tenant.clone(), agent.clone(), AgentAction::SetPresence { status }).await?;
    Ok(Reply::done(desk_of(&door, &who.tenant, &agent)?))
}

async fn heartbeat(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
) -> Result<Reply, Problem> {
    who.acts_for(&agent)?;
    done(&door, who.tenant, agent, AgentAction::Heartbeat).await
}

async fn desk(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
) -> Result<Reply, Problem> {
    who.sees(&agent)?;
    Ok(Reply::done(desk_of(&door, &who.tenant, &agent)?))
}

async fn accept_offer(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(offer): Segments<OfferId>,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let submitted = act(&door, who.tenant, agent, AgentAction::Accept { offer }).await?;
    let Answer::Accepted { interaction, offer } = submitted.answer else {
        return Err(Problem::internal("an accepted offer was not answered as one"));
    };
    Ok(Reply::done(Accepted { interaction: interaction.to_string(), offer: offer.to_string() }))
}

async fn decline_offer(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(offer): Segments<OfferId>,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    done(&door, who.tenant, agent, AgentAction::Decline { offer }).await
}

async fn write_message(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let AgentMessage { text, attached, event_id } = parse(&text)?;
    let event_id = event_id.map(Into::into);
    done(&door, who.tenant, agent, AgentAction::Write { interaction, text, attached, event_id }).await
}

async fn close(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    done(&door, who.tenant, agent, AgentAction::Close { interaction }).await
}

async fn finish_record(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let Finish { disposition, answers } = parse(&text)?;
    done(&door, who.tenant, agent, AgentAction::Finish { interaction, disposition, answers }).await
}

/// Hands an agent's action to the shard.
pub(crate) async fn act(
    door: &Door,
    tenant: TenantId,
    agent: AgentId,
    action: AgentAction,
) -> Result<Submitted, Problem> {
    Ok(door.runtime.submit(Input::Agent { tenant, agent, action }).await?)
}

/// An agent's desk as it stands.
pub(crate) fn desk_of(door: &Door, tenant: &TenantId, agent: &AgentId) -> Result<Desk, Problem> {
    let view = door.runtime.agent(tenant, agent);
    view.map(Desk::from).ok_or_else(|| Refusal::UnknownAgent(agent.clone()).into())
}

/// The same, for actions of which there is nothing to tell.
pub(crate) async fn done(door: &Door, tenant: TenantId, agent: AgentId, action: AgentAction) -> Result<Reply, Problem> {
    act(door, tenant, agent, action).await?;
    Ok(Reply::done(Done { done: true }))
}
