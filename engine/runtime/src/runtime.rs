//! The face of the runtime. Being written: signatures are settled.

use std::{future::Future, path::PathBuf, sync::Arc};

use routewright_engine::{
    AgentId, InteractionId, TenantId, TouchpointId, catalogue::Catalogue, event::Input, fact::FactRecord,
    node::Registry, script::Sandbox,
};
use tokio::sync::broadcast;

use crate::{
    clock::{Clock, SystemClock},
    documents::{Change, DocumentKind, Revision, StoredDocument},
    error::{OpenError, ReadError, ScriptThreadError, SubmitError, WriteError},
    limits,
    views::{AgentView, Committed, InteractionFilter, InteractionView, OutboxEntry, Stats, Stopped, Submitted},
};

/// What a runtime needs to start.
#[derive(Clone)]
pub struct Options {
    /// Where the store is; made when it does not exist.
    pub data_dir: PathBuf,
    /// The node types of this build.
    pub registry: Arc<Registry>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// See [`limits::GROUP_MAX`].
    pub group_max: usize,
    /// See [`limits::MAILBOX_MAX`].
    pub mailbox_max: usize,
    /// See [`limits::IN_HAND_MAX`].
    pub in_hand_max: usize,
    /// See [`limits::READERS`].
    pub readers: usize,
}

impl Options {
    /// The defaults, on the machine's clock.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, registry: Arc<Registry>) -> Self {
        Self {
            data_dir: data_dir.into(),
            registry,
            clock: Arc::new(SystemClock),
            group_max: limits::GROUP_MAX,
            mailbox_max: limits::MAILBOX_MAX,
            in_hand_max: limits::IN_HAND_MAX,
            readers: limits::READERS,
        }
    }
}

/// A running shard. Cheap to clone; the last clone dropped without [`Runtime::close`] stops it without a checkpoint.
#[derive(Clone)]
pub struct Runtime {}

#[expect(
    clippy::unused_self,
    clippy::unused_async,
    clippy::unimplemented,
    unused_variables,
    clippy::missing_errors_doc,
    reason = "being written"
)]
impl Runtime {
    /// Opens the store, recovers, and starts the shard.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        unimplemented!()
    }
    /// Hands an input to the shard; answers after the commit.
    pub async fn submit(&self, input: Input) -> Result<Submitted, SubmitError> {
        unimplemented!()
    }
    /// Writes documents in one transaction; answers after the commit.
    pub async fn write(&self, tenant: TenantId, by: String, changes: Vec<Change>) -> Result<Vec<Revision>, WriteError> {
        unimplemented!()
    }
    /// One document.
    pub async fn document(
        &self,
        tenant: TenantId,
        kind: DocumentKind,
        id: &str,
    ) -> Result<Option<StoredDocument>, ReadError> {
        unimplemented!()
    }
    /// Documents of a kind in the order of their ids, after one.
    pub async fn documents(
        &self,
        tenant: TenantId,
        kind: DocumentKind,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, ReadError> {
        unimplemented!()
    }
    /// Tenants.
    pub async fn tenants(&self) -> Result<Vec<TenantId>, ReadError> {
        unimplemented!()
    }
    /// The settings in force.
    #[must_use]
    pub fn catalogue(&self, tenant: &TenantId) -> Option<Arc<Catalogue>> {
        unimplemented!()
    }
    /// The sandbox of this process.
    #[must_use]
    pub fn sandbox(&self) -> &Arc<Sandbox> {
        unimplemented!()
    }
    /// The node types of this build.
    #[must_use]
    pub fn registry(&self) -> &Arc<Registry> {
        unimplemented!()
    }
    /// Runs a pure job that may meet hostile scripts on a thread with a large stack.
    pub async fn on_script_thread<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ScriptThreadError> {
        unimplemented!()
    }
    /// One interaction.
    pub async fn interaction(&self, tenant: TenantId, id: InteractionId) -> Result<Option<InteractionView>, ReadError> {
        unimplemented!()
    }
    /// Interactions, newest first, before (older than) `after`.
    pub async fn interactions(
        &self,
        tenant: TenantId,
        filter: InteractionFilter,
        after: Option<InteractionId>,
        limit: u32,
    ) -> Result<Vec<InteractionView>, ReadError> {
        unimplemented!()
    }
    /// Everything that happened to an interaction, in order.
    pub async fn timeline(&self, tenant: TenantId, id: InteractionId) -> Result<Vec<FactRecord>, ReadError> {
        unimplemented!()
    }
    /// One agent; `None` when the catalogue does not know him.
    #[must_use]
    pub fn agent(&self, tenant: &TenantId, agent: &AgentId) -> Option<AgentView> {
        unimplemented!()
    }
    /// All agents of the catalogue.
    #[must_use]
    pub fn agents(&self, tenant: &TenantId) -> Vec<AgentView> {
        unimplemented!()
    }
    /// Everything committed from now on, group by group.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Committed>> {
        unimplemented!()
    }
    /// Messages for a touchpoint's contacts that no answer carried, oldest first, after a position.
    pub async fn outbox(
        &self,
        tenant: TenantId,
        touchpoint: TouchpointId,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, ReadError> {
        unimplemented!()
    }
    /// Forgets messages of the outbox up to a position, that one included.
    pub async fn acknowledge(&self, tenant: TenantId, touchpoint: TouchpointId, upto: u64) -> Result<(), WriteError> {
        unimplemented!()
    }
    /// Counters and gauges.
    #[must_use]
    pub fn stats(&self) -> Stats {
        unimplemented!()
    }
    /// Ends when the shard has stopped, and says why.
    pub fn stopped(&self) -> impl Future<Output = Stopped> + Send + 'static {
        std::future::pending()
    }
    /// Copies the store as it stands to a file, while work goes on.
    pub async fn backup(&self, to: PathBuf) -> Result<(), ReadError> {
        unimplemented!()
    }
    /// Takes nothing more, commits what was taken, checkpoints, and stops.
    pub async fn close(self) {
        unimplemented!()
    }
}
