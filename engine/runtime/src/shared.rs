//! What the shard, the committer and the face share: the mailbox, what readers are shown, and why it all stopped.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use routewright_engine::{AgentId, TenantId, catalogue::Catalogue, switchboard::Answer};
use tokio::sync::{broadcast, watch};

use crate::{
    calls::CallSender,
    error::SubmitError,
    floor::Floor,
    limits::SUBSCRIPTION_BACKLOG,
    service::Books,
    shard::{Batch, CALLS_OUTBOX, Command, Mailbox, Reply, Told},
    views::{AgentView, Committed, Stats, Stopped, Submitted},
};

pub(crate) struct Shared {
    pub(crate) mailbox: Mailbox<Command>,
    catalogues: RwLock<BTreeMap<TenantId, Arc<Catalogue>>>,
    floor: RwLock<Floor>,
    books: Mutex<Books>,
    committed: broadcast::Sender<Arc<Committed>>,
    /// Where calls to the outside are left for the one who makes them, when there is one.
    calls: Option<CallSender>,
    /// Counters; the gauges among them are filled in when they are asked for.
    stats: Mutex<Stats>,
    overloaded: AtomicU64,
    timers: AtomicUsize,
    /// Why nothing is acknowledged any more; set once, by whoever failed first.
    failure: OnceLock<Arc<str>>,
    stopped: watch::Sender<Option<Stopped>>,
}

impl Shared {
    pub(crate) fn new(
        mailbox_max: usize,
        catalogues: BTreeMap<TenantId, Arc<Catalogue>>,
        floor: Floor,
        last_group: u64,
        calls: Option<CallSender>,
    ) -> Arc<Self> {
        Arc::new(Self {
            mailbox: Mailbox::new(mailbox_max),
            catalogues: RwLock::new(catalogues),
            floor: RwLock::new(floor),
            books: Mutex::new(Books::to_recount()),
            committed: broadcast::Sender::new(SUBSCRIPTION_BACKLOG),
            calls,
            stats: Mutex::new(Stats { group: last_group, ..Stats::default() }),
            overloaded: AtomicU64::new(0),
            timers: AtomicUsize::new(0),
            failure: OnceLock::new(),
            stopped: watch::Sender::new(None),
        })
    }

    // -- after a commit -----------------------------------------------------------------------------------------------

    /// Shows readers what a batch did and tells subscribers. Gives back what its callers are to be told, which comes
    /// after: whoever has his answer also finds it. `took` is what its commit took, `None` when there was nothing to write.
    #[must_use = "callers wait for their answers"]
    pub(crate) fn publish(&self, batch: Batch, took: Option<Duration>) -> Answers {
        let Batch { group, committed, floor, catalogues, replies, tally } = batch;
        self.floor.write().unwrap_or_else(PoisonError::into_inner).apply(floor);
        if !catalogues.is_empty() {
            self.catalogues.write().unwrap_or_else(PoisonError::into_inner).extend(catalogues);
        }
        self.with_books(|books| books.enter(&committed.facts));
        let seq = committed.group;
        {
            let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
            stats.inputs += tally.inputs;
            stats.turns += tally.turns;
            stats.refused += tally.refused;
            stats.repeated += tally.repeated;
            stats.timers_fired += tally.timers;
            stats.group = seq;
            if let (Some(group), Some(took)) = (&group, took) {
                stats.commits += 1;
                stats.journal_bytes += count(group.journal.len());
                stats.commit_us += u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                stats.facts += count(committed.facts.len());
                stats.effects += count(committed.effects.len());
                committed.facts.iter().for_each(|record| stats.count(&record.fact));
            }
        }
        if let (Some(calls), Some(group)) = (&self.calls, &group) {
            for row in group.outbox.iter().filter(|row| row.touchpoint.as_str() == CALLS_OUTBOX) {
                // The receiver goes only with the process's last runtime.
                let _ = calls.send(row.clone());
            }
        }
        if group.is_some() && 0 < self.committed.receiver_count() {
            // The last receiver may have gone meanwhile.
            let _ = self.committed.send(Arc::new(committed));
        }
        Answers { replies, group: seq }
    }

    // -- the end ------------------------------------------------------------------------------------------------------

    /// Nothing is acknowledged from now on; what waits is dropped unanswered.
    pub(crate) fn fail(&self, why: &str) {
        if self.failure.set(why.into()).is_ok() {
            tracing::error!(why, "the shard stops: nothing is acknowledged any more; exit and start again to recover");
        }
        self.mailbox.abandon();
    }

    /// True once nothing new is taken.
    pub(crate) fn is_closing(&self) -> bool {
        self.has_failed() || self.mailbox.is_closed()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failure.get().is_some()
    }

    /// Both threads are done and the store is closed.
    pub(crate) fn finished(&self) {
        self.mailbox.abandon();
        let why = self.failure.get().map_or(Stopped::Closed, |why| Stopped::Failed(Arc::clone(why)));
        self.stopped.send_replace(Some(why));
    }

    pub(crate) fn stopped(&self) -> watch::Receiver<Option<Stopped>> {
        self.stopped.subscribe()
    }

    // -- for readers --------------------------------------------------------------------------------------------------

    pub(crate) fn catalogue(&self, tenant: &TenantId) -> Option<Arc<Catalogue>> {
        self.catalogues.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    pub(crate) fn agent(&self, tenant: &TenantId, agent: &AgentId) -> AgentView {
        self.floor.read().unwrap_or_else(PoisonError::into_inner).agent(tenant, agent)
    }

    pub(crate) fn with_books<T>(&self, job: impl FnOnce(&mut Books) -> T) -> T {
        job(&mut self.books.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.committed.subscribe()
    }

    pub(crate) fn count_overload(&self) {
        self.overloaded.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_timers(&self, timers: usize) {
        self.timers.store(timers, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        let floor = self.floor.read().unwrap_or_else(PoisonError::into_inner).counts();
        let counters = *self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        Stats {
            overloaded: self.overloaded.load(Ordering::Relaxed),
            waiting_inputs: count(self.mailbox.len()),
            timers: count(self.timers.load(Ordering::Relaxed)),
            contacts_waiting: floor.waiting,
            offers_open: floor.offered,
            conversations: floor.active,
            wrap_ups: floor.wrap_up,
            agents_present: floor.present,
            stopped: self.has_failed() || self.stopped.borrow().is_some(),
            ..counters
        }
    }
}

/// What the callers of a batch are told once everybody can see what it did.
pub(crate) struct Answers {
    replies: Vec<Reply>,
    group: u64,
}

impl Answers {
    /// Answers them.
    pub(crate) fn give(self) {
        for reply in self.replies {
            answer(reply, self.group);
        }
    }
}

/// A caller who went away gets no answer; his input is kept all the same.
fn answer(reply: Reply, group: u64) {
    match reply {
        Reply::Input(to, Answer::Refused(refusal)) => drop(to.send(Err(SubmitError::Refused(refusal)))),
        Reply::Input(to, answer) => {
            let repeated = matches!(answer, Answer::Repeated { .. });
            drop(to.send(Ok(Submitted { answer, repeated, group })));
        }
        Reply::Written(to, result) => drop(to.send(result)),
        Reply::Told(Told(tell)) => tell(),
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
