//! How values stand in columns: numbers as SQLite's signed 64 bits, names and states as text.

use std::str::FromStr;

use routewright_engine::{InteractionId, Timestamp};
use rusqlite::{
    Row,
    types::{FromSqlError, Type},
};

use crate::views::InteractionState;

/// Our counters start at 1 and rise by one: they never reach the sign.
pub(super) fn int(number: u64) -> i64 {
    number.cast_signed()
}

pub(super) fn uint(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

pub(super) fn interaction_id(row: &Row<'_>, column: usize) -> rusqlite::Result<InteractionId> {
    uint(row, column).map(InteractionId)
}

pub(super) fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp)
}

/// A name, or anything else that is read from its text.
pub(super) fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text = row.get_ref(column)?.as_str().map_err(|error| damaged(column, error))?;
    text.parse().map_err(|error| damaged(column, error))
}

/// A column that does not hold what we wrote.
pub(super) fn damaged(
    column: usize,
    error: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
}

pub(super) const fn state_name(state: InteractionState) -> &'static str {
    match state {
        InteractionState::Live => "live",
        InteractionState::Ended => "ended",
        InteractionState::Waiting => "waiting",
        InteractionState::Offered => "offered",
        InteractionState::Active => "active",
        InteractionState::WrapUp => "wrap_up",
    }
}

pub(super) fn work_state(row: &Row<'_>, column: usize) -> rusqlite::Result<InteractionState> {
    let text = row.get_ref(column)?.as_str().map_err(|error| damaged(column, error))?;
    match text {
        "waiting" => Ok(InteractionState::Waiting),
        "offered" => Ok(InteractionState::Offered),
        "active" => Ok(InteractionState::Active),
        "wrap_up" => Ok(InteractionState::WrapUp),
        _ => Err(damaged(column, FromSqlError::InvalidType)),
    }
}
