//! Agents who come are filled at a stated rate (U-02, U-11): one contact at a time, who waits longest first, until they
//! have their fill or nobody waits. A whole site that comes back after an outage begins one agent after the other.
//!
//! What it deliberately does not do: it keeps nothing from an agent who asks for it himself (`Pull`), and nothing that he
//! had before: what was set aside comes back as it is called.

use super::{Capacity, Notice, agents::AgentIdx};
use crate::{catalogue::Filling, id::ProfileId, time::Timestamp};

/// Where an agent who is being filled stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// The next contact is his. Never so between two requests.
    Open,
    /// Nothing more before that.
    Until(Timestamp),
}

impl Capacity {
    /// An agent comes, or comes back: where his profile says so, he is filled from now on, or after those who came just
    /// before him.
    pub(super) fn begin_filling(&mut self, idx: AgentIdx, now: Timestamp) {
        let Some(Filling { stagger, .. }) = self.limits(idx).filling else {
            self.agents[idx.at()].pace = None;
            return;
        };
        let profile = self.handling_profile(idx);
        let before = self.came.get(&profile).copied();
        let after = before.zip(stagger).map(|(before, stagger)| before + stagger.get());
        let begins = after.map_or(now, |after| after.max(now));
        self.came.insert(profile, begins);
        let agent = &mut self.agents[idx.at()];
        agent.came_at = Some(begins);
        agent.pace = Some(if now < begins { Pace::Until(begins) } else { Pace::Open });
    }

    /// The time of an agent's next contact has come.
    pub(super) fn go_on_filling(&mut self, idx: AgentIdx, now: Timestamp, notices: &mut Vec<Notice>) {
        let agent = &mut self.agents[idx.at()];
        agent.pace = Some(Pace::Open);
        self.touched_agents.insert(agent.id.clone());
        self.reindex_agent(idx);
        self.fill(idx, now, notices);
        self.end_filling(idx);
    }

    /// Whoever got nothing although the next contact was his has his fill, or nobody waits.
    pub(super) fn end_filling(&mut self, idx: AgentIdx) {
        self.agents[idx.at()].pace.take_if(|pace| *pace == Pace::Open);
    }

    /// The agent was given a contact: the next one comes later.
    pub(super) fn paced(&mut self, idx: AgentIdx, now: Timestamp) {
        let every = self.limits(idx).filling.map(|filling| filling.every.get());
        let agent = &mut self.agents[idx.at()];
        if let (Some(Pace::Open), Some(every)) = (agent.pace, every) {
            agent.pace = Some(Pace::Until(now + every));
        }
    }

    /// When agents of each handling profile last came, from their rows.
    pub(super) fn gather_arrivals(&mut self) {
        self.came.clear();
        for idx in (0..self.agents.len()).map(AgentIdx::new) {
            if let Some(at) = self.agents[idx.at()].came_at {
                let profile = self.handling_profile(idx);
                let last = self.came.entry(profile).or_insert(at);
                *last = at.max(*last);
            }
        }
    }

    /// The handling profile that an agent shares with his site; none for the default.
    fn handling_profile(&self, idx: AgentIdx) -> Option<ProfileId> {
        let own = self.catalogue.agents.get(&self.agents[idx.at()].id)?.profile.clone();
        own.filter(|profile| self.catalogue.profiles.contains_key(profile))
    }
}
