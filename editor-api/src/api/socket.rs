//! An agent's desk as one WebSocket. The desk sends actions, each with an id of its own choice that comes back in the
//! answer; the server sends answers and news.
//!
//! | from the desk | from the server |
//! | --- | --- |
//! | `{"id": 1, "action": "set_presence", "status": "available"}` | `{"re": 1, "ok": {...}}` or `{"re": 1, "problem": {...}}` |
//! | `{"id": 2, "action": "accept", "offer": "o1"}` | `{"event": "offer_made", ...}`, the facts that name the agent |
//! | `{"id": 3, "action": "write", "interaction": "i1", "text": "..."}` | `{"event": "contact_wrote", "interaction": "i1", "text": "..."}` |
//! | `{"action": "writing", "interaction": "i1"}` | `{"event": "contact_writes", "interaction": "i1"}`: somebody types; unanswered |
//! | `{"id": 4, "action": "heartbeat"}` | `{"event": "desk", ...}` at first, and whenever news were missed |
//!
//! Closing the socket does not log the agent out: his lease does that, unless he comes back before it ends.

use std::sync::Arc;

use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use routewright_engine::{
    AgentId, InteractionId, TenantId,
    contact::Speaker,
    effect::Action,
    event::AgentAction,
    fact::{Fact, FactRecord},
    switchboard::Answer,
};
use routewright_flows::Words;
use routewright_runtime::Committed;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::{
    agents::{act, desk_of},
    auth::of_this_host,
    extract::{Segments, parse},
    views::FactView,
};
use crate::{door::Door, hints::Writing, keys::Principal, language::Language, problem::Problem};

/// Bytes of a message of the desk at most: the longest text in UTF-8, escaped, and its envelope.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// An action of the desk.
#[derive(Debug, Deserialize)]
struct Command {
    /// Comes back with the answer.
    #[serde(default)]
    id: Value,
    #[serde(flatten)]
    action: AgentAction,
}

/// Whose desk, and in which language he reads problems.
struct Seat {
    door: Arc<Door>,
    tenant: TenantId,
    agent: AgentId,
    language: Language,
}

/// Opens the socket.
pub(crate) async fn open(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(agent): Segments<AgentId>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    who.acts_for(&agent)?;
    if headers.contains_key(header::ORIGIN) {
        of_this_host(&headers)?;
    }
    let upgrade = upgrade.map_err(|_| not_a_websocket())?;
    // An unknown agent is told so before the upgrade, where he can still read it.
    desk_of(&door, &who.tenant, &agent)?;
    let seat = Seat { tenant: who.tenant, agent, language: Language::accepted(&headers), door };
    Ok(upgrade.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| seat.serve(socket)).into_response())
}

/// The path was asked for as a page.
pub(crate) fn not_a_websocket() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "not-a-websocket",
        Words::new("this path is a WebSocket", "ce chemin est un WebSocket"),
        Words::new("Open it as one, or use the HTTP paths", "Ouvrez-le comme tel ou utilisez les chemins HTTP"),
    )
}

impl Seat {
    async fn serve(self, mut socket: WebSocket) {
        let mut commits = self.door.runtime.subscribe();
        let mut hints = self.door.hints.listen();
        let stopped = self.door.stopped();
        tokio::pin!(stopped);
        if self.send(&mut socket, [self.desk()]).await.is_none() {
            return;
        }
        loop {
            let sent = tokio::select! {
                () = &mut stopped => return,
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(text))) if self.hinted(text.as_str()) => Some(()),
                    Some(Ok(Message::Text(text))) => {
                        let answer = self.command(text.as_str()).await;
                        self.send(&mut socket, [answer]).await
                    }
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => Some(()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                },
                hint = hints.recv() => {
                    let writing = hint.ok().filter(|writing| self.reads(writing));
                    self.send(&mut socket, writing.map(|writing| json!({ "event": "contact_writes", "interaction": writing.interaction }))).await
                }
                committed = commits.recv() => match committed {
                    Ok(committed) => self.send(&mut socket, self.news(&committed)).await,
                    Err(RecvError::Lagged(_)) => self.send(&mut socket, [self.desk()]).await,
                    Err(RecvError::Closed) => return,
                },
            };
            if sent.is_none() {
                return;
            }
        }
    }

    /// True when the desk only hints that the agent writes; the contact is told when the conversation is his.
    fn hinted(&self, text: &str) -> bool {
        #[derive(Deserialize)]
        #[serde(tag = "action", rename_all = "snake_case")]
        enum Hint {
            Writing { interaction: InteractionId },
        }
        let Ok(Hint::Writing { interaction }) = serde_json::from_str(text) else { return false };
        if self.has(interaction) {
            let (tenant, agent) = (self.tenant.clone(), Some(self.agent.clone()));
            self.door.hints.tell(Writing { tenant, interaction, agent });
        }
        true
    }

    /// True when the contact of one of his conversations writes.
    fn reads(&self, writing: &Writing) -> bool {
        writing.agent.is_none() && writing.tenant == self.tenant && self.has(writing.interaction)
    }

    fn has(&self, interaction: InteractionId) -> bool {
        let desk = self.door.runtime.agent(&self.tenant, &self.agent);
        desk.is_some_and(|desk| desk.conversations.iter().any(|work| work.interaction == interaction))
    }

    /// Does what the desk asks; the answer says what came of it.
    async fn command(&self, text: &str) -> Value {
        let command: Command = match parse(text) {
            Ok(command) => command,
            Err(problem) => return json!({ "re": null, "problem": problem.details(self.language, None) }),
        };
        match act(&self.door, self.tenant.clone(), self.agent.clone(), command.action).await {
            Ok(submitted) => match submitted.answer {
                Answer::Accepted { interaction, offer } => {
                    json!({ "re": command.id, "ok": { "interaction": interaction, "offer": offer } })
                }
                Answer::Begun { interaction } => json!({ "re": command.id, "ok": { "interaction": interaction } }),
                Answer::Done | Answer::Heard { .. } | Answer::Repeated { .. } | Answer::Refused(_) => {
                    json!({ "re": command.id, "ok": {} })
                }
            },
            Err(problem) => json!({ "re": command.id, "problem": problem.details(self.language, None) }),
        }
    }

    /// What a commit means to this desk.
    fn news(&self, committed: &Committed) -> Vec<Value> {
        let facts = committed.facts.iter().filter(|record| record.tenant == self.tenant && self.concerns(record));
        let facts = facts.filter_map(|record| {
            let mut value = serde_json::to_value(FactView::of(record)).ok()?;
            let name = value.as_object_mut()?.remove("fact")?;
            value["event"] = name;
            Some(value)
        });
        let shown = committed.effects.iter().filter(|effect| effect.tenant == self.tenant);
        let shown = shown.filter_map(|effect| match &effect.action {
            Action::ShowAgent { agent, text, channel } if *agent == self.agent => {
                let mut wrote = json!({ "event": "contact_wrote", "interaction": effect.id.interaction, "id": effect.id.to_string(), "text": text });
                if let Some(channel) = channel {
                    wrote["channel"] = json!(channel);
                }
                Some(wrote)
            }
            Action::ShowAgent { .. }
            | Action::SendMessage { .. }
            | Action::Reach { .. }
            | Action::EndConversation { .. }
            | Action::Call(_) => None,
        });
        facts.chain(shown).collect()
    }

    /// True for facts that name this agent.
    fn concerns(&self, record: &FactRecord) -> bool {
        match &record.fact {
            Fact::OfferMade { agent, .. }
            | Fact::OfferAccepted { agent, .. }
            | Fact::OfferDeclined { agent, .. }
            | Fact::OfferExpired { agent, .. }
            | Fact::OfferWithdrawn { agent, .. }
            | Fact::Requeued { agent }
            | Fact::ChannelClosed { agent, .. }
            | Fact::ChannelFinished { agent, .. }
            | Fact::Begun { agent, .. }
            | Fact::ScreenPopped { agent, .. }
            | Fact::Parked { agent }
            | Fact::Resumed { agent }
            | Fact::Unbanned { by: agent }
            | Fact::Assigned { agent, .. }
            | Fact::ConnectionChanged { agent, .. }
            | Fact::Transferred { by: agent, .. }
            | Fact::ConversationClosed { agent }
            | Fact::WrapUpStarted { agent, .. }
            | Fact::WrapUpEnded { agent, .. }
            | Fact::PresenceChanged { agent, .. } => *agent == self.agent,
            // His own words, for his other windows.
            Fact::MessageSent { said } => matches!(&said.by, Speaker::Agent(agent) if *agent == self.agent),
            Fact::TimerFired { agent, .. } | Fact::Elevated { agent, .. } | Fact::Banned { by: agent, .. } => {
                agent.as_ref() == Some(&self.agent)
            }
            Fact::InteractionOpened { .. }
            | Fact::MessageReceived { .. }
            | Fact::NodeEntered { .. }
            | Fact::ExitTaken { .. }
            | Fact::SubflowCalled { .. }
            | Fact::VersionChanged { .. }
            | Fact::FlowChanged { .. }
            | Fact::SubflowReturned { .. }
            | Fact::AttributeSet { .. }
            | Fact::Faulted { .. }
            | Fact::LastResortTaken { .. }
            | Fact::LineRefused { .. }
            | Fact::Enqueued { .. }
            | Fact::RequirementChanged { .. }
            | Fact::Dequeued { .. }
            | Fact::Answered { .. }
            | Fact::DispositionSet { .. }
            | Fact::CallMade { .. }
            | Fact::Promised { .. }
            | Fact::PromiseJudged { .. }
            | Fact::CallEnded { .. }
            | Fact::EventEmitted { .. }
            | Fact::ContactLeft {}
            | Fact::InteractionEnded { .. } => false,
        }
    }

    fn desk(&self) -> Value {
        match desk_of(&self.door, &self.tenant, &self.agent) {
            Ok(desk) => json!({ "event": "desk", "desk": desk }),
            Err(problem) => json!({ "event": "problem", "problem": problem.details(self.language, None) }),
        }
    }

    /// Sends; none when the desk is gone.
    async fn send(&self, socket: &mut WebSocket, values: impl IntoIterator<Item = Value>) -> Option<()> {
        for value in values {
            socket.send(Message::Text(value.to_string().into())).await.ok()?;
        }
        Some(())
    }
}
