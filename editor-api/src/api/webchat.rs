//! Webchat: visitors of any web site write to a touchpoint, from a page that holds nothing but a public key. That key
//! only lets a visitor speak for himself: what names him is a secret of his own browser, of which the server keeps a
//! digest, so that neither the key nor what agents see of him lets anybody read along.
//!
//! A visitor's conversation is read back from the journal, entry by entry under ids that never change; whoever comes
//! back after a loss of network asks for what follows the last entry he has, and misses and doubles nothing.

use std::sync::Arc;

use axum::{
    extract::{
        FromRequestParts, State,
        ws::{Message as Frame, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, request::Parts},
    response::{IntoResponse, Response},
};
use routewright_engine::{
    InteractionId, TenantId, Timestamp, TouchpointId,
    catalogue::{Catalogue, Open},
    contact::{ContactKey, Message, Speaker},
    event::{ContactWrote, Input},
    fact::{Fact, FactRecord},
};
use routewright_flows::Locale;
use routewright_runtime::Committed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use utoipa::openapi::HttpMethod::{Get, Post};

use super::{
    change::Reply,
    extract::{Params, Text, parse},
    operation::{Api, Operation},
    socket::not_a_websocket,
    touchpoints::{Done, bounded},
    views::OptionView,
};
use crate::{
    door::Door,
    hints::Writing,
    keys::{Principal, Role},
    language::Language,
    problem::Problem,
};

/// The routes of visitors. Pages of every site may ask here.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "webchat", summary);
    let write = about("write_as_visitor", "A visitor wrote, or tapped an option").body::<Written>();
    let past = about("read_visit", "The visitor's conversation, after an entry").query::<Visit>();
    let left = about("leave_as_visitor", "The visitor left").body::<Leaving>();
    let socket = about("open_visitor_socket", "The conversation as a WebSocket: what was said, and what is said next")
        .query::<Visit>();
    api.add(Post, "/api/v1/webchat/messages", write.answers::<Done>(200, "Heard"), post_message)
        .add(Get, "/api/v1/webchat/conversation", past.answers::<Conversation>(200, "What was said"), conversation)
        .add(Post, "/api/v1/webchat/departures", left.answers::<Done>(200, "Heard"), departures)
        .add(Get, "/api/v1/webchat/socket", socket.answers_nothing(101, "The connection is a WebSocket"), open)
}

/// What a visitor writes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The visitor's own secret, 16 to 128 characters; his browser makes it once and keeps it.
    visitor: String,
    #[serde(flatten)]
    line: Line,
}

/// One message of a visitor.
#[derive(Debug, Deserialize, JsonSchema)]
struct Line {
    /// The browser's id of the message; a repeated one has no further effect.
    event_id: String,
    /// What he wrote.
    #[serde(default)]
    text: Option<String>,
    /// The id of the option he tapped.
    #[serde(default)]
    choice: Option<String>,
    /// His name, when the page knows it.
    #[serde(default)]
    name: Option<String>,
    /// Where to answer him, when he left it: 3 to 254 characters. Flows read it as `contact.fields.email`.
    #[serde(default)]
    email: Option<String>,
    /// His language.
    #[serde(default)]
    locale: Option<Locale>,
}

/// A visitor who leaves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Leaving {
    /// The visitor's own secret.
    visitor: String,
}

/// Whose conversation, and from where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Visit {
    /// The visitor's own secret.
    visitor: String,
    /// The last entry that the browser has.
    #[serde(default)]
    after: Option<String>,
    /// The public key, where no header can be sent: a browser's WebSocket.
    #[serde(default)]
    #[expect(dead_code, reason = "read by `PublicKey`, before the query is")]
    key: Option<String>,
}

/// A part of a conversation.
#[derive(Debug, Serialize, JsonSchema)]
struct Conversation {
    /// What follows the entry asked for, in order.
    entries: Vec<Entry>,
    /// True when the conversation is over; the next message begins another.
    over: bool,
    /// Whether somebody is there now, by the hours of the touchpoint.
    service: ServiceHours,
}

/// The hours of the touchpoint, as a page tells a visitor.
#[derive(Debug, Serialize, JsonSchema)]
struct ServiceHours {
    /// True when the service is open, or keeps no hours.
    open: bool,
    /// When a closed service opens next, RFC 3339; absent when it is open, or never opens again.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<String>,
}

impl ServiceHours {
    fn of(catalogue: &Catalogue, touchpoint: &TouchpointId, now: Timestamp) -> Self {
        let settings = catalogue.touchpoints.get(touchpoint);
        let hours = settings.and_then(|settings| catalogue.hours_of_touchpoint(settings)).and_then(Open::calendar);
        match hours.filter(|hours| !hours.is_open(now)) {
            None => Self { open: true, opens_at: None },
            Some(hours) => Self { open: false, opens_at: hours.next_change(now).map(|at| at.to_string()) },
        }
    }
}

/// One entry.
#[derive(Debug, Serialize, JsonSchema)]
struct Entry {
    /// Its id; never used twice.
    id: String,
    /// When, RFC 3339.
    at: String,
    /// Who: `visitor`, `flow` or `agent`.
    by: String,
    /// The agent's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What was said.
    text: String,
    /// Options to tap.
    options: Vec<OptionView>,
    /// The id that the visitor's browser gave his message.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
}

/// The bearer of a public key: as a header, or in the query of a socket.
struct PublicKey {
    tenant: TenantId,
    touchpoint: TouchpointId,
}

impl FromRequestParts<Arc<Door>> for PublicKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct InQuery {
            key: String,
        }
        let who = match Params::<InQuery>::from_request_parts(parts, door).await {
            Ok(Params(InQuery { key })) => door.keyring.find(&key).ok_or_else(Problem::unauthorised)?,
            Err(_) => Principal::from_request_parts(parts, door).await?,
        };
        let touchpoint = who.visits()?.clone();
        Ok(Self { tenant: who.tenant, touchpoint })
    }
}

/// Bytes of a visitor's request at most: the longest message in UTF-8, escaped, and its envelope.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// Characters of a visitor's secret at least: what 64 random bits need.
const SECRET_CHARS_MIN: usize = 16;

/// Characters of a visitor's secret at most.
const SECRET_CHARS_MAX: usize = 128;

/// Characters of a mailbox at most (RFC 5321, 4.5.3.1.3, without the angle brackets).
const EMAIL_CHARS_MAX: usize = 254;

/// A mailbox that can be one. Whether anybody reads it, only a letter tells.
fn mailbox(text: String) -> Result<String, Problem> {
    let is_plain =
        text.chars().count() <= EMAIL_CHARS_MAX && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let has_both = text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if is_plain && has_both {
        Ok(text)
    } else {
        Err(Problem::unexpected_body(format_args!(
            "'email' is not a mailbox of at most {EMAIL_CHARS_MAX} characters, such as lea@example.org"
        )))
    }
}

/// One visitor.
#[derive(Clone)]
struct Visitor {
    door: Arc<Door>,
    key: ContactKey,
}

/// Where a reader stands: an interaction, and the facts of it that he has.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    interaction: InteractionId,
    facts: usize,
}

impl Visitor {
    fn of(door: &Arc<Door>, key: PublicKey, secret: &str) -> Result<Self, Problem> {
        let chars = secret.chars().count();
        if !(SECRET_CHARS_MIN..=SECRET_CHARS_MAX).contains(&chars) {
            let bounds = format!("{SECRET_CHARS_MIN} to {SECRET_CHARS_MAX}");
            return Err(Problem::unexpected_body(format_args!("'visitor' has {chars} characters, not {bounds}")));
        }
        let digest = blake3::hash(secret.as_bytes()).to_hex();
        let address = format!("visitor-{}", &digest.as_str()[..20]);
        let key = ContactKey { tenant: key.tenant, touchpoint: key.touchpoint, address: address.into() };
        Ok(Self { door: Arc::clone(door), key })
    }

    async fn write(&self, line: Line) -> Result<(), Problem> {
        if line.text.is_none() && line.choice.is_none() {
            return Err(Problem::unexpected_body("one of 'text' and 'choice' must be there"));
        }
        let fields = line.email.map(mailbox).transpose()?.map(|email| ("email".to_owned(), json!(email)));
        let (now, touchpoint) = (self.door.now(), (self.key.tenant.clone(), self.key.touchpoint.clone()));
        if !self.door.visitors.admits(self.key.clone(), now) || !self.door.visited.admits(touchpoint, now) {
            return Err(Problem::too_fast());
        }
        let wrote = ContactWrote {
            from: self.key.clone(),
            event_id: bounded("event_id", line.event_id)?.into(),
            message: Message { text: line.text.unwrap_or_default(), choice: line.choice },
            name: line.name,
            locale: line.locale,
            fields: fields.into_iter().collect(),
        };
        self.door.runtime.submit(Input::ContactWrote(wrote)).await?;
        self.empty_outbox().await
    }

    /// The journal is this touchpoint's outbox: what the other one holds reaches visitors without it.
    async fn empty_outbox(&self) -> Result<(), Problem> {
        const PAGE: u32 = 500;
        let (tenant, touchpoint) = (&self.key.tenant, &self.key.touchpoint);
        let held = self.door.runtime.outbox(tenant.clone(), touchpoint.clone(), None, PAGE).await?;
        if let Some(last) = held.last() {
            self.door.runtime.acknowledge(tenant.clone(), touchpoint.clone(), last.position).await?;
        }
        Ok(())
    }

    /// What follows a place, and the place after it.
    async fn after(&self, place: Option<Place>) -> Result<(Conversation, Option<Place>), Problem> {
        let latest = self.door.runtime.latest(self.key.clone()).await?;
        let mut reading: Vec<Place> = place.into_iter().collect();
        if let Some(latest) = latest.filter(|id| place.is_none_or(|place| place.interaction < *id)) {
            reading.push(Place { interaction: latest, facts: 0 });
        }
        let catalogue = self.door.runtime.catalogue(&self.key.tenant).unwrap_or_default();
        let service = ServiceHours::of(&catalogue, &self.key.touchpoint, self.door.now());
        let (mut conversation, mut end) = (Conversation { entries: Vec::new(), over: false, service }, None);
        for Place { interaction, facts: seen } in reading {
            // A place is what a browser says: an interaction of somebody else has nothing to read.
            let view = self.door.runtime.interaction(self.key.tenant.clone(), interaction).await?;
            let Some(view) = view.filter(|view| view.interaction.key() == self.key) else { continue };
            let facts = self.door.runtime.timeline(self.key.tenant.clone(), interaction).await?;
            let new = facts.iter().enumerate().skip(seen);
            conversation.entries.extend(new.filter_map(|(at, fact)| entry(interaction, at, fact, &catalogue)));
            conversation.over = !view.interaction.is_live() && view.work.is_none();
            end = Some(Place { interaction, facts: facts.len() });
        }
        Ok((conversation, end.or(place)))
    }

    fn concerns(&self, committed: &Committed, place: Option<Place>) -> bool {
        let own = committed.facts.iter().filter(|fact| fact.tenant == self.key.tenant);
        own.into_iter().any(|record| match &record.fact {
            Fact::InteractionOpened { touchpoint, .. } => *touchpoint == self.key.touchpoint,
            _ => place.is_some_and(|place| record.interaction == Some(place.interaction)),
        })
    }

    async fn serve(self, mut socket: WebSocket, mut place: Option<Place>, language: Language) {
        let mut commits = self.door.runtime.subscribe();
        let mut hints = self.door.hints.listen();
        let stopped = self.door.stopped();
        tokio::pin!(stopped);
        let mut is_new = true;
        loop {
            if is_new {
                let Ok((conversation, next)) = self.after(place).await else { return };
                if send(&mut socket, &conversation).await.is_none() {
                    return;
                }
                place = next;
            }
            is_new = tokio::select! {
                () = &mut stopped => return,
                frame = socket.recv() => match frame {
                    Some(Ok(Frame::Text(text))) if is_hint(text.as_str()) => {
                        self.writes(place);
                        false
                    }
                    Some(Ok(Frame::Text(text))) => {
                        let answer = self.command(text.as_str(), language).await;
                        if send(&mut socket, &answer).await.is_none() {
                            return;
                        }
                        false
                    }
                    Some(Ok(Frame::Binary(_) | Frame::Ping(_) | Frame::Pong(_))) => false,
                    Some(Ok(Frame::Close(_)) | Err(_)) | None => return,
                },
                hint = hints.recv() => {
                    if let Some(name) = hint.ok().and_then(|writing| self.writer(&writing, place))
                        && send(&mut socket, &json!({ "writing": { "name": name } })).await.is_none()
                    {
                        return;
                    }
                    false
                },
                committed = commits.recv() => match committed {
                    Ok(committed) => self.concerns(&committed, place),
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => return,
                },
            };
        }
    }

    /// He writes: whoever has his conversation is told.
    fn writes(&self, place: Option<Place>) {
        let Some(Place { interaction, .. }) = place else { return };
        self.door.hints.tell(Writing { tenant: self.key.tenant.clone(), interaction, agent: None });
    }

    /// The name of the agent who writes to this visitor, when it is to him.
    fn writer(&self, writing: &Writing, place: Option<Place>) -> Option<String> {
        let his =
            writing.tenant == self.key.tenant && place.is_some_and(|place| place.interaction == writing.interaction);
        let agent = writing.agent.as_ref().filter(|_| his)?;
        let catalogue = self.door.runtime.catalogue(&self.key.tenant).unwrap_or_default();
        Some(catalogue.agents.get(agent).map(|agent| agent.name.clone()).unwrap_or_default())
    }

    async fn command(&self, text: &str, language: Language) -> Value {
        let line: Line = match parse(text) {
            Ok(line) => line,
            Err(problem) => return json!({ "re": null, "problem": problem.details(language, None) }),
        };
        let re = line.event_id.clone();
        match self.write(line).await {
            Ok(()) => json!({ "re": re, "ok": {} }),
            Err(problem) => json!({ "re": re, "problem": problem.details(language, None) }),
        }
    }
}

/// True for `{"writing": true}`: no message, but that one is on its way.
fn is_hint(text: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Hint {
        writing: bool,
    }
    serde_json::from_str::<Hint>(text).is_ok_and(|hint| hint.writing)
}

async fn send(socket: &mut WebSocket, value: &impl Serialize) -> Option<()> {
    // Our own structs always serialise.
    let text = serde_json::to_string(value).unwrap_or_default();
    socket.send(Frame::Text(text.into())).await.ok()
}

async fn post_message(key: PublicKey, State(door): State<Arc<Door>>, Text(text): Text) -> Result<Reply, Problem> {
    let Written { visitor, line } = parse(&text)?;
    Visitor::of(&door, key, &visitor)?.write(line).await?;
    Ok(Reply::done(Done { done: true }))
}

async fn conversation(
    key: PublicKey,
    State(door): State<Arc<Door>>,
    Params(visit): Params<Visit>,
) -> Result<Reply, Problem> {
    let place = visit.after.as_deref().map(place).transpose()?;
    let (conversation, _) = Visitor::of(&door, key, &visit.visitor)?.after(place).await?;
    Ok(Reply::done(conversation))
}

async fn departures(key: PublicKey, State(door): State<Arc<Door>>, Text(text): Text) -> Result<Reply, Problem> {
    let Leaving { visitor } = parse(&text)?;
    let visitor = Visitor::of(&door, key, &visitor)?;
    door.runtime.submit(Input::ContactLeft(visitor.key)).await?;
    Ok(Reply::done(Done { done: true }))
}

async fn open(
    key: PublicKey,
    State(door): State<Arc<Door>>,
    Params(visit): Params<Visit>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&door, key, &visit.visitor)?;
    let place = visit.after.as_deref().map(place).transpose()?;
    let upgrade = upgrade.map_err(|_| not_a_websocket())?;
    let language = Language::accepted(&headers);
    Ok(upgrade
        .max_message_size(BODY_BYTES_MAX)
        .on_upgrade(move |socket| visitor.serve(socket, place, language))
        .into_response())
}

/// A fact as the visitor sees it; most he does not.
fn entry(interaction: InteractionId, at: usize, record: &FactRecord, catalogue: &Catalogue) -> Option<Entry> {
    let entry = |by: &str, text: &str| Entry {
        id: format!("{interaction}.{}", at + 1),
        at: record.at.to_string(),
        by: by.to_owned(),
        name: None,
        text: text.to_owned(),
        options: Vec::new(),
        event_id: None,
    };
    match &record.fact {
        Fact::MessageReceived { message, event_id } => {
            Some(Entry { event_id: Some(event_id.to_string()), ..entry("visitor", &message.text) })
        }
        Fact::MessageSent { said } => {
            let options =
                said.options.iter().map(|o| OptionView { id: o.id.clone(), label: o.label.clone() }).collect();
            let (by, name) = match &said.by {
                Speaker::Flow => ("flow", None),
                Speaker::Agent(agent) => ("agent", catalogue.agents.get(agent).map(|agent| agent.name.clone())),
            };
            Some(Entry { options, name: name.filter(|name| !name.is_empty()), ..entry(by, &said.text) })
        }
        _ => None,
    }
}

/// The place after an entry, from its id.
fn place(id: &str) -> Result<Place, Problem> {
    let parsed = id.split_once('.').and_then(|(interaction, facts)| {
        Some(Place { interaction: interaction.parse().ok()?, facts: facts.parse().ok()? })
    });
    parsed.ok_or_else(|| Problem::bad_query(format_args!("after={id} is not the id of an entry")))
}

impl Principal {
    /// The touchpoint whose visitors this public key serves.
    fn visits(&self) -> Result<&TouchpointId, Problem> {
        match &self.role {
            Role::Visitor { touchpoint } => Ok(touchpoint),
            Role::Administrator | Role::Author | Role::Supervisor | Role::Agent { .. } | Role::Touchpoint { .. } => {
                Err(Problem::forbidden(&Role::a_visitors()))
            }
        }
    }
}
