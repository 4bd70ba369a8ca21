//! The invariants, in words, each recomputed from rows and settings without the indexes.
//!
//! What it deliberately does not do: it repairs nothing. It looks at everything, so it is for tests and simulation;
//! what is cheap (no agent given a contact above a bound, no contact owned twice) is asserted at each reservation.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Capacity, WorkState,
    agents::AgentIdx,
    agents::Serves,
    legs::LegState,
    queues::{ClassIdx, Entry, Turn},
    skills::SkillCount,
};
use crate::id::{InteractionId, SkillId};

impl Capacity {
    /// Checks every invariant.
    ///
    /// # Errors
    /// The first that does not hold, in words.
    pub fn check(&self) -> Result<(), String> {
        self.check_ownership()?;
        self.check_agents()?;
        self.check_classes()?;
        self.check_counts()?;
        self.check_matches()
    }

    fn check_ownership(&self) -> Result<(), String> {
        for (interaction, entry) in &self.works {
            let holders: Vec<_> =
                self.agents.iter().filter(|agent| agent.held.contains(interaction)).map(|agent| &agent.id).collect();
            let mut owner: Vec<_> = entry.work.holders().collect();
            owner.sort_unstable();
            let rings = matches!(entry.work.state, WorkState::Offered { .. });
            hold(rings || entry.work.also.is_empty(), || {
                format!("only what is offered is offered to others: {interaction}")
            })?;
            hold(holders == owner, || {
                format!("a contact is held by its owner alone: {interaction} is {owner:?}'s and held by {holders:?}")
            })?;
            hold(entry.work.bounced.is_empty() == entry.work.bounced_at.is_none(), || {
                format!("exclusions have an instant: {interaction} has {:?}", entry.work.bounced)
            })?;
        }
        for Entry { work, .. } in self.works.values() {
            let held = matches!(work.state, WorkState::Active { .. } | WorkState::WrapUp { .. });
            hold(held || work.parked.is_none(), || format!("only what an agent has is set aside: {work:?}"))?;
            let legs = work.legs.iter().all(|leg| held || leg.state == LegState::Open);
            hold(legs, || format!("only what an agent has has records: {work:?}"))?;
            let channels: BTreeSet<_> = work.channels().collect();
            hold(channels.len() == 1 + work.legs.len(), || format!("a conversation has each channel once: {work:?}"))?;
        }
        for agent in &self.agents {
            hold(agent.held.iter().all(|interaction| self.works.contains_key(interaction)), || {
                format!("an agent holds existing works only: '{}' holds {:?}", agent.id, agent.held)
            })?;
            hold(agent.is_present() || agent.held.is_empty(), || {
                format!("an agent who is offline holds nothing: '{}' holds {:?}", agent.id, agent.held)
            })?;
        }
        Ok(())
    }

    fn check_agents(&self) -> Result<(), String> {
        hold(self.agents.is_sorted_by(|a, b| a.id < b.id), || "agents are in the order of ids".into())?;
        for (idx, agent) in self.agents.iter().enumerate().map(|(at, agent)| (AgentIdx::new(at), agent)) {
            let limits = self.limits(idx);
            hold(agent.load == self.recount(idx), || format!("the load of '{}' equals a recount", agent.id))?;
            hold(limits.hold(&agent.load, &agent.carried), || {
                format!("no agent is above any bound: '{}' carries {:?}", agent.id, agent.load)
            })?;
            hold(agent.standing == agent.standing_now(idx, limits), || {
                format!("the standing of '{}' equals a recomputation", agent.id)
            })?;
            hold(self.profiles[agent.profile.at()].agents.contains(&idx), || {
                format!("'{}' is listed in his profile", agent.id)
            })?;
        }
        Ok(())
    }

    fn check_classes(&self) -> Result<(), String> {
        for (idx, class) in self.classes.iter() {
            let of_class = || self.works.values().filter(|entry| entry.class == idx);
            let waiting = || of_class().filter(|entry| entry.work.state == WorkState::Waiting);
            let what = |index: &str| format!("{index} of class {:?} equals a recomputation", class.requirement);
            hold(class.works == of_class().count(), || what("the number of works"))?;
            let fine = of_class().all(|e| self.needs(&e.work) == class.requirement && e.work.channel == class.channel);
            hold(fine, || what("the requirement"))?;
            hold(class.line.ids() == waiting().map(|entry| entry.work.interaction).collect(), || what("the line"))?;
            let choosy: BTreeSet<InteractionId> =
                waiting().filter(|e| e.work.is_choosy()).map(|e| e.work.interaction).collect();
            hold(class.choosy == choosy, || what("the set of contacts that not everybody may have"))?;
            let open = |agent: &&super::Agent| agent.open(self.limits_of(agent)).contains(class.channel);
            hold(class.available == self.serving(idx).filter(open).count(), || what("the number of available agents"))?;
            let fit: BTreeSet<Turn> = self
                .serving(idx)
                .filter(|agent| agent.standing.takes.contains(class.channel))
                .filter_map(|agent| {
                    let levels = self.profiles[agent.profile.at()].suits(class)?;
                    Some(class.turn(&agent.standing, levels))
                })
                .collect();
            hold(class.fit == fit, || what("the index of agents that fit"))?;
        }
        let served = self.profiles.iter().all(|profile| {
            let suited = self.classes.iter().filter_map(|(class, row)| Some((class, profile.suits(row)?)));
            let serves = profile.serves.iter().map(|Serves { class, levels }| (*class, *levels));
            profile.serves.is_sorted_by_key(|serves| serves.class)
                && serves.collect::<BTreeSet<_>>() == suited.collect()
        });
        hold(served, || "what a profile serves equals a recomputation".into())
    }

    fn serving(&self, class: ClassIdx) -> impl Iterator<Item = &super::Agent> {
        let class = self.classes.get(class);
        self.agents.iter().filter(move |agent| self.profiles[agent.profile.at()].suits(class).is_some())
    }

    fn check_counts(&self) -> Result<(), String> {
        let mut counts: BTreeMap<&SkillId, SkillCount> = BTreeMap::new();
        for entry in self.works.values().filter(|entry| entry.work.state == WorkState::Waiting) {
            for skill in self.classes.get(entry.class).requirement.skills.keys() {
                counts.entry(skill).or_default().waiting += 1;
            }
        }
        for agent in self.agents.iter().filter(|agent| agent.is_present()) {
            for skill in self.profiles[agent.profile.at()].skills.keys() {
                let count = counts.entry(skill).or_default();
                count.agents += 1;
                count.free += u32::from(!agent.standing.takes.is_empty());
            }
        }
        let counted = self.skills.counted();
        hold(counted == counts, || format!("counts per skill equal a recount: {counted:?}, not {counts:?}"))
    }

    fn check_matches(&self) -> Result<(), String> {
        hold(self.reopened.is_empty(), || "every agent who was opened again was filled".into())?;
        for (at, agent) in self.agents.iter().enumerate() {
            let saved: Vec<_> = self
                .works
                .values()
                .filter(|entry| {
                    let room = entry.work.room.as_ref().and_then(|room| room.agent.as_ref());
                    room == Some(&agent.id) && entry.work.state == WorkState::Waiting
                })
                .map(|entry| entry.work.interaction)
                .collect();
            hold(saved == agent.saved_for.into_iter().collect::<Vec<_>>(), || {
                format!("'{}' is closed for whom the rows say: {saved:?}, {:?}", agent.id, agent.saved_for)
            })?;
            hold(self.nothing_to_take_up(AgentIdx::new(at)), || {
                format!("'{}' has taken up what was called back and fits", agent.id)
            })?;
            hold(self.saved_contact(AgentIdx::new(at)).is_none(), || {
                format!("'{}' has the contact for whom he has room", agent.id)
            })?;
        }
        for entry in self.works.values().filter(|entry| entry.work.state == WorkState::Waiting) {
            let mut free = self.serving(entry.class).filter(|agent| agent.standing.takes.contains(entry.work.channel));
            let idle = free.find(|agent| entry.work.may_go_to(agent, self.limits_of(agent), false));
            hold(idle.is_none(), || {
                let agent = idle.map(|agent| &agent.id);
                format!("no contact waits while an agent could take it: {} and {agent:?}", entry.work.interaction)
            })?;
        }
        Ok(())
    }
}

fn hold(invariant: bool, words: impl FnOnce() -> String) -> Result<(), String> {
    if invariant { Ok(()) } else { Err(words()) }
}
