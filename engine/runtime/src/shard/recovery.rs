//! How a shard comes back: settings and flows from documents, agents and works from their rows, deadlines as they come
//! near. Interactions stay where they are; who stands where is read back later ([`Standings`]). No script runs and nothing is decided.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, mpsc},
};

use routewright_engine::{
    TenantId, Timestamp,
    capacity::{AgentRow, Work},
    catalogue::Catalogue,
    event::Input,
    published::PublishedFlow,
    release::Release,
    silence::Outage,
    switchboard::{Counters, Switchboard},
};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    Batch, CALLS_OUTBOX, Draft, Shard, clock::LogicalClock, interaction_row, shelf::Shelves, standings::Standings,
    sweep::Sweep, tallies::Tallies, window::Window,
};
use crate::{
    calls::CallSender,
    configure::{Interpreter, Meaning},
    documents::DocumentKind,
    error::{OpenError, StoreError},
    floor::{Floor, FloorChange},
    journal::{self, Record},
    limits::LIST_MAX,
    readers::Readers,
    runtime::Options,
    shared::Shared,
    store::{Group, JournalRow, OutboxRow, Reader, Store},
};

/// Groups of the journal read at once for [`recall`]: each is a mebibyte at most.
const RECALLED_AT_ONCE: u32 = 8;

/// A shard ready to run, and what belongs to it.
pub(crate) struct Recovered {
    pub(crate) shard: Shard,
    pub(crate) shared: Arc<Shared>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) batches: mpsc::Receiver<Batch>,
    /// The last group of the journal, and the logical now of the start.
    pub(crate) last_group: (u64, Timestamp),
    /// See [`Started::calls`](crate::start::Started::calls).
    pub(crate) calls: UnboundedReceiver<OutboxRow>,
}

/// What the documents of a tenant mean together.
#[derive(Default)]
struct TenantSettings {
    catalogue: Catalogue,
    versions: Vec<Arc<PublishedFlow>>,
    releases: Vec<Release>,
}

/// Reads back everything the shard holds in memory.
pub(crate) fn recover(
    options: &Options,
    interpreter: &Interpreter,
    store: &mut dyn Store,
) -> Result<Recovered, OpenError> {
    recall(store)?;
    let readers = Readers::open(store, options.readers)?;
    let mut shelves = Shelves { reader: store.reader()?, in_flight: None };
    let (last_seq, kept) = shelves.reader.last_group()?.unwrap_or((0, Timestamp(0)));
    let mut clock = LogicalClock::new(Arc::clone(&options.clock), kept);
    let now = clock.now();

    let mut board = Switchboard::new(Arc::clone(&interpreter.sandbox));
    board.restore_counters(counters(&mut *shelves.reader, last_seq)?);
    // A quiet shard was down for less than this; what its contacts are credited with errs on their side.
    board.set_outage(Outage { from: kept, to: now });
    let mut floor = Floor::default();
    let mut catalogues = BTreeMap::new();
    let mut agents = agents(&mut *shelves.reader)?;
    let mut works = works(&mut *shelves.reader)?;
    for tenant in shelves.reader.tenants()? {
        let settings = settings(interpreter, &mut *shelves.reader, &tenant)?;
        let catalogue = Arc::new(settings.catalogue);
        catalogues.insert(tenant.clone(), Arc::clone(&catalogue));
        let mut tell = |board: &mut Switchboard, input| match board.handle(input, now, &mut shelves) {
            Ok(_) => Ok(()),
            Err(error) => Err(StoreError::Failed { doing: "be read", message: error.to_string() }),
        };
        tell(&mut board, Input::Configured(tenant.clone(), catalogue))?;
        let (agents, works) = (agents.remove(&tenant).unwrap_or_default(), works.remove(&tenant).unwrap_or_default());
        floor.apply(FloorChange {
            works: works.iter().map(|work| (tenant.clone(), work.interaction, Some(work.clone()))).collect(),
            agents: agents.iter().map(|row| (tenant.clone(), row.agent.clone(), Some(row.into()))).collect(),
        });
        board.restore(&tenant, agents.into_iter(), works.into_iter(), now);
        for flow in settings.versions {
            tell(&mut board, Input::Published(tenant.clone(), flow))?;
        }
        for release in settings.releases {
            tell(&mut board, Input::Released(tenant.clone(), release))?;
        }
    }
    let tallies = Tallies::recover(&mut *shelves.reader)?;
    let (made, calls) = unbounded_channel();
    if options.caller.is_some() {
        leave_behind(&mut *shelves.reader, &made)?;
    }
    let made = options.caller.is_some().then_some(made);
    let shared = Shared::new(options.mailbox_max, catalogues, floor, last_seq, made);
    // One batch at a time: the shard hands over only when the committer is free.
    let (committer, batches) = mpsc::sync_channel(1);
    let shard = Shard {
        board,
        shelves,
        clock,
        now,
        window: Window::new(),
        draft: Draft::new(last_seq + 1, 0),
        last_seq,
        committing: false,
        committer,
        shared: Arc::clone(&shared),
        group_max: options.group_max.max(1),
        in_hand_max: options.in_hand_max,
        sweep: Sweep::new(options.journal_kept),
        tallies,
        standings: Standings::new(),
    };
    Ok(Recovered { shard, shared, readers, batches, last_group: (last_seq, now), calls })
}

/// Tells the store what the end of its journal made of interactions.
fn recall(store: &mut dyn Store) -> Result<(), StoreError> {
    let mut reader = store.reader()?;
    let mut after = store.settled();
    loop {
        let page = reader.journal(after, RECALLED_AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        for row in page {
            store.recall(&changes(row)?)?;
        }
    }
}

/// What a group made of interactions.
fn changes(row: JournalRow) -> Result<Group, StoreError> {
    let (mut rows, mut spoken_of) = (BTreeMap::new(), BTreeSet::new());
    for record in journal::records(&row)? {
        match record {
            Record::Interaction(interaction) => drop(rows.insert(interaction.id, interaction_row(&interaction))),
            Record::Turn(turn) => spoken_of.extend(turn.facts.iter().filter_map(|of| of.interaction)),
            Record::Work(_)
            | Record::WorkGone(_)
            | Record::Agent(_)
            | Record::AgentGone { .. }
            | Record::Document(_)
            | Record::Acknowledged(_)
            | Record::Pruned(_)
            | Record::Visits(_)
            | Record::Counters(_) => {}
        }
    }
    let mentioned = spoken_of.into_iter().filter(|id| !rows.contains_key(id)).collect();
    let JournalRow { seq, at, body } = row;
    let interactions = rows.into_values().map(Arc::new).collect();
    Ok(Group { seq, at, journal: body, interactions, mentioned, ..Group::default() })
}

/// Calls that were committed and not known to have ended.
fn leave_behind(reader: &mut dyn Reader, to: &CallSender) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        let page = reader.scan_outbox(after, LIST_MAX)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.position;
        for row in page.into_iter().filter(|row| row.touchpoint.as_str() == CALLS_OUTBOX) {
            // The receiver is still with us.
            let _ = to.send(row);
        }
    }
}

fn counters(reader: &mut dyn Reader, last_seq: u64) -> Result<Counters, StoreError> {
    let Some(row) = reader.group(last_seq)? else { return Ok(Counters::default()) };
    let mut counters = Counters::default();
    for record in journal::records(&row)? {
        if let Record::Counters(kept) = record {
            (counters.interaction, counters.offer) = (kept.interaction, kept.offer);
        }
    }
    Ok(counters)
}

fn agents(reader: &mut dyn Reader) -> Result<BTreeMap<TenantId, Vec<AgentRow>>, StoreError> {
    let mut by_tenant: BTreeMap<TenantId, Vec<AgentRow>> = BTreeMap::new();
    for stored in reader.scan_agents()? {
        let row = serde_json::from_str(&stored.body).map_err(|error| StoreError::Damaged {
            what: format!("agent '{}' of tenant '{}'", stored.agent, stored.tenant),
            message: error.to_string(),
        })?;
        by_tenant.entry(stored.tenant).or_default().push(row);
    }
    Ok(by_tenant)
}

fn works(reader: &mut dyn Reader) -> Result<BTreeMap<TenantId, Vec<Work>>, StoreError> {
    let mut by_tenant: BTreeMap<TenantId, Vec<Work>> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = reader.scan_works(after, LIST_MAX)?;
        let Some(last) = page.last() else { return Ok(by_tenant) };
        after = Some(last.interaction);
        for stored in page {
            let work = serde_json::from_str(&stored.body).map_err(|error| StoreError::Damaged {
                what: format!("the work of interaction {}", stored.interaction),
                message: error.to_string(),
            })?;
            by_tenant.entry(stored.tenant).or_default().push(work);
        }
    }
}

fn settings(
    interpreter: &Interpreter,
    reader: &mut dyn Reader,
    tenant: &TenantId,
) -> Result<TenantSettings, OpenError> {
    let mut settings = TenantSettings::default();
    settings.catalogue.version = 1;
    for kind in DocumentKind::ALL {
        if !kind.means_something() {
            continue;
        }
        let mut after: Option<String> = None;
        loop {
            let page = reader.documents(tenant, kind, after.as_deref(), LIST_MAX)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for document in page {
                let meaning = interpreter.read(kind, &document.id, Some(&document.body));
                let meaning = meaning.map_err(|message| OpenError::Document {
                    tenant: tenant.to_string(),
                    kind,
                    id: document.id,
                    message,
                })?;
                match meaning {
                    Meaning::Setting(setting) => setting.enter(&mut settings.catalogue),
                    Meaning::Version(flow) => settings.versions.push(flow),
                    Meaning::Release(release) => settings.releases.push(release),
                    Meaning::Tenant | Meaning::Kept => {}
                }
            }
        }
    }
    Ok(settings)
}
