//! What can happen. [`Input`] is what the outside tells a switchboard; [`Event`] is what one waiting node hears of it.

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::{AttributeName, Channel, ExitName, HumanDuration, Locale};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    call::CallAnswer,
    catalogue::{Catalogue, Level},
    contact::{Attached, ContactKey, Message},
    effect::EffectId,
    elevation::Elevation,
    id::{AgentId, DispositionId, InteractionId, OfferId, SkillId, StatusId, TenantId, TouchpointId},
    interaction::AlarmName,
    published::PublishedFlow,
    release::Release,
    timers::TimerKey,
};

/// Everything that can happen to a shard. Inputs are taken in order; at one instant a contact's event comes before
/// a timer, a timer before an agent's event (DESIGN section 3, rule 3).
#[derive(Debug, Clone)]
pub enum Input {
    /// A contact wrote, or tapped an option.
    ContactWrote(ContactWrote),
    /// A contact left: hung up, closed the page.
    ContactLeft(ContactKey),
    /// An agent, or his desk, did something.
    Agent {
        /// His tenant.
        tenant: TenantId,
        /// Who.
        agent: AgentId,
        /// What.
        action: AgentAction,
    },
    /// A call to the outside that an interaction made was answered, or given up.
    CallAnswered(CallAnswered),
    /// A deadline came.
    TimerDue(TimerKey),
    /// A tenant's settings changed.
    Configured(TenantId, Arc<Catalogue>),
    /// A version of a flow became available, and perhaps live.
    Published(TenantId, Arc<PublishedFlow>),
    /// The versions of a flow that are in service were chosen; new interactions start on them.
    Released(TenantId, Release),
    /// The fate of its version reached an interaction: it goes on in another one, or leaves its flow.
    FateReached {
        /// Its tenant.
        tenant: TenantId,
        /// Which.
        interaction: InteractionId,
    },
}

/// A contact's message as the touchpoint delivered it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactWrote {
    /// Who and where.
    pub from: ContactKey,
    /// The provider's id of the message; a repeated one gets the first answer and has no further effect.
    pub event_id: Arc<str>,
    /// What he wrote.
    pub message: Message,
    /// His name, when the channel knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// His language, when the channel knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What else the touchpoint knows of him; read by flows as `contact.fields`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAnswered {
    /// Whose.
    pub tenant: TenantId,
    /// The call: the effect that asked for it. A second answer to it has no further effect.
    pub call: EffectId,
    /// What came of it.
    pub answer: CallAnswer,
}

/// What an agent or his desk does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum AgentAction {
    /// He chose a status. Also renews the lease.
    SetPresence {
        /// The status.
        status: PresenceStatus,
    },
    /// He chose a named status of his profile (DYD-22). Also renews the lease.
    ChooseStatus {
        /// Which.
        name: StatusId,
    },
    /// He asks for one contact more (MAX-05).
    Pull,
    /// He hands a conversation on (P-24).
    Transfer {
        /// Which.
        interaction: InteractionId,
        /// To whom.
        to: TransferTo,
    },
    /// As a supervisor, he gives a waiting contact to an agent (P-24).
    Assign {
        /// Which.
        interaction: InteractionId,
        /// To whom.
        to: AgentId,
        /// True to give it whatever stands against it; on record.
        #[serde(default)]
        force: bool,
    },
    /// He takes a conversation to one channel more (MAX-08).
    Elevate {
        /// Which.
        interaction: InteractionId,
        /// Which channel, and where to.
        to: Elevation,
    },
    /// He ends the conversation on one of its channels.
    CloseChannel {
        /// Which.
        interaction: InteractionId,
        /// On which channel.
        channel: Channel,
    },
    /// He closes the record of one of its channels.
    FinishChannel {
        /// Which.
        interaction: InteractionId,
        /// Of which channel.
        channel: Channel,
        /// How he qualifies it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disposition: Option<DispositionId>,
    },
    /// He writes on a channel to which the conversation was elevated.
    WriteOn {
        /// In which conversation.
        interaction: InteractionId,
        /// On which channel.
        channel: Channel,
        /// What.
        text: String,
        /// His desk's id of the message; a repeated one has no further effect.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event_id: Option<Arc<str>>,
    },
    /// He sets a conversation aside (U-09).
    Park {
        /// Which.
        interaction: InteractionId,
    },
    /// He takes it up again.
    Resume {
        /// Which.
        interaction: InteractionId,
    },
    /// He shuts the contact of a conversation out: one of his own, or any as a supervisor (P-23).
    Ban {
        /// Of which conversation.
        interaction: InteractionId,
        /// For how long.
        lasts: HumanDuration,
        /// Why, for people.
        #[serde(default)]
        reason: String,
    },
    /// As a supervisor, he lets a contact in again.
    Unban {
        /// Of which conversation.
        interaction: InteractionId,
    },
    /// He begins a conversation (MAX-10, WAP-05).
    Begin(Beginning),
    /// His desk is still there: renews the lease, records nothing.
    Heartbeat,
    /// He takes an offer.
    Accept {
        /// Which.
        offer: OfferId,
    },
    /// He refuses an offer.
    Decline {
        /// Which.
        offer: OfferId,
    },
    /// He writes to the contact.
    Write {
        /// In which conversation.
        interaction: InteractionId,
        /// What.
        #[serde(default)]
        text: String,
        /// What goes with it: pictures and files as far as his role permits them (WAP-05); a template, which reaches the
        /// contact even when the messaging window is closed (WAP-06).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attached: Vec<Attached>,
        /// His desk's id of the message; a repeated one has no further effect.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event_id: Option<Arc<str>>,
    },
    /// He ends the conversation; wrap-up begins (FCE-07).
    Close {
        /// Which.
        interaction: InteractionId,
    },
    /// He closes the record; the slot is free again (FCE-08).
    Finish {
        /// Which.
        interaction: InteractionId,
        /// How he qualifies it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disposition: Option<DispositionId>,
        /// What he answers to the questionnaire of his desk, by question (FCE-10, DYD-23).
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        answers: BTreeMap<String, Value>,
    },
}

/// A conversation that an agent begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// Through which touchpoint.
    pub touchpoint: TouchpointId,
    /// The contact's address there.
    pub address: String,
    /// His name, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// His language; that of his last conversation, or the touchpoint's, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What he reads first.
    #[serde(default)]
    pub text: String,
    /// What goes with it; a template where the messaging window is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<Attached>,
    /// Where and when he said that he may be written to; needed unless he wrote here earlier (WAP-07). On record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opted_in: Option<String>,
    /// The conversation of the agent's own that is set aside for it (MAX-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub hold: Option<InteractionId>,
}

/// To whom a conversation is handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferTo {
    /// Whoever can, except him who hands it on.
    Anyone,
    /// One agent; after a while without him, anybody.
    Agent(AgentId),
    /// Those who have a skill, at this level or better.
    Skill(SkillId, Level),
}

/// Presence of an agent (P-01). Named statuses of a profile are `Available` for some channels, or `Draining`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceStatus {
    /// Takes contacts.
    Available,
    /// Keeps what he has, gets nothing new (DYD-22, "no new conversation").
    Draining,
    /// Away for a while: keeps what he has, gets nothing new.
    Paused,
    /// Gone: what he had goes back to its place in line.
    Offline,
}

/// What a waiting node hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The contact wrote.
    Message(Message),
    /// One of the node's alarms came.
    Alarm(AlarmName),
    /// Capacity decided something about this interaction.
    Routed(Routed),
    /// The call that this node waits for was answered, or given up.
    Answered(CallAnswer),
    /// The sub-flow that this node called ended.
    Returned {
        /// How it ended; an exit of the calling node when it declares one so named, else `done`.
        end: ExitName,
        /// Its outputs.
        outputs: BTreeMap<AttributeName, Value>,
    },
}

/// News from capacity for an interaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "routed", rename_all = "snake_case")]
pub enum Routed {
    /// An agent took it.
    Accepted {
        /// Who.
        agent: AgentId,
    },
    /// It lost its agent and waits again, at its original place.
    Requeued {
        /// Who lost it.
        agent: AgentId,
    },
    /// The agent ended the conversation.
    Closed {
        /// Who.
        agent: AgentId,
    },
    /// The agent's record is closed, by him or by its deadline.
    WrapUpEnded {
        /// Who.
        agent: AgentId,
        /// How he qualified it.
        disposition: Option<DispositionId>,
        /// True when the deadline closed it (FCE-09).
        expired: bool,
    },
}
