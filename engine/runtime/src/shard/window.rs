//! The near window of interactions' deadlines. The store's `due` index holds all of them; memory holds those that come
//! soon, and at an avalanche only the first pages of those, so that a million overdue timers cost a few pages.

use std::time::Duration;

use routewright_engine::{InteractionId, Timestamp, switchboard::Switchboard};

use super::{draft::Draft, shelf::Shelves};
use crate::{
    error::StoreError,
    limits::{DUE_PAGE, NEAR_WINDOW, TIMERS_IN_MEMORY_MAX},
};

/// Refills begin when half of the window has passed.
const REFILL_AHEAD: Duration = Duration::from_secs(NEAR_WINDOW.as_secs() / 2);

/// Above every id that the store can hold.
const LAST_ID: InteractionId = InteractionId(i64::MAX.cast_unsigned());

/// How far the store's index was read.
#[derive(Debug)]
pub(super) struct Window {
    /// The last entry read. Every later entry is only in the store, every earlier one was admitted.
    cursor: (Timestamp, InteractionId),
    /// Deadlines up to here are in memory, but for those of this very instant that the cursor has not reached.
    horizon: Timestamp,
}

impl Window {
    pub(super) fn new() -> Self {
        let beginning = Timestamp(i64::MIN);
        Self { cursor: (beginning, InteractionId(0)), horizon: beginning }
    }

    /// Reads on until the window reaches far enough, or memory holds enough that comes first.
    pub(super) fn refill(
        &mut self,
        board: &mut Switchboard,
        shelves: &mut Shelves,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        while self.horizon <= now + REFILL_AHEAD && !self.is_full(board) {
            let until = now + NEAR_WINDOW;
            let page = shelves.reader.due(self.cursor, until, DUE_PAGE)?;
            let reached = match page.last() {
                Some(last) if DUE_PAGE as usize <= page.len() => *last,
                Some(_) | None => (until, LAST_ID),
            };
            // Rows that are newer than the store's: those in the committer's hands, and those of the draft.
            let in_flight = shelves.in_flight.iter().flat_map(|group| &group.interactions);
            let in_flight = in_flight.filter_map(|row| Some((row.id, row.due?)));
            let drafted = draft.interactions().iter().filter_map(|id| Some((*id, board.interaction(*id)?.due()?)));
            let newer: Vec<_> = in_flight.chain(drafted).filter(|(_, due)| *due <= reached.0).collect();
            let stored = page.iter().map(|(due, id)| (*id, *due));
            let stored: Vec<_> = stored.filter(|(id, _)| shelves.in_flight(*id).is_none()).collect();
            board.admit(stored.into_iter().chain(newer), reached.0);
            (self.cursor, self.horizon) = (reached, reached.0);
        }
        Ok(())
    }

    /// When there is something to do next: a deadline, or a refill.
    pub(super) fn next_look(&self, board: &mut Switchboard) -> Option<Timestamp> {
        let deadline = board.next_deadline();
        if self.is_full(board) {
            return deadline;
        }
        let refill = self.horizon - REFILL_AHEAD;
        Some(deadline.map_or(refill, |deadline| deadline.min(refill)))
    }

    /// True while memory holds enough, and some of it comes before what is still in the store.
    fn is_full(&self, board: &mut Switchboard) -> bool {
        TIMERS_IN_MEMORY_MAX <= board.deadlines()
            && board.next_deadline().is_some_and(|deadline| deadline <= self.horizon)
    }
}
