//! Interactions: read one, list them by where they stand, and see what happened, then and now.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::State,
    response::{Response, sse::Event},
};
use futures_util::StreamExt;
use routewright_engine::{
    AgentId, InteractionId, SkillId, TenantId, TouchpointId, catalogue::Catalogue, contact::ContactKey,
    refusal::Refusal,
};
use routewright_runtime::{InteractionFilter, InteractionState, InteractionView, limits::LIST_MAX};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};
use utoipa::openapi::HttpMethod::Get;

use super::{
    change::Reply,
    extract::{Params, Segments},
    operation::{Api, Operation},
    page::{Page, PageQuery},
    sought::{LOOKED_AT_MAX, Sought, encoded, leaves},
    stream::{LastEvent, Numbered, replayed, respond},
    views::{FactView, InteractionShown, State as Standing, agent_of, state_of},
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The routes of interactions.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "interactions", summary);
    let listing = about("list_interactions", "List interactions, newest first").query::<ListQuery>();
    let past = about("read_timeline", "Everything that happened to an interaction, in order");
    let live =
        about("stream_interaction", "The timeline as server-sent events, from Last-Event-ID on, then live").resumable();
    let all = about("stream_facts", "Everything that happens in the tenant, live, as server-sent events");
    api.add(Get, "/api/v1/interactions", listing.answers::<Page<InteractionShown>>(200, "A page"), list)
        .add(
            Get,
            "/api/v1/interactions/{id}",
            about("read_interaction", "Read an interaction").answers::<InteractionShown>(200, "As it stands"),
            read,
        )
        .add(Get, "/api/v1/interactions/{id}/timeline", past.answers::<Page<FactView>>(200, "All facts"), timeline)
        .add(
            Get,
            "/api/v1/interactions/{id}/stream",
            live.answers_as::<FactView>(200, "text/event-stream", "Events named 'fact'"),
            stream,
        )
        .add(
            Get,
            "/api/v1/events",
            all.answers_as::<FactView>(200, "text/event-stream", "Events named 'fact', or 'missed' after a lag"),
            events,
        )
}

/// Facts of a timeline read at once by a stream.
const STREAM_PAGE: usize = 100;

/// Which interactions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Where they stand.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    state: Option<Standing>,
    /// Where they came in.
    #[serde(default)]
    touchpoint: Option<TouchpointId>,
    /// Whose they are: offered, in conversation, or in wrap-up.
    #[serde(default)]
    agent: Option<AgentId>,
    /// Words, all of which must be found in it, whatever their case: its id, the contact's address, name and fields, the
    /// touchpoint, the skills it waits for, its agent, where its flows stand, their attributes, its disposition and its
    /// answers. A request looks at 5,000 interactions, so a page with a `next` may hold few or none. A whole id, and
    /// the latest conversation of a whole address, are found however old they are, on top of the first page.
    #[serde(default)]
    text: Option<String>,
    /// Interactions on the page, 1 to 500; 100 when absent.
    #[serde(default)]
    limit: Option<u32>,
    /// The id that the page comes after.
    #[serde(default)]
    after: Option<String>,
}

async fn list(
    who: Principal,
    State(door): State<Arc<Door>>,
    Params(query): Params<ListQuery>,
) -> Result<Reply, Problem> {
    who.supervisor()?;
    let limit = PageQuery { limit: query.limit, after: None }.limit()?;
    let mut after = query.after.as_deref().map(str::parse).transpose().map_err(Problem::bad_query)?;
    let state = query.state.map(|state| match state {
        // The runtime's index knows what is live; who of them has nobody is told apart below.
        Standing::InFlow => InteractionState::Live,
        Standing::Waiting => InteractionState::Waiting,
        Standing::Offered => InteractionState::Offered,
        Standing::Active => InteractionState::Active,
        Standing::WrapUp => InteractionState::WrapUp,
        Standing::Ended => InteractionState::Ended,
    });
    let filter = InteractionFilter { state, touchpoint: query.touchpoint.clone(), agent: query.agent.clone() };
    let (catalogue, now) = (door.runtime.catalogue(&who.tenant).unwrap_or_default(), door.now());
    let sought = query.text.as_deref().map(Sought::of);
    let stands = |view: &InteractionView| query.state.is_none_or(|state| state_of(view) == state);
    let holds =
        |shown: &InteractionShown| sought.as_ref().is_none_or(|sought| sought.is_in(texts_of(shown, &catalogue)));
    let named = match &query.text {
        Some(text) => named_by(&door, &who.tenant, text.trim(), &catalogue).await?,
        None => Vec::new(),
    };
    let is_first = after.is_none();
    let mut items: Vec<InteractionShown> = Vec::new();
    let mut looked_at = 0;
    let is_cut = loop {
        let size = if sought.is_some() { LIST_MAX } else { limit + 1 };
        let page = door.runtime.interactions(who.tenant.clone(), filter.clone(), after, size).await?;
        let was_last = page.len() < size as usize;
        looked_at += page.len();
        after = page.last().map(|last| last.interaction.id);
        let unnamed =
            page.into_iter().filter(|view| !named.iter().any(|one| one.interaction.id == view.interaction.id));
        let shown = unnamed.filter(&stands).map(|view| InteractionShown::of(view, &catalogue, now));
        items.extend(shown.filter(&holds));
        if was_last || limit as usize <= items.len().saturating_sub(1) {
            break false;
        }
        if sought.is_some() && LOOKED_AT_MAX <= looked_at {
            break true;
        }
    };
    let mut rest = String::new();
    for (name, value) in [
        ("state", query.state.and_then(|state| serde_json::to_value(state).ok()?.as_str().map(str::to_owned))),
        ("touchpoint", query.touchpoint.as_ref().map(ToString::to_string)),
        ("agent", query.agent.as_ref().map(ToString::to_string)),
        ("text", query.text),
    ] {
        value.into_iter().for_each(|value| rest.push_str(&format!("&{name}={}", encoded(&value))));
    }
    let link = |last: &str| format!("/api/v1/interactions?limit={limit}{rest}&after={last}");
    let mut page = Page::cut(items, limit, |last| link(&last.id));
    if is_cut && page.next.is_none() {
        page.next = after.map(|id| link(&id.to_string()));
    }
    if is_first {
        let fits = |view: &InteractionView| {
            stands(view)
                && query.touchpoint.as_ref().is_none_or(|touchpoint| *touchpoint == view.interaction.touchpoint)
                && query.agent.as_ref().is_none_or(|agent| {
                    view.work.as_ref().and_then(agent_of).is_some_and(|held_by| held_by == agent.as_str())
                })
        };
        let named = named.into_iter().filter(fits).map(|view| InteractionShown::of(view, &catalogue, now));
        page.items.splice(0..0, named.collect::<Vec<_>>());
    }
    Ok(Reply::done(page))
}

/// Interactions of which a text is the whole id, or the whole address of their contact; of each contact the latest.
async fn named_by(
    door: &Door,
    tenant: &TenantId,
    text: &str,
    catalogue: &Catalogue,
) -> Result<Vec<InteractionView>, Problem> {
    let mut ids: BTreeSet<InteractionId> = text.parse().ok().into_iter().collect();
    for touchpoint in catalogue.touchpoints.keys() {
        let key = ContactKey { tenant: tenant.clone(), touchpoint: touchpoint.clone(), address: text.into() };
        ids.extend(door.runtime.latest(key).await?);
    }
    let mut named = Vec::new();
    for id in ids.into_iter().rev() {
        named.extend(door.runtime.interaction(tenant.clone(), id).await?);
    }
    Ok(named)
}

/// What a search looks at, of an interaction; skills, touchpoints and agents also by what people call them.
fn texts_of<'t>(shown: &'t InteractionShown, catalogue: &'t Catalogue) -> Vec<&'t str> {
    let mut texts = vec![shown.id.as_str(), &shown.touchpoint, &shown.contact.address];
    texts.extend(shown.contact.name.as_deref());
    texts.extend(shown.disposition.as_deref());
    let touchpoint = shown.touchpoint.parse().ok().and_then(|id: TouchpointId| catalogue.touchpoints.get(&id));
    texts.extend(touchpoint.into_iter().flat_map(|settings| settings.title.0.values().map(String::as_str)));
    if let Some(agent) = &shown.agent {
        texts.push(agent);
        let settings = agent.parse().ok().and_then(|id: AgentId| catalogue.agents.get(&id));
        texts.extend(settings.map(|settings| settings.name.as_str()));
    }
    for skill in shown.skills.keys() {
        texts.push(skill);
        let settings = skill.parse().ok().and_then(|id: SkillId| catalogue.skills.get(&id));
        texts.extend(settings.into_iter().flat_map(|settings| settings.title.0.values().map(String::as_str)));
    }
    for place in &shown.at {
        texts.extend([place.flow.as_str(), &place.node]);
        place.attributes.values().for_each(|value| leaves(value, &mut texts));
    }
    shown.contact.fields.values().for_each(|value| leaves(value, &mut texts));
    shown.answers.values().flat_map(BTreeMap::values).for_each(|value| leaves(value, &mut texts));
    texts
}

async fn read(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<InteractionId>,
) -> Result<Reply, Problem> {
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    Ok(Reply::done(InteractionShown::of(seen(&door, &who, id).await?, &catalogue, door.now())))
}

async fn timeline(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<InteractionId>,
) -> Result<Reply, Problem> {
    seen(&door, &who, id).await?;
    let facts = door.runtime.timeline(who.tenant, id).await?;
    Ok(Reply::done(Page { items: facts.iter().map(FactView::of).collect(), next: None }))
}

async fn stream(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<InteractionId>,
    LastEvent(after): LastEvent,
) -> Result<Response, Problem> {
    seen(&door, &who, id).await?;
    let (runtime, tenant) = (door.runtime.clone(), who.tenant.clone());
    let concerns = move |committed: &routewright_runtime::Committed| {
        committed.facts.iter().any(|fact| fact.tenant == who.tenant && fact.interaction == Some(id))
    };
    let read = move |after: Option<u64>| {
        let (runtime, tenant) = (runtime.clone(), tenant.clone());
        async move {
            let entries = runtime.timeline_after(tenant, id, after.unwrap_or_default(), STREAM_PAGE).await?;
            let new = entries.into_iter().map(|entry| Numbered {
                id: entry.position,
                name: "fact",
                data: serde_json::to_string(&FactView::of(&entry.fact)).unwrap_or_default(),
            });
            Ok(new.collect())
        }
    };
    Ok(replayed(&door, after, concerns, read))
}

async fn events(who: Principal, State(door): State<Arc<Door>>) -> Result<Response, Problem> {
    who.supervisor()?;
    let commits = BroadcastStream::new(door.runtime.subscribe());
    let events = commits.flat_map(move |committed| {
        let events = match committed {
            Ok(committed) => facts_of(&who.tenant, &committed),
            Err(BroadcastStreamRecvError::Lagged(groups)) => {
                vec![Event::default().event("missed").data(format!("{{\"groups\":{groups}}}"))]
            }
        };
        futures_util::stream::iter(events)
    });
    Ok(respond(&door, events))
}

fn facts_of(tenant: &TenantId, committed: &routewright_runtime::Committed) -> Vec<Event> {
    let own = committed.facts.iter().filter(|fact| fact.tenant == *tenant).enumerate();
    own.map(|(at, fact)| {
        let data = serde_json::to_string(&FactView::of(fact)).unwrap_or_default();
        Event::default().event("fact").id(format!("{}.{at}", committed.group)).data(data)
    })
    .collect()
}

/// An interaction that this caller may see: a supervisor any, an agent those he has or had last.
async fn seen(door: &Door, who: &Principal, id: InteractionId) -> Result<InteractionView, Problem> {
    let view = door.runtime.interaction(who.tenant.clone(), id).await?;
    let view = view.ok_or(Refusal::UnknownInteraction(id))?;
    let Ok(agent) = who.agent() else {
        return who.supervisor().map(|()| view);
    };
    let interaction = &view.interaction;
    let mut his = [interaction.agent.as_ref(), interaction.last_agent.as_ref()].contains(&Some(agent));
    if let Some(desk) = door.runtime.agent(&who.tenant, agent) {
        let mut works = desk.offers.iter().chain(&desk.conversations).chain(&desk.wrap_ups);
        his |= works.any(|work| work.interaction == id);
    }
    // To another agent it does not exist: its number alone must not tell him that there was a conversation.
    if his { Ok(view) } else { Err(Refusal::UnknownInteraction(id).into()) }
}
