//! Touchpoints at work: contacts' messages in, and what is said to contacts out. A message is answered after its commit
//! with what the flow said; what is said later waits in the outbox until the touchpoint acknowledges it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, response::Response};
use routewright_engine::{
    TenantId, TouchpointId,
    contact::{ContactKey, Message},
    effect::Action,
    event::{ContactWrote, Input},
    limits::ADDRESS_CHARS_MAX,
    switchboard::Answer,
};
use routewright_flows::Locale;
use routewright_runtime::OutboxEntry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::HttpMethod::{Get, Post};

use super::{
    change::Reply,
    extract::{Params, Segments, Text, parse},
    operation::{Api, Operation},
    page::Page,
    stream::{LastEvent, Numbered, replayed},
    views::SaidView,
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of touchpoints at work.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "touchpoints", summary);
    let heard = about("deliver_message", "A contact wrote, or tapped an option; answers after the commit")
        .body::<ContactMessage>();
    let left = about("report_departure", "A contact left").body::<Departure>();
    let outbox = about("read_outbox", "Messages for contacts that no answer carried").query::<OutboxQuery>();
    let stream =
        about("stream_outbox", "The outbox as server-sent events, from Last-Event-ID on, then live").resumable();
    let ack = about("acknowledge_outbox", "Forget messages that were delivered").body::<Acknowledged>();
    api.add(Post, "/api/v1/touchpoints/{id}/messages", heard.answers::<Heard>(200, "What was said"), messages)
        .add(Post, "/api/v1/touchpoints/{id}/departures", left.answers::<Done>(200, "Heard"), departures)
        .add(
            Get,
            "/api/v1/touchpoints/{id}/outbox",
            outbox.answers::<Page<OutboxMessage>>(200, "A page, oldest first"),
            outbox_page,
        )
        .add(
            Get,
            "/api/v1/touchpoints/{id}/stream",
            stream.answers_as::<OutboxMessage>(200, "text/event-stream", "Events named 'message' and 'end'"),
            outbox_stream,
        )
        .add(Post, "/api/v1/touchpoints/{id}/outbox/ack", ack.answers::<Done>(200, "Forgotten"), acknowledge)
}

/// A contact's message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ContactMessage {
    /// The contact's address on the channel: a number, a mailbox, a widget's visitor id.
    from: String,
    /// The provider's id of the message; a repeated one gets the first answer and has no further effect.
    event_id: String,
    /// What he wrote.
    #[serde(default)]
    text: Option<String>,
    /// The id of the option he tapped.
    #[serde(default)]
    choice: Option<String>,
    /// His name, when the channel knows it.
    #[serde(default)]
    name: Option<String>,
    /// His language, when the channel knows it.
    #[serde(default)]
    locale: Option<Locale>,
    /// What else the touchpoint knows of him; flows read it as `contact.fields`.
    #[serde(default)]
    fields: BTreeMap<String, Value>,
}

/// What became of a message.
#[derive(Debug, Serialize, JsonSchema)]
struct Heard {
    /// The interaction it belongs to.
    interaction: String,
    /// The turn it made.
    turn: u64,
    /// What was said in return, in order.
    said: Vec<SaidView>,
    /// True when the message was heard before and this is its first answer.
    repeated: bool,
}

/// A contact who left.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Departure {
    /// His address on the channel.
    from: String,
}

/// It is done.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Done {
    /// Always true.
    pub done: bool,
}

/// Which part of the outbox.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OutboxQuery {
    /// The position that the page comes after.
    #[serde(default)]
    after: Option<u64>,
    /// Messages on the page, 1 to 500; 100 when absent.
    #[serde(default)]
    limit: Option<u32>,
}

/// A message for a contact, or the news that his conversation is over.
#[derive(Debug, Serialize, JsonSchema)]
struct OutboxMessage {
    /// Its place in the outbox; acknowledging a place forgets everything up to it.
    position: u64,
    /// Its idempotency key.
    id: String,
    /// When it was decided, RFC 3339.
    at: String,
    /// The contact's address.
    to: String,
    /// The interaction.
    interaction: String,
    /// What to deliver; absent when the conversation is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<SaidView>,
    /// Whom to reach: a conversation that began elsewhere goes on here.
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<ReachView>,
}

/// A contact to be reached on one channel more.
#[derive(Debug, Serialize, JsonSchema)]
struct ReachView {
    /// The agent who is to be put through; absent while nobody has the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The subject of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// What to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

/// What was delivered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledged {
    /// The last position delivered.
    position: u64,
}

/// Entries of the outbox read at once by a stream.
const STREAM_PAGE: u32 = 100;

async fn messages(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(touchpoint): Segments<TouchpointId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.speaks_for(&touchpoint)?;
    let message: ContactMessage = parse(&text)?;
    if message.text.is_none() && message.choice.is_none() {
        return Err(Problem::unexpected_body("one of 'text' and 'choice' must be there"));
    }
    let event_id = bounded("event_id", message.event_id)?;
    let input = Input::ContactWrote(ContactWrote {
        from: contact(who.tenant, touchpoint, message.from)?,
        event_id: event_id.into(),
        message: Message { text: message.text.unwrap_or_default(), choice: message.choice },
        name: message.name,
        locale: message.locale,
        fields: message.fields,
    });
    let submitted = door.runtime.submit(input).await?;
    let Answer::Heard { interaction, turn, said } = submitted.answer else {
        return Err(Problem::internal("a contact's message was not answered as one"));
    };
    Ok(Reply::done(Heard {
        interaction: interaction.to_string(),
        turn,
        said: said.into_iter().map(SaidView::from).collect(),
        repeated: submitted.repeated,
    }))
}

async fn departures(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(touchpoint): Segments<TouchpointId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.speaks_for(&touchpoint)?;
    let departure: Departure = parse(&text)?;
    door.runtime.submit(Input::ContactLeft(contact(who.tenant, touchpoint, departure.from)?)).await?;
    Ok(Reply::done(Done { done: true }))
}

async fn outbox_page(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(touchpoint): Segments<TouchpointId>,
    Params(query): Params<OutboxQuery>,
) -> Result<Reply, Problem> {
    who.speaks_for(&touchpoint)?;
    exists(&door, &who, &touchpoint)?;
    let page = super::page::PageQuery { limit: query.limit, after: None };
    let limit = page.limit()?;
    let entries = door.runtime.outbox(who.tenant, touchpoint.clone(), query.after, limit + 1).await?;
    let items = entries.into_iter().filter_map(shown).collect();
    let link =
        |last: &OutboxMessage| format!("/api/v1/touchpoints/{touchpoint}/outbox?limit={limit}&after={}", last.position);
    Ok(Reply::done(Page::cut(items, limit, link)))
}

async fn outbox_stream(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(touchpoint): Segments<TouchpointId>,
    LastEvent(after): LastEvent,
) -> Result<Response, Problem> {
    who.speaks_for(&touchpoint)?;
    exists(&door, &who, &touchpoint)?;
    let (runtime, tenant) = (door.runtime.clone(), who.tenant.clone());
    let own = touchpoint.clone();
    let concerns = move |committed: &routewright_runtime::Committed| {
        committed.effects.iter().any(|effect| {
            effect.tenant == who.tenant
                && match &effect.action {
                    Action::SendMessage { touchpoint, in_answer, .. } => !in_answer && *touchpoint == own,
                    Action::EndConversation { touchpoint, .. } | Action::Reach { touchpoint, .. } => *touchpoint == own,
                    Action::ShowAgent { .. } | Action::Call(_) => false,
                }
        })
    };
    let read = move |after| {
        let (runtime, tenant, touchpoint) = (runtime.clone(), tenant.clone(), touchpoint.clone());
        async move {
            let entries = runtime.outbox(tenant, touchpoint, after, STREAM_PAGE).await?;
            Ok(entries.into_iter().filter_map(shown).map(numbered).collect())
        }
    };
    Ok(replayed(&door, after, concerns, read))
}

async fn acknowledge(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(touchpoint): Segments<TouchpointId>,
    Text(text): Text,
) -> Result<Reply, Problem> {
    who.speaks_for(&touchpoint)?;
    let delivered: Acknowledged = parse(&text)?;
    exists(&door, &who, &touchpoint)?;
    door.runtime.acknowledge(who.tenant, touchpoint, delivered.position).await?;
    Ok(Reply::done(Done { done: true }))
}

fn contact(tenant: TenantId, touchpoint: TouchpointId, from: String) -> Result<ContactKey, Problem> {
    Ok(ContactKey { tenant, touchpoint, address: bounded("from", from)?.into() })
}

/// A text of a sensible length: an address, or a provider's id.
pub(crate) fn bounded(name: &str, text: String) -> Result<String, Problem> {
    match text.chars().count() {
        1..=ADDRESS_CHARS_MAX => Ok(text),
        n => Err(Problem::unexpected_body(format_args!("'{name}' has {n} characters, not 1 to {ADDRESS_CHARS_MAX}"))),
    }
}

fn exists(door: &Door, who: &Principal, touchpoint: &TouchpointId) -> Result<(), Problem> {
    let known = door.runtime.catalogue(&who.tenant).is_some_and(|c| c.touchpoints.contains_key(touchpoint));
    let unknown = || routewright_engine::refusal::Refusal::UnknownTouchpoint(touchpoint.clone());
    if known { Ok(()) } else { Err(unknown().into()) }
}

fn shown(entry: OutboxEntry) -> Option<OutboxMessage> {
    let (address, said, reach) = match entry.effect.action {
        Action::SendMessage { address, said, .. } => (address, Some(said.into()), None),
        Action::EndConversation { address, .. } => (address, None, None),
        Action::Reach { address, agent, subject, body, .. } => {
            let agent = agent.map(|agent| agent.to_string());
            (address, None, Some(ReachView { agent, subject, body }))
        }
        // Desks hear by their socket, and calls are the runtime's own: neither is ever on a touchpoint's outbox.
        Action::ShowAgent { .. } | Action::Call(_) => return None,
    };
    Some(OutboxMessage {
        position: entry.position,
        id: entry.id.to_string(),
        at: entry.at.to_string(),
        to: address.to_string(),
        interaction: entry.id.interaction.to_string(),
        said,
        reach,
    })
}

fn numbered(message: OutboxMessage) -> Numbered {
    let name = match (&message.said, &message.reach) {
        (Some(_), _) => "message",
        (None, Some(_)) => "reach",
        (None, None) => "end",
    };
    let data = serde_json::to_string(&message).unwrap_or_default();
    Numbered { id: message.position, name, data }
}
