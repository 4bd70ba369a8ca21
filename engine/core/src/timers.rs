//! Deadlines. A table of keys and instants, nothing else: deadlines are pure functions of recorded state, so they are
//! never logged, and a restart of a timer is one store.
//!
//! Deadlines of interactions and works, of which there may be millions, lie in a table with a wheel beside it. A deadline
//! that moves later leaves its place in the wheel alone and is sent on when that place comes up; one that moves
//! earlier gets a second place, and the first is passed over. Agents' leases are few and have names, so two ordered
//! maps hold them; a lease that is renewed leaves its place alone too.
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
    mark::{Marked, mark},
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
    by_agent: BTreeMap<Marked<(TenantId, AgentId)>, Lease>,
    /// The place of each, at its deadline or before.
    by_time: BTreeSet<(Timestamp, (TenantId, AgentId))>,
}

#[derive(Debug, Clone, Copy)]
struct Lease {
    at: Timestamp,
    /// Where it lies in the order of time.
    placed: Timestamp,
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
            TimerKey::Agent(tenant, agent) => {
                let lease = self.leases.by_agent.get(&marked((tenant.clone(), agent.clone())))?;
                Some(lease.at)
            }
        }
    }

    /// The earliest deadline. Places of deadlines that moved are put right on the way, hence `&mut`.
    #[must_use]
    pub fn earliest(&mut self) -> Option<Timestamp> {
        let numbered = self.numbered.first().map(|(at, _)| at);
        self.leases.first_before(numbered).or(numbered)
    }

    /// Takes out the earliest deadline that has come, ties by key.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, TimerKey)> {
        let at = self.earliest().filter(|at| *at <= now)?;
        // Numbers come before agents in the order of keys.
        if self.numbered.first().is_some_and(|(first, _)| first == at) {
            return self.numbered.pop().map(|(at, number)| (at, number.key()));
        }
        let (at, agent) = self.leases.by_time.pop_first()?;
        self.leases.by_agent.remove(&marked(agent.clone()));
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
        let key = marked(agent.clone());
        let Some(at) = at else {
            if let Some(old) = self.by_agent.remove(&key) {
                self.by_time.remove(&(old.placed, agent));
            }
            return;
        };
        match self.by_agent.get_mut(&key) {
            Some(lease) if lease.placed <= at => lease.at = at,
            Some(lease) => {
                self.by_time.remove(&(lease.placed, agent.clone()));
                *lease = Lease { at, placed: at };
                self.by_time.insert((at, agent));
            }
            None => {
                self.by_agent.insert(key, Lease { at, placed: at });
                self.by_time.insert((at, agent));
            }
        }
    }

    /// The earliest deadline, if it comes before another one. Its place is put right.
    fn first_before(&mut self, other: Option<Timestamp>) -> Option<Timestamp> {
        loop {
            let (placed, agent) =
                self.by_time.first().filter(|(placed, _)| other.is_none_or(|other| *placed < other))?;
            let lease = self.by_agent.get_mut(&marked(agent.clone())).expect("who has a place has a lease");
            if lease.at == *placed {
                return Some(lease.at);
            }
            lease.placed = lease.at;
            let (_, agent) = self.by_time.pop_first().expect("it was seen just now");
            self.by_time.insert((lease.at, agent));
        }
    }
}

fn marked(agent: (TenantId, AgentId)) -> Marked<(TenantId, AgentId)> {
    Marked::new(mark(agent.1.as_str()), agent)
}
