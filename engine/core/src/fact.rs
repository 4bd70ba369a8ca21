//! Facts: what happened, in the past tense, in the order it happened. The journal keeps them; timelines, reports,
//! counters and the live stream are made of nothing else.

use routewright_flows::{AttributeName, Channel, ExitName, NodeId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    capacity::{LineRefusal, Requirement},
    contact::{Message, Said},
    effect::EffectId,
    event::{PresenceStatus, TransferTo},
    id::{
        AgentId, DispositionId, InteractionId, OfferId, QuestionnaireId, RoutingQueueId, SkillId, TenantId,
        TouchpointId,
    },
    interaction::FlowVersion,
    silence::{Care, Promised},
    time::Timestamp,
};

/// A fact with its circumstances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactRecord {
    /// Whose.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// Of which interaction, when of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<InteractionId>,
    /// In which of its turns.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turn: u64,
    /// What.
    #[serde(flatten)]
    pub fact: Fact,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Why a contact may be written to unasked (WAP-07).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// He wrote in an earlier conversation.
    Earlier {
        /// The last one.
        interaction: InteractionId,
    },
    /// He said that he may be.
    OptIn {
        /// Where and when, in the words of whoever wrote to him.
        said: String,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields repeat the names of the types they hold; each variant says when")]
pub enum Fact {
    /// A contact's first message opened an interaction on the live version of the touchpoint's default flow.
    InteractionOpened { touchpoint: TouchpointId, flow: Option<FlowVersion> },
    /// An agent began it; `queue` is the routing queue that serves it when he loses it.
    Begun {
        agent: AgentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<RoutingQueueId>,
        consent: Consent,
    },
    /// The desk of the agent who took it opens an address (WAP-22).
    ScreenPopped { agent: AgentId, address: String },
    /// The contact wrote.
    MessageReceived { message: Message, event_id: std::sync::Arc<str> },
    /// The contact was sent something.
    MessageSent { said: Said },
    /// The flow came to a node. `depth` counts sub-flows, 0 in the outermost.
    NodeEntered { node: NodeId, depth: u8 },
    /// The flow left a node.
    ExitTaken { node: NodeId, exit: ExitName, depth: u8 },
    /// A sub-flow began.
    SubflowCalled { flow: FlowVersion },
    /// A sub-flow ended.
    SubflowReturned { flow: FlowVersion, end: ExitName },
    /// The interaction goes on in another flow, for good.
    FlowChanged { flow: FlowVersion },
    /// It goes on in another version of its flow, at the node that has the same place there.
    VersionChanged { from: FlowVersion, to: FlowVersion, node: NodeId, depth: u8 },
    /// A node wrote an attribute.
    AttributeSet { name: AttributeName, value: Value },
    /// A node failed; `code` is stable, `message` is for people.
    Faulted { flow: FlowVersion, node: NodeId, code: String, message: routewright_flows::Words },
    /// The flow had no way on: the touchpoint's default skill takes the contact.
    LastResortTaken { reason: String },
    /// It could not begin to wait: no place was left, or the service closes.
    LineRefused { why: LineRefusal },
    /// It began to wait for an agent.
    Enqueued { channel: Channel, requirement: Requirement, priority: i32 },
    /// What it waits for changed; its place in line did not.
    RequirementChanged { requirement: Requirement, priority: i32 },
    /// It stopped waiting without an agent.
    Dequeued { reason: DequeueReason },
    /// An agent was offered it.
    OfferMade { offer: OfferId, agent: AgentId, expires_at: Timestamp },
    /// He took it.
    OfferAccepted { offer: OfferId, agent: AgentId },
    /// He refused it; it keeps its place.
    OfferDeclined { offer: OfferId, agent: AgentId },
    /// He let it pass; it keeps its place (T-04).
    OfferExpired { offer: OfferId, agent: AgentId },
    /// The offer was taken back: the contact left, the agent went.
    OfferWithdrawn { offer: OfferId, agent: AgentId },
    /// A supervisor gave it to an agent; `overrides` is what stood against it, when it was forced.
    Assigned {
        agent: AgentId,
        by: AgentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overrides: Option<String>,
    },
    /// The desk of its agent is gone, or is back in time.
    ConnectionChanged { agent: AgentId, lost: bool },
    /// The flow promised an agent's first answer, or the end, by an instant.
    Promised {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_response: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resolution: Option<Timestamp>,
    },
    /// A promise was kept, or was broken at the instant it was due.
    PromiseJudged {
        promise: Promised,
        kept: bool,
        due: Timestamp,
        channel: Channel,
        /// What the contact waits for, or waited for last.
        skills: Vec<SkillId>,
    },
    /// A timer of the conversation fired: a promise was broken, somebody was silent for too long.
    TimerFired {
        timer: Care,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
    },
    /// An agent handed it on.
    Transferred { by: AgentId, to: TransferTo },
    /// The conversation goes on over one more channel; `agent` wanted it, or else the flow.
    Elevated {
        channel: Channel,
        touchpoint: TouchpointId,
        address: std::sync::Arc<str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
    },
    /// It is over on one of its channels.
    ChannelClosed { agent: AgentId, channel: Channel, until: Timestamp },
    /// The record of one of its channels was closed, by the agent or by its deadline.
    ChannelFinished { agent: AgentId, channel: Channel, disposition: Option<DispositionId>, expired: bool },
    /// The agent set it aside.
    Parked { agent: AgentId },
    /// It was taken up again: he wished it, or the contact wrote and there was room.
    Resumed { agent: AgentId },
    /// The contact is shut out: by the rules of the touchpoint, or by somebody.
    Banned {
        until: Timestamp,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// He is let in again.
    Unbanned { by: AgentId },
    /// The conversation lost its agent and waits again at its original place.
    Requeued { agent: AgentId },
    /// The agent ended the conversation.
    ConversationClosed { agent: AgentId },
    /// The agent's wrap-up began (FCE-07).
    WrapUpStarted { agent: AgentId, until: Timestamp },
    /// The agent's record was closed, by him or by its deadline (FCE-09).
    WrapUpEnded { agent: AgentId, disposition: Option<DispositionId>, expired: bool },
    /// A questionnaire was answered so far.
    Answered { questionnaire: QuestionnaireId, question: String, value: Value },
    /// The interaction was qualified.
    DispositionSet { disposition: DispositionId },
    /// The flow asked another system for something; `target` says whom, without what was in it.
    CallMade { call: EffectId, target: String },
    /// It answered, or was given up; `outcome` is the status or the reason, without what was in it.
    CallEnded { call: EffectId, outcome: String },
    /// The flow told the outside of something.
    EventEmitted { name: String, data: Value },
    /// The contact left.
    ContactLeft {},
    /// The flow is over.
    InteractionEnded { disposition: DispositionId },
    /// An agent's presence changed.
    PresenceChanged { agent: AgentId, status: PresenceStatus, lease_expired: bool },
}

/// Why a contact stopped waiting without an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DequeueReason {
    /// The contact left.
    Abandoned,
    /// The flow moved on: overflow, a choice, its end.
    FlowMovedOn,
}
