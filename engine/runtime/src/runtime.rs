//! The face of the runtime: what HTTP, tests and benchmarks call.
//!
//! What it deliberately does not do: it holds no state of its own. Inputs go to the shard, reads go to the store or to
//! what the committer published.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use routewright_engine::{
    AgentId, InteractionId, TenantId, Timestamp, TouchpointId,
    capacity::{IdleWhy, Why},
    catalogue::Catalogue,
    contact::{ContactKey, Said},
    event::Input,
    fact::{Fact, FactRecord},
    interaction::FlowVersion,
    node::Registry,
    refusal::Refusal,
    script::{Sandbox, Watch},
    sla::Of,
    switchboard::{Answer, Switchboard},
    visits::VersionVisits,
};
use routewright_flows::{FlowId, NodeId};
use serde::de::DeserializeOwned;
use tokio::sync::{broadcast, oneshot};

use crate::{
    calls::{self, Caller, StoredSecret},
    check::{CheckReport, check},
    clock::{Clock, SystemClock},
    configure::Interpreter,
    documents::{Change, DocumentKind, Expect, Revision, StoredDocument},
    error::{OpenError, ReadError, ScriptThreadError, StoreError, SubmitError, WriteError},
    journal::{self, TurnRecord},
    limits,
    readers::Readers,
    script_threads::ScriptThreads,
    service::ServiceFigures,
    shard::{About, Command, Question, Refused, Tallies, Telling, Write, group_of, position},
    shared::Shared,
    start::{Started, start},
    store::{Acknowledged, Reader, SqliteStore, Store, StoredInteraction, WorkRow},
    vault::{self, Kept, SecretKeys},
    views::{
        AgentView, Committed, InteractionFilter, InteractionView, OutboxEntry, Stats, Stopped, Submitted,
        TimelineEntry, VersionOccupancy,
    },
    zones::Zones,
};

/// What a runtime needs to start.
#[derive(Clone)]
pub struct Options {
    /// Where the store is; made when it does not exist.
    pub data_dir: PathBuf,
    /// The node types of this build.
    pub registry: Arc<Registry>,
    /// Who makes calls to other systems; without one, they wait.
    pub caller: Option<Arc<dyn Caller>>,
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
    /// The keys that secrets are stored under; as they are without any.
    pub secret_keys: Option<Arc<SecretKeys>>,
    /// How long groups of the journal are kept, at least [`limits::JOURNAL_KEPT_MIN`]; for ever when absent.
    pub journal_kept: Option<Duration>,
}

impl Options {
    /// The defaults, on the machine's clock.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, registry: Arc<Registry>) -> Self {
        Self {
            data_dir: data_dir.into(),
            registry,
            caller: None,
            clock: Arc::new(SystemClock),
            group_max: limits::GROUP_MAX,
            mailbox_max: limits::MAILBOX_MAX,
            in_hand_max: limits::IN_HAND_MAX,
            readers: limits::READERS,
            secret_keys: None,
            journal_kept: None,
        }
    }
}

/// A running shard. Cheap to clone. When the last clone is dropped, the shard takes nothing more, commits what it took
/// and stops by itself; [`Runtime::close`] waits for that.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    readers: Arc<Readers>,
    interpreter: Interpreter,
    scripts: ScriptThreads,
    secret_keys: Option<Arc<SecretKeys>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.mailbox.close();
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

/// A watch that nobody can set.
struct MonotonicWatch(Instant);

impl Watch for MonotonicWatch {
    fn reading(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Runtime {
    // -- life ---------------------------------------------------------------------------------------------------------

    /// Opens the store of the data directory, recovers, and starts the shard.
    ///
    /// # Errors
    /// [`OpenError`] says what must be put right before it can start.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let directory = options.data_dir.clone();
        Self::open_on(options, move || Ok(Box::new(SqliteStore::open(&directory)?))).await
    }

    /// The same on any store.
    ///
    /// # Errors
    /// As for [`Runtime::open`].
    pub async fn open_on(
        options: Options,
        store: impl FnOnce() -> Result<Box<dyn Store>, OpenError> + Send + 'static,
    ) -> Result<Self, OpenError> {
        let interpreter = Interpreter {
            registry: Arc::clone(&options.registry),
            sandbox: Arc::new(Sandbox::with_watch(Arc::new(MonotonicWatch(Instant::now())))),
            zones: Arc::new(Zones::default()),
        };
        let (caller, secret_keys) = (options.caller.clone(), options.secret_keys.clone());
        let Started { shared, readers, calls } = start(options, interpreter.clone(), Box::new(store)).await?;
        let scripts = ScriptThreads::default();
        let runtime = Self { inner: Arc::new(Inner { shared, readers, interpreter, scripts, secret_keys }) };
        if let Err(error) = runtime.tidy_secrets().await {
            runtime.close().await;
            return Err(error);
        }
        if let Some(caller) = caller {
            let Inner { shared, readers, secret_keys, .. } = &*runtime.inner;
            let made = calls::run(caller, Arc::downgrade(shared), Arc::downgrade(readers), secret_keys.clone(), calls);
            tokio::spawn(made);
        }
        Ok(runtime)
    }

    /// Sees to it that every secret is stored under the first of the keys, and can be read at all.
    async fn tidy_secrets(&self) -> Result<(), OpenError> {
        let keys = self.inner.secret_keys.clone();
        let read = self.inner.readers.read(move |reader| {
            let (mut stale, mut n_plain) = (Vec::new(), 0_u32);
            for tenant in reader.tenants()? {
                let mut after: Option<String> = None;
                loop {
                    let page = reader.documents(&tenant, DocumentKind::Secret, after.as_deref(), limits::LIST_MAX)?;
                    let Some(last) = page.last() else { break };
                    after = Some(last.id.clone());
                    for StoredDocument { id, revision, body, .. } in page {
                        let Ok(secret) = serde_json::from_value::<StoredSecret>(body) else { continue };
                        match vault::kept(keys.as_deref(), &tenant, &id, &secret.value) {
                            Kept::Well(_) => n_plain += u32::from(keys.is_none()),
                            Kept::Stale(value) => {
                                let body = serde_json::to_value(StoredSecret { value }).unwrap_or_default();
                                let expect = Expect::Revision(revision);
                                let change = Change::Put { kind: DocumentKind::Secret, id, expect, body };
                                stale.push((tenant.clone(), change));
                            }
                            Kept::Shut => return Ok(Err((tenant, id))),
                        }
                    }
                }
            }
            Ok(Ok((stale, n_plain)))
        });
        let failed = |message: String| OpenError::Store(StoreError::Failed { doing: "keep secrets", message });
        let found = read.await.map_err(|error| failed(error.to_string()))?;
        let (stale, n_plain) = found.map_err(|(tenant, id)| OpenError::Shut { tenant: tenant.to_string(), id })?;
        if 0 < n_plain {
            tracing::warn!(n_plain, "secrets are stored as they are: give keys to store them under");
        }
        for (tenant, change) in stale {
            self.write(tenant, "set-up".to_owned(), vec![change]).await.map_err(|error| failed(error.to_string()))?;
        }
        Ok(())
    }

    /// Takes nothing more, commits what was taken, tidies up, and waits until the store is closed.
    pub async fn close(self) {
        let stopped = self.stopped();
        self.inner.shared.mailbox.close();
        stopped.await;
    }

    /// Ends when the shard has stopped and the store is closed, and says why.
    pub fn stopped(&self) -> impl Future<Output = Stopped> + Send + 'static {
        let mut stopped = self.inner.shared.stopped();
        async move {
            match stopped.wait_for(Option::is_some).await {
                Ok(why) => why.clone().unwrap_or(Stopped::Closed),
                // The sender goes only after it has said why, and then only with both threads.
                Err(_) => Stopped::Closed,
            }
        }
    }

    // -- inputs -------------------------------------------------------------------------------------------------------

    /// Hands an input to the shard; answers after the commit. Dropping the future does not take the input back.
    ///
    /// # Errors
    /// [`SubmitError`]; only after `Stopped` is it open whether the input was kept.
    pub async fn submit(&self, input: Input) -> Result<Submitted, SubmitError> {
        let (reply, answered) = oneshot::channel();
        self.post(Command::Input { input: Box::new(input), reply })?;
        let submitted = answered.await.unwrap_or(Err(SubmitError::Stopped))?;
        let Answer::Repeated { interaction, turn } = submitted.answer else { return Ok(submitted) };
        let said = self.inner.readers.read(move |reader| said_in(reader, interaction, turn)).await;
        match said {
            Ok(said) => Ok(Submitted { answer: Answer::Heard { interaction, turn, said }, ..submitted }),
            Err(error) => {
                tracing::error!(%error, %interaction, turn, "the first answer to a repeated message cannot be read");
                Err(SubmitError::Stopped)
            }
        }
    }

    /// Writes documents in one transaction, in the order of inputs, and puts settings, versions and releases in force;
    /// answers after the commit. All are written or none.
    ///
    /// # Errors
    /// [`WriteError`]; nothing was written, but for `Stopped`, after which it is open.
    pub async fn write(&self, tenant: TenantId, by: String, changes: Vec<Change>) -> Result<Vec<Revision>, WriteError> {
        if limits::CHANGES_MAX < changes.len() {
            return Err(WriteError::TooMany { given: changes.len(), max: limits::CHANGES_MAX });
        }
        let changes = changes.into_iter().map(|change| self.sealed(&tenant, change)).collect::<Result<_, _>>()?;
        let changes = self.understand(changes).await?;
        let (reply, answered) = oneshot::channel();
        self.post_write(Command::Write(Write { tenant, by, changes, reply }), answered).await
    }

    /// Forgets messages of the outbox up to a position, that one included.
    ///
    /// # Errors
    /// As for [`Runtime::write`].
    pub async fn acknowledge(&self, tenant: TenantId, touchpoint: TouchpointId, upto: u64) -> Result<(), WriteError> {
        let (reply, answered) = oneshot::channel();
        let acknowledged = Acknowledged { tenant, touchpoint, upto };
        self.post_write(Command::Acknowledge { acknowledged, reply }, answered).await.map(drop)
    }

    fn post(&self, command: Command) -> Result<(), Refused> {
        self.inner.shared.mailbox.post(command).inspect_err(|refused| {
            if *refused == Refused::Full {
                self.inner.shared.count_overload();
            }
        })
    }

    async fn post_write(
        &self,
        command: Command,
        answered: oneshot::Receiver<Result<Vec<Revision>, WriteError>>,
    ) -> Result<Vec<Revision>, WriteError> {
        self.post(command)?;
        answered.await.unwrap_or(Err(WriteError::Stopped))
    }

    /// The change as it is stored: from here on nobody sees the value of a secret.
    fn sealed(&self, tenant: &TenantId, change: Change) -> Result<Change, WriteError> {
        let Change::Put { kind: DocumentKind::Secret, id, expect, body } = change else { return Ok(change) };
        let kind = DocumentKind::Secret;
        let stored =
            serde_json::from_value::<StoredSecret>(body).map_err(|error| error.to_string()).and_then(|secret| {
                let value = vault::keep(self.inner.secret_keys.as_deref(), tenant, &id, &secret.value)?;
                serde_json::to_value(StoredSecret { value }).map_err(|error| error.to_string())
            });
        match stored {
            Ok(body) => Ok(Change::Put { kind, id, expect, body }),
            Err(message) => Err(WriteError::Invalid { kind, id, message }),
        }
    }

    /// Reads what changes mean. Flows have scripts to compile, and those only meet a stack made for them.
    async fn understand(&self, changes: Vec<Change>) -> Result<Vec<(Change, crate::configure::Meaning)>, WriteError> {
        let interpreter = self.inner.interpreter.clone();
        let understand = move || {
            let understand_one = |change: Change| {
                let (kind, id, _) = change.target();
                let body = match &change {
                    Change::Put { body, .. } => Some(body),
                    Change::Delete { .. } => None,
                };
                match interpreter.read(kind, id, body) {
                    Ok(meaning) => Ok((change, meaning)),
                    Err(message) => Err(WriteError::Invalid { kind, id: id.to_owned(), message }),
                }
            };
            changes.into_iter().map(understand_one).collect()
        };
        match self.on_script_thread(understand).await {
            Ok(understood) => understood,
            Err(error) => {
                tracing::error!(%error, "changes cannot be read");
                Err(WriteError::Overloaded)
            }
        }
    }

    // -- what is in force ---------------------------------------------------------------------------------------------

    /// The settings in force.
    #[must_use]
    pub fn catalogue(&self, tenant: &TenantId) -> Option<Arc<Catalogue>> {
        self.inner.shared.catalogue(tenant)
    }

    /// The sandbox of this process.
    #[must_use]
    pub fn sandbox(&self) -> &Arc<Sandbox> {
        &self.inner.interpreter.sandbox
    }

    /// The rules of time zones that calendars are read with.
    #[must_use]
    pub fn zones(&self) -> &Arc<Zones> {
        &self.inner.interpreter.zones
    }

    /// The node types of this build.
    #[must_use]
    pub fn registry(&self) -> &Arc<Registry> {
        &self.inner.interpreter.registry
    }

    /// Runs a pure job that may meet hostile scripts (check, compile, rehearse) on a thread with a large stack; a panic
    /// is an error. A bounded number runs at once.
    ///
    /// # Errors
    /// [`ScriptThreadError`] when the job did not come to its end.
    pub async fn on_script_thread<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ScriptThreadError> {
        self.inner.scripts.run(job).await
    }

    // -- documents ----------------------------------------------------------------------------------------------------

    /// One document.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be read, here and in every method below.
    pub async fn document(
        &self,
        tenant: TenantId,
        kind: DocumentKind,
        id: &str,
    ) -> Result<Option<StoredDocument>, ReadError> {
        let id = id.to_owned();
        self.inner.readers.read(move |reader| reader.document(&tenant, kind, &id)).await
    }

    /// Documents of a kind in the order of their ids, after one; at most [`limits::LIST_MAX`].
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn documents(
        &self,
        tenant: TenantId,
        kind: DocumentKind,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, ReadError> {
        let limit = limit.min(limits::LIST_MAX);
        self.inner.readers.read(move |reader| reader.documents(&tenant, kind, after.as_deref(), limit)).await
    }

    /// Documents of a kind from the last id down, before one; at most [`limits::LIST_MAX`].
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn latest_documents(
        &self,
        tenant: TenantId,
        kind: DocumentKind,
        before: Option<String>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, ReadError> {
        let limit = limit.min(limits::LIST_MAX);
        self.inner.readers.read(move |reader| reader.latest_documents(&tenant, kind, before.as_deref(), limit)).await
    }

    /// Tenants that have documents, in order.
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn tenants(&self) -> Result<Vec<TenantId>, ReadError> {
        self.inner.readers.read(|reader| reader.tenants()).await
    }

    // -- interactions -------------------------------------------------------------------------------------------------

    /// One interaction, as it was last committed.
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn interaction(&self, tenant: TenantId, id: InteractionId) -> Result<Option<InteractionView>, ReadError> {
        let read = move |reader: &mut dyn Reader| {
            let stored = reader.interaction(id)?.filter(|stored| stored.row.tenant == tenant);
            let Some(stored) = stored else { return Ok(None) };
            let work = reader.work(id)?;
            view((stored, work)).map(Some)
        };
        self.inner.readers.read(read).await
    }

    /// The latest interaction of a contact.
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn latest(&self, key: ContactKey) -> Result<Option<InteractionId>, ReadError> {
        self.inner.readers.read(move |reader| reader.latest(&key)).await
    }

    /// Interactions that pass a filter, newest first; `after` continues a list after its last one. At most
    /// [`limits::LIST_MAX`].
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn interactions(
        &self,
        tenant: TenantId,
        filter: InteractionFilter,
        after: Option<InteractionId>,
        limit: u32,
    ) -> Result<Vec<InteractionView>, ReadError> {
        let limit = limit.min(limits::LIST_MAX);
        let read = move |reader: &mut dyn Reader| {
            reader.interactions(&tenant, &filter, after, limit)?.into_iter().map(view).collect()
        };
        self.inner.readers.read(read).await
    }

    /// Everything that happened to an interaction, in order; empty for one that does not exist.
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn timeline(&self, tenant: TenantId, id: InteractionId) -> Result<Vec<FactRecord>, ReadError> {
        let entries = self.timeline_after(tenant, id, 0, usize::MAX).await?;
        Ok(entries.into_iter().map(|entry| entry.fact).collect())
    }

    /// What happened to an interaction after a place in its timeline. Reads only the groups from that place on, and no
    /// more of them than it takes to find `enough` facts.
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn timeline_after(
        &self,
        tenant: TenantId,
        id: InteractionId,
        after: u64,
        enough: usize,
    ) -> Result<Vec<TimelineEntry>, ReadError> {
        let read = move |reader: &mut dyn Reader| {
            let stored = reader.interaction(id)?.filter(|stored| stored.row.tenant == tenant);
            let groups = stored.map(|stored| stored.groups).unwrap_or_default();
            let first = groups.partition_point(|seq| *seq < group_of(after));
            let mut entries = Vec::new();
            for seq in &groups[first..] {
                if enough <= entries.len() {
                    break;
                }
                let Some(row) = reader.group(*seq)? else { continue };
                let facts = journal::turns_of(&row, id)?.into_iter().flat_map(TurnRecord::into_facts);
                let own = (0..).zip(facts.filter(|fact| fact.interaction == Some(id)));
                let placed = own.map(|(place, fact)| TimelineEntry { position: position(*seq, place), fact });
                entries.extend(placed.filter(|entry| after < entry.position));
            }
            Ok(entries)
        };
        self.inner.readers.read(read).await
    }

    // -- the floor ----------------------------------------------------------------------------------------------------

    /// One agent, as he was last committed; `None` when the catalogue does not know him.
    #[must_use]
    pub fn agent(&self, tenant: &TenantId, agent: &AgentId) -> Option<AgentView> {
        let known = self.catalogue(tenant)?.agents.contains_key(agent);
        known.then(|| self.inner.shared.agent(tenant, agent))
    }

    /// All agents of the catalogue, in the order of their ids.
    #[must_use]
    pub fn agents(&self, tenant: &TenantId) -> Vec<AgentView> {
        let Some(catalogue) = self.catalogue(tenant) else { return Vec::new() };
        catalogue.agents.keys().map(|agent| self.inner.shared.agent(tenant, agent)).collect()
    }

    /// What keeps a contact from an agent: the first test that fails. Decided where offers are, and told after the
    /// commit of everything it rests on.
    ///
    /// # Errors
    /// As for [`Runtime::submit`].
    pub async fn why(&self, tenant: TenantId, interaction: InteractionId, agent: AgentId) -> Result<Why, SubmitError> {
        self.ask(About::Rest, move |board, _| board.why(&tenant, interaction, &agent)).await
    }

    /// Why an agent takes nothing more: what waits, and what keeps each of it from him.
    ///
    /// # Errors
    /// As for [`Runtime::submit`].
    pub async fn why_idle(&self, tenant: TenantId, agent: AgentId) -> Result<IdleWhy, SubmitError> {
        self.ask(About::Rest, move |board, _| board.why_idle(&tenant, &agent)).await
    }

    /// Who stands where in the versions of a flow, and what was counted there; told after the commit of everything it
    /// rests on, all of it at one instant.
    ///
    /// # Errors
    /// As for [`Runtime::submit`].
    pub async fn occupancy(&self, tenant: TenantId, flow: FlowId) -> Result<Vec<VersionOccupancy>, SubmitError> {
        self.ask(About::Places, move |board, tallies| Ok(occupancy(board, tallies, &tenant, &flow))).await
    }

    /// Those who wait at a node of a version, longest first; at most [`limits::LIST_MAX`].
    ///
    /// # Errors
    /// As for [`Runtime::submit`].
    pub async fn waiting_at(
        &self,
        tenant: TenantId,
        version: FlowVersion,
        node: NodeId,
        limit: u32,
    ) -> Result<Vec<(Timestamp, InteractionId)>, SubmitError> {
        let limit = usize::try_from(limit.min(limits::LIST_MAX)).unwrap_or(0);
        let waiting = move |board: &Switchboard, _: &Tallies| {
            Ok(board.waiting_at(&tenant, &version, &node).take(limit).collect())
        };
        self.ask(About::Places, waiting).await
    }

    /// Service levels: what was counted over the last `over` (a day at most) up to `now`, and who waits. Who was taken
    /// or gave up `within` a time did so in time.
    #[must_use]
    pub fn service_figures(
        &self,
        tenant: &TenantId,
        of: &Of,
        now: Timestamp,
        over: Duration,
        within: Duration,
    ) -> ServiceFigures {
        self.inner.shared.with_books(|books| books.figures(tenant, of, now, over, within))
    }

    async fn ask<T: Send + 'static>(
        &self,
        about: About,
        question: impl FnOnce(&Switchboard, &Tallies) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (reply, answered) = oneshot::channel();
        let ask = Box::new(move |board: &Switchboard, tallies: &Tallies| {
            let answer = question(board, tallies);
            // Whoever asked may have gone meanwhile.
            Box::new(move || drop(reply.send(answer))) as Telling
        });
        self.post(Command::Ask(Question { about, ask }))?;
        answered.await.map_err(|_| SubmitError::Stopped)?.map_err(SubmitError::Refused)
    }

    // -- what leaves --------------------------------------------------------------------------------------------------

    /// Everything committed from now on, group by group, in order. A receiver that lags more than
    /// [`limits::SUBSCRIPTION_BACKLOG`] groups is told how many it missed.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.inner.shared.subscribe()
    }

    /// Messages for a touchpoint's contacts that no answer carried, oldest first, after a position; at most
    /// [`limits::LIST_MAX`]. They stay until they are acknowledged, so a touchpoint may see one again, under the same id.
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn outbox(
        &self,
        tenant: TenantId,
        touchpoint: TouchpointId,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, ReadError> {
        let limit = limit.min(limits::LIST_MAX);
        let read = move |reader: &mut dyn Reader| {
            let rows = reader.outbox(&tenant, &touchpoint, after.unwrap_or(0), limit)?;
            let entry = |row: crate::store::OutboxRow| {
                let effect: routewright_engine::effect::Effect =
                    parse(&row.body, || format!("message {}", row.position))?;
                Ok(OutboxEntry { position: row.position, id: effect.id, at: row.at, effect })
            };
            rows.into_iter().map(entry).collect()
        };
        self.inner.readers.read(read).await
    }

    // -- operations ---------------------------------------------------------------------------------------------------

    /// Counters since the start, and gauges of the moment.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.shared.stats()
    }

    /// Checks the file, rebuilds every row from the journal and compares. Meaningful while nothing is being written.
    #[expect(clippy::missing_errors_doc, reason = "said once, on `document`")]
    pub async fn verify_journal(&self) -> Result<CheckReport, ReadError> {
        self.inner.readers.read(check).await
    }
}

/// The versions of a flow that were ever visited or that somebody is on.
fn occupancy(board: &Switchboard, tallies: &Tallies, tenant: &TenantId, flow: &FlowId) -> Vec<VersionOccupancy> {
    let mut versions: BTreeMap<u32, VersionOccupancy> = BTreeMap::new();
    let new = |version| VersionOccupancy { version, nodes: Vec::new(), visits: VersionVisits::default() };
    for (version, visits) in tallies.of_flow(tenant, flow) {
        versions.entry(version).or_insert_with(|| new(version)).visits = visits.clone();
    }
    for version in board.occupied_versions(tenant, flow) {
        let of = FlowVersion { flow: flow.clone(), version };
        let nodes = board.occupancy(tenant, &of).collect();
        versions.entry(version).or_insert_with(|| new(version)).nodes = nodes;
    }
    versions.into_values().collect()
}

/// What the contact was told in the answer of a turn.
fn said_in(reader: &mut dyn Reader, id: InteractionId, turn: u64) -> Result<Vec<Said>, StoreError> {
    let groups = reader.interaction(id)?.map(|stored| stored.groups).unwrap_or_default();
    // Providers repeat soon: the turn is among the last ones.
    for seq in groups.into_iter().rev() {
        let Some(row) = reader.group(seq)? else { continue };
        let mut facts = journal::turns_of(&row, id)?.into_iter().flat_map(TurnRecord::into_facts);
        let is_of_turn = |fact: &FactRecord| fact.interaction == Some(id) && fact.turn == turn;
        if let Some(first) = facts.find(is_of_turn) {
            let of_turn = std::iter::once(first).chain(facts.filter(is_of_turn));
            let said = of_turn.filter_map(|record| {
                let Fact::MessageSent { said } = record.fact else { return None };
                Some(said)
            });
            return Ok(said.collect());
        }
    }
    Ok(Vec::new())
}

fn view((stored, work): (StoredInteraction, Option<WorkRow>)) -> Result<InteractionView, StoreError> {
    let id = stored.row.id;
    Ok(InteractionView {
        interaction: parse(&stored.row.body, || format!("interaction {id}"))?,
        work: work.map(|work| parse(&work.body, || format!("the work of interaction {id}"))).transpose()?,
    })
}

fn parse<T: DeserializeOwned>(body: &str, what: impl FnOnce() -> String) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|error| StoreError::Damaged { what: what(), message: error.to_string() })
}
