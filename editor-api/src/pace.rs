//! How fast somebody may go on, so that one who floods a public door does not hold up the others.
//!
//! What it deliberately does not do: it remembers nothing over a restart, and nobody who keeps to the pace.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use routewright_engine::Timestamp;

/// A pace: so many at once, then one every so often. Who keeps to it is never held up.
#[derive(Debug)]
pub(crate) struct Pace<K> {
    at_once: u32,
    every_ms: i64,
    /// When the bucket of each is full again; those that are full are forgotten.
    full_at: Mutex<BTreeMap<K, Timestamp>>,
}

/// Buckets kept before the full ones are swept out; most visitors are silent most of the time.
const SWEEP_AT: usize = 4_096;

impl<K: Ord> Pace<K> {
    pub(crate) fn new(at_once: u32, every_ms: i64) -> Self {
        Self { at_once, every_ms, full_at: Mutex::default() }
    }

    /// Takes one; false when this is too fast.
    pub(crate) fn admits(&self, who: K, now: Timestamp) -> bool {
        // A panic elsewhere leaves the map as it was: every change is one store.
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= SWEEP_AT {
            full_at.retain(|_, at| now < *at);
        }
        let next = full_at.get(&who).copied().unwrap_or(now).0.max(now.0) + self.every_ms;
        if next - now.0 > i64::from(self.at_once) * self.every_ms {
            return false;
        }
        full_at.insert(who, Timestamp(next));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_and_then_one_every_so_often() {
        let pace = Pace::new(3, 1_000);
        let at = |ms: i64| Timestamp(1_000_000 + ms);
        assert_eq!([0, 1, 2, 3].map(|ms| pace.admits("ana", at(ms))), [true, true, true, false]);
        assert!(pace.admits("ben", at(3)), "one does not hold up another");
        assert!(!pace.admits("ana", at(999)));
        assert_eq!([1_000, 1_001].map(|ms| pace.admits("ana", at(ms))), [true, false]);
        assert_eq!([60_000, 60_000, 60_000, 60_000].map(|ms| pace.admits("ana", at(ms))), [true, true, true, false]);
    }

    #[test]
    fn who_is_silent_is_forgotten() {
        let pace = Pace::new(1, 10);
        for visitor in 0..SWEEP_AT {
            assert!(pace.admits(visitor, Timestamp(0)));
        }
        assert!(pace.admits(SWEEP_AT, Timestamp(10)));
        assert_eq!(pace.full_at.lock().expect("nobody panicked").len(), 1);
    }
}
