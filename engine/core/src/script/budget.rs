//! What one evaluation may spend. Operations are counted here and not by rhai, whose own counter starts again in
//! every callback of `map`, `filter` and `reduce`, so that a script can hide millions of loop turns from it.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rhai::{Dynamic, EvalAltResult, ImmutableString, Position};

use crate::limits;

/// Wall-clock time for scripts. The core has no clock: the runtime lends one. Without a watch only the count of
/// operations ends a script, which is the same on every machine.
pub trait Watch: Send + Sync {
    /// Time since any fixed instant, never backwards.
    fn reading(&self) -> Duration;
}

/// Operations between two looks at the watch: reading a clock costs as much as twenty operations.
const WATCH_EVERY: u64 = 64;

/// Operations that are spent at once where rhai's own count holds.
const BLOCK: u64 = 16;

/// Bytes of text that one operation may copy or search; longer ones cost more operations.
const BYTES_PER_OPERATION: usize = 64;

/// Why an evaluation was stopped. Travels through rhai as the token of `ErrorTerminated`, which no `try` can catch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The operations ran out.
    Operations,
    /// The time ran out.
    Time,
    /// A value grew past its bound.
    Size,
    /// A calendar is asked for that was not looked up yet.
    NeedCalendar(ImmutableString),
    /// A queue is asked for that was not looked up yet.
    NeedQueue(ImmutableString),
}

impl Stop {
    /// The error that ends the script.
    pub(super) fn into_error(self) -> Box<EvalAltResult> {
        EvalAltResult::ErrorTerminated(Dynamic::from(self), Position::NONE).into()
    }
}

/// What one evaluation has spent. One thread at a time counts; atomic only because rhai wants what it holds shared.
pub(super) struct Budget {
    operations_max: AtomicU64,
    /// Operations counted since the budget was opened; only grows.
    operations: AtomicU64,
    /// Operations of a run that rhai counts, as of the last one.
    running: AtomicU64,
    watch: Option<Arc<dyn Watch>>,
    /// The watch's reading at the first look, in nanoseconds plus one; zero before it.
    began: AtomicU64,
}

impl Budget {
    /// A budget that allows nothing until it is opened.
    pub(super) fn new(watch: Option<Arc<dyn Watch>>) -> Self {
        Self {
            operations_max: AtomicU64::new(0),
            operations: AtomicU64::new(0),
            running: AtomicU64::new(0),
            watch,
            began: AtomicU64::new(0),
        }
    }

    /// Begins anew: so many operations, and the whole time.
    pub(super) fn open(&self, operations_max: u64) {
        self.operations_max.store(operations_max, Ordering::Relaxed);
        self.operations.store(0, Ordering::Relaxed);
        self.began.store(0, Ordering::Relaxed);
    }

    /// Says whether to stop at this operation of a run, of which rhai counts the operations. They are spent in blocks,
    /// the rest by [`Budget::settle`].
    #[inline]
    pub(super) fn tick(&self, operations: u64) -> Option<Stop> {
        self.running.store(operations, Ordering::Relaxed);
        if operations.is_multiple_of(BLOCK) { self.spend(BLOCK) } else { None }
    }

    /// Counts what is left of a run that is over.
    pub(super) fn settle(&self) {
        let left = self.running.swap(0, Ordering::Relaxed) % BLOCK;
        self.operations.store(self.operations.load(Ordering::Relaxed).saturating_add(left), Ordering::Relaxed);
    }

    /// Counts operations and says whether to stop.
    pub(super) fn spend(&self, operations: u64) -> Option<Stop> {
        // Not `fetch_add`: nobody else counts, and its fence costs as much as an operation.
        let before = self.operations.load(Ordering::Relaxed);
        let spent = before.saturating_add(operations);
        self.operations.store(spent, Ordering::Relaxed);
        if self.operations_max.load(Ordering::Relaxed) < spent {
            return Some(Stop::Operations);
        }
        let looked_at = |count: u64| count / WATCH_EVERY;
        (looked_at(before) < looked_at(spent)).then(|| self.look()).flatten()
    }

    /// Counts the work of a function that reads or writes this many bytes.
    pub(super) fn spend_bytes(&self, bytes: usize) -> Result<(), Box<EvalAltResult>> {
        let operations = u64::try_from(bytes / BYTES_PER_OPERATION).unwrap_or(u64::MAX).saturating_add(1);
        self.spend(operations).map_or(Ok(()), |stop| Err(stop.into_error()))
    }

    fn look(&self) -> Option<Stop> {
        let reading = u64::try_from(self.watch.as_ref()?.reading().as_nanos()).unwrap_or(u64::MAX);
        let now = reading.saturating_add(1);
        match self.began.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => None,
            Err(began) => {
                let elapsed = Duration::from_nanos(now.saturating_sub(began));
                (limits::SCRIPT_TIME_MAX < elapsed).then_some(Stop::Time)
            }
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("operations", &self.operations).finish_non_exhaustive()
    }
}
