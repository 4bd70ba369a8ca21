//! What a store must be able to do, and no more: commit a group, and read back.
//!
//! A store keeps text and numbers; what they mean is decided above it. One writer owns the [`Store`]; any number of
//! [`Reader`]s see what was committed. Every store is held to [`crate::conformance`].
//!
//! What it deliberately does not do: it never runs a decision, and a failed commit is never tried again. After one the
//! writer must be dropped, the process must exit, and recovery begins from what the file holds.

pub mod rows;
pub mod sqlite;

use routewright_engine::{InteractionId, TenantId, Timestamp, TouchpointId, contact::ContactKey};

use crate::{
    documents::{DocumentKind, StoredDocument},
    error::StoreError,
    views::InteractionFilter,
};
pub use rows::{
    Acknowledged, AgentRow, DocumentRow, Group, InteractionRow, JournalRow, OutboxRow, StoredInteraction, WorkRow,
};
pub use sqlite::{BackupReport, SqliteStore, backup};

/// The single writer of a store.
///
/// Rows of interactions may be written later than the groups that change them, since the journal has the change (ADR
/// 0013). Readers see them all the same. After a restart the store says from where on it has forgotten them
/// ([`Store::settled`]), and whoever can read the journal tells it again ([`Store::recall`]), before anything else.
pub trait Store: Send {
    /// Writes a group in one transaction. When this returns `Ok`, the group is on disk.
    ///
    /// # Errors
    /// [`StoreError`]: the group may or may not be on disk, and this writer must not be used again.
    fn commit(&mut self, group: &Group) -> Result<(), StoreError>;

    /// Every group up to this one is in the rows of interactions.
    fn settled(&self) -> u64;

    /// Takes a group again that was committed before a restart: of its interactions what is not in their rows. Groups
    /// come in order, beginning after [`Store::settled`], with their journal rows as they are.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn recall(&mut self, group: &Group) -> Result<(), StoreError>;

    /// Does some of its housekeeping; called at quiet moments, again and again while there is more to do.
    ///
    /// # Errors
    /// As for [`Store::commit`].
    fn tidy(&mut self) -> Result<Tidied, StoreError>;

    /// Another pair of eyes on what is committed.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened.
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;
}

/// Whether a store's house is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tidied {
    /// It is.
    Done,
    /// Some housekeeping is left; it was interrupted so that nobody need wait for it.
    MoreToDo,
}

/// Reads what is committed. Each call sees at least everything committed before it began.
///
/// Every method fails with a [`StoreError`] when the store cannot be read, and for no other reason.
#[expect(clippy::missing_errors_doc, reason = "said once, on the trait")]
pub trait Reader: Send {
    /// The last group and its logical now.
    fn last_group(&mut self) -> Result<Option<(u64, Timestamp)>, StoreError>;

    /// One group of the journal.
    fn group(&mut self, seq: u64) -> Result<Option<JournalRow>, StoreError>;

    /// Groups of the journal after one, in order.
    fn journal(&mut self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError>;

    /// One interaction.
    fn interaction(&mut self, id: InteractionId) -> Result<Option<StoredInteraction>, StoreError>;

    /// The latest interaction of a contact.
    fn latest(&mut self, key: &ContactKey) -> Result<Option<InteractionId>, StoreError>;

    /// Interactions of a tenant, newest first, older than `before`, with their works.
    fn interactions(
        &mut self,
        tenant: &TenantId,
        filter: &InteractionFilter,
        before: Option<InteractionId>,
        limit: u32,
    ) -> Result<Vec<(StoredInteraction, Option<WorkRow>)>, StoreError>;

    /// All interactions in the order of their ids, after one.
    fn scan_interactions(
        &mut self,
        after: Option<InteractionId>,
        limit: u32,
    ) -> Result<Vec<StoredInteraction>, StoreError>;

    /// Deadlines of interactions after `(instant, id)` and up to `until`, in order.
    fn due(
        &mut self,
        after: (Timestamp, InteractionId),
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Timestamp, InteractionId)>, StoreError>;

    /// The work of an interaction.
    fn work(&mut self, id: InteractionId) -> Result<Option<WorkRow>, StoreError>;

    /// All works in the order of their interactions, after one.
    fn scan_works(&mut self, after: Option<InteractionId>, limit: u32) -> Result<Vec<WorkRow>, StoreError>;

    /// All agents that were ever present, by tenant and id.
    fn scan_agents(&mut self) -> Result<Vec<AgentRow>, StoreError>;

    /// One document.
    fn document(
        &mut self,
        tenant: &TenantId,
        kind: DocumentKind,
        id: &str,
    ) -> Result<Option<StoredDocument>, StoreError>;

    /// Documents of a kind in the order of their ids, after one.
    fn documents(
        &mut self,
        tenant: &TenantId,
        kind: DocumentKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, StoreError>;

    /// The same from the last id down, before one.
    fn latest_documents(
        &mut self,
        tenant: &TenantId,
        kind: DocumentKind,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, StoreError>;

    /// Documents of a kind, of every tenant, that were last written before an instant; oldest first.
    fn documents_before(
        &mut self,
        kind: DocumentKind,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, String)>, StoreError>;

    /// Groups at the beginning of the journal that are older than an instant and than every group that speaks of a live
    /// interaction: the first and the last of them, at most so many.
    fn prunable(&mut self, before: Timestamp, limit: u32) -> Result<Option<(u64, u64)>, StoreError>;

    /// Tenants that have documents, in order.
    fn tenants(&mut self) -> Result<Vec<TenantId>, StoreError>;

    /// Messages of a touchpoint that are not acknowledged, oldest first, after a position.
    fn outbox(
        &mut self,
        tenant: &TenantId,
        touchpoint: &TouchpointId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError>;

    /// All messages that are not acknowledged, after a position.
    fn scan_outbox(&mut self, after: u64, limit: u32) -> Result<Vec<OutboxRow>, StoreError>;

    /// What is wrong with the file itself; empty when it is sound.
    fn integrity(&mut self) -> Result<Vec<String>, StoreError>;
}
