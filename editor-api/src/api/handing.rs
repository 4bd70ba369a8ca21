//! Contacts that change hands by somebody's wish: an agent asks for one more, begins a conversation, hands one on, or
//! chooses a named status;
//! a supervisor gives one to an agent; a conversation goes on over one channel more, or is set aside. The same actions go through [`super::socket`].

use std::sync::Arc;

use axum::extract::State;
use routewright_engine::{
    AgentId, InteractionId,
    catalogue::ProfileSettings,
    elevation::Elevation,
    event::{AgentAction, Beginning, TransferTo},
    id::StatusId,
    refusal::Refusal,
    switchboard::Answer,
};
use routewright_flows::{Channel, HumanDuration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::openapi::HttpMethod::{Get, Post, Put};

use super::{
    agents::{AgentMessage, Finish, act, desk_of, done},
    change::{Reply, note},
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
    let begin = about("begin_conversation", "Begin a conversation; one of the agent's own may be set aside for it")
        .body::<Beginning>();
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
            "/api/v1/agents/{id}/conversations",
            begin.answers::<Begun>(201, "The contact is written to, and the agent has the conversation"),
            begin_conversation,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/transfer",
            transfer.answers::<Done>(200, "It waits for another"),
            transfer_conversation,
        )
        .add(Post, "/api/v1/interactions/{id}/assign", assign.answers::<Done>(200, "It is offered"), assign_contact)
        .add(
            Get,
            "/api/v1/agents/{id}/profile",
            about("read_own_profile", "The handling profile that an agent works under, with his own limits in it")
                .answers::<ProfileSettings>(200, "The profile"),
            profile,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/channels",
            about("elevate_conversation", "Go on over one channel more: e-mail, voice or SMS")
                .body::<Elevation>()
                .answers::<Done>(200, "The contact is reached there"),
            elevate,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/channels/{channel}/messages",
            about("write_on_channel", "Write to the contact on a channel of an elevated conversation")
                .body::<AgentMessage>()
                .answers::<Done>(200, "Sent"),
            write_on,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/channels/{channel}/close",
            about("close_channel", "End an elevated conversation on one of its channels")
                .answers::<Done>(200, "Its record is open"),
            close_channel,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/channels/{channel}/finish",
            about("finish_channel", "Close the record of one channel; with the last one the conversation is over")
                .body::<Finish>()
                .answers::<Done>(200, "Closed"),
            finish_channel,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/ban",
            about("ban_contact", "Shut the contact of a conversation out for a while; on record")
                .body::<Ban>()
                .answers::<Done>(200, "His messages are refused"),
            ban,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/unban",
            about("unban_contact", "As a supervisor, let a contact in again").answers::<Done>(200, "He may write"),
            unban,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/park",
            about("park_conversation", "Set a conversation aside; it keeps the units that the profile reserves")
                .answers::<Done>(200, "It takes no place"),
            park,
        )
        .add(
            Post,
            "/api/v1/interactions/{id}/resume",
            about("resume_conversation", "Take up a conversation that was set aside, when there is room")
                .answers::<Done>(200, "It goes on"),
            resume,
        )
}

/// A conversation that an agent began.
#[derive(Debug, Serialize, JsonSchema)]
struct Begun {
    /// Its interaction.
    interaction: String,
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
    /// Why, for those who read the audit trail. Needed to force it with a key that is no agent's.
    #[serde(default)]
    reason: Option<String>,
    /// In whose name: an agent who is a supervisor. Needed of a key that is no agent's.
    #[serde(default, rename = "as")]
    in_name_of: Option<AgentId>,
}

/// For how long a contact is shut out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ban {
    /// Such as `"1d"`.
    lasts: HumanDuration,
    /// Why, for people.
    #[serde(default)]
    reason: String,
}

async fn ban(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let Ban { lasts, reason } = parse(&text)?;
    done(&door, who.tenant, agent, AgentAction::Ban { interaction, lasts, reason }).await
}

async fn unban(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    done(&door, who.tenant, agent, AgentAction::Unban { interaction }).await
}

async fn profile(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
) -> Result<Reply, Problem> {
    who.sees(&agent)?;
    let known = door.runtime.catalogue(&who.tenant).filter(|catalogue| catalogue.agents.contains_key(&agent));
    let catalogue = known.ok_or_else(|| Refusal::UnknownAgent(agent.clone()))?;
    let mut profile = catalogue.profile_of(&agent);
    profile.desk.made_out_to(&agent);
    Ok(Reply::done(profile))
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

async fn begin_conversation(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.acts_for(&agent)?;
    let beginning: Beginning = parse(&text)?;
    let submitted = act(&door, who.tenant, agent, AgentAction::Begin(beginning)).await?;
    let Answer::Begun { interaction } = submitted.answer else {
        return Err(Problem::internal("a conversation that was begun was not answered as one"));
    };
    let begun = Begun { interaction: interaction.to_string() };
    Ok(Reply::created(format!("/api/v1/interactions/{interaction}"), begun))
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
    let Assign { to, force, reason, in_name_of } = parse(&text)?;
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    let agent = match who.agent() {
        Ok(agent) => agent.clone(),
        Err(_) => {
            who.supervisor()?;
            if force && reason.is_none() {
                return Err(Problem::reason_missing());
            }
            in_name_of.ok_or_else(|| Problem::unexpected_body("'as' must name the supervisor who gives it"))?
        }
    };
    let noted = reason.map(|reason| {
        json!({
            "action": "assign", "kind": "interaction", "id": interaction,
            "to": to, "as": agent, "force": force, "reason": reason,
        })
    });
    act(&door, who.tenant.clone(), agent, AgentAction::Assign { interaction, to, force }).await?;
    if let Some(noted) = noted {
        note(&door, &who, noted).await?;
    }
    Ok(Reply::done(Done { done: true }))
}

async fn elevate(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let to: Elevation = parse(&text)?;
    done(&door, who.tenant, agent, AgentAction::Elevate { interaction, to }).await
}

async fn write_on(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((interaction, channel)): Segments<(InteractionId, Channel)>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let AgentMessage { text, attached, event_id } = parse(&text)?;
    if !attached.is_empty() {
        return Err(Problem::unexpected_body("a further channel of a conversation takes words alone"));
    }
    let event_id = event_id.map(Into::into);
    done(&door, who.tenant, agent, AgentAction::WriteOn { interaction, channel, text, event_id }).await
}

async fn close_channel(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((interaction, channel)): Segments<(InteractionId, Channel)>,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    done(&door, who.tenant, agent, AgentAction::CloseChannel { interaction, channel }).await
}

async fn finish_channel(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments((interaction, channel)): Segments<(InteractionId, Channel)>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    let Finish { disposition, answers } = parse(&text)?;
    if !answers.is_empty() {
        return Err(Problem::unexpected_body("answers are kept with the record of the whole conversation"));
    }
    done(&door, who.tenant, agent, AgentAction::FinishChannel { interaction, channel, disposition }).await
}

async fn park(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    done(&door, who.tenant, agent, AgentAction::Park { interaction }).await
}

async fn resume(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(interaction): Segments<InteractionId>,
) -> Result<Reply, Problem> {
    let agent = who.agent()?.clone();
    done(&door, who.tenant, agent, AgentAction::Resume { interaction }).await
}
