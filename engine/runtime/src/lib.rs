//! The runtime: the only part below HTTP that knows a clock, a thread and a disk.
//!
//! One shard thread owns the switchboard and takes inputs in order; one committer thread writes whatever is ready as
//! one group, syncs it, and only then are callers answered and effects performed. Everything acknowledged is on disk.
//!
//! What it deliberately does not do: it takes no decision about any contact or agent (that is
//! [`routewright_engine`]), and it speaks no HTTP.
//!
//! In reading order: the face ([`Runtime`]), what it stores ([`documents`], [`journal`], [`store`]), the thread that
//! decides (`shard`), the thread that writes (`committer`), what is asked of other systems ([`calls`]), and how it all comes back after a crash (`shard::recovery`).

pub mod calls;
pub mod check;
pub mod clock;
mod committer;
mod configure;
pub mod conformance;
pub mod documents;
pub mod error;
mod floor;
pub mod journal;
pub mod limits;
mod readers;
mod runtime;
mod script_threads;
mod service;
mod shard;
mod shared;
mod start;
pub mod store;
pub mod vault;
pub mod views;
mod zones;

pub use shard::CALLS_OUTBOX;

pub use check::CheckReport;
pub use clock::{Clock, ManualClock, SystemClock};
pub use documents::{Change, DocumentKind, Expect, Revision, StoredDocument};
pub use error::{BackupError, OpenError, ReadError, ScriptThreadError, StoreError, SubmitError, WriteError};
pub use runtime::{Options, Runtime};
pub use service::ServiceFigures;
pub use views::{
    AgentView, Committed, InteractionFilter, InteractionState, InteractionView, OutboxEntry, Stats, Stopped, Submitted,
    TimelineEntry, VersionOccupancy,
};
pub use zones::Zones;
