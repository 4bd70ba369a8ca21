//! Who gets which contact: agents, queues and offers of one tenant, from events alone.
//!
//! Two questions, never a poll: a contact became matchable, which agent? An agent gained capacity, which contact?
//! What it deliberately does not do: it knows no flow and no text, and it performs nothing; it answers requests
//! with notices.
//!
//! | from | request or timer | to |
//! | --- | --- | --- |
//! | - | `Enqueue` | `Waiting` |
//! | `Waiting` | match | `Offered` |
//! | `Offered` | `Accept` | `Active` |
//! | `Offered` | `Decline`, offer timer, agent gone | `Waiting`, at the original place |
//! | `Active` | `Close` | `WrapUp`, or gone when the profile has none |
//! | `Active` | agent gone | `Waiting`, at the original place |
//! | `WrapUp` | `Finish`, wrap-up timer, agent gone | gone |
//! | `Waiting`, `Offered` | `Withdraw` | gone |
//! | `Active` | `Withdraw` (the contact left) | `WrapUp` |

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use routewright_flows::Channel;
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Level,
    event::PresenceStatus,
    id::{AgentId, DispositionId, InteractionId, OfferId, SkillId},
    time::Timestamp,
};

/// What a contact needs of an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Requirement {
    /// Skills, each with the worst level that will do (1 is best).
    #[serde(default)]
    pub skills: BTreeMap<SkillId, Level>,
    /// True when only a supervisor will do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supervisor: bool,
}

/// One contact's claim on an agent: a row of its own in the store, from queue to closed record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Whose.
    pub interaction: InteractionId,
    /// On which channel.
    pub channel: Channel,
    /// What it needs. Shared: many contacts need the same.
    pub requirement: Arc<Requirement>,
    /// Higher first.
    pub priority: i32,
    /// Its place in line: when it first began to wait. Bounces never change it.
    pub since: Timestamp,
    /// Agents who refused it or let it pass; they are asked again only when nobody else can (U-10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounced: Vec<AgentId>,
    /// Where it stands.
    pub state: WorkState,
}

/// Where a claim stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WorkState {
    /// In line.
    Waiting,
    /// Offered; the agent's slot is reserved.
    Offered {
        /// The offer.
        offer: OfferId,
        /// To whom.
        agent: AgentId,
        /// Until when (T-04).
        expires_at: Timestamp,
    },
    /// In conversation.
    Active {
        /// With whom.
        agent: AgentId,
        /// Since when.
        since: Timestamp,
        /// The offer that was accepted, so that accepting twice is harmless.
        offer: OfferId,
    },
    /// The agent completes the record; the slot stays taken (FCE-08).
    WrapUp {
        /// Who.
        agent: AgentId,
        /// Until when (T-14).
        until: Timestamp,
    },
}

/// What the switchboard asks of capacity.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Put a contact in line.
    Enqueue {
        /// Which.
        interaction: InteractionId,
        /// On which channel.
        channel: Channel,
        /// What it needs.
        requirement: Requirement,
        /// Higher first.
        priority: i32,
        /// Its place in line: now, or earlier for a contact that already waited.
        since: Timestamp,
    },
    /// Change what a contact in line needs or weighs; its place stays.
    Amend {
        /// Which.
        interaction: InteractionId,
        /// What it needs from now on.
        requirement: Requirement,
        /// Its priority from now on.
        priority: i32,
    },
    /// The flow moved on, or the contact left.
    Withdraw {
        /// Which.
        interaction: InteractionId,
    },
    /// An agent's presence.
    SetPresence {
        /// Who.
        agent: AgentId,
        /// The status.
        status: PresenceStatus,
    },
    /// The agent's desk is still there.
    Heartbeat {
        /// Who.
        agent: AgentId,
    },
    /// An agent takes an offer.
    Accept {
        /// Who.
        agent: AgentId,
        /// Which.
        offer: OfferId,
    },
    /// An agent refuses an offer.
    Decline {
        /// Who.
        agent: AgentId,
        /// Which.
        offer: OfferId,
    },
    /// The agent ended the conversation.
    Close {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
    },
    /// Sets the length of a wrap-up that has just begun, counted from its beginning; the flow overrides the profile.
    SetWrapUp {
        /// Which.
        interaction: InteractionId,
        /// How long in all.
        length: Duration,
    },
    /// The agent closed the record.
    Finish {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// How he qualifies it.
        disposition: Option<DispositionId>,
    },
    /// The deadline of an interaction's work came.
    WorkDue {
        /// Which.
        interaction: InteractionId,
    },
    /// The lease of an agent came to its end.
    LeaseDue {
        /// Who.
        agent: AgentId,
    },
}

/// What capacity decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An agent has an offer.
    OfferMade {
        /// The contact.
        interaction: InteractionId,
        /// The offer.
        offer: OfferId,
        /// To whom.
        agent: AgentId,
        /// Until when.
        expires_at: Timestamp,
    },
    /// The agent took it.
    Accepted {
        /// The contact.
        interaction: InteractionId,
        /// The offer.
        offer: OfferId,
        /// Who.
        agent: AgentId,
    },
    /// The offer ended without being taken; the contact is at its original place again, unless it left.
    OfferEnded {
        /// The contact.
        interaction: InteractionId,
        /// The offer.
        offer: OfferId,
        /// Whose it was.
        agent: AgentId,
        /// Why.
        why: OfferEnd,
    },
    /// A conversation lost its agent; the contact is at its original place again.
    Requeued {
        /// The contact.
        interaction: InteractionId,
        /// Who lost it.
        agent: AgentId,
    },
    /// The conversation is over and the agent completes the record.
    WrapUpStarted {
        /// The contact.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
        /// Until when.
        until: Timestamp,
    },
    /// The record is closed and the slot free.
    WrapUpEnded {
        /// The contact.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
        /// How he qualified it.
        disposition: Option<DispositionId>,
        /// True when the deadline closed it (FCE-09), or the agent left.
        expired: bool,
    },
    /// An agent's presence changed.
    PresenceChanged {
        /// Who.
        agent: AgentId,
        /// To what.
        status: PresenceStatus,
        /// True when his lease ran out, and not he, did it.
        lease_expired: bool,
    },
}

/// Why an offer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferEnd {
    /// The agent refused.
    Declined,
    /// The agent let it pass (T-04).
    Expired,
    /// The contact left, the flow moved on, or the agent went away.
    Withdrawn,
}
