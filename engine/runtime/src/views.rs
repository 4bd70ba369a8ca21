//! What readers are shown: interactions with who has them, agents with what they have, what was committed, and counters.

use std::sync::Arc;

use routewright_engine::{
    AgentId, Timestamp, TouchpointId,
    capacity::Work,
    effect::{Effect, EffectId},
    event::PresenceStatus,
    fact::{DequeueReason, Fact, FactRecord},
    id::StatusId,
    interaction::Interaction,
    occupancy::NodeOccupancy,
    switchboard::Answer,
    visits::VersionVisits,
};
use serde::Serialize;

/// What came of an input, after it was committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Submitted {
    /// What the caller is told. Never [`Answer::Repeated`] nor [`Answer::Refused`]: the first is resolved to the
    /// first answer, the second is an error.
    pub answer: Answer,
    /// True when the provider repeated a message and this is the answer it got the first time.
    pub repeated: bool,
    /// The last group committed when the answer was given; a subscriber who has seen it has seen this input.
    pub group: u64,
}

/// An interaction, and who has it or waits for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InteractionView {
    /// The interaction.
    pub interaction: Interaction,
    /// Its claim on an agent, from queue to closed record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
}

/// Which interactions a list holds. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InteractionFilter {
    /// Where it stands.
    pub state: Option<InteractionState>,
    /// Where it came in.
    pub touchpoint: Option<TouchpointId>,
    /// Whose it is: offered, in conversation, or in wrap-up.
    pub agent: Option<AgentId>,
}

/// Where an interaction stands, for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractionState {
    /// Not over.
    Live,
    /// Over.
    Ended,
    /// In line for an agent.
    Waiting,
    /// Offered to an agent.
    Offered,
    /// In conversation with an agent.
    Active,
    /// An agent completes its record.
    WrapUp,
}

/// An agent as supervisors and his desk see him.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentView {
    /// Who.
    pub agent: AgentId,
    /// His presence; `Offline` for one who never came.
    pub presence: PresenceStatus,
    /// The named status he chose, when he did.
    pub status: Option<StatusId>,
    /// Slots taken: offers, conversations and wrap-ups.
    pub load: u32,
    /// Offers that wait for his answer.
    pub offers: Vec<Work>,
    /// Conversations going on.
    pub conversations: Vec<Work>,
    /// Records he completes.
    pub wrap_ups: Vec<Work>,
}

/// A fact of an interaction, with its place in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEntry {
    /// Its place; places rise, and say in which group of the journal to go on.
    pub position: u64,
    /// What happened.
    pub fact: FactRecord,
}

/// Who stands where in a version of a flow, and what was counted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionOccupancy {
    /// The version.
    pub version: u32,
    /// Its nodes where somebody stands, in order.
    pub nodes: Vec<NodeOccupancy>,
    /// What was counted since it was published.
    pub visits: VersionVisits,
}

/// One group, after its commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Committed {
    /// Its number; numbers rise by one.
    pub group: u64,
    /// What happened, in order.
    pub facts: Vec<FactRecord>,
    /// What to do outside, in order.
    pub effects: Vec<Effect>,
}

/// A message for a contact that no answer carried; it stays until the touchpoint acknowledges it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutboxEntry {
    /// Its place in the outbox of the store; places rise.
    pub position: u64,
    /// The idempotency key: the same message never has two.
    pub id: EffectId,
    /// When it was committed.
    pub at: Timestamp,
    /// What to do.
    pub effect: Effect,
}

impl Stats {
    /// Counts what happened to contacts.
    pub(crate) fn count(&mut self, fact: &Fact) {
        match fact {
            Fact::Enqueued { .. } => self.contacts_enqueued += 1,
            Fact::OfferAccepted { .. } => self.contacts_taken += 1,
            Fact::Dequeued { reason: DequeueReason::Abandoned } => self.contacts_abandoned += 1,
            Fact::PromiseJudged { kept: true, .. } => self.promises_kept += 1,
            Fact::PromiseJudged { kept: false, .. } => self.promises_broken += 1,
            _ => {}
        }
    }
}

/// Why the shard stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It was closed in good order.
    Closed,
    /// The store failed; nothing was acknowledged since. The process must exit and recover.
    Failed(Arc<str>),
}

/// Counters since the start, and gauges of the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Inputs taken, refused ones and timers included.
    pub inputs: u64,
    /// Inputs refused.
    pub refused: u64,
    /// Repeated provider messages.
    pub repeated: u64,
    /// Inputs not taken because too many waited.
    pub overloaded: u64,
    /// Deadlines that came.
    pub timers_fired: u64,
    /// Groups committed.
    pub commits: u64,
    /// Turns in them.
    pub turns: u64,
    /// Bytes of journal written.
    pub journal_bytes: u64,
    /// Microseconds spent committing, syncs included.
    pub commit_us: u64,
    /// Facts committed.
    pub facts: u64,
    /// Effects committed.
    pub effects: u64,
    /// Contacts who began to wait for an agent.
    pub contacts_enqueued: u64,
    /// Contacts whom an agent took.
    pub contacts_taken: u64,
    /// Contacts who gave up waiting.
    pub contacts_abandoned: u64,
    /// Promises of service that were kept.
    pub promises_kept: u64,
    /// Promises of service that were broken.
    pub promises_broken: u64,
    /// The last group committed.
    pub group: u64,
    /// Gauge: inputs that wait for the shard.
    pub waiting_inputs: u64,
    /// Gauge: deadlines in memory.
    pub timers: u64,
    /// Gauge: contacts in line.
    pub contacts_waiting: u64,
    /// Gauge: offers open.
    pub offers_open: u64,
    /// Gauge: conversations going on.
    pub conversations: u64,
    /// Gauge: records being completed.
    pub wrap_ups: u64,
    /// Gauge: agents present.
    pub agents_present: u64,
    /// Gauge: true once the shard has stopped.
    pub stopped: bool,
}
