//! Conversations that agents begin (MAX-10, WAP-04, WAP-08): the contact never stood in line, and the agent has it at
//! once, as far as his bounds and the provider's allow.
//!
//! What it deliberately does not do: it judges neither consent nor templates; the switchboard does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Capacity, CapacityRefusal, Given, Notice, Why, Work, agents::AgentIdx, legs::Parked};
use crate::{
    id::{AgentId, InteractionId, TouchpointId},
    limits::BEGUN_WINDOW,
    time::Timestamp,
};

/// How many conversations were begun lately, by touchpoint and hour. Kept with each agent; the sum of all is what a
/// touchpoint's bound is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Begun(BTreeMap<TouchpointId, BTreeMap<i64, u32>>);

const HOUR_MS: i64 = 3_600_000;

impl Begun {
    /// True when nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of the last day. An hour counts until all of it is over a day ago, so the bound is never exceeded in any
    /// day, and is a little stricter than it says.
    #[must_use]
    pub fn lately(&self, touchpoint: &TouchpointId, now: Timestamp) -> u32 {
        let from = oldest(now);
        self.0.get(touchpoint).into_iter().flat_map(|hours| hours.range(from..)).map(|(_, count)| count).sum()
    }

    fn count(&mut self, touchpoint: &TouchpointId, now: Timestamp) {
        let hours = self.0.entry(touchpoint.clone()).or_default();
        *hours = hours.split_off(&oldest(now));
        *hours.entry(now.0.div_euclid(HOUR_MS)).or_default() += 1;
    }

    fn add(&mut self, other: &Self) {
        for (touchpoint, hours) in &other.0 {
            let own = self.0.entry(touchpoint.clone()).or_default();
            hours.iter().for_each(|(hour, count)| *own.entry(*hour).or_default() += count);
        }
    }
}

/// The first hour that still counts.
fn oldest(now: Timestamp) -> i64 {
    let window = i64::try_from(BEGUN_WINDOW.as_millis()).unwrap_or(i64::MAX);
    (now.0 - window).div_euclid(HOUR_MS)
}

impl Capacity {
    /// An agent begins a conversation; the one of his that he names is set aside for it.
    pub(super) fn begin_with(
        &mut self,
        work: Work,
        agent: AgentId,
        touchpoint: &TouchpointId,
        hold: Option<InteractionId>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        let idx = self.online(&agent)?;
        let limits = self.limits(idx);
        let mut load = self.agents[idx.at()].load;
        if let Some(held) = hold {
            let current = self.may_park(held, idx)?;
            load.subtract(&limits.load_of(current));
            load.add(&limits.load_of(&Work { parked: Some(Parked { since: now, called: None }), ..current.clone() }));
        }
        // He asks for it, so the channels that exclude each other do not count; see `Given::Pulled`.
        if let Some(bound) = limits.refuses(&load, &work, true) {
            let (interaction, why) = (work.interaction, Why::Capacity(bound));
            return Err(CapacityRefusal::DoesNotFit { interaction, agent, why });
        }
        self.count_begun(idx, touchpoint, now)?;
        if let Some(held) = hold {
            self.set_aside(held, idx, now, notices);
        }
        let interaction = work.interaction;
        let (offer, expires_at) = self.number_offer(idx, now);
        self.admit(work);
        notices.push(Notice::OfferMade { interaction, offer, agent: agent.clone(), expires_at });
        self.begin(interaction, offer, agent, now, notices);
        self.reserve(idx, interaction, Given::Pulled);
        self.reindex_agent(idx);
        self.fill(idx, now, notices);
        Ok(())
    }

    /// Counts what an agent sends unasked, unless the provider allows no more of it today (WAP-08).
    pub(super) fn count_begun(
        &mut self,
        idx: AgentIdx,
        touchpoint: &TouchpointId,
        now: Timestamp,
    ) -> Result<(), CapacityRefusal> {
        let number = self.catalogue.touchpoints.get(touchpoint).and_then(|settings| settings.provider.as_ref());
        let Some(max) = number.and_then(|number| number.begun_per_day) else { return Ok(()) };
        if max <= self.begun.lately(touchpoint, now) {
            return Err(CapacityRefusal::BegunEnough { touchpoint: touchpoint.clone(), max });
        }
        let row = &mut self.agents[idx.at()];
        row.begun.count(touchpoint, now);
        self.begun.count(touchpoint, now);
        self.touched_agents.insert(row.id.clone());
        Ok(())
    }

    /// Sums up what every agent has begun.
    pub(super) fn sum_up_begun(&mut self) {
        self.begun = Begun::default();
        for agent in &self.agents {
            self.begun.add(&agent.begun);
        }
    }
}
