//! Deadlines. A table of keys and instants, nothing else: deadlines are pure functions of recorded state, so they are
//! never logged, and a restart of a timer is one store.
//!
//! What it deliberately does not do: it does not know what a deadline means, and it holds only the near window of
//! interactions' alarms; later ones stay in the store's `due` index until the window reaches them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, InteractionId, TenantId},
    time::Timestamp,
};

/// Whose deadline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKey {
    /// The earliest alarm of an interaction.
    Interaction(InteractionId),
    /// The offer or wrap-up of an interaction's work.
    Work(InteractionId),
    /// The presence lease of an agent.
    Agent(TenantId, AgentId),
}

/// The table: one deadline per key.
#[derive(Debug, Default)]
pub struct Timers {
    by_key: BTreeMap<TimerKey, Timestamp>,
    by_time: BTreeSet<(Timestamp, TimerKey)>,
}

impl Timers {
    /// Sets, moves or (with `None`) forgets the deadline of a key.
    pub fn arm(&mut self, key: TimerKey, at: Option<Timestamp>) {
        if self.by_key.get(&key).copied() == at {
            return;
        }
        if let Some(old) = self.by_key.remove(&key) {
            self.by_time.remove(&(old, key.clone()));
        }
        if let Some(at) = at {
            self.by_key.insert(key.clone(), at);
            self.by_time.insert((at, key));
        }
    }

    /// The deadline of a key.
    #[must_use]
    pub fn get(&self, key: &TimerKey) -> Option<Timestamp> {
        self.by_key.get(key).copied()
    }

    /// The earliest deadline.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out the earliest deadline that has come, ties by key.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, TimerKey)> {
        let (at, _) = self.by_time.first().filter(|(at, _)| *at <= now)?;
        let at = *at;
        let (_, key) = self.by_time.pop_first()?;
        self.by_key.remove(&key);
        Some((at, key))
    }

    /// True when a deadline of this interaction is pending, at or before `at`.
    #[must_use]
    pub fn holds(&self, id: InteractionId, at: Timestamp) -> bool {
        self.by_key.get(&TimerKey::Interaction(id)).is_some_and(|armed| *armed <= at)
    }

    /// How many deadlines are pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// True when none is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}
