//! What contacts can expect: how long until an agent takes them, and how well the queue is served at this moment.
//! Worked out of what the rows hold, so a restart forgets nothing.
//!
//! What it deliberately does not do: it decides nothing, and it does not look at other queues that the same agents
//! serve. Each answer walks over agents and lines, so it is for telling people when a flow asks.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use routewright_flows::Channel;

use super::{Capacity, Requirement, Work, WorkState, queues::Class};
use crate::{
    id::{InteractionId, SkillId},
    time::Timestamp,
};

/// Contacts per this many milliseconds, so that a rate is a whole number: about 11 days.
const SPAN_MS: u64 = 1_000_000_000;

impl Capacity {
    /// How long a contact waits who stands at this place in line, from 1: the contacts up to him, shared among the agents
    /// present, at the pace at which those agents were done with their last contacts. Nought for who is first while an
    /// agent is free; none when nobody is there, or nobody has handled a contact yet.
    #[must_use]
    pub fn expected_wait(&self, channel: Channel, requirement: &Requirement, place: u32) -> Option<Duration> {
        // No row of the table: a question makes no class, and what it names need not be known to capacity.
        let need = Class::question(channel, Arc::new(requirement.clone()));
        let suited = || self.profiles.iter().filter(|profile| profile.suits(&need).is_some());
        let agents = || suited().flat_map(|profile| profile.agents.iter().map(|agent| &self.agents[agent.at()]));
        if place <= 1 && agents().any(|agent| agent.standing.takes.contains(channel)) {
            return Some(Duration::ZERO);
        }
        let known = || agents().map(|agent| agent.handling_ms).filter(|pace| *pace != 0);
        let usual = known().sum::<u64>().checked_div(u64::try_from(known().count()).ok()?)?;
        let rate: u64 = agents()
            .filter(|agent| agent.standing.open.contains(channel))
            .map(|agent| {
                let slots = u64::from(self.limits_of(agent).slots(channel));
                slots.saturating_mul(SPAN_MS) / if agent.handling_ms == 0 { usual } else { agent.handling_ms }
            })
            .sum();
        let wait = u64::from(place.max(1)).saturating_mul(SPAN_MS).checked_div(rate)?;
        Some(Duration::from_millis(wait))
    }

    /// How long a contact in line still waits, as [`Capacity::expected_wait`] has it; none when it is not in line.
    #[must_use]
    pub fn expected_wait_of(&self, interaction: InteractionId) -> Option<Duration> {
        let place = self.position(interaction)?;
        let Work { channel, requirement, .. } = self.work(interaction)?;
        self.expected_wait(*channel, requirement, place)
    }

    /// Of the contacts who wait for these skills or are with an agent for them now, the percentage whose wait was not
    /// longer than this; none when there are none.
    #[must_use]
    pub fn service_level(&self, skills: &[SkillId], within: Duration, now: Timestamp) -> Option<u32> {
        let asks = |needs: &BTreeMap<SkillId, _>| skills.iter().all(|skill| needs.contains_key(skill));
        let (mut all, mut late) = (0_usize, 0_usize);
        for (_, class) in self.classes.iter().filter(|(_, class)| asks(&class.requirement.skills)) {
            all += class.line.len();
            late += class.line.since(now - within - Duration::from_millis(1));
        }
        for work in self.agents.iter().flat_map(|agent| &agent.held).filter_map(|held| self.work(*held)) {
            if let (WorkState::Active { since, .. }, true) = (&work.state, asks(&work.requirement.skills)) {
                all += 1;
                late += usize::from(within < since.since(work.since));
            }
        }
        let in_time = (all - late) * 100;
        in_time.checked_div(all).and_then(|percent| u32::try_from(percent).ok())
    }
}
