//! Opening hours as a predicate on instants (`requirements/capacity-and-timers.md`, section 5). Being written.
//!
//! Zone rules reach this module as data: a table of offset changes made by the runtime.

/// Being written.
#[derive(Debug, Clone)]
pub struct Calendar {}

/// What a calendar says of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarState {
    /// Open.
    Open,
    /// Outside the hours of the day.
    Closed,
    /// Inside a closed date (PBX-06).
    Holiday,
}
