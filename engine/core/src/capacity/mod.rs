//! Who gets which contact: agents, queues and offers of one tenant, from events alone.
//!
//! Two questions, never a poll: a contact became matchable, which agent? An agent gained capacity, which contact?
//! Both are answered from ordered indexes that every event keeps current (`queues`, `agents`, `matching`), so no
//! event looks at all agents or all contacts. `offers` holds what each request does, [`why`] and [`idle`] explain
//! decisions, `check` states the invariants.
//!
//! What it deliberately does not do: it knows no flow and no text, and it performs nothing; it answers requests
//! with notices. It arms no timer: it states deadlines, as functions of its state.
//!
//! | from | request or timer | to |
//! | --- | --- | --- |
//! | - | `Enqueue` | `Waiting` |
//! | `Waiting` | match | `Offered` |
//! | `Waiting` | `WorkDue`: exclusions end | `Waiting`, open to those who bounced it |
//! | `Waiting` | `WorkDue`: it was kept long enough, or its need widens | `Waiting`, open to more agents |
//! | `Waiting`, `Offered` | `Enqueue`, `Amend` | the same, at its place; `Waiting` when the agent no longer suits |
//! | `Offered` | `Accept` | `Active`; the offers of others end (`ring`) |
//! | `Offered` | `Decline`, offer timer, agent gone | `Waiting`, at the original place; while others have an offer, `Offered` |
//! | `Active` | `Close` | `WrapUp`, or gone when the profile has none |
//! | `Active` | agent gone | `Waiting`, at the original place |
//! | `WrapUp` | `Finish`, wrap-up timer, agent gone | gone |
//! | `WrapUp` | `SetWrapUp` | `WrapUp` with another end, or gone |
//! | `WrapUp` | `Enqueue` (the flow wants another agent) | `Waiting`; the record is closed |
//! | `Waiting`, `Offered` | `Withdraw` | gone |
//! | `Active` | `Withdraw` (the contact left) | `WrapUp`, or gone when the profile has none |
//!
//! | `Waiting`, `Offered` | `Assign` | `Offered` to the one agent |
//! | `Waiting` | `Pull` | `Offered` to who asked |
//! | `Active` | `Transfer` | `Waiting`, at the original place, and then to another |
//! | - | `Begin` by an agent | `Active` |
//! | `Active` | `Park`, `Resume`, `Elevate` | `Active`, and weighs something else (`legs`) |
//! | `Waiting`, `Offered` | `Elevate` by the flow | the same, for an agent who has room for both channels |
//!
//! "Agent gone" is presence `Offline`, a lease that ran out (and the time to come back, where the profile gives one),
//! or an agent taken out of the catalogue. Every other pair
//! is refused or has no effect; a refusal changes nothing.

mod agents;
mod begun;
mod bounded;
mod bounds;
mod check;
mod filling;
mod forecast;
mod giving;
pub mod idle;
mod legs;
mod line;
mod lots;
mod matching;
mod offers;
mod queues;
mod refusal;
mod ring;
mod skills;
#[cfg(test)]
mod tests;
pub mod why;
mod wide;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use routewright_flows::Channel;
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Catalogue, Level},
    event::PresenceStatus,
    id::{AgentId, DispositionId, InteractionId, OfferId, ProfileId, SkillId, StatusId, TouchpointId},
    script::QueueView,
    time::Timestamp,
};
use agents::{Agent, AgentIdx, AgentProfile};
use queues::{Classes, Entry};
use skills::Skills;

pub use agents::{AgentRow, AgentView};
pub use begun::Begun;
pub use bounded::LineRefusal;
pub use bounds::{Bound, Load};
pub use idle::{Idle, IdleWhy, LineWhy};
pub use legs::{Leg, LegRefusal, LegState, Parked, Reach};
pub use lots::Lot;
pub use refusal::CapacityRefusal;
pub use ring::AlsoOffered;
pub use why::Why;
pub use wide::Room;

/// The capacity of one tenant.
#[derive(Debug, Default)]
pub struct Capacity {
    /// Every agent of the catalogue, in the order of ids; an agent's place in it is his `AgentIdx`.
    agents: Vec<Agent>,
    /// Their places by the marks of their ids, in the order of marks. For [`Capacity::find`] alone.
    by_mark: Vec<(u64, AgentIdx)>,
    /// What agents can do and how much they take, each distinct one once.
    profiles: Vec<AgentProfile>,
    /// What contacts need, each distinct need once, with its queue and the agents that fit it now.
    classes: Classes,
    /// Every claim, from queue to closed record.
    works: BTreeMap<InteractionId, Entry>,
    /// Skills by number, with what scripts and supervisors see of their queues.
    skills: Skills,
    /// The settings in force.
    catalogue: Arc<Catalogue>,
    /// Conversations that agents began lately, over all of them.
    begun: Begun,
    /// True when some skill chooses by lot.
    by_lot: bool,
    /// How far the race of lots has come; only ever rises.
    race: u64,
    /// When agents of each handling profile last came, to be filled one after the other.
    came: BTreeMap<Option<ProfileId>, Timestamp>,
    /// Agents who were closed for a contact that waits no more, still to be filled; empty between requests.
    reopened: Vec<AgentIdx>,
    /// Works whose row changed since the last [`Capacity::take_touched`].
    touched_works: BTreeSet<InteractionId>,
    /// Agents whose row changed since then.
    touched_agents: BTreeSet<AgentId>,
    /// The number of the next offer; only ever rises.
    next_offer: u64,
}

impl Capacity {
    /// A tenant without agents or contacts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The rows that changed since the last call: works, and agents. A work or agent that no longer exists is named
    /// too: its row is to be deleted. Deadlines may have moved for each of them, and for no other but a heartbeat's.
    pub fn take_touched(&mut self) -> (BTreeSet<InteractionId>, BTreeSet<AgentId>) {
        (std::mem::take(&mut self.touched_works), std::mem::take(&mut self.touched_agents))
    }

    /// The claim of an interaction.
    #[must_use]
    pub fn work(&self, interaction: InteractionId) -> Option<&Work> {
        self.works.get(&interaction).map(|entry| &entry.work)
    }

    /// Every claim, in the order of interactions.
    pub fn works(&self) -> impl Iterator<Item = &Work> {
        self.works.values().map(|entry| &entry.work)
    }

    /// An agent of the catalogue.
    #[must_use]
    pub fn agent(&self, agent: &AgentId) -> Option<AgentView<'_>> {
        self.find(agent).map(|idx| self.view(&self.agents[idx.at()]))
    }

    /// Every agent of the catalogue, in the order of ids.
    pub fn agents(&self) -> impl Iterator<Item = AgentView<'_>> {
        self.agents.iter().map(|agent| self.view(agent))
    }

    /// What the store keeps of an agent.
    #[must_use]
    pub fn agent_row(&self, agent: &AgentId) -> Option<AgentRow> {
        self.find(agent).map(|idx| self.agents[idx.at()].row())
    }

    /// When [`Request::WorkDue`] is to come: the end of an offer or of a wrap-up, or what a contact in line waits for:
    /// the end of its exclusions or of the time it is kept for somebody, the next widening of what it needs. A timer that fired is armed again from here, whatever came of it.
    #[must_use]
    pub fn work_deadline(&self, interaction: InteractionId) -> Option<Timestamp> {
        let entry = self.works.get(&interaction)?;
        match &entry.work.state {
            WorkState::Waiting => self.waiting_deadline(entry),
            WorkState::Offered { expires_at, .. } => Some(entry.work.offers_until(*expires_at)),
            WorkState::Active { .. } => entry.work.legs_until(),
            WorkState::WrapUp { until, .. } => Some(entry.work.legs_until().map_or(*until, |legs| legs.min(*until))),
        }
    }

    /// When [`Request::LeaseDue`] is to come: the end of a lease, of a shift, or of the time that conversations wait for
    /// an agent whose desk is gone. A heartbeat moves it without touching the agent's row: a timer that
    /// fired early is simply armed again from here.
    #[must_use]
    pub fn lease_deadline(&self, agent: &AgentId) -> Option<Timestamp> {
        self.find(agent).and_then(|idx| self.agents[idx.at()].deadline(self.limits(idx)))
    }

    /// The position in line of a contact among those who wait for the same, from 1; none when it is not in line.
    #[must_use]
    pub fn position(&self, interaction: InteractionId) -> Option<u32> {
        let entry = self.works.get(&interaction)?;
        let Work { priority, since, .. } = entry.work;
        match entry.work.state {
            WorkState::Waiting => {
                let ahead = self.classes.get(entry.class).line.ahead(priority, since, interaction);
                Some(u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1))
            }
            // The next agent is his already.
            WorkState::Offered { .. } => Some(1),
            WorkState::Active { .. } | WorkState::WrapUp { .. } => None,
        }
    }

    /// What scripts and supervisors see of the queue of a skill.
    #[must_use]
    pub fn queue(&self, skill: &SkillId) -> QueueView {
        self.skills.view(skill)
    }

    /// The number that the next offer will carry.
    #[must_use]
    pub fn next_offer(&self) -> u64 {
        self.next_offer
    }

    /// Gives a floor to the numbers of offers, so that tenants of one shard share a sequence. It never goes back.
    pub fn set_next_offer(&mut self, floor: u64) {
        self.next_offer = self.next_offer.max(floor);
    }
}

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
    /// Where it came in, when roles say who may answer there (WAP-16); none where the tenant has no roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touchpoint: Option<TouchpointId>,
    /// On which channel; when the conversation ends there first and goes on over a leg, the leg's.
    pub channel: Channel,
    /// Where that channel leads, when it is a leg's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// What it needs. Shared: many contacts need the same.
    pub requirement: Arc<Requirement>,
    /// Higher first.
    pub priority: i32,
    /// Its place in line: when it first began to wait. Bounces never change it.
    pub since: Timestamp,
    /// Agents who refused it or let it pass; they are asked again only when nobody else can (U-10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounced: Vec<AgentId>,
    /// When the last of them did; none when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounced_at: Option<Timestamp>,
    /// For whom it is kept while it waits (T-15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// The age of the last widening of what it needs, in milliseconds (P-07); 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub widened_ms: u64,
    /// Room being made for it while it waits (U-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<Room>,
    /// Offers beside the one of its state (P-10); only while it is offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<AlsoOffered>,
    /// Further channels over which it goes on (MAX-14).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<Leg>,
    /// That its agent set it aside, while he has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<Parked>,
    /// Where it stands.
    pub state: WorkState,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Work {
    /// A contact that begins to wait.
    #[must_use]
    pub fn waiting(
        interaction: InteractionId,
        channel: Channel,
        requirement: Arc<Requirement>,
        since: Timestamp,
    ) -> Self {
        Self {
            interaction,
            touchpoint: None,
            channel,
            reach: None,
            requirement,
            priority: 0,
            since,
            bounced: Vec::new(),
            bounced_at: None,
            kept: None,
            widened_ms: 0,
            room: None,
            also: Vec::new(),
            legs: Vec::new(),
            parked: None,
            state: WorkState::Waiting,
        }
    }

    /// False when this agent may not have it now whatever he can do: he bounced it, or it is kept for another.
    fn admits(&self, agent: &AgentId) -> bool {
        !self.bounced.contains(agent) && self.kept.as_ref().is_none_or(|kept| kept.agent == *agent)
    }

    /// True when not every agent who fits may have it.
    fn is_choosy(&self) -> bool {
        !self.bounced.is_empty() || self.kept.is_some() || !self.legs.is_empty()
    }
}

/// An agent whom a contact waits for, and how long (WAP-26, WAP-27).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Who.
    pub agent: AgentId,
    /// Until when; then anybody may have it.
    pub until: Timestamp,
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
        /// Since when.
        since: Timestamp,
        /// Until when (T-14).
        until: Timestamp,
    },
}

impl WorkState {
    /// The agent who has it, be it only offered.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Waiting => None,
            Self::Offered { agent, .. } | Self::Active { agent, .. } | Self::WrapUp { agent, .. } => Some(agent),
        }
    }
}

/// An agent who is to be asked first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferred {
    /// Who.
    pub agent: AgentId,
    /// How long the contact is kept for him when he cannot take it at once. When absent, the settings of the skills it
    /// needs say it, and without any he is not preferred at all.
    pub keep: Option<Duration>,
}

/// What the switchboard asks of capacity.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Put a contact in line.
    Enqueue {
        /// Which.
        interaction: InteractionId,
        /// Where it came in, when roles say who may answer there.
        touchpoint: Option<TouchpointId>,
        /// On which channel.
        channel: Channel,
        /// What it needs.
        requirement: Requirement,
        /// Higher first.
        priority: i32,
        /// Its place in line: now, or earlier for a contact that already waited.
        since: Timestamp,
        /// The agent who knows it, when there is one.
        preferred: Option<Preferred>,
        /// Further channels over which it is to go on.
        legs: Vec<Leg>,
    },
    /// An agent begins a conversation and has it at once (MAX-10).
    Begin {
        /// The contact, as it would wait.
        work: Box<Work>,
        /// Who.
        agent: AgentId,
        /// Through which touchpoint.
        touchpoint: TouchpointId,
        /// The conversation of his that he sets aside for it.
        hold: Option<InteractionId>,
    },
    /// An agent sends something unasked in a conversation of his, which the provider counts as one that we begin.
    CountBegun {
        /// Who.
        agent: AgentId,
        /// Through which touchpoint.
        touchpoint: TouchpointId,
    },
    /// One more channel (MAX-08).
    Elevate {
        /// Which.
        interaction: InteractionId,
        /// The agent who has it and wants it; none for its flow.
        by: Option<AgentId>,
        /// Which channel, and where to.
        leg: Leg,
    },
    /// The agent ended the conversation on one of its channels.
    CloseLeg {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// On which channel.
        channel: Channel,
    },
    /// The agent closed the record of one of its channels.
    FinishLeg {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// Of which channel.
        channel: Channel,
        /// How he qualifies it.
        disposition: Option<DispositionId>,
    },
    /// The agent sets a conversation aside.
    Park {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
    },
    /// The agent takes it up again.
    Resume {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
    },
    /// The contact of a conversation wrote; one that is set aside comes back when there is room.
    CallBack {
        /// Which.
        interaction: InteractionId,
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
    /// An agent chose a named status of his profile.
    ChooseStatus {
        /// Who.
        agent: AgentId,
        /// Which.
        name: StatusId,
    },
    /// An agent asks for one contact more (MAX-05).
    Pull {
        /// Who.
        agent: AgentId,
    },
    /// A conversation leaves its agent for another (P-24); it keeps its age.
    Transfer {
        /// Which.
        interaction: InteractionId,
        /// Who hands it on; none for a timer.
        by: Option<AgentId>,
        /// What it needs from now on; none for the same.
        requirement: Option<Requirement>,
        /// Who is asked first.
        preferred: Option<Preferred>,
    },
    /// A supervisor gives a contact in line to an agent (P-24).
    Assign {
        /// Which.
        interaction: InteractionId,
        /// To whom.
        agent: AgentId,
        /// Who decided it.
        by: AgentId,
        /// True to give it whatever stands against it.
        force: bool,
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
    /// A supervisor gave a contact to an agent; the offer follows.
    Assigned {
        /// The contact.
        interaction: InteractionId,
        /// To whom.
        agent: AgentId,
        /// Who decided it.
        by: AgentId,
        /// What stood against it, when it was forced.
        overrides: Option<&'static str>,
    },
    /// The desk of a conversation's agent is gone, or is back in time (T-12).
    Connection {
        /// The contact.
        interaction: InteractionId,
        /// Whose desk.
        agent: AgentId,
        /// True when it is gone.
        lost: bool,
    },
    /// A conversation goes on over one more channel.
    LegOpened {
        /// The contact.
        interaction: InteractionId,
        /// The agent who wanted it; none for the flow.
        agent: Option<AgentId>,
        /// Which channel.
        channel: Channel,
    },
    /// It is over on one of its channels, and the agent completes the record.
    LegWrapUp {
        /// The contact.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
        /// Which channel.
        channel: Channel,
        /// Until when.
        until: Timestamp,
    },
    /// The record of one of its channels is closed.
    LegEnded {
        /// The contact.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
        /// Which channel.
        channel: Channel,
        /// How he qualified it.
        disposition: Option<DispositionId>,
        /// True when the deadline closed it, or the agent left.
        expired: bool,
    },
    /// The agent set the conversation aside.
    Parked {
        /// The contact.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
    },
    /// It was taken up again.
    Resumed {
        /// The contact.
        interaction: InteractionId,
        /// Who.
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

/// How a contact comes to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// By a decision, within every bound.
    Pushed,
    /// He asked for it.
    Pulled,
    /// A supervisor gave it, whatever stood against it.
    Forced,
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
