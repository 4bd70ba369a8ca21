//! Deadlines. A table of keys and instants, nothing else: deadlines are pure functions of recorded state, so they are
//! never logged, and a restart of a timer is one store.
//!
//! Deadlines of interactions and works, of which there may be millions, lie in a table with a wheel beside it. A deadline
//! that moves later leaves its place in the wheel alone and is sent on when that place comes up; one that moves
//! earlier gets a second place, and the first is passed over. Agents' leases are few and have names, so two ordered
//! maps hold them.
//!
//! What it deliberately does not do: it does not know what a deadline means, and it holds only the near window of
//! interactions' alarms; later ones stay in the store's `due` index until the window reaches them.

mod table;
#[cfg(test)]
mod tests;
mod wheel;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::wheel::{DeadlineWheel, Number};
use crate::{
    id::{AgentId, InteractionId, TenantId},
    time::Timestamp,
};

/// Whose deadline. At one instant, deadlines come in the order of their keys.
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
    numbered: DeadlineWheel,
    leases: Leases,
}

#[derive(Debug, Default)]
struct Leases {
    by_agent: BTreeMap<(TenantId, AgentId), Timestamp>,
    by_time: BTreeSet<(Timestamp, (TenantId, AgentId))>,
}

impl Timers {
    /// Sets, moves or (with `None`) forgets the deadline of a key.
    pub fn arm(&mut self, key: TimerKey, at: Option<Timestamp>) {
        match Number::of(&key) {
            Some(number) => self.numbered.arm(number, at),
            None => {
                if let TimerKey::Agent(tenant, agent) = key {
                    self.leases.arm((tenant, agent), at);
                }
            }
        }
    }

    /// The deadline of a key.
    #[must_use]
    pub fn get(&self, key: &TimerKey) -> Option<Timestamp> {
        match key {
            TimerKey::Interaction(_) | TimerKey::Work(_) => self.numbered.get(Number::of(key)?),
            TimerKey::Agent(tenant, agent) => self.leases.by_agent.get(&(tenant.clone(), agent.clone())).copied(),
        }
    }

    /// The earliest deadline. Places of deadlines that moved are put right on the way, hence `&mut`.
    #[must_use]
    pub fn earliest(&mut self) -> Option<Timestamp> {
        let numbered = self.numbered.first().map(|(at, _)| at);
        let lease = self.leases.by_time.first().map(|(at, _)| *at);
        numbered.into_iter().chain(lease).min()
    }

    /// Takes out the earliest deadline that has come, ties by key.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, TimerKey)> {
        let at = self.earliest().filter(|at| *at <= now)?;
        // Numbers come before agents in the order of keys.
        if self.numbered.first().is_some_and(|(first, _)| first == at) {
            return self.numbered.pop().map(|(at, number)| (at, number.key()));
        }
        let (at, agent) = self.leases.by_time.pop_first()?;
        self.leases.by_agent.remove(&agent);
        Some((at, TimerKey::Agent(agent.0, agent.1)))
    }

    /// True when a deadline of this interaction is pending, at or before `at`.
    #[must_use]
    pub fn holds(&self, id: InteractionId, at: Timestamp) -> bool {
        self.get(&TimerKey::Interaction(id)).is_some_and(|armed| armed <= at)
    }

    /// How many deadlines are pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbered.len() + self.leases.by_agent.len()
    }

    /// True when none is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Leases {
    fn arm(&mut self, agent: (TenantId, AgentId), at: Option<Timestamp>) {
        if self.by_agent.get(&agent).copied() == at {
            return;
        }
        if let Some(old) = self.by_agent.remove(&agent) {
            self.by_time.remove(&(old, agent.clone()));
        }
        if let Some(at) = at {
            self.by_agent.insert(agent.clone(), at);
            self.by_time.insert((at, agent));
        }
    }
}
