//! The deadlines of numbered things: a table from number to deadline, and places in time. About 26 bytes each.
//!
//! Places that come soon lie in a heap, all later ones in a wheel: eight levels of 256 slots, one for each byte of an
//! instant. A place lies in the level of the first byte in which it differs from the wheel's base, in the slot of that
//! byte; so the first slot of the lowest level that has any holds the earliest. When nothing is left in the heap, the
//! base moves to that slot and its places go one level down, the last level's into the heap. A place moves a few times in
//! its life, always together with its neighbours.
//!
//! A restart to a later instant is one store in the table. The place hears of it when it comes up.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
};

use super::{TimerKey, table::DeadlineTable};
use crate::{id::InteractionId, time::Timestamp};

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

/// A number's place in time.
type Place = (Timestamp, Number);

/// One deadline per number. Invariants: every number with a deadline has a place no later than it; a place in the heap is
/// no later than the base, and one in the wheel is later.
#[derive(Debug)]
pub(super) struct DeadlineWheel {
    deadlines: DeadlineTable,
    /// Places up to the base. One that is earlier than its number's deadline is sent on when it comes up; one that is
    /// later, or whose number has none, is passed over.
    near: BinaryHeap<Reverse<Place>>,
    base: u64,
    levels: Vec<Level>,
    /// How many places there are, in the heap and in the wheel.
    places: usize,
}

/// The slots of one byte, and which of them are not empty.
#[derive(Debug)]
struct Level {
    filled: [u64; SLOTS / 64],
    slots: Vec<Vec<Place>>,
}

const LEVELS: usize = 8;
const SLOTS: usize = 256;

/// Places beyond twice as many as there are deadlines before the stale ones are swept out.
const STALE_MARGIN: usize = 64;

/// An empty wheel begins this far before its first deadline at most: four and a half hours.
const BEGINNING_MS: u64 = 1 << 24;

impl Default for DeadlineWheel {
    fn default() -> Self {
        let level = || Level { filled: [0; SLOTS / 64], slots: vec![Vec::new(); SLOTS] };
        Self {
            deadlines: DeadlineTable::default(),
            near: BinaryHeap::new(),
            base: 0,
            levels: (0..LEVELS).map(|_| level()).collect(),
            places: 0,
        }
    }
}

impl DeadlineWheel {
    /// Sets, moves or (with `None`) forgets a deadline.
    pub(super) fn arm(&mut self, number: Number, at: Option<Timestamp>) {
        let Some(at) = at else {
            self.deadlines.remove(number.0);
            return self.sweep_stale();
        };
        if self.deadlines.insert(number.0, at).is_none_or(|old| at < old) {
            if self.places == 0 {
                self.base = instant(at) & !(BEGINNING_MS - 1);
            }
            self.places += 1;
            self.put((at, number));
            self.sweep_stale();
        }
    }

    pub(super) fn get(&self, number: Number) -> Option<Timestamp> {
        self.deadlines.get(number.0)
    }

    /// The earliest deadline, ties by number.
    pub(super) fn first(&mut self) -> Option<Place> {
        loop {
            self.settle();
            if let Some(Reverse(first)) = self.near.peek() {
                return Some(*first);
            }
            if !self.turn() {
                return None;
            }
        }
    }

    /// Takes out the earliest deadline.
    pub(super) fn pop(&mut self) -> Option<Place> {
        let first = self.first()?;
        self.near.pop();
        self.places -= 1;
        self.deadlines.remove(first.1.0);
        self.sweep_stale();
        Some(first)
    }

    pub(super) fn len(&self) -> usize {
        self.deadlines.len()
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.places
    }

    /// Puts a place where it belongs.
    fn put(&mut self, place: Place) {
        let at = instant(place.0);
        if at <= self.base {
            return self.near.push(Reverse(place));
        }
        let (level, slot) = seat(at, self.base);
        self.levels[level].put(slot, place);
    }

    /// Brings a deadline to the top of the heap: whatever stands above it is sent on to where it belongs, or away.
    fn settle(&mut self) {
        loop {
            let Some(mut top) = self.near.peek_mut() else { return };
            let Reverse((at, number)) = *top;
            match self.deadlines.get(number.0) {
                Some(deadline) if deadline == at => return,
                Some(deadline) if at < deadline && instant(deadline) <= self.base => *top = Reverse((deadline, number)),
                Some(deadline) if at < deadline => {
                    PeekMut::pop(top);
                    self.put((deadline, number));
                }
                Some(_) | None => {
                    PeekMut::pop(top);
                    self.places -= 1;
                }
            }
        }
    }

    /// Moves the base to the earliest slot of the wheel, and its places down; false when the wheel is empty.
    fn turn(&mut self) -> bool {
        let first = self.levels.iter().enumerate().find_map(|(level, all)| Some((level, all.first()?)));
        let Some((level, slot)) = first else { return false };
        let below = 8 * level;
        // Higher bytes are those of the base already; a shift by all 64 bits would keep them.
        let above = self.base.checked_shr(8 * (level as u32 + 1)).unwrap_or(0);
        self.base = above.checked_shl(8 * (level as u32 + 1)).unwrap_or(0) | (slot as u64) << below;
        let mut places = self.levels[level].take(slot);
        for place in places.drain(..) {
            self.put(place);
        }
        true
    }

    /// Leaves each number with a deadline one place, its earliest, once most places are stale.
    fn sweep_stale(&mut self) {
        if self.places <= 2 * self.len() + STALE_MARGIN {
            return;
        }
        let mut places: Vec<Place> = std::mem::take(&mut self.near).into_iter().map(|Reverse(place)| place).collect();
        for level in &mut self.levels {
            while let Some(slot) = level.first() {
                places.append(&mut level.take(slot));
            }
        }
        places.retain(|(at, number)| self.deadlines.get(number.0).is_some_and(|deadline| *at <= deadline));
        places.sort_unstable_by_key(|(at, number)| (*number, *at));
        places.dedup_by_key(|(_, number)| *number);
        self.places = places.len();
        for place in places {
            self.put(place);
        }
    }
}

impl Level {
    fn put(&mut self, slot: usize, place: Place) {
        self.filled[slot / 64] |= 1 << (slot % 64);
        self.slots[slot].push(place);
    }

    /// The first slot that is not empty.
    fn first(&self) -> Option<usize> {
        let word = self.filled.iter().position(|word| *word != 0)?;
        Some(64 * word + self.filled[word].trailing_zeros() as usize)
    }

    fn take(&mut self, slot: usize) -> Vec<Place> {
        self.filled[slot / 64] &= !(1 << (slot % 64));
        std::mem::take(&mut self.slots[slot])
    }
}

/// Instants as numbers in the same order, without a sign.
fn instant(at: Timestamp) -> u64 {
    at.0.cast_unsigned() ^ 1 << 63
}

/// The level and slot of an instant later than the base: the first byte in which they differ.
fn seat(at: u64, base: u64) -> (usize, usize) {
    let level = 7 - (at ^ base).leading_zeros() as usize / 8;
    (level, (at >> (8 * level)) as usize & (SLOTS - 1))
}
