//! The rows of a store, and the group that carries their changes.

use std::sync::Arc;

use routewright_engine::{AgentId, InteractionId, TenantId, Timestamp, TouchpointId};

use crate::{
    documents::{DocumentKind, StoredDocument},
    views::InteractionState,
};

/// Everything one commit writes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Its number: one more than the last.
    pub seq: u64,
    /// The logical now when it was closed; never less than the last one's.
    pub at: Timestamp,
    /// What happened and what came of it, in the format of [`crate::journal`].
    pub journal: Vec<u8>,
    /// Interactions as they are now. Shared, because a store may keep them to write them later.
    pub interactions: Vec<Arc<InteractionRow>>,
    /// Interactions that this group speaks of although their rows are as they were.
    pub mentioned: Vec<InteractionId>,
    /// Works as they are now.
    pub works: Vec<WorkRow>,
    /// Works that are no more.
    pub works_gone: Vec<InteractionId>,
    /// Agents as they are now.
    pub agents: Vec<AgentRow>,
    /// Agents who are no more.
    pub agents_gone: Vec<(TenantId, AgentId)>,
    /// Documents as they are now.
    pub documents: Vec<DocumentRow>,
    /// Messages for contacts that no answer carries.
    pub outbox: Vec<OutboxRow>,
    /// Messages that touchpoints have.
    pub acknowledged: Vec<Acknowledged>,
    /// The journal up to this group, it included, is no more.
    pub pruned: Option<u64>,
}

/// An interaction. All columns but the body repeat what the body says, so that it can be found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InteractionRow {
    /// Its id.
    pub id: InteractionId,
    /// Whose.
    pub tenant: TenantId,
    /// Where it came in.
    pub touchpoint: TouchpointId,
    /// The contact's address there.
    pub address: String,
    /// False once it is over.
    pub live: bool,
    /// When it next needs attention by itself.
    pub due: Option<Timestamp>,
    /// The interaction as JSON.
    pub body: String,
}

/// An interaction as it was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInteraction {
    /// The row.
    pub row: InteractionRow,
    /// The group that wrote the row last.
    pub version: u64,
    /// The groups that speak of it, in order.
    pub groups: Vec<u64>,
}

/// A claim on an agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkRow {
    /// The interaction.
    pub interaction: InteractionId,
    /// Whose.
    pub tenant: TenantId,
    /// Where it stands; one of `Waiting`, `Offered`, `Active`, `WrapUp`.
    pub state: InteractionState,
    /// Who is offered it or has it.
    pub agent: Option<AgentId>,
    /// The work as JSON.
    pub body: String,
}

/// An agent's presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// Whose.
    pub tenant: TenantId,
    /// Who.
    pub agent: AgentId,
    /// The agent as JSON.
    pub body: String,
}

/// A document's change.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRow {
    /// Whose.
    pub tenant: TenantId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its id.
    pub id: String,
    /// What it is now; `None` when it was deleted.
    pub document: Option<StoredDocument>,
}

/// A message for a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its place; places rise over the life of the store and are never used twice.
    pub position: u64,
    /// Whose.
    pub tenant: TenantId,
    /// Through which touchpoint.
    pub touchpoint: TouchpointId,
    /// The idempotency key, an `EffectId` as text; the store refuses a second row with the same.
    pub effect: String,
    /// When it was committed.
    pub at: Timestamp,
    /// The effect as JSON.
    pub body: String,
}

/// A touchpoint has everything up to a position, that one included.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Acknowledged {
    /// Whose.
    pub tenant: TenantId,
    /// Which touchpoint.
    pub touchpoint: TouchpointId,
    /// Up to where.
    pub upto: u64,
}

/// One group of the journal as it was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Its number.
    pub seq: u64,
    /// Its logical now.
    pub at: Timestamp,
    /// What it says, in the format of [`crate::journal`].
    pub body: Vec<u8>,
}
