//! The deadlines of numbered things: a table from number to deadline, and a heap of places in time. About 45 bytes each.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
};

use super::TimerKey;
use crate::{id::InteractionId, index::Index, time::Timestamp};

/// An interaction's or a work's key in one word. Its order is that of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(u64);

/// Set for works. Interactions are numbered from 1 upwards and never reach it.
const WORK: u64 = 1 << 63;

impl Number {
    pub(super) fn of(key: &TimerKey) -> Option<Self> {
        match key {
            TimerKey::Interaction(id) => Some(Self(id.0)),
            TimerKey::Work(id) => Some(Self(id.0 | WORK)),
            TimerKey::Agent(..) => None,
        }
    }

    pub(super) fn key(self) -> TimerKey {
        let id = InteractionId(self.0 & !WORK);
        if self.0 & WORK == 0 { TimerKey::Interaction(id) } else { TimerKey::Work(id) }
    }
}

/// One deadline per number. Invariants: every number has a place in the heap no later than its deadline, and the top of
/// the heap is the deadline of its number, so that the first deadline is exact.
#[derive(Debug, Default)]
pub(super) struct DeadlineHeap {
    deadlines: Index<Timestamp>,
    /// Places in time. One that is earlier than its number's deadline is sent down when it comes up; one that is later,
    /// or whose number has none, is passed over.
    heap: BinaryHeap<Reverse<(Timestamp, Number)>>,
}

/// Places beyond twice as many as there are deadlines before the heap is swept.
const STALE_MARGIN: usize = 64;

impl DeadlineHeap {
    /// Sets, moves or (with `None`) forgets a deadline.
    pub(super) fn arm(&mut self, number: Number, at: Option<Timestamp>) {
        let old = match at {
            Some(at) => self.deadlines.insert(number.0, at),
            None => self.deadlines.remove(number.0),
        };
        if let Some(at) = at
            && old.is_none_or(|old| at < old)
        {
            self.heap.push(Reverse((at, number)));
        }
        self.settle();
    }

    pub(super) fn get(&self, number: Number) -> Option<Timestamp> {
        self.deadlines.get(number.0)
    }

    /// The earliest deadline, ties by number.
    pub(super) fn first(&self) -> Option<(Timestamp, Number)> {
        self.heap.peek().map(|Reverse(first)| *first)
    }

    /// Takes out the earliest deadline.
    pub(super) fn pop(&mut self) -> Option<(Timestamp, Number)> {
        let Reverse(first) = self.heap.pop()?;
        self.deadlines.remove(first.1.0);
        self.settle();
        Some(first)
    }

    pub(super) fn len(&self) -> usize {
        self.deadlines.len()
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.heap.len()
    }

    /// Brings a deadline to the top.
    fn settle(&mut self) {
        while let Some(mut top) = self.heap.peek_mut() {
            let Reverse((at, number)) = *top;
            match self.deadlines.get(number.0) {
                Some(deadline) if deadline == at => break,
                Some(deadline) if at < deadline => *top = Reverse((deadline, number)),
                Some(_) | None => drop(PeekMut::pop(top)),
            }
        }
        if 2 * self.len() + STALE_MARGIN < self.heap.len() {
            self.sweep();
        }
    }

    /// Leaves each number with a deadline one place, its earliest.
    fn sweep(&mut self) {
        let mut places = std::mem::take(&mut self.heap).into_vec();
        places.retain(|Reverse((at, number))| self.deadlines.get(number.0).is_some_and(|deadline| *at <= deadline));
        places.sort_unstable_by_key(|Reverse((at, number))| (*number, *at));
        places.dedup_by_key(|Reverse((_, number))| *number);
        self.heap = places.into();
    }
}
