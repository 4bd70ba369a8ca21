//! Who stands where, read back after a start, a little at a time: the first contact after a restart does not wait for a
//! million who are parked. Whoever is touched meanwhile is known from then on; the others are still as their rows say.
//!
//! Whoever a flow has waits for a deadline, or has a work; so no row of one that ended is read.

use routewright_engine::{InteractionId, Timestamp, switchboard::Switchboard};

use super::shelf::Shelves;
use crate::{error::StoreError, limits::LIST_MAX};

/// How far the rows were read.
#[derive(Debug)]
pub(super) struct Standings {
    left: Left,
}

/// What is left to read, after a position.
#[derive(Debug)]
enum Left {
    /// Those with a deadline, then those with a work.
    Deadlines((Timestamp, InteractionId)),
    /// Those with a work.
    Works(Option<InteractionId>),
    Nothing,
}

impl Standings {
    pub(super) fn new() -> Self {
        Self { left: Left::Deadlines((Timestamp(i64::MIN), InteractionId(0))) }
    }

    /// True once the board knows of everybody.
    pub(super) fn are_known(&self) -> bool {
        matches!(self.left, Left::Nothing)
    }

    /// Reads everything that is left.
    pub(super) fn read_all(&mut self, board: &mut Switchboard, shelves: &mut Shelves) -> Result<(), StoreError> {
        while !self.are_known() {
            self.read_some(board, shelves, LIST_MAX)?;
        }
        Ok(())
    }

    /// Reads at most so many.
    pub(super) fn read_some(
        &mut self,
        board: &mut Switchboard,
        shelves: &mut Shelves,
        limit: u32,
    ) -> Result<(), StoreError> {
        let (found, next) = match self.left {
            Left::Deadlines(after) => {
                let page = shelves.reader.due(after, Timestamp(i64::MAX), limit)?;
                let next = page.last().map_or(Left::Works(None), |last| Left::Deadlines(*last));
                (page.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), next)
            }
            Left::Works(after) => {
                let page = shelves.reader.scan_works(after, limit)?;
                let next = page.last().map_or(Left::Nothing, |last| Left::Works(Some(last.interaction)));
                (page.into_iter().map(|work| work.interaction).collect(), next)
            }
            Left::Nothing => return Ok(()),
        };
        for id in found {
            shelves.standing(id)?.iter().for_each(|standing| board.restore_standing(standing));
        }
        self.left = next;
        Ok(())
    }
}
