//! Bounds of the runtime, each with its reason. Bounds of running flows are in the engine's `limits`.

use std::time::Duration;

/// Inputs in one group commit at most: at the measured cost of a turn a larger group saves less than a hundredth of a
/// sync per turn, and makes its first caller wait longer.
pub const GROUP_MAX: usize = 512;

/// Inputs that wait for the shard at most; the next one is told `Overloaded`. Sixteen full groups: about two seconds of
/// work, longer than a caller should wait without being told.
pub const MAILBOX_MAX: usize = 16 * GROUP_MAX;

/// Timers admitted in one slice while inputs wait, so that an avalanche of timers never holds a live contact up for
/// longer than so many turns.
pub const TIMERS_PER_SLICE_MAX: usize = 64;

/// How far ahead interactions' deadlines are held in memory; later ones stay in the store's `due` index.
pub const NEAR_WINDOW: Duration = Duration::from_secs(600);

/// Deadlines read from the store at once. A refill continues where the last one stopped.
pub const DUE_PAGE: u32 = 4_096;

/// Deadlines in memory beyond which no more are read ahead while some of them come first.
pub const TIMERS_IN_MEMORY_MAX: usize = 16 * DUE_PAGE as usize;

/// Interactions kept in hand between turns, those used last; the others are read again when something happens to them,
/// which costs about three times a turn. At about 2.5 KiB each in memory, some 40 MiB.
pub const IN_HAND_MAX: usize = 16_384;

/// Connections that read. Reads are short; two cores rarely serve more at once.
pub const READERS: usize = 4;

/// Stack of threads that meet scripts: deep recursion of a hostile script must meet its budget before the guard page.
pub const SCRIPT_STACK_BYTES: usize = 64 * 1024 * 1024;

/// Script threads at once for each core; further jobs wait their turn.
pub const SCRIPT_THREADS_PER_CORE: usize = 2;

/// Groups that a slow subscriber may lag behind before it misses some and must read the timeline instead.
pub const SUBSCRIPTION_BACKLOG: usize = 1_024;

/// A jump of the clock beyond this is reported: the machine slept, or somebody set its clock.
pub const CLOCK_JUMP_REPORTED: Duration = Duration::from_secs(60);

/// Pages of the write-ahead log at most (4 KiB each: 32 MiB). Bounds the file and the time to open: the writer waits for
/// the checkpoint that runs then.
pub const WAL_PAGES_MAX: u32 = 8_192;

/// A checkpoint begins when this part of them is written. Early, because a log that begins anew is written over, and a
/// sync of a file that does not grow costs a fifth less.
pub const CHECKPOINT_AT_PART: u32 = 4;

/// Bytes of journal whose changes to interactions need not be in their rows yet. Bounds what a start reads again (about a
/// tenth of a second) and the memory for late rows (about as much); under load a row is then written once for some
/// ten turns of its contact.
pub const LATE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How long the first answer to a request with an idempotency key is kept: callers repeat within minutes, and a job that
/// runs once a day and failed half-way repeats at the same hour of the next day.
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_hours(48);

/// The journal is kept at least so long. A repeated message gets its first answer from it, and WhatsApp repeats one that
/// it believes lost for up to seven days.
pub const JOURNAL_KEPT_MIN: Duration = Duration::from_hours(7 * 24);

/// How often it is looked for what is too old, while something is written.
pub const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Records that leave with one group at most: a few milliseconds, so that the callers of that group do not feel it.
pub const SWEPT_PER_GROUP_MAX: u32 = 64;

/// Groups of the journal that a recount reads at once: a few mebibytes.
pub const RECOUNT_PAGE: u32 = 16;

/// Groups of the journal that leave with one group at most. They leave faster than they come, and a large one is a
/// mebibyte whose pages must be given back.
pub const GROUPS_PRUNED_MAX: u32 = 16;

/// Groups after which the totals of visits leave with one: as many are read again at a start at most.
pub const TALLIES_KEPT_EVERY_GROUPS: u64 = 256;

/// And how long after which, while something is written: far less than the journal is kept.
pub const TALLIES_KEPT_EVERY: Duration = Duration::from_hours(1);

/// Interactions moved off a version in one slice, so that moving many never holds a live contact up for longer than so
/// many turns.
pub const LEAVING_PER_SLICE_MAX: usize = 64;

/// Interactions of whom is read back where they stand, between two groups after a start: a fraction of a millisecond.
pub const STANDINGS_PER_ROUND: u32 = 64;

/// Documents in one transaction; an import writes several.
pub const CHANGES_MAX: usize = 1_000;

/// Rows that one list may return.
pub const LIST_MAX: u32 = 1_000;
