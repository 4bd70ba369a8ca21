//! The deadlines of numbered things: a table from number to deadline, and a heap of places in time.

use std::{cmp::Reverse, collections::BinaryHeap};

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

/// One deadline per number. Invariant: the top of the heap counts and is not late, so the first deadline is exact.
#[derive(Debug, Default)]
pub(super) struct DeadlineHeap {
    deadlines: Index<Deadline>,
    /// Places in time. One counts while its number is queued under the same instant.
    heap: BinaryHeap<Reverse<(Timestamp, Number)>>,
}

#[derive(Debug, Clone, Copy)]
struct Deadline {
    /// When.
    at: Timestamp,
    /// The instant under which the heap has it: never later than `at`.
    queued: Timestamp,
}

/// Places that no longer count, beyond as many as there are deadlines, before the heap is swept.
const STALE_MARGIN: usize = 64;

impl DeadlineHeap {
    /// Sets, moves or (with `None`) forgets a deadline.
    pub(super) fn arm(&mut self, number: Number, at: Option<Timestamp>) {
        match at {
            Some(at) => self.set(number, at),
            None => {
                if self.deadlines.remove(number.0).is_none() {
                    return;
                }
            }
        }
        self.settle();
    }

    pub(super) fn get(&self, number: Number) -> Option<Timestamp> {
        self.deadlines.get(number.0).map(|deadline| deadline.at)
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

    fn set(&mut self, number: Number, at: Timestamp) {
        match self.deadlines.get_mut(number.0) {
            Some(deadline) => {
                deadline.at = at;
                if deadline.queued <= at {
                    return;
                }
                deadline.queued = at;
            }
            None => self.deadlines.insert(number.0, Deadline { at, queued: at }),
        }
        self.heap.push(Reverse((at, number)));
    }

    /// Brings a deadline to the top that counts and is not late.
    fn settle(&mut self) {
        while let Some(mut top) = self.heap.peek_mut() {
            let Reverse((at, number)) = *top;
            match self.deadlines.get_mut(number.0).filter(|deadline| deadline.queued == at) {
                Some(deadline) if deadline.at == at => break,
                Some(deadline) => {
                    deadline.queued = deadline.at;
                    *top = Reverse((deadline.at, number));
                }
                None => {
                    std::collections::binary_heap::PeekMut::pop(top);
                }
            }
        }
        if 2 * self.len() + STALE_MARGIN < self.heap.len() {
            self.sweep();
        }
    }

    /// Drops the places that do not count, and all but one of those that say the same.
    fn sweep(&mut self) {
        let mut places = std::mem::take(&mut self.heap).into_vec();
        places.retain(|Reverse((at, number))| {
            self.deadlines.get(number.0).is_some_and(|deadline| deadline.queued == *at)
        });
        places.sort_unstable();
        places.dedup();
        self.heap = places.into();
    }
}
